"""`esimctl topup`: an add-on pack, or money on the main balance."""

from typing import Annotated

import typer

from esimctl.cli.buy import CODES, NoWait, Pay
from esimctl.cli.by_hand import Again, Paid, Price, check_voucher
from esimctl.cli.many import FromFile, Lines, MaxTotal, asked_for
from esimctl.cli.shared import Run, Tags
from esimctl.cli.shared import command as declare
from esimctl.cli.values import money_alone
from esimctl.errors import UsageError
from esimctl.values.money import Money
from esimctl.values.sentence import Raw


@declare(
    spends=True,
    first=("--plan", "--amount", "--pay", "--max-price", "--dry-run", "--yes", "--paid", "--tag"),
    codes=CODES,
    examples=(
        "esimctl topup phone --plan demo-topup-2gb",
        "esimctl topup phone --amount 5USD --yes",
        "esimctl topup sim --amount 5USD --voucher",
        "esimctl topup --from topups.csv --yes --request-id 2026-12",
    ),
)
def command(
    run: Run,
    lines: Lines = None,
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="An add-on pack.", show_default=False)] = None,
    amount: Annotated[
        Money | None,
        typer.Option(parser=money_alone, metavar="MONEY", help="Money on the main balance.", show_default=False),
    ] = None,
    pay: Pay = None,
    no_wait: NoWait = False,
    paid: Paid = None,
    price: Price = None,
    again: Again = False,
    voucher: Annotated[
        bool, typer.Option("--voucher", help="With a scratch voucher: its code is checked, never shown.")
    ] = False,
    voucher_stdin: Annotated[
        bool, typer.Option("--voucher-stdin", help="The voucher's code comes from stdin.")
    ] = False,
    tags: Tags = None,
    from_file: FromFile = None,
    max_total: MaxTotal = None,
) -> None:
    """Add a pack beside what is there, or money on the main balance.

    On a line that was bought at a counter you buy elsewhere and say when it is done; the way there is shown.

    Several lines, by name, by --tag or from a CSV file, are an order each, agreed to together and reported together.
    """
    from esimctl.purchase.offer import Intent

    if from_file is None:
        from esimctl.cli.guided import topup

        lines, plan, amount = topup(run, lines, plan, amount, selected=bool(tags))  # type: ignore[assignment]
    if plan is not None and amount is not None and from_file is None:
        raise UsageError(
            "say either --plan PLAN or --amount MONEY",
            hint="esimctl plans list --line {line}",
            code="plan_or_amount",
            line=Raw(lines[0] if lines else "LINE"),
        )
    if amount is not None and not amount:
        raise UsageError("--amount must be more than nothing", hint="esimctl topup LINE --amount 5USD")
    if voucher or voucher_stdin:
        check_voucher(run, from_stdin=voucher_stdin)
    intent = Intent("topup", plan=plan, amount=amount, method=pay, no_wait=no_wait, paid=paid, price=price, again=again)
    asked_for(run, "topup", intent, lines, tags, from_file, max_total, voucher=voucher or voucher_stdin)
