"""What the orders of a report's months come to: spent, come back, perhaps spent, bought, and at whose word."""

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from esimctl.catalogue.plan import Plan
from esimctl.catalogue.search import total_bytes
from esimctl.ledger.said import text_or_none
from esimctl.purchase.document import METHOD
from esimctl.records.report_flows import Lost
from esimctl.records.report_packs import PackShare
from esimctl.records.report_rows import FigurePlace, Months, ReportRow, ReportRows, Trigger
from esimctl.values.money import Money
from esimctl.values.record import field, record
from esimctl.values.toml import Toml
from esimctl.values.volume import Unlimited

if TYPE_CHECKING:
    from esimctl.ledger.facts import ForeignFact
    from esimctl.ledger.orders import OrderState
    from esimctl.usage.overage import Overage


@record
class PurchasedData:
    """A purchase of data: what lost octets are counted against."""

    at: datetime
    octets: int
    price: Money | None  #: None where nobody said
    play: bool = False  #: paid with play money
    plan: str | None = None  #: by which name its data was granted; None of what was taken over from elsewhere
    category: str = "base"  #: of the bucket that it was granted as


def _none(_: str) -> Iterator[PurchasedData]:
    return iter(())


@record(frozen=False)
class Purchases:
    """Purchases of data by line, oldest first. `told` gives those of a line, which are asked for when they matter."""

    told: Callable[[str], Iterable[PurchasedData]] = _none
    by_line: dict[str, list[PurchasedData]] = field(default_factory=dict)

    def of(self, line: str) -> list[PurchasedData]:
        """Those of a line."""
        if line not in self.by_line:
            self.by_line[line] = sorted(self.told(line), key=lambda row: row.at)
        return self.by_line[line]

    def add(self, line: str, bought: PurchasedData) -> None:
        """One more, in the order of time."""
        insort(self.of(line), bought, key=lambda row: row.at)

    def worth(self, line: str, lost: Lost, *, play: bool = False) -> tuple[dict[str, int], bool]:
        """What lost octets had cost, by currency: each octet its share of its purchase, rounded down.

        Each counts against the purchase that brought it; where that is not known, against the line's purchases up to
        `lost.bought_by`, the newest first, each for at most the octets that it brought. What no purchase brought (a
        gift, a bonus) had cost nothing. False beside it where a price is not known, or no purchase at all.
        """
        rows = [row for row in self.of(line) if row.play is play]
        cost: dict[str, int] = {}
        told = bool(rows)
        for row, part in _of_packs(rows, lost.packs) if lost.packs is not None else _of_newest(rows, lost):
            if row.price is None:
                told = False
            else:
                cost[row.price.currency] = cost.get(row.price.currency, 0) + row.price.minor * part // row.octets
        return cost, told


def _of_packs(rows: list[PurchasedData], packs: tuple[PackShare, ...]) -> Iterator[tuple[PurchasedData, int]]:
    """(Purchase, octets of it) of packs: the purchases of a plan brought its octets in the order of their time."""
    for pack in packs:
        begin = 0
        for row in rows:
            if (row.plan, row.category) != (pack.plan, pack.category):
                continue
            part = min(begin + row.octets, pack.first + pack.octets) - max(begin, pack.first)
            if part > 0:
                yield row, part
            begin += row.octets


def _of_newest(rows: list[PurchasedData], lost: Lost) -> Iterator[tuple[PurchasedData, int]]:
    """(Purchase, octets of it), the newest first."""
    octets = lost.octets or 0
    for row in reversed([row for row in rows if row.at <= lost.bought_by] or rows[:1]):
        part = min(octets, row.octets)
        if part:
            yield row, part
        octets -= part


def count_orders(orders: "Iterable[OrderState]", months: Months, rows: ReportRows, play: Mapping[str, bool]) -> None:
    """Put every order into its rows. `play` says which providers take play money."""
    for order in orders:
        game = order.play or play.get(order.provider, False)
        if order.open:
            month = months.of(order.created_at)
            if month is not None and order.price.minor:
                for row in rows.at(FigurePlace(month, order.line, order.method, game)):
                    row.pay("perhaps", order.price.currency, order.price.minor)
        elif order.settled_at is not None:
            month = next((each for each in _months(order, months) if each is not None), None)
            if month is not None:
                for row in rows.at(FigurePlace(month, order.line, order.method, game)):
                    _settled(row, order)
            if order.refund is not None and (back := months.of(order.changed_at)) is not None:
                for row in rows.at(FigurePlace(back, order.line, order.method, game)):
                    row.pay("spend", order.refund.currency, -order.refund.minor)
                    row.pay("refunds", order.refund.currency, order.refund.minor)


def count_stated(orders: "Iterable[OrderState]", months: Months, rows: ReportRows, play: Mapping[str, bool]) -> None:
    """Put what a wrong clock dated into that month as well, where it is in another one of these already."""
    for order in orders:
        if order.stated_at is None or order.settled_at is None:
            continue
        true, stated = _months(order, months)
        if true is not None and stated is not None and true != stated:
            game = order.play or play.get(order.provider, False)
            for row in rows.at(FigurePlace(stated, order.line, order.method, game)):
                _settled(row, order)


def _months(order: "OrderState", months: Months) -> tuple[int | None, int | None]:
    """The month in which an order was settled at the latest, and the one that a wrong clock stated."""
    assert order.settled_at is not None
    return months.of(order.settled_at), None if order.stated_at is None else months.of(order.stated_at)


def _brought(order: "OrderState") -> int | Unlimited | None:
    """Octets of a settled order, 0 for money alone; None where nobody said. An imported record tells them itself."""
    if order.imported:
        return order.data_bytes
    return None if order.plan is not None and order.terms is None else bought_octets(order.terms)


def purchased(orders: "Iterable[OrderState]", play: Mapping[str, bool]) -> Iterator[PurchasedData]:
    """What settled orders brought, without those whose money came back."""
    for order in orders:
        octets = None if order.open or order.settled_at is None or order.state == "refunded" else _brought(order)
        if isinstance(octets, int) and octets:
            assert order.settled_at is not None
            game = order.play or play.get(order.provider, False)
            plan = None if order.imported else order.plan or order.line
            category = text_or_none(order.terms or {}, "category") or "base"
            yield PurchasedData(order.settled_at, octets, order.counted, game, plan, category)


def _settled(row: ReportRow, order: "OrderState") -> None:
    if order.kind == "gift" and not order.counted.minor:
        return  # moves data and no money: see gifts
    spent = order.counted
    row.pay("spend", spent.currency, spent.minor)
    made = row.triggers.setdefault(order.source, Trigger())
    made.spend[spent.currency] = made.spend.get(spent.currency, 0) + spent.minor
    row.count("purchases")
    made.purchases += 1
    if order.kind == "topup":
        row.count("topups")
        made.topups += 1
    if order.paid is None:
        row.miss("paid", order.id)
    octets = _brought(order)
    if octets is None:
        row.miss("bought", order.line)
        return
    row.unlimited = row.unlimited or isinstance(octets, Unlimited)
    row.add("bought", octets if isinstance(octets, int) else 0, order.line)


def bought_octets(terms: Mapping[str, Toml] | None) -> int | Unlimited:
    """What terms grant over their whole time, bonuses left out; 0 for money alone."""
    if terms is None or "data" not in terms:
        return 0
    found = _octets(*(terms.get(key) for key in ("data", "term", "period", "clock", "billing", "volume_base")))
    return 0 if found is None else found


@lru_cache(maxsize=512)
def _octets(
    data: str, term: str | None, period: str | None, clock: str | None, billing: str | None, base: int | None
) -> int | Unlimited | None:
    told = {"data": data, "term": term, "period": period, "clock": clock, "billing": billing, "volume_base": base}
    terms = {key: value for key, value in told.items() if value is not None}
    return total_bytes(Plan("", "", "", "", None, terms))


def count_overage(found: "Overage", months: Months, rows: ReportRows) -> None:
    """What main balances paid for use beyond plans, by the day on which it was charged or seen; no part of spend.

    The money came into the main balance by a top-up, which is spend already.
    """
    for charge in found.charges:
        month = months.of(charge.at)
        if month is not None:
            for row in rows.at(FigurePlace(month, charge.line, METHOD, charge.play)):
                row.pay("overage", charge.money.currency, charge.money.minor)
    for line, at in found.unknown:
        month = months.of(at)
        if month is not None:
            for row in rows.at(FigurePlace(month, line, None, False)):
                row.miss("overage", line)


def count_foreign(facts: "Iterable[ForeignFact]", months: Months, rows: ReportRows, play: Mapping[str, bool]) -> None:
    """Charges of somebody else from the same account, when they were ordered."""
    for fact in facts:
        month = months.of(fact.at)
        if month is None:
            continue
        for row in rows.at(FigurePlace(month, None, None, fact.play or play.get(fact.provider, False))):
            if fact.amount_minor is None or fact.currency is None:
                row.miss("foreign", f"{fact.provider}:{fact.provider_order}")
            else:
                row.pay("foreign", fact.currency, fact.amount_minor)
