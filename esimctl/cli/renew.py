"""`esimctl renew`: the five steps of a renewal in one."""

from typing import Annotated

import typer

from esimctl.cli.buy import CODES, NoWait, Pay, Promotion
from esimctl.cli.by_hand import Again, Paid, Price
from esimctl.cli.many import FromFile, Lines, MaxTotal, asked_for
from esimctl.cli.shared import Run, Tags
from esimctl.cli.shared import command as declare


@declare(
    spends=True,
    first=("--plan", "--pay", "--max-price", "--dry-run", "--yes", "--promotion", "--paid", "--tag"),
    codes=CODES,
    examples=(
        "esimctl renew phone",
        "esimctl renew phone --plan demo-monthly-10gb --yes",
        "esimctl renew --tag router --max-total 60USD --yes --request-id 2026-12",
    ),
)
def command(
    run: Run,
    lines: Lines = None,
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="Another plan than now.", show_default=False)] = None,
    pay: Pay = None,
    promotion: Promotion = None,
    no_wait: NoWait = False,
    paid: Paid = None,
    price: Price = None,
    again: Again = False,
    tags: Tags = None,
    from_file: FromFile = None,
    max_total: MaxTotal = None,
) -> None:
    """Renew a line: who you are, what is left and until when, which plan, pay, wait for activation.

    On a terminal the plans that fit are listed, the present one first; another one is chosen by its number.

    Activation takes minutes to hours; keep the network on. --no-wait comes back as soon as the order is taken.

    Several lines, by name, by --tag or from a CSV file, are an order each, agreed to together and reported together.
    """
    from esimctl.purchase.offer import Intent

    if not tags and from_file is None:
        from esimctl.cli.guided import first_plan, line_to_renew

        lines = list(line_to_renew(run, lines))
        if plan is None and len(lines) == 1:
            plan = first_plan(run, lines[0])
    intent = Intent(
        "renew", plan=plan, method=pay, promotion=promotion, no_wait=no_wait, paid=paid, price=price, again=again
    )
    asked_for(run, "renew", intent, lines, tags, from_file, max_total)
