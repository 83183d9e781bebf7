"""What came of a purchase: the data that the line's readings show to have come with it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from esimctl.catalogue.holding import RolloverInForce, kept, of_terms
from esimctl.documents.records import CountedClaimRow, DeliveredPart, PromisedPart
from esimctl.ledger.said import number_or_none, text_or_none
from esimctl.providers.lpa import mask
from esimctl.usage.kept import data_buckets
from esimctl.usage.last_reading import reading_of
from esimctl.values.moments import instant
from esimctl.values.volume import Unlimited, parse_volume

if TYPE_CHECKING:
    from esimctl.ledger.facts import ReadingFact
    from esimctl.ledger.orders import OrderState
    from esimctl.providers.protocol import Reading


def promised(order: "OrderState", claims: "Sequence[CountedClaimRow]") -> PromisedPart:
    """The terms as they stood in the order's snapshot (R-61, R-116); a volume or term that it does not name is None."""
    terms = order.terms or {}
    data = terms.get("data")
    volume = None if data is None else parse_volume(str(data), number_or_none(terms, "volume_base") or 1000)
    return PromisedPart(
        data_bytes=volume if isinstance(volume, int) else None,
        unlimited=isinstance(volume, Unlimited),
        validity=text_or_none(terms, "term"),
        rollover=None if order.terms is None else rollover(order).word,
        amount=order.amount,
        terms=None if order.terms is None else plain(terms),
        claims=claims,
    )


def rollover(order: "OrderState") -> RolloverInForce:
    """The rollover that was frozen with the order; of an older one what its terms say."""
    assert order.terms is not None
    return of_terms(order.plan, order.terms) if order.holds is None else kept(order.holds, order.terms)


def delivered(order: "OrderState", facts: "Sequence[ReadingFact]", until: datetime | None) -> DeliveredPart:
    """What arrived. `facts` are the line's readings, `until` is when it was bought for again."""
    came = arrived(order, [reading_of(fact) for fact in facts], until)
    octets, at = came if came is not None else (None, None)
    return DeliveredPart(
        confirmed_by=order.confirmed_by,
        settled_at=order.settled_at,
        iccid=None if order.iccid is None else mask(order.iccid),
        use_by=order.use_by,
        expires_at=order.expires_at,
        data_bytes=octets,
        seen_at=at,
    )


def arrived(order: "OrderState", readings: "Sequence[Reading]", until: datetime | None) -> tuple[int, datetime] | None:
    """Octets of the data that is new in the first reading after the purchase which shows any, and when it was read."""
    if order.settled_at is None:
        return None
    known: set[str] = set()
    for reading in readings:
        if reading.at < order.settled_at:
            known |= {bucket.id for bucket in reading.buckets}
        elif until is not None and reading.at >= until:
            return None
        elif reading.buckets:
            new = [b for b in data_buckets(reading.buckets) if b.id not in known and b.category != "rollover"]
            if new and all(bucket.granted is not None for bucket in new):
                return sum(bucket.granted or 0 for bucket in new), reading.at
        elif order.kind == "new" and reading.granted_bytes is not None:
            return reading.granted_bytes, reading.at
    return None


def differences(order: "OrderState", wanted: PromisedPart, came: DeliveredPart) -> list[str]:
    """What was not as promised, one word each: price, data, undelivered."""
    found = []
    if order.paid is not None and order.paid != order.price:
        found.append("price")
    if wanted.data_bytes is not None and came.data_bytes not in (None, wanted.data_bytes):
        found.append("data")
    if order.state == "accepted" and order.charged:
        found.append("undelivered")
    return found


def plain(value: Any) -> Any:
    """A table of the journal as JSON."""
    if isinstance(value, datetime):
        return instant(value)
    if hasattr(value, "items"):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
