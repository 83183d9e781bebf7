"""`esimctl topup`: an add-on pack, or money on the main balance."""

from typing import Annotated

import typer

from esimctl.charging.money import Money
from esimctl.cli.buy import CODES, NoWait, Pay
from esimctl.cli.shared import Run, money
from esimctl.cli.shared import command as declare
from esimctl.errors import UsageError


@declare(
    spends=True,
    codes=CODES,
    examples=("esimctl topup phone --plan smart-data-1d", "esimctl topup phone --amount 5USD --yes"),
)
def command(
    run: Run,
    line: Annotated[str, typer.Argument(metavar="LINE", help="The line.")],
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="An add-on pack.", show_default=False)] = None,
    amount: Annotated[
        Money | None, typer.Option(parser=money, metavar="MONEY", help="Money on the main balance.", show_default=False)
    ] = None,
    pay: Pay = None,
    no_wait: NoWait = False,
) -> None:
    """Add a pack beside what is there, or money on the main balance."""
    from esimctl.actions.intent import Intent
    from esimctl.cli.spending import spend

    if (plan is None) == (amount is None):
        raise UsageError(
            "say either --plan PLAN or --amount MONEY",
            hint="esimctl plans list --line {line}",
            code="plan_or_amount",
            line=line,
        )
    spend(run, Intent("topup", line=line, plan=plan, amount=amount, method=pay, no_wait=no_wait))
