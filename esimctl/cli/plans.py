"""`esimctl plans`: what can be bought."""

from typing import Annotated

import typer

from esimctl.charging.money import Money
from esimctl.cli.shared import Group, Run, money, volume

app = Group()


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
    country: Annotated[str | None, typer.Option(metavar="KH", help="Where it works.", show_default=False)] = None,
    carrier: Annotated[
        str | None, typer.Option(metavar="CARRIER", help="A carrier, by any of its names.", show_default=False)
    ] = None,
    provider: Annotated[str | None, typer.Option(metavar="PROVIDER", help="Who sells it.", show_default=False)] = None,
    data: Annotated[
        int | None, typer.Option(parser=volume, metavar="VOLUME", help="At least this much.", show_default=False)
    ] = None,
    days: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="At least this long.", show_default=False)
    ] = None,
    max_price: Annotated[
        Money | None, typer.Option(parser=money, metavar="MONEY", help="At most this price.", show_default=False)
    ] = None,
    rollover: Annotated[
        bool | None, typer.Option("--rollover/--no-rollover", help="Carries unused data.", show_default=False)
    ] = None,
    line: Annotated[
        str | None,
        typer.Option(metavar="LINE", help="What this line can be topped up or renewed with.", show_default=False),
    ] = None,
    sort: Annotated[
        str | None, typer.Option(metavar="price|per-gb|days", help="The order.", show_default=False)
    ] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask resellers now, not the copy of their lists.")] = False,
) -> None:
    """List what can be bought, with the source and date of every row."""
    from esimctl.actions import plans

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
def show_plan(run: Run, plan: Annotated[str, typer.Argument(metavar="PLAN", help="The plan's id.")]) -> None:
    """Show one plan with its terms in full."""
    from esimctl.actions import plans

    run.show(plans.show_plan(run.session(), plan))
