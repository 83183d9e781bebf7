"""`esimctl plans`: what can be bought."""

from typing import Annotated

import typer

from esimctl.cli.pages import Completes
from esimctl.cli.shared import CommandGroup, Run
from esimctl.cli.values import country, day_ahead, money, number_of_days, volume
from esimctl.errors import UsageError
from esimctl.values.money import Money

app = CommandGroup()


CountryOption = Annotated[
    str | None, typer.Option(parser=country, metavar="KH", help="Where it works.", show_default=False)
]
CarrierOption = Annotated[
    str | None, typer.Option(metavar="CARRIER", help="A carrier, by any of its names.", show_default=False)
]
ProviderOption = Annotated[
    str | None,
    typer.Option(metavar="PROVIDER", help="Who sells it; sandbox: the demo plans.", show_default=False),
]
DataOption = Annotated[
    int | None, typer.Option(parser=volume, metavar="VOLUME", help="At least this much.", show_default=False)
]
DaysOption = Annotated[
    int | None, typer.Option(parser=number_of_days(), metavar="N", help="At least this long.", show_default=False)
]
MaxPriceOption = Annotated[
    Money | None, typer.Option(parser=money, metavar="MONEY", help="At most this price.", show_default=False)
]
SortOption = Annotated[str | None, typer.Option(metavar="price|per-gb|days", help="The order.", show_default=False)]
RateOption = Annotated[
    list[str] | None, typer.Option(metavar="1USD=4100KHR", help="Your rate of exchange.", show_default=False)
]


@app.command(
    "list",
    lists=True,
    codes=(69, 77, 78),
    examples=(
        "esimctl plans list --carrier smart --sort per-gb",
        "esimctl plans list --data 10GB --days 30 --max-price 10USD",
    ),
)
def list_plans(
    run: Run,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORD]...", help="Words to find: weekly, family, 流量不清零 …")
    ] = None,
    country: CountryOption = None,
    carrier: CarrierOption = None,
    provider: ProviderOption = None,
    data: DataOption = None,
    days: DaysOption = None,
    max_price: MaxPriceOption = None,
    rollover: Annotated[
        bool | None, typer.Option("--rollover/--no-rollover", help="Carries unused data.", show_default=False)
    ] = None,
    line: Annotated[
        str | None,
        typer.Option(metavar="LINE", help="What this line can be topped up or renewed with.", show_default=False),
    ] = None,
    sort: SortOption = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask resellers now, not the copy of their lists.")] = False,
) -> None:
    """List what can be bought, with the source and date of every row."""
    from esimctl.market import plans

    run.show(
        plans.list_plans(
            run.session(),
            country=country,
            carrier=carrier,
            provider=provider,
            data=data,
            days=days,
            max_price=max_price,
            rollover=rollover,
            line=line,
            words=words or (),
            sort=sort,
            refresh=refresh,
        )
    )


@app.command("show", codes=(69, 77, 78), examples=("esimctl plans show smart-laor-30d",))
def show_plan(
    run: Run,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The plan's id.")],
    sources: Annotated[bool, typer.Option("--sources", help="Show where it is known from.")] = False,
) -> None:
    """Show one plan with its terms in full."""
    from esimctl.market import plans

    run.show(plans.show_plan(run.session(), plan, sources=sources))


@app.command(
    "recommend",
    lists=True,
    document="recommendation",
    one_of=(("data", "per_day", "for_"),),
    codes=(20, 69, 77, 78),
    examples=(
        "esimctl plans recommend --days 14 --per-day 500MB",
        "esimctl plans recommend --days 90 --data 60GB --carrier smart",
        "esimctl plans recommend --days 30 --for phone",
        "esimctl plans recommend --days 30 --data 5GB --persons 4",
    ),
)
def recommend_plans(
    run: Run,
    days: Annotated[
        int, typer.Option(parser=number_of_days(), metavar="N", help="How long the stay is.", show_default=False)
    ],
    data: Annotated[
        int | None, typer.Option(parser=volume, metavar="VOLUME", help="The need in all.", show_default=False)
    ] = None,
    per_day: Annotated[
        int | None, typer.Option(parser=volume, metavar="VOLUME", help="The need of each day.", show_default=False)
    ] = None,
    for_: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="LINE", help="As much as this line used; what is left on it counts.", show_default=False
        ),
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from", parser=day_ahead, metavar="DATE", help="The first day; default: today.", show_default=False
        ),
    ] = None,
    country: Annotated[str, typer.Option(parser=country, metavar="KH", help="Where it must work.")] = "KH",
    carrier: Annotated[
        str | None, typer.Option(metavar="CARRIER", help="Of this carrier only.", show_default=False)
    ] = None,
    provider: ProviderOption = None,
    persons: Annotated[int, typer.Option(metavar="N", min=1, help="So many people, each with this need.")] = 1,
    promotion: Annotated[
        str | None, typer.Option(metavar="CODE", help="Prices with this promotion.", show_default=False)
    ] = None,
    with_promotions: Annotated[
        bool, typer.Option("--with-promotions", help="Prices with every promotion that may hold.")
    ] = False,
    rollover: Annotated[bool, typer.Option("--rollover", help="Only plans that certainly carry data.")] = False,
    budget: Annotated[
        Money | None, typer.Option(parser=money, metavar="MONEY", help="At most this in all.", show_default=False)
    ] = None,
    currency: Annotated[str, typer.Option(metavar="CURRENCY", help="Prices are compared in it.")] = "USD",
    rate: RateOption = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show why, and the next best way.")] = False,
) -> None:
    """Find the cheapest purchases that cover a stay, with their dates."""
    from esimctl.advice import asking as advising

    run.show(
        advising.advise(
            run.session(),
            days=days,
            data=data,
            per_day=per_day,
            line=for_,
            first=from_,
            country=country,
            carrier=carrier,
            provider=provider,
            persons=persons,
            promotion=promotion,
            with_promotions=with_promotions,
            rollover=rollover,
            budget=budget,
            currency=currency,
            rates=rate or (),
            explain=explain,
        )
    )


@app.command(
    "compare",
    lists=True,
    document="comparison",
    codes=(69, 77, 78),
    examples=(
        "esimctl plans compare smart-laor-30d metfone-met5g-30d",
        "esimctl plans compare --days 7 --in USD --rate 1USD=4100KHR --columns id,price,in_price_per_gb",
    ),
)
def compare_plans(
    run: Run,
    plans: Annotated[
        list[str] | None, typer.Argument(metavar="[PLAN]...", help="The plans; without one, all that pass.")
    ] = None,
    country: CountryOption = None,
    carrier: CarrierOption = None,
    provider: ProviderOption = None,
    data: DataOption = None,
    days: DaysOption = None,
    max_price: MaxPriceOption = None,
    sort: SortOption = None,
    currency: Annotated[
        str | None, typer.Option("--in", metavar="CURRENCY", help="Prices in it as well.", show_default=False)
    ] = None,
    rate: RateOption = None,
) -> None:
    """Compare plans by price for a GB and a day, and by the rollover that counts."""
    from esimctl.advice import compare

    run.show(
        compare.compare(
            run.session(),
            plans or (),
            country=country,
            carrier=carrier,
            provider=provider,
            data=data,
            days=days,
            max_price=max_price,
            sort=sort,
            currency=currency,
            rates=rate or (),
        )
    )


@app.command(
    "import",
    lists=True,
    document="import",
    codes=(6, 20, 75, 77, 78),
    examples=("esimctl plans import my-plans.toml", "esimctl plans import --remove my-plans"),
)
def import_plans(
    run: Run,
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]", help="Rows as TOML: [plan.ID], [promotion.ID], [claim.ID], [carrier.ID], [device.ID]."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Keep it under this name.", show_default=False)
    ] = None,
    remove: Annotated[
        str | None,
        typer.Option("--remove", metavar="NAME", help="Take a file away again.", show_default=False),
        Completes("catalogues"),
    ] = None,
) -> None:
    """Take rows of your own into the catalogue; they win over those that come along."""
    from esimctl.market import changes
    from esimctl.usage.restating import follow

    if (file is None) is (remove is None):
        raise UsageError("name a file, or --remove NAME", hint="esimctl plans import my-plans.toml")
    session = run.session()
    if remove is not None:
        run.show(changes.forget_file(session, remove, follow=follow))
    else:
        run.show(changes.import_plans(session, file or "", name, follow=follow))


@app.command(
    "carriers",
    lists=True,
    document="carriers",
    codes=(78,),
    examples=("esimctl plans carriers metfone", "esimctl plans carriers --columns carrier,topic,values,source"),
)
def list_carriers(
    run: Run,
    carrier: Annotated[
        str | None, typer.Argument(metavar="[CARRIER]", help="One carrier, by any of its names.")
    ] = None,
    sources: Annotated[bool, typer.Option("--sources", help="Show where each fact is known from.")] = False,
) -> None:
    """List carriers: whom to call, what to dial. Of one carrier, everything that is known."""
    from esimctl.market import carriers

    run.show(carriers.list_carriers(run.session(), carrier, sources=sources))


@app.command(
    "diff",
    lists=True,
    document="plan-changes",
    codes=(78,),
    examples=("esimctl plans diff", "esimctl plans list --json > before.json; esimctl plans diff before.json"),
)
def diff_plans(
    run: Run,
    before: Annotated[
        str,
        typer.Argument(metavar="[BEFORE]", help="shipped, current, a file of rows, or a kept plans list --json."),
        Completes("files"),
    ] = "shipped",
    after: Annotated[
        str, typer.Argument(metavar="[AFTER]", help="The same; default: current."), Completes("files")
    ] = "current",
) -> None:
    """Show what differs between two states of the catalogue."""
    from esimctl.market import changes

    run.show(changes.diff(run.session(), before, after))


@app.command(
    "refresh",
    lists=True,
    document="plan-changes",
    codes=(69, 75, 76, 77, 78),
    examples=("esimctl plans refresh", "esimctl plans refresh esim-access"),
)
def refresh_plans(
    run: Run,
    provider: Annotated[
        str | None, typer.Argument(metavar="[PROVIDER]", help="Only this one's list."), Completes("accounts")
    ] = None,
) -> None:
    """Fetch the lists of the providers that have one, and show what changed."""
    from esimctl.market import changes

    run.show(changes.refresh(run.session(), provider))
