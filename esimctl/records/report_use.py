"""What the lines of a report used, carried, lost and gave away in its months."""

import json
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from esimctl.ledger.said import text_or_none
from esimctl.profile.naming import line_ref
from esimctl.records.report_flows import Ending, Flows, Lost, pool_use, read_flows, shares
from esimctl.records.report_modelled import endings, kept_flows, modelled_flows
from esimctl.records.report_money import PurchasedData, Purchases, bought_octets, purchased
from esimctl.records.report_orders import LineOrders, gifts, taken_back
from esimctl.records.report_rows import FigurePlace, Months, ReportRow, ReportRows
from esimctl.usage.kept import look_of
from esimctl.usage.modelled import is_modelled
from esimctl.values.moments import MomentError, parse_duration
from esimctl.values.record import field, record

if TYPE_CHECKING:
    from esimctl.ledger.facts import ReadingFact
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import LineRef

Gift = tuple[datetime, int]


@record(frozen=False)
class Life:
    """What is known of a line beside its readings."""

    name: str
    provider: str
    born: datetime | None = None  #: when it was bought or added here
    bought_here: bool = False
    removed: datetime | None = None
    returned: bool = False  #: its provider took it back, and gave its price back: nothing of it was wasted
    sent: list[Gift] = field(default_factory=list)
    received: list[Gift] = field(default_factory=list)
    lent: list[Gift] = field(default_factory=list)  #: what others took of its data, as far as readings say


def lives(session: "Session", ledger: "Ledger") -> dict[str, Life]:
    """Every line of the profile and of the journal, with its gifts."""
    found = {
        name: Life(name, fact.provider, fact.born, fact.order is not None, fact.removed_at)
        for name, fact in ledger.lines.items()
    }
    for name, table in session.lines.items():
        found.setdefault(name, Life(name, str(table.get("provider"))))
    by_iccid = {str(table["iccid"]): name for name, table in session.lines.items() if "iccid" in table}
    for tie in ledger.ties:
        if tie.tie == "gifted":
            _give(found, tie.line, tie.to, (tie.at, tie.octets or 0))
    for name in taken_back(ledger) & found.keys():
        found[name].returned = True
    for order in gifts(ledger):
        if order.settled_at is not None:
            octets, to = _asked(order.request)
            _give(found, order.line, by_iccid.get(to, to), (order.settled_at, octets))
    return found


def _asked(request: str) -> tuple[int, str]:
    """Octets and receiver of a gift that a provider carried out, from the request as it was sent."""
    try:
        table = json.loads(request)
        return int(table["octets"]), str(table["to"])
    except (ValueError, KeyError, TypeError):
        return 0, ""


def _give(found: dict[str, Life], giver: str, taker: str, gift: Gift) -> None:
    if giver in found:
        found[giver].sent.append(gift)
    if taker in found:
        found[taker].received.append(gift)


def count_data(
    session: "Session",
    ledger: "Ledger",
    months: Months,
    rows: ReportRows,
    play: Mapping[str, bool],
) -> None:
    """Put what flowed through every line into the rows."""
    known = lives(session, ledger)
    by_hand = frozenset(life.name for life in known.values() if is_modelled(session, {"provider": life.provider}))
    readings = ledger.readings_since(months.start, by_hand)
    orders = LineOrders(ledger)
    orders.read(by_hand)
    purchases = Purchases(lambda line: purchased(orders.every(line), play))
    now = session.clock.now()
    _lend(session, known, readings)
    for name in by_hand:
        _remember_birth(ledger, name, months, rows, purchases)
    kept = kept_flows(session, _cards(session, ledger, known, by_hand), now)
    for life in known.values():
        if life.name in by_hand:
            flows = modelled_flows(session, ledger, life.name, orders, readings, now)
        elif life.name in kept:
            flows = kept[life.name]
        else:
            facts = readings.get(life.name, [])
            ended: Sequence[Ending] = ()
            since = facts[0].read_at if facts and facts[0].read_at < months.start else None
            if any(_unseen(order, facts, since, now) for order in orders.settled_since(life.name, since)):
                ended = endings(session, ledger, life.name, orders, now)
            flows = _read(life, facts, months, now, ended)
        game = play.get(life.provider, False)
        here = _here(rows, life.name, game)
        _count(life, flows, months, here, purchases, game)
        _count_pools(session, life, flows, months, rows, game)
        _cover(life, flows, _over(flows, orders, life.name), months, here, now)


def _cards(
    session: "Session", ledger: "Ledger", known: Mapping[str, Life], by_hand: frozenset[str]
) -> "list[tuple[str, LineRef]]":
    """(Provider, line) of the lines whose provider knows them by a number, removed ones as well."""
    found = []
    for name, life in known.items():
        fact = ledger.lines.get(name)
        table = session.lines.get(name) or {"iccid": None if fact is None else fact.iccid}
        if name not in by_hand and (table.get("iccid") or table.get("reference")):
            found.append((life.provider, line_ref(name, dict(table))))
    return found


def _unseen(order: "OrderState", facts: "list[ReadingFact]", since: datetime | None, now: datetime) -> bool:
    """Whether what an order brought (after `since`) may have ended before anybody looked after it."""
    if order.settled_at is None or (since is not None and order.settled_at <= since):
        return False
    if order.terms is None or "data" not in order.terms:
        return False
    place = bisect_right(facts, order.settled_at, key=lambda fact: fact.read_at)
    looked = facts[place].read_at if place < len(facts) else now
    least = _shortest(*(order.terms.get(key) for key in ("clock", "period", "term")))
    return least is not None and order.settled_at + least <= looked


@cache
def _shortest(clock: str | None, period: str | None, term: str | None) -> timedelta | None:
    """Data of such terms is there at least so long; None for ever. What begins with the calendar may end at once."""
    if period is None and term is None:
        return None
    try:
        length = parse_duration(period or term or "")
    except MomentError:
        return None
    if clock == "calendar-month":
        return timedelta(0)
    return timedelta(days=27 * length.months + max(0, length.days - 1), seconds=length.seconds)


def _read(
    life: Life, facts: "list[ReadingFact]", months: Months, now: datetime, ended: "Sequence[Ending]" = ()
) -> Flows:
    """Its flows by its readings; where the first one is among them, also what was used before it."""
    first = bool(facts) and facts[0].read_at >= months.start
    born = life.born if life.bought_here and first else None
    flows = read_flows([look_of(fact) for fact in facts], born, [*life.sent, *life.lent], now, ended)
    if life.returned:
        flows.lost = []
    return flows


def _lend(session: "Session", known: Mapping[str, Life], readings: "Mapping[str, list[ReadingFact]]") -> None:
    """Tell each owner what others took of its data, by the readings of those who took it."""
    names = {str(table["iccid"]): name for name, table in session.lines.items() if "iccid" in table}
    for facts in readings.values():
        for one, two in pairwise(map(look_of, facts)):
            for owner, octets in pool_use(one, two):
                life = known.get(names.get(owner, owner))
                if life is not None:
                    life.lent.append((two.at, octets))


def _count_pools(session: "Session", life: Life, flows: Flows, months: Months, rows: ReportRows, game: bool) -> None:
    """Who took what of whom: in the month's row of the line that took it, and of the line whose data it was."""
    names = {str(table["iccid"]): name for name, table in session.lines.items() if "iccid" in table}
    for at, octets, owner in flows.taken:
        month = months.of(at)
        if month is None:
            continue
        for what, line in (("taken", life.name), ("lent", names.get(owner, owner))):
            for row in rows.at(FigurePlace(month, line, None, game)):
                row.add(what, octets, line)


def _remember_birth(ledger: "Ledger", name: str, months: Months, rows: ReportRows, purchases: Purchases) -> None:
    """A pack that a line came into the books with, without a price: bought, but nobody knows for how much."""
    fact = ledger.lines.get(name)
    for told in () if fact is None else fact.births:
        if told.order is not None or told.terms is None:
            continue
        octets, at = bought_octets(told.terms), told.since
        if isinstance(octets, int) and octets:
            plan, category = told.plan or name, text_or_none(told.terms, "category") or "base"
            purchases.add(name, PurchasedData(at, octets, None, False, plan, category))
        month = months.of(at)
        if month is not None:
            for row in rows.at(FigurePlace(month, name, None, False)):
                row.add("bought", octets if isinstance(octets, int) else 0, name)
                row.unlimited = row.unlimited or not isinstance(octets, int)
                row.miss("paid", name)


def _here(rows: ReportRows, name: str, game: bool) -> Callable[[int], tuple[ReportRow, ...]]:
    """The rows of a line by month, each looked for once."""
    return cache(lambda month: rows.at(FigurePlace(month, name, None, game)))


def _count(
    life: Life,
    flows: Flows,
    months: Months,
    here: Callable[[int], tuple[ReportRow, ...]],
    purchases: Purchases,
    game: bool,
) -> None:
    """The flows of a line into its months."""
    for (month, what), octets in _moved(life, flows, months).items():
        if month is not None:
            for row in here(month):
                row.add(what, octets, life.name)
    for at in flows.unsure:
        if (month := months.of(at)) is not None:
            for row in here(month):
                row.miss("carried", life.name)
    for lost in flows.lost:
        if (month := months.of(lost.at)) is not None:
            for row in here(month):
                _lose(row, life.name, lost, purchases, game)


def _moved(life: Life, flows: Flows, months: Months) -> dict[tuple[int | None, str], int]:
    """Octets of a line by month and by what became of them."""
    moved: dict[tuple[int | None, str], int] = {}
    for used in flows.used:
        for place, octets in shares(used, months.edges):
            moved[place, "used"] = moved.get((place, "used"), 0) + octets
    for what, moves in (("carried", flows.carried), ("sent", life.sent), ("received", life.received)):
        for at, octets in moves:
            key = months.of(at), what
            moved[key] = moved.get(key, 0) + octets
    return moved


def _lose(row: ReportRow, name: str, lost: Lost, purchases: Purchases, game: bool) -> None:
    if lost.octets is None:
        row.miss("wasted", name)
        return
    row.add("wasted", lost.octets, name)
    cost, told = purchases.worth(name, lost, play=game)
    for currency, minor in cost.items():
        row.pay("wasted", currency, minor)
    if not told:
        row.miss("wasted_money", name)


def _over(flows: Flows, orders: LineOrders, name: str) -> datetime | None:
    """When a line's term ended, if no order of it was settled since."""
    end = flows.over
    if end is None:
        return None
    later = (order.settled_at for order in orders.settled_since(name, end))
    return None if any(at is not None and at > end for at in later) else end


def _cover(
    life: Life,
    flows: Flows,
    over: datetime | None,
    months: Months,
    here: Callable[[int], tuple[ReportRow, ...]],
    now: datetime,
) -> None:
    """Say of each month in which the line lived whether its use is known: as nothing at least, or not (wholly)."""
    begin = life.born or flows.since or now
    ends = [end for end in (over, life.removed, now) if end is not None]
    for month, (start, end) in enumerate(pairwise(months.edges)):
        if begin >= end or min(ends) < start:
            continue
        whole = min(end, *ends)
        if end > now and flows.until is not None and flows.until >= start:
            whole = flows.until  # the present month is known as far as somebody has looked
        known, complete = _known(flows, max(start, begin), whole)
        for row in here(month):
            for what in ("used", "carried", "wasted") if known else ():
                if life.name not in row.unknown.get(what, ()):
                    row.add(what, 0, life.name)
            if not complete:
                row.miss("used", life.name)


def _known(flows: Flows, start: datetime, end: datetime) -> tuple[bool, bool]:
    """Whether use is known in a part of a time, and in all of it."""
    if flows.since is None or flows.until is None or flows.until < start:
        return False, False
    begin, stop = max(flows.since, start), min(flows.until, end)
    if begin > stop:
        return False, False
    dark, upto = timedelta(0), begin
    for gap, over in sorted(flows.gaps):
        if over > upto and gap < stop:
            dark += min(over, stop) - max(gap, upto)
            upto = min(over, stop)
    return not dark or dark < stop - begin, not dark and flows.since <= start and flows.until >= end
