"""The rows of a report while they are counted: one for each month and group; play money is in no sum with money.

Amounts are integer minor units by currency, volumes octets. What is unknown is counted as lines, never as 0.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Final, NamedTuple

from esimctl.documents.records import FiguresRow, TriggerRow, UnknownPart
from esimctl.errors import UsageError
from esimctl.values.moments import EARLIEST, LATEST, month_start, to_utc
from esimctl.values.money import Money
from esimctl.values.record import field, record
from esimctl.values.sentence import Raw

PERSON: Final = "person"


class FigurePlace(NamedTuple):
    """What a figure belongs to. `method` is None for what no payment method has a part in."""

    month: int
    line: str | None
    method: str | None
    play_money: bool


@record(frozen=False)
class Trigger:
    """What was bought at the word of a person or of one rule."""

    purchases: int = 0
    topups: int = 0
    spend: dict[str, int] = field(default_factory=dict)


@record(frozen=False)
class ReportRow:
    """One month of one group."""

    money: dict[str, dict[str, int]] = field(default_factory=dict)
    octets: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    unknown: dict[str, set[str]] = field(default_factory=dict)
    known: dict[str, set[str]] = field(default_factory=dict)
    unlimited: bool = False

    def pay(self, what: str, currency: str, minor: int) -> None:
        """More money of one sort."""
        sums = self.money.setdefault(what, {})
        sums[currency] = sums.get(currency, 0) + minor

    def add(self, what: str, octets: int, line: str) -> None:
        """More octets of one sort; adding 0 says that they are known to be none."""
        self.octets[what] = self.octets.get(what, 0) + octets
        self.known.setdefault(what, set()).add(line)

    def miss(self, what: str, name: str) -> None:
        """A line (or order) of which this is not known, or not wholly."""
        self.unknown.setdefault(what, set()).add(name)

    def count(self, what: str) -> None:
        """One more."""
        self.counts[what] = self.counts.get(what, 0) + 1


class ReportRows:
    """All rows. `group` names the group of a place, or is None where a report has no groups."""

    def __init__(self, group: Callable[[FigurePlace], str | None] | None) -> None:
        self._group = group
        self.groups: dict[tuple[int, bool, str | None], ReportRow] = {}
        self.totals: dict[tuple[int, bool], ReportRow] = {}

    def at(self, place: FigurePlace) -> tuple[ReportRow, ...]:
        """The rows that a figure counts in: its month's, and its group's."""
        total = self.totals.setdefault((place.month, place.play_money), ReportRow())
        if self._group is None:
            return (total,)
        key = (place.month, place.play_money, self._group(place))
        return total, self.groups.setdefault(key, ReportRow())

    def of(self, play_money: bool) -> list[ReportRow]:
        """The months' rows of one sort of money."""
        return [row for (_, game), row in self.totals.items() if game is play_money]


def figures(row: ReportRow, play_money: bool) -> FiguresRow:
    """The figures of a row."""
    return FiguresRow(
        play_money=play_money,
        spend=sums(row.money.get("spend")),
        refunds=sums(row.money.get("refunds")),
        perhaps=sums(row.money.get("perhaps")),
        foreign=sums(row.money.get("foreign")),
        overage=sums(row.money.get("overage")),
        purchases=row.counts.get("purchases", 0),
        topups=row.counts.get("topups", 0),
        triggers=[
            TriggerRow(
                by=PERSON if source == PERSON else "rule" if source.startswith("rule:") else source,
                rule=source[5:] if source.startswith("rule:") else None,
                purchases=made.purchases,
                topups=made.topups,
                spend=sums(made.spend),
            )
            for source, made in sorted(row.triggers.items())
        ],
        bought_bytes=known(row, "bought"),
        used_bytes=known(row, "used"),
        carried_bytes=known(row, "carried"),
        wasted_bytes=known(row, "wasted"),
        wasted_money=sums(row.money.get("wasted")),
        gifts_sent_bytes=row.octets.get("sent", 0),
        gifts_received_bytes=row.octets.get("received", 0),
        pool_taken_bytes=row.octets.get("taken", 0),
        pool_lent_bytes=row.octets.get("lent", 0),
        unlimited=row.unlimited,
        unknown=UnknownPart(**{what: len(row.unknown.get(what, ())) for what in UnknownPart.KEYS}),
    )


def known(row: ReportRow, what: str) -> int | None:
    """What is known of a volume; None where lines could have told and none did."""
    return row.octets.get(what, 0) if row.known.get(what) or not row.unknown.get(what) else None


def sums(money: dict[str, int] | None) -> list[Money]:
    """Amounts that are not nothing, one a currency."""
    return [Money(minor, currency) for currency, minor in sorted((money or {}).items()) if minor]


def together(rows: list[ReportRow]) -> ReportRow:
    """Several rows as one."""
    whole = ReportRow()
    for row in rows:
        for what, money in row.money.items():
            for currency, minor in money.items():
                whole.pay(what, currency, minor)
        for what, octets in row.octets.items():
            whole.octets[what] = whole.octets.get(what, 0) + octets
        for what, count in row.counts.items():
            whole.counts[what] = whole.counts.get(what, 0) + count
        for source, made in row.triggers.items():
            one = whole.triggers.setdefault(source, Trigger())
            one.purchases, one.topups = one.purchases + made.purchases, one.topups + made.topups
            for currency, minor in made.spend.items():
                one.spend[currency] = one.spend.get(currency, 0) + minor
        for mine, theirs in ((whole.unknown, row.unknown), (whole.known, row.known)):
            for what, names in theirs.items():
                mine.setdefault(what, set()).update(names)
        whole.unlimited = whole.unlimited or row.unlimited
    return whole


_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\Z", re.ASCII)

MOST = 120  #: months at a time


@record
class Months:
    """Months one after the other: their names (`2026-11`), and the instant at which each begins and the last ends."""

    names: tuple[str, ...]
    edges: tuple[datetime, ...]

    def of(self, at: datetime) -> int | None:
        """The place of the month that an instant is in; None before the first and after the last."""
        place = bisect_right(self.edges, at) - 1
        return place if 0 <= place < len(self.names) else None

    @property
    def start(self) -> datetime:
        """The first instant."""
        return self.edges[0]

    @property
    def end(self) -> datetime:
        """The first instant after the last month."""
        return self.edges[-1]


def months_until(month: str | None, count: int, now: datetime, zone: tzinfo) -> Months:
    """So many months, the last of them `month` (`2026-11`), or the present one; UsageError (2) for no such month."""
    if not 1 <= count <= MOST:
        raise UsageError("--months takes 1 to {most}, not {count}", code="bad_months", most=MOST, count=count)
    last = now if month is None else _first(month, zone)
    edges = [month_start(last, step, zone) for step in range(1 - count, 2)]
    if edges[0] < EARLIEST or edges[-1] >= LATEST:
        raise UsageError("there are no reports for that year", code="bad_month")
    names = [edge.astimezone(zone).strftime("%Y-%m") for edge in edges[:-1]]
    return Months(tuple(names), tuple(edges))


def year_until(year: int, now: datetime, zone: tzinfo) -> tuple[str, int]:
    """A year as its last month and their number: of the present one the months up to now."""
    here = now.astimezone(zone)
    last = here.month if here.year == year else 12
    return f"{year}-{last:02}", last


def _first(month: str, zone: tzinfo) -> datetime:
    found = _MONTH.match(month)
    if found is None or not 1971 <= int(found[1]) <= 2298:
        raise UsageError("--month takes a month as in 2026-11, not {month!r}", code="bad_month", month=Raw(month))
    return to_utc(datetime(int(found[1]), int(found[2]), 1), zone)  # noqa: DTZ001
