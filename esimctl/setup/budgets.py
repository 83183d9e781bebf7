"""`profile budget`: show, set and remove what may be spent in a month. Only more than before needs a person's word."""

from collections.abc import MutableMapping, Sequence
from typing import TYPE_CHECKING

from esimctl.documents.balance import BudgetDocument
from esimctl.documents.result import Result
from esimctl.errors import ConfigurationError, OwnRules, UsageError
from esimctl.profile import second_factor
from esimctl.profile.books import open_books
from esimctl.profile.budget import budget_of, budget_rows
from esimctl.values.as_typed import money_of
from esimctl.values.money import Money, MoneyError
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml, table_in

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

Amounts = tuple[Money, ...]


def show_budgets(session: "Session", line: str | None = None) -> "Result[BudgetDocument]":
    """Every budget with what this month has done to it, or one line's."""
    if line is not None:
        session.line(line)
    now = session.clock.now()
    rows = budget_rows(session, session.store.ledger_for_reading(), now) if session.store.exists() else []
    wanted = [row for row in rows if line is None or row.line == line]
    return Result("budget", BudgetDocument(as_of=now, budgets=wanted))


def monthly(texts: Sequence[str]) -> Amounts:
    """`20USD/month` as amounts, one for each currency."""
    try:
        amounts = tuple(money_of(text.removesuffix("/month")) for text in texts)
    except MoneyError as error:
        raise UsageError(
            "{what}", hint="esimctl profile budget set 20USD/month", code="bad_budget", what=error.said
        ) from None
    if not amounts or len({money.currency for money in amounts}) < len(amounts):
        raise UsageError(
            "say one amount for each currency", hint="esimctl profile budget set 20USD/month", code="bad_budget"
        )
    return amounts


def merged(before: Amounts, given: Amounts) -> Amounts:
    """The budget after a change: the currencies given are replaced, the others stay."""
    named = {money.currency: money for money in given}
    kept = [named.pop(money.currency, money) for money in before]
    return (*kept, *named.values())


def raised(before: Amounts, after: Amounts) -> Amounts:
    """The amounts that let more be spent than before. A first budget lets less be spent than none."""
    known = {money.currency: money for money in before}
    if not before:
        return ()
    return tuple(money for money in after if money.currency not in known or money > known[money.currency])


def needs_word(session: "Session", given: Amounts, line: str | None) -> Amounts:
    """What has to be repeated before this change is made; with nothing given, before the budget is removed."""
    if line is not None:
        session.line(line)
    if not given:
        amounts = budget_of(session, line)
        if not amounts:
            raise UsageError("there is no budget to remove", hint="esimctl profile budget", code="no_budget")
        return amounts
    try:
        before = budget_of(session, line)
    except ConfigurationError:
        return given  # what cannot be read lets nothing be spent: any amount is more
    return raised(before, merged(before, given))


def set_budget(
    session: "Session", given: Amounts, line: str | None, confirm: str | None, code: str | None, *, wait: float = 0.0
) -> "Result[BudgetDocument]":
    """Write a budget. One that lets more be spent is confirmed as a raised limit is: by repeating it, and a code."""
    with open_books(session, "profile budget set", wait):
        _agreed(session, needs_word(session, given, line), confirm, code)
        try:
            before = budget_of(session, line)
        except ConfigurationError:
            before = ()
        _write(session, line, [str(money) for money in merged(before, given)])
    return show_budgets(session, line)


def remove_budget(
    session: "Session", line: str | None, confirm: str | None, code: str | None, *, wait: float = 0.0
) -> "Result[BudgetDocument]":
    """Take a budget away, in the same way."""
    with open_books(session, "profile budget remove", wait):
        _agreed(session, needs_word(session, (), line), confirm, code)
        _write(session, line, None)
    return show_budgets(session, line)


def _agreed(session: "Session", amounts: Amounts, confirm: str | None, code: str | None) -> None:
    """Raise unless the amounts were repeated to the last digit and a code was given where one is enrolled."""
    if not amounts:
        return
    wanted = written(amounts)
    if confirm is None:
        raise UsageError(
            "repeat the amount: more could be spent than before", hint="--confirm {wanted}",
            code="confirmation_needed", wanted=Raw(wanted),
        )  # fmt: skip
    try:
        given = {money_of(text) for text in confirm.split(",")}
    except MoneyError as error:
        raise UsageError("--confirm: {what}", code="confirmation_differs", what=error.said) from None
    if given != set(amounts):
        raise OwnRules(
            "{given} is not {wanted}: nothing was changed",
            code="confirmation_differs",
            given=Raw(confirm),
            wanted=Raw(wanted),
        )
    second_factor.require(session, code)


def written(amounts: Amounts) -> str:
    """Amounts as `--confirm` takes them: `20.00USD,50000KHR`."""
    return ",".join(f"{money.amount}{money.currency}" for money in amounts)


def _write(session: "Session", line: str | None, texts: list[str] | None) -> None:
    def edit(doc: MutableMapping[str, Toml]) -> None:
        place = table_in(doc, "settings") if line is None else table_in(table_in(doc, "line"), line)
        if texts is not None:
            place["budget"] = texts
        elif "budget" in place:
            del place["budget"]

    session.store.profile.edit(edit)
    session.forget()
