"""What is left on a line, as the search for the cheapest purchases begins with it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from esimctl.advice.search.states import Stock, advance
from esimctl.documents.balance import BalanceLine
from esimctl.market.plans import today
from esimctl.usage.readings import fresh_documents
from esimctl.values.moments import zone
from esimctl.values.record import record
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.advice.packs import Stay
    from esimctl.profile.opened import Session

CARRIED = ("base", "rollover")  #: what a renewal may carry; top-ups and gifts end when they end


@record
class DatedLeft:
    """Data that can be used at any hour, from a day on until before another one; `octets` None without a limit."""

    start: date
    end: date
    octets: int | None
    category: str


@record
class HeldLine:
    """A line with what is left on it today, and until when its term runs; None where that is not known."""

    line: str
    carrier: str
    provider: str
    plan: str | None
    today: date
    ends_at: datetime | None
    ends: date | None
    left: tuple[DatedLeft, ...]
    known: bool

    def octets(self, stock: Stock, stay: "Stay") -> int | None:
        """What is there of it when a stay begins; None without a limit."""
        if any(one.octets is None and one.end > stay.first for one in self.left):
            return None
        return sum(units for *_, units in stock) // stay.scale

    def stock(self, stay: "Stay", seller: int) -> Stock:
        """What is there when a stay begins, by days of the stay: until then each day takes what the stay's days need.

        `seller` numbers whose renewal carries the rest, -1 where none does.
        """
        ahead = (stay.first - self.today).days
        stock: Stock = ()
        for one in self.left:
            start, end = (one.start - self.today).days, (one.end - self.today).days
            units = stay.need * (end - start) if one.octets is None else one.octets * stay.scale
            if units > 0 and end > start:
                tag = seller if one.category in CARRIED and one.end == self.ends else -1
                stock = tuple(sorted((*stock, (end, start, tag, units))))
        day = 0
        while day < ahead:
            day, stock = advance(day, stock, stay.need, ahead)
            if day < ahead:  # a day that is not served whole takes what there is
                stock = tuple(entry for entry in stock if entry[1] > day)
                day += 1
        return tuple(
            (end - ahead, max(start - ahead, 0), tag, units) for end, start, tag, units in stock if end > ahead
        )


def held(session: "Session", name: str) -> HeldLine:
    """A line as its document of `balance` shows it: its provider is asked where the last reading is old."""
    table = session.line(name)
    documents, _ = fresh_documents(session, [name], refresh=None)
    return of_document(session, table, documents[0], today(session))


def of_document(session: "Session", table: Mapping[str, Toml], document: BalanceLine, day: date) -> HeldLine:
    """A line as a document of `balance` that is there already shows it, on that day."""
    ends_at = document.expires_at
    ends = None if ends_at is None else local_date(session, ends_at)
    left = []
    for bucket in document.buckets:
        if bucket.usage_type != "data" or bucket.window is not None or bucket.category == "window":
            continue
        start, end = bucket.start, bucket.end
        begins = day if start is None else max(local_date(session, start), day)
        stops = ends if end is None else local_date(session, end)
        waiting = begins > day and bucket.status != "expired"
        if stops is None or stops <= begins or not (bucket.status == "active" or waiting):
            continue
        unlimited, remaining = bucket.unlimited, bucket.remaining
        if unlimited or remaining is not None:
            octets = None if unlimited or remaining is None else max(remaining - bucket.reserved, 0)
            left.append(DatedLeft(begins, stops, octets, bucket.category))
    return HeldLine(
        line=document.line,
        carrier=str(table.get("carrier") or ""),
        provider=str(table["provider"]),
        plan=document.plan or (str(table["plan"]) if "plan" in table else None),
        today=day,
        ends_at=ends_at,
        ends=ends,
        left=tuple(left),
        known=bool(document.buckets) or document.data.remaining_bytes is not None,
    )


def local_date(session: "Session", at: datetime) -> date:
    """The day of an instant in the profile's zone."""
    return at.astimezone(zone(session.zone)).date()
