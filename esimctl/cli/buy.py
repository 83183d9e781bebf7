"""`esimctl buy`: a new line."""

from typing import Annotated

import typer

from esimctl.cli.by_hand import Again, Paid, Price
from esimctl.cli.pages import Completes
from esimctl.cli.shared import Run
from esimctl.cli.shared import command as declare

CODES = (3, 4, 5, 6, 69, 75, 76, 77, 78, 130)
Pay = Annotated[str | None, typer.Option("--pay", metavar="METHOD", help="Payment method.", show_default=False)]
Promotion = Annotated[str | None, typer.Option("--promotion", metavar="CODE", help="A promotion.", show_default=False)]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait until it is active.")]


@declare(
    spends=True,
    first=("--name", "--pay", "--max-price", "--dry-run", "--yes", "--promotion", "--paid", "--provider"),
    codes=CODES,
    examples=(
        "esimctl buy demo-monthly-20gb --name phone",
        "esimctl buy demo-weekly-2gb --yes --json --request-id trip-1",
        "esimctl buy smart-laor-7d --name sim --paid RECEIPT-17",
    ),
)
def command(
    run: Run,
    plan: Annotated[
        str | None, typer.Argument(metavar="[PLAN]", help="The plan's id: esimctl plans list.", show_default=False)
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="LINE", help="The new line's name.", show_default=False), Completes(None)
    ] = None,
    provider: Annotated[str | None, typer.Option(metavar="PROVIDER", help="Who sells it.", show_default=False)] = None,
    pay: Pay = None,
    promotion: Promotion = None,
    no_wait: NoWait = False,
    paid: Paid = None,
    price: Price = None,
    again: Again = False,
) -> None:
    """Buy a new line, or the first pack of a tracked one.

    Shows plan, price and terms, asks, pays, orders, and shows the activation code with what to do next. A plan that no
    provider of yours sells is bought where it is sold: shown are the counter, the app and the code, and what you say
    that you bought (--paid) is booked. --provider sandbox plays with it instead. On a terminal the plan is asked for
    where it is missing.
    """
    from esimctl.cli.spending import spend
    from esimctl.purchase.offer import Intent

    if plan is None:
        from esimctl.cli.guided import plan_to_buy

        plan = plan_to_buy(run, provider)
    spend(
        run,
        Intent(
            "new",
            line=name,
            plan=plan,
            provider=provider,
            method=pay,
            promotion=promotion,
            no_wait=no_wait,
            paid=paid,
            price=price,
            again=again,
        ),
    )
