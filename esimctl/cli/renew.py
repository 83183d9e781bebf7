"""`esimctl renew`: the five steps of a renewal in one."""

from typing import Annotated

import typer

from esimctl.cli.buy import CODES, NoWait, Pay, Promotion
from esimctl.cli.by_hand import Paid, Price
from esimctl.cli.shared import Run
from esimctl.cli.shared import command as declare


@declare(spends=True, codes=CODES, examples=("esimctl renew phone", "esimctl renew phone --plan smart-laor-30d --yes"))
def command(
    run: Run,
    line: Annotated[str, typer.Argument(metavar="LINE", help="The line.")],
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="Another plan than now.", show_default=False)] = None,
    pay: Pay = None,
    promotion: Promotion = None,
    no_wait: NoWait = False,
    paid: Paid = None,
    price: Price = None,
) -> None:
    """Renew a line: who you are, what is left and until when, which plan, pay, wait for activation.

    Activation takes minutes to hours; keep the network on. --no-wait comes back as soon as the order is taken.
    """
    from esimctl.actions.purchase.intent import Intent
    from esimctl.cli.spending import spend

    spend(
        run,
        Intent("renew", line=line, plan=plan, method=pay, promotion=promotion, no_wait=no_wait, paid=paid, price=price),
    )
