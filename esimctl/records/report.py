"""`report`: spend, use and waste by month. Asks nobody and writes nothing.

Everything is from the journal; what became of data also from an operator's books that are a file of this machine.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from esimctl.advice.advised import advise
from esimctl.documents.balance import BalanceLine, HintRow
from esimctl.documents.records import ReportDocument, ReportedMonthRow
from esimctl.documents.result import Result
from esimctl.errors import UsageError
from esimctl.ledger.archived import OrderQuery
from esimctl.profile.budget import budget_rows
from esimctl.profile.opened import takes_play_money
from esimctl.records.report_money import count_foreign, count_orders, count_overage, count_stated
from esimctl.records.report_orders import concerned
from esimctl.records.report_rows import FigurePlace, Months, ReportRow, ReportRows, figures, months_until, together
from esimctl.records.report_use import count_data
from esimctl.usage.kept_documents import kept_documents
from esimctl.usage.overage import overage
from esimctl.values.moments import zone
from esimctl.values.sentence import Raw, commas
from esimctl.values.text import nearest

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session

GROUPS: Final = ("line", "carrier", "person", "method")
MOST_HINTED: Final = 50  #: lines whose balance is worked out for a hint where it is not at hand


def report(
    session: "Session", *, month: str | None = None, months: int = 1, by: str | None = None
) -> "Result[ReportDocument]":
    """The document of so many months that end with `month` (`2026-11`; the present one), in groups if asked for."""
    if by is not None and by not in GROUPS:
        near = nearest(by, list(GROUPS))
        raise UsageError(
            "--by takes {groups}, not {by!r}", hint="--by {near}", code="bad_group", groups=commas(GROUPS), by=Raw(by),
            near=Raw(near[0] if near else "line"),
        )  # fmt: skip
    now, place = session.clock.now(), zone(session.zone)
    span = months_until(month, months, now, place)
    ledger = session.store.ledger_for_reading()
    play = takers_of_play(session, ledger)
    rows = counted(session, ledger, span, by, concerned(ledger, span), play)
    totals = [figures(together(rows.of(game)), game) for game in plays(rows)]
    misdated = ledger.select(OrderQuery(misdated=True))
    count_stated(misdated, span, rows, play)  # no total has the same money twice
    present = span.of(now) is not None
    data = ReportDocument(
        as_of=now,
        profile=session.store.name,
        zone=session.zone,
        by=by,
        months=span.names,
        report=listed(rows, span, by),
        totals=totals,
        budgets=budget_rows(session, ledger, now) if present else [],
        hints=advice(session) if present else [],
    )
    return Result("report", data)


def counted(
    session: "Session",
    ledger: "Ledger",
    span: Months,
    by: str | None,
    records: "Iterable[OrderState]",
    play: Mapping[str, bool],
) -> ReportRows:
    """Every figure of these months in its rows, each once. `play` says which providers take play money.

    Purchases that were imported count with the money and the octets that they tell; a charge of somebody else that one
    of them explains is no second one.
    """
    rows = ReportRows(None if by is None else grouping(session, ledger, by))
    explained = set[tuple[str, str | None]]()

    def walked() -> "Iterator[OrderState]":
        for order in records:
            if order.imported and (order.provider, order.provider_order) in ledger.foreign:
                explained.add((order.provider, order.provider_order))
            yield order

    count_orders(walked(), span, rows, play)
    foreign = [fact for key, fact in ledger.foreign.items() if key not in explained]
    count_foreign(foreign, span, rows, play)
    count_overage(overage(session, ledger, span.start), span, rows)
    count_data(session, ledger, span, rows, play)
    return rows


def takers_of_play(session: "Session", ledger: "Ledger") -> dict[str, bool]:
    """Provider → whether it takes play money, for everybody who stands in the books."""
    sellers = {*ledger.names_of("provider"), *(name for name, _ in ledger.foreign)}
    sellers |= {fact.provider for fact in ledger.lines.values()}
    return {name: takes_play_money(session, name) for name in sellers}


def grouping(session: "Session", ledger: "Ledger", by: str) -> Callable[[FigurePlace], str | None]:
    """The name of a place's group: its line, the line's carrier or owner, or the payment method."""

    def carrier(line: str) -> str | None:
        fact = ledger.lines.get(line)
        told = session.lines.get(line, {}).get("carrier") or (fact.carrier if fact else None)
        return None if told is None else str(told)

    def person(line: str) -> str | None:
        told = session.lines.get(line, {}).get("owner")
        return None if told is None else str(told)

    if by == "method":
        return lambda place: place.method
    names: Mapping[str, Callable[[str], str | None]] = {"line": str, "carrier": carrier, "person": person}
    return lambda place: None if place.line is None else names[by](place.line)


def plays(rows: ReportRows) -> list[bool]:
    """Real money first, then play money; what there is of them, and real money where there is nothing at all."""
    return sorted({game for _, game in rows.totals}) or [False]


def listed(rows: ReportRows, span: Months, by: str | None) -> list[ReportedMonthRow]:
    """The rows in order: by month, real money first, then by group; a month without anything has its row as well."""
    return [
        ReportedMonthRow(month=name, group=group, **vars(figures(row, game)))
        for place, name in enumerate(span.names)
        for game in plays(rows)
        for group, row in grouped(rows, place, game, by)
    ]


def grouped(rows: ReportRows, place: int, game: bool, by: str | None) -> list[tuple[str | None, ReportRow]]:
    """The groups of a month and sort of money in order, what belongs to none last; without groups the month itself."""
    if by is None:
        return [(None, rows.totals.get((place, game), ReportRow()))]
    groups = {key[2]: row for key, row in rows.groups.items() if key[:2] == (place, game)}
    return [(name, groups[name]) for name in sorted(groups, key=lambda each: (each is None, each or ""))]


def advice(session: "Session") -> list[HintRow]:
    """Cheaper plans that the balances at hand suggest; nothing is asked of anybody for it."""
    from esimctl.usage.readings import fresh_documents

    if not session.store.exists():
        return []
    lines: Sequence[BalanceLine] | None = kept_documents(session, (), allow_stale=True)
    if lines is None and len(session.lines) <= MOST_HINTED:
        lines, _ = fresh_documents(session, list(session.lines), refresh=False)
    return advise(session, lines or [])
