"""Our orders beside what a provider's own books say: asked once, matched by wire key or the provider's number."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from esimctl.errors import EsimctlError
from esimctl.ledger.orders import CLOSED
from esimctl.profile.deadline import Deadline
from esimctl.values.money import Money
from esimctl.values.record import field, record, replace
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Provider, ProviderOrder

#: an order may stand in the provider's books this much before it stands in ours
SKEW = timedelta(days=2)

#: how far back somebody else's orders matter: longer than any limit's window
HORIZON = timedelta(days=62)

#: words of providers for an order that came to nothing
NOTHING = frozenset({"refused", "rejected", "failed", "cancelled", "canceled", "cancel", "voided"})

#: and for one that was paid back
PAID_BACK = frozenset({"refunded"})

#: the reason of an order that a person closed: what the seller says against it is told, not done
BY_HAND = "not_charged"

PARTLY = "partially_refunded"  #: a provider's word for an order of whose money a part came back; it tells no charges


@record(frozen=False)
class Listing:
    """What a provider said. `orders` and `balance` are None where it keeps none, or where it could not be asked."""

    name: str
    provider: "Provider | None" = None
    orders: "tuple[ProviderOrder, ...] | None" = None
    balance: Money | None = None
    failure: EsimctlError | None = None


@record(frozen=False)
class Match:
    """An order of ours and what its provider lists for it."""

    order: "OrderState"
    theirs: "ProviderOrder"
    copies: int = 1  #: orders there for this one of ours

    @property
    def booked(self) -> Money | None:
        """What our books say was taken: None while nobody knows."""
        if self.order.open or self.order.state == "refunding":
            return None
        refund = self.order.refund
        if refund is not None:
            paid = self.order.counted
            return Money(paid.minor - refund.minor, paid.currency) if refund.currency == paid.currency else None
        if self.order.state in CLOSED or self.order.kind == "gift":
            return Money(0, self.order.price.currency)
        return self.order.counted

    @property
    def extra(self) -> tuple[Money, ...]:
        """Charges beyond the one that was due: the same amount taken again, or any at all for a refused order."""
        booked = self.booked
        charges = self.theirs.charges
        if booked is not None and not charges and self.copies > 1:  # no list of charges there, but two orders
            return (booked,) * (self.copies - 1) if booked.minor else ()
        if booked is None or not charges or total(charges) == {booked.currency: booked.minor}:
            return ()
        if any(charge.minor < 0 for charge in charges):  # something was given back there
            return ()
        if booked.minor == 0:
            return charges
        return charges[1:] if len(charges) > 1 and charges[0] == booked else ()

    @property
    def other_amount(self) -> Money | None:
        """What was charged, where that is not what our books say; extra charges are not meant."""
        booked = self.booked
        if booked is None or not self.theirs.charges or self.extra:
            return None
        sums = total(self.theirs.charges)
        if len(sums) != 1 or sums == {booked.currency: booked.minor}:
            return None
        currency, minor = next(iter(sums.items()))
        return Money(minor, currency)


@record(frozen=False)
class Comparison:
    """Both sides of one provider."""

    listing: Listing
    matches: list[Match] = field(default_factory=list)
    strangers: "list[ProviderOrder]" = field(default_factory=list)  #: in the provider's books, not in ours
    unlisted: "list[OrderState]" = field(default_factory=list)  #: settled here, not in the provider's books


def total(charges: tuple[Money, ...]) -> dict[str, int]:
    """currency → minor units."""
    sums: dict[str, int] = {}
    for charge in charges:
        sums[charge.currency] = sums.get(charge.currency, 0) + charge.minor
    return sums


def ask(session: "Session", name: str, since: datetime, deadline: Deadline) -> Listing:
    """A provider's order list and balance; what keeps it from answering is kept beside what it did say."""
    listing = Listing(name)
    now = session.clock.now()
    try:
        session.progress(Sentence("asking {name}", {"name": Raw(name)}))
        listing.provider = session.provider(name)
        found = listing.provider.orders(since, now, deadline=max(1.0, deadline.left))
        listing.orders = None if found is None else tuple(found)
        listing.balance = listing.provider.account_balance(now, deadline=max(1.0, deadline.left))
    except EsimctlError as error:
        listing.failure = error
    return listing


def compare(ledger: "LedgerState", listing: Listing, since: datetime) -> Comparison:
    """Match a provider's orders with ours."""
    compared = Comparison(listing)
    if listing.orders is None:
        return compared
    ours = [order for order in ledger.all_orders() if order.provider == listing.name]
    by_key = {order.key: order for order in ours}
    by_number = {order.provider_order: order for order in ours if order.provider_order is not None}
    matched: dict[str, Match] = {}
    for theirs in listing.orders:
        order = by_key.get(theirs.key or "") or by_number.get(theirs.provider_order)
        if order is not None and order.id in matched:  # two orders there for one of ours
            first = matched[order.id]
            first.theirs = replace(first.theirs, charges=first.theirs.charges + theirs.charges)
            first.copies += 1
        elif order is not None:
            matched[order.id] = Match(order, theirs)
        elif not came_to_nothing(theirs):
            compared.strangers.append(theirs)
    compared.matches = list(matched.values())
    kinds = {"new", *(theirs.kind for theirs in listing.orders)}  # a list may leave out what only adds to a line
    compared.unlisted = [
        order
        for order in ours
        if order.state == "settled" and order.kind in kinds and order.id not in matched and order.since >= since + SKEW
    ]
    return compared


def came_to_nothing(theirs: "ProviderOrder") -> bool:
    """Nothing was taken for it: refused, or a gift between lines."""
    return not theirs.charges and (theirs.kind == "gift" or (theirs.status or "").lower() in NOTHING)


def exists_after_all(match: Match) -> bool:
    """Whether the seller has an order of ours that came to nothing here, and did not come to nothing there."""
    status = (match.theirs.status or "").lower()
    return match.order.state in CLOSED and match.order.kind != "gift" and status not in NOTHING | PAID_BACK


def adopted(lines: Mapping[str, Mapping[str, Toml]], provider: str, theirs: "ProviderOrder") -> bool:
    """Whether the person has taken the line that this order delivered into the profile."""
    for table in lines.values():
        if table.get("provider") != provider:
            continue
        if table.get("order") == theirs.provider_order:
            return True
        if theirs.kind == "new" and theirs.iccid is not None and table.get("iccid") == theirs.iccid:
            return True
    return False


def first_instant(ledger: "LedgerState", now: datetime, *, everything: bool = False) -> datetime:
    """From when on a provider's orders are compared: the window of the limits, and whatever is still open."""
    orders = ledger.all_orders() if everything else ledger.open_orders()
    oldest = min((order.since for order in orders), default=now)
    return min(oldest - SKEW, now - HORIZON)


OWN_CREDIT = "provider-balance"


def wallet_methods(session: "Session", ledger: "LedgerState", provider: str) -> list[str]:
    """The payment methods that draw on the account's own credit, the profile's first; at least one name."""
    named = [
        name
        for name, table in session.section("payment").items()
        if table.get("kind") == OWN_CREDIT and table.get("provider") == provider
    ]
    used = [o.method for o in ledger.all_orders() if o.provider == provider and o.method_kind == OWN_CREDIT]
    return list(dict.fromkeys([*named, *used, f"{provider}-balance"]))  # the last: where it may have been opened
