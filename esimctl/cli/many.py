"""Spending on several lines at once: which lines, one question for all of them, one report."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from esimctl.cli.shared import Run, lines_of
from esimctl.cli.values import money
from esimctl.errors import OwnRules, UsageError
from esimctl.show.words import say
from esimctl.values.as_typed import money_of
from esimctl.values.money import Money, MoneyError
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.profile.opened import Session
    from esimctl.purchase.many import Planned
    from esimctl.purchase.offer import Intent

Lines = Annotated[
    list[str] | None, typer.Argument(metavar="[LINE]...", help="The line, or several.", show_default=False)
]
FromFile = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="FILE|-", help="Lines from a CSV file with a column line; - is stdin.", show_default=False
    ),
]
MaxTotal = Annotated[
    Money | None,
    typer.Option("--max-total", parser=money, metavar="MONEY", help="Refuse above this in all.", show_default=False),
]
COLUMNS = {"renew": ("line", "plan", "pay"), "topup": ("line", "plan", "amount", "pay")}


def asked_for(
    run: Run,
    command: str,
    intent: "Intent",
    names: Sequence[str] | None,
    tags: Sequence[str] | None,
    file: str | None,
    max_total: Money | None,
    *,
    voucher: bool = False,
) -> None:
    """One named line is bought for as ever; more of them, a tag or a file make a report of many orders."""
    if len(names or ()) == 1 and not tags and file is None:
        if max_total is not None:
            raise UsageError("--max-total is for several lines", hint="--max-price {limit}", limit=Raw(str(max_total)))
        from esimctl.cli.spending import spend

        spend(run, replace(intent, line=(names or ("",))[0]), voucher=voucher)
        return
    if not names and not tags and file is None:
        raise UsageError("{name} is missing", hint="{path} --help", code="missing_value", name=Raw("LINE"),
                         path=Raw(f"esimctl {command}"))  # fmt: skip
    if voucher or intent.paid is not None or intent.price is not None:
        raise UsageError("a receipt, a price of your own or a voucher belongs to one line", code="one_line_only")
    session = run.session()
    if file is None:
        intents = [replace(intent, line=name) for name in lines_of(session, names, tags)]
    elif names or tags:
        raise UsageError("say either --from FILE, or LINE or --tag", code="line_or_tag")
    else:
        intents = from_csv(run, command, intent, file)
    spend_many(run, session, command, intents, max_total)


def from_csv(run: Run, command: str, intent: "Intent", file: str) -> "list[Intent]":
    """An intent for each row; what a row does not say is what the options say."""
    from esimctl.cli.given import given
    from esimctl.profile.many import read_rows

    text = given(run, file, say("the CSV file"))
    intents = []
    found = read_rows(text, COLUMNS[command], "line")
    for _, _, problem in found.wrong:  # where rows spend, one wrong row means that nothing is sent
        raise problem
    for place, cells in found.good:
        said = {"plan": cells.get("plan"), "amount": cells.get("amount")}
        try:
            amount = None if said["amount"] is None else money_of(said["amount"])
        except MoneyError as error:
            raise UsageError("row {row}: {why}", code="bad_csv", row=place, why=error.said) from None
        own = said["plan"] is not None or amount is not None
        plan = said["plan"] if own else intent.plan
        amount = amount if own else intent.amount
        if command == "topup" and (plan is None) == (amount is None):
            raise UsageError("row {row} must say either a plan or an amount", code="bad_csv", row=place)
        intents.append(
            replace(intent, line=cells["line"], plan=plan, amount=amount, method=cells.get("pay") or intent.method)
        )
    return intents


def spend_many(
    run: Run, session: "Session", command: str, intents: "Sequence[Intent]", max_total: Money | None
) -> None:
    """Show what it comes to, ask once, buy one after the other, report. With `--dry-run` only the first."""
    from esimctl.profile.opened import wait_seconds
    from esimctl.purchase import many
    from esimctl.purchase.many import buy_all

    def told(line: str, said: Sentence) -> None:
        run.terminal.note(say("{line}: {what}", line=line, what=said))

    many.check_id(run.request_id)
    if run.yes and run.request_id is None and not run.dry_run:
        raise UsageError(
            "several orders without a question need --request-id: then the same command again buys nothing twice",
            hint="--request-id {example}", code="request_id_needed", example=Raw(f"{session.clock.now():%Y-%m-%d}"),
        )  # fmt: skip
    wait = wait_seconds(run.wait)
    wanted = [replace(one, max_price=run.max_price, lock_wait=wait, confirmed=run.yes) for one in intents]
    planned = many.plan_all(session, wanted, run.request_id)
    many.within_total(planned, max_total)
    if run.dry_run:
        for each in planned:
            if each.error is not None:
                told(each.line, each.error.said)
        run.show(many.foreseen(command, planned, run.request_id))
        return
    request_id = run.request_id or new_id()
    if not run.yes:
        planned = agree(run, planned)
        run.terminal.note(say("to go on where it stopped: the same command with --request-id {id}", id=request_id))
    planned = many.under(planned, request_id)
    run.show(buy_all(session, command, planned, request_id, max_total, told))


def agree(run: Run, planned: "Sequence[Planned]") -> "list[Planned]":
    """Show every row with its price and ask once; each order may then cost no more than what was shown."""
    from esimctl.purchase.many import prices, totals
    from esimctl.show.cards.orders import describe, question

    due = [each for each in planned if each.offer is not None]
    if not due:
        return list(planned)
    if run.terminal.can_prompt:
        for line in describe(planned):
            run.terminal.note(line)
    sums = [str(total) for total in totals(prices(due, play=False))]
    played = [str(total) for total in totals(prices(due, play=True))]
    if not run.terminal.confirm(question(len(due), sums, played), instead="--yes --request-id ID"):
        raise OwnRules("not bought: you did not agree", code="declined_by_you")
    return [each if each.offer is None else each.agreed() for each in planned]


def new_id() -> str:
    """An id for several orders that were asked for without one."""
    return f"many-{os.urandom(6).hex()}"
