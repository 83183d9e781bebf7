"""Orders and readings that a compacted ledger no longer carries: how they are asked for, whoever keeps them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal, Protocol

from esimctl.ledger.facts import ReadingFact
from esimctl.ledger.orders import OrderState
from esimctl.values.record import record

#: fields by which one order is found
OrderField = Literal["id", "request_id", "key", "provider_order"]
#: fields of which it can be asked which values there are
NamedField = Literal["line", "provider", "key", "provider_order"]

NAMED: Final[Mapping[NamedField, Callable[[OrderState], str | None]]] = {
    "line": lambda order: order.line,
    "provider": lambda order: order.provider,
    "key": lambda order: order.key,
    "provider_order": lambda order: order.provider_order,
}


@record
class OrderQuery:
    """Which orders are wanted; what is None (or False) does not matter. `since` is included, `until` is not."""

    lines: frozenset[str] | None = None
    own: bool = False  #: made here; no record from elsewhere
    kind: str | None = None  #: new, renew, topup or gift
    provider: str | None = None
    numbers: frozenset[str] | None = None  #: by which the provider has it
    states: frozenset[str] | None = None
    since: datetime | None = None  #: when it was made, or was by a clock that was taken back
    until: datetime | None = None
    moved_since: datetime | None = None  #: made, settled, stated or changed at or after
    charging: bool = False  #: its terms charge what is used beyond its data
    misdated: bool = False  #: made by a clock that was taken back

    def fits(self, order: OrderState) -> bool:
        """Whether an order is wanted."""
        return (
            (self.lines is None or order.line in self.lines)
            and (not self.own or not order.imported)
            and (self.states is None or order.state in self.states)
            and self.kind in (None, order.kind)
            and self.provider in (None, order.provider)
            and (self.numbers is None or order.provider_order in self.numbers)
            and self._was_made(order)
            and self._has_moved(order)
            and (not self.charging or charges_overage(order))
            and (not self.misdated or order.stated_at is not None)
        )

    def _was_made(self, order: OrderState) -> bool:
        made = (order.created_at,) if order.stated_at is None else (order.created_at, order.stated_at)
        return any((self.since is None or at >= self.since) and (self.until is None or at < self.until) for at in made)

    def _has_moved(self, order: OrderState) -> bool:
        if self.moved_since is None:
            return True
        moved = (order.created_at, order.settled_at, order.changed_at, order.stated_at)
        return any(at is not None and at >= self.moved_since for at in moved)


def charges_overage(order: OrderState) -> bool:
    """Whether the terms of an order charge what is used beyond its data."""
    overage = (order.terms or {}).get("overage")
    return isinstance(overage, Mapping) and overage.get("action") == "charge"


EVERY_ORDER: Final = OrderQuery()


def first_of_each(field: NamedField, orders: Iterable[OrderState]) -> dict[str, int]:
    """The values of a field of orders, each with the `seq` of the first that has it."""
    found: dict[str, int] = {}
    for order in orders:
        name = NAMED[field](order)
        if name is not None:
            found[name] = min(found.get(name, order.seq), order.seq)
    return found


class ArchivedFacts(Protocol):
    """What has left a ledger. Lines have the names that they had before entry `as_of`."""

    @property
    def as_of(self) -> int:
        """The `next_seq` by which everything in it is called."""

    def find(self, field: OrderField, value: str, provider: str | None = None) -> OrderState | None:
        """The order of which a field has that value, of that provider where one is named; the newest of several."""

    def orders(self, query: OrderQuery) -> Iterator[OrderState]:
        """The orders that are wanted by `seq`, made one at a time.

        One that has come back to the ledger may be among them as it was.
        """

    def names(self, field: NamedField, query: OrderQuery, besides: Collection[int] = ()) -> dict[str, int]:
        """The values of a field of the orders that are wanted, each with the `seq` of the first that has it.

        Orders with a `seq` of `besides` are left out.
        """

    def readings(self, lines: Collection[str] | None = None) -> Iterator[ReadingFact]:
        """Readings by `seq`, of these lines where they are named."""

    def readings_since(self, since: datetime, undone: Collection[int] = ()) -> Iterator[ReadingFact]:
        """Readings at or after an instant, and of every line the last one before it that was not taken back."""
