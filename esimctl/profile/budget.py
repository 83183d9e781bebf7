"""Budgets: what a person wants to spend in a calendar month of the profile's zone, as a whole or for one line.

`budget = ["20.00 USD", "50000 KHR"]` stands below `[settings]` or `[line.NAME]`, one amount for each currency, and
counts as it stands, edited by hand or not (R-115). Automatic spending stops at it; a person is only warned.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from esimctl.documents.balance import BudgetRow
from esimctl.documents.document import JSON
from esimctl.documents.reading import read
from esimctl.errors import ConfigurationError
from esimctl.profile.opened import takes_play_money
from esimctl.values.moments import month_start, zone
from esimctl.values.money import Money
from esimctl.values.record import record
from esimctl.values.sentence import Param, Raw, Sentence
from esimctl.values.tables import TableError

if TYPE_CHECKING:
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session

#: younger months tell nothing of their end, nor do purchases of one day: one on the first would look like thirty
LEAST: Final = timedelta(days=3)
LEAST_DAYS: Final = 2  #: local days of the month on which something was bought


@record
class OverBudget:
    """A budget that one more purchase would break. `most` is None where none is set in the purchase's currency."""

    scope: str  #: profile or line
    line: str | None
    spent: Money  #: settled and reserved this month, without the purchase
    most: Money | None


class MonthBudget(BudgetRow):
    """A row without its expectation: it holds until the journal, the profile or the month changes, and is kept."""

    days: int  #: local days of the month on which something was bought in that kind of money


def budget_rows(session: "Session", ledger: "LedgerState", now: datetime) -> list[BudgetRow]:
    """Every budget of the profile and of its lines, with what this month has done to it.

    `spent` is settled net of refunds, `reserved` is held by open orders, `left` may be below zero, `expected` is the
    month's end by pace (None in its first three days, and where all was bought on one day). ConfigurationError (78)
    where an amount cannot be read.
    """
    return [paced(row, now) for row in month_rows(session, ledger, now)]


def month_rows(session: "Session", ledger: "LedgerState", now: datetime) -> list[MonthBudget]:
    """The rows without what depends on the hour."""
    where = zone(session.zone)
    first, end = month_start(now, 0, where), month_start(now, 1, where)
    rows = []
    for line, amounts in budgets(session):
        for play in kinds_of_money(session, ledger, line, first, end):
            for budget in amounts:
                currency = budget.currency
                reserved = Money(ledger.reserved(currency, line=line, play=play), currency)
                spent = Money(ledger.spent(currency, first, end, line=line, play=play), currency) - reserved
                bought = ledger.bought_at(currency, first, line=line, play=play)
                rows.append(
                    MonthBudget(
                        scope="profile" if line is None else "line",
                        line=line,
                        budget=budget,
                        spent=spent,
                        reserved=reserved,
                        left=budget - spent - reserved,
                        from_=first,
                        until=end,
                        play_money=play,
                        expected=None,
                        days=len({at.astimezone(where).date() for at in bought}),
                    )
                )
    return rows


def kinds_of_money(
    session: "Session", ledger: "LedgerState", line: str | None, since: datetime, until: datetime
) -> list[bool]:
    """Which kinds a budget is compared with, each with figures of its own: money (False) first, then play money (True).

    Play money where some was spent in that month; money unless only play money can be, or has been, spent there.
    """
    play = _moved(ledger, line, since, until, play=True)
    lines = session.lines if line is None else {line: session.lines.get(line, {})}
    sellers = {str(table.get("provider")) for table in lines.values()}
    if line is None:
        sellers.update(session.section("provider"))
    real = (
        not play
        or any(not takes_play_money(session, name) for name in sellers)
        or _moved(ledger, line, since, until, play=False)
    )
    return [False] * real + [True] * play


def _moved(ledger: "LedgerState", line: str | None, since: datetime, until: datetime, *, play: bool) -> bool:
    """Whether anything was bought or charged in that month in that kind of money."""
    return ledger.purchases(since, until, line=line, play=play) > 0


def of_kept(rows: Iterable[Mapping[str, JSON]]) -> list[MonthBudget]:
    """The rows from their JSON in the derived state, which leaves out what is null."""
    return [read(MonthBudget, {"line": None, "expected": None, **row}) for row in rows]


def paced(row: MonthBudget, now: datetime) -> BudgetRow:
    """A row with the month's end by pace: what was spent goes on as it did, what is reserved comes once."""
    expected = None
    if now - row.from_ >= LEAST and row.days >= LEAST_DAYS:
        of_month, gone = (row.until - row.from_) // _TICK, (now - row.from_) // _TICK
        expected = Money(-(-max(0, row.spent.minor) * of_month // gone), row.spent.currency) + row.reserved
    return BudgetRow(**{**{key: getattr(row, key) for key in BudgetRow.KEYS}, "expected": expected})


def budgets(session: "Session") -> Iterator[tuple[str | None, tuple[Money, ...]]]:
    """(None or a line, its amounts) of everything that has a budget; the profile first."""
    for line in (None, *session.lines):
        amounts = budget_of(session, line)
        if amounts:
            yield line, amounts


def budget_of(session: "Session", line: str | None) -> tuple[Money, ...]:
    """The budget of the profile (None) or of a line; ConfigurationError (78) says what cannot be read."""
    table = session.settings_of(line)
    try:
        found = () if table is None else table.amounts("budget")
        if table is not None and len({money.currency for money in found}) < len(found):
            raise table.wrong("budget", "one amount for each currency")
        return found
    except TableError as error:
        hint = "esimctl profile budget set 20USD/month"
        raise ConfigurationError("{finding}", hint=hint, code="bad_budget", finding=error.said) from None


def over_budget(
    session: "Session", ledger: "LedgerState", line: str, price: Money, now: datetime, *, play: bool
) -> list[OverBudget]:
    """The budgets that this price more would break, the line's own first; play money meets play money alone.

    A currency that a budget does not name has no room in it: without a rate nobody can say that it would fit.
    """
    where = zone(session.zone)
    first, end = month_start(now, 0, where), month_start(now, 1, where)
    found = []
    for scope in (line, None):
        amounts = budget_of(session, scope)
        if not amounts:
            continue
        most = next((money for money in amounts if money.currency == price.currency), None)
        spent = Money(ledger.spent(price.currency, first, end, line=scope, play=play), price.currency)
        if most is None or spent + price > most:
            found.append(OverBudget("profile" if scope is None else "line", scope, spent, most))
    return found


def told(broken: OverBudget, price: Money) -> Sentence:
    """What is said of a budget that a purchase would break."""
    scope = Sentence("the profile") if broken.line is None else Raw(broken.line)
    if broken.most is None:
        return Sentence(TEXTS["currency"], {"scope": scope, "currency": Raw(price.currency)})
    params: dict[str, Param] = {"scope": scope, "spent": broken.spent, "most": broken.most, "price": price}
    return Sentence(TEXTS["over"], params)


def of_lines(rows: Iterable[MonthBudget], names: Iterable[str]) -> list[MonthBudget]:
    """The rows that speak of these lines: theirs and the profile's; all of them where no line is named."""
    wanted = set(names)
    return [row for row in rows if not wanted or row.line is None or row.line in wanted]


#: the sentences about a budget that is met
TEXTS: Final = {
    "over": "{spent} is spent or reserved this month; {price} more is above the budget of {scope}, {most}",
    "currency": "the budget of {scope} has no amount in {currency}",
}
_TICK: Final = timedelta(microseconds=1)
