"""Orders and readings that a compacted ledger no longer carries: how they are asked for, whoever keeps them."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal, Protocol

from esimctl.ledger.facts import ReadingFact
from esimctl.ledger.orders import OrderState
from esimctl.values.record import record

#: fields by which one order is found
OrderField = Literal["id", "request_id", "key", "provider_order"]
#: fields of which it can be asked which values there are
NamedField = Literal["line", "provider"]

NAMED: Final[Mapping[NamedField, Callable[[OrderState], str]]] = {
    "line": lambda order: order.line,
    "provider": lambda order: order.provider,
}


@record
class OrderQuery:
    """Which orders are wanted; what is None (or False) does not matter. `since` is included, `until` is not."""

    lines: frozenset[str] | None = None
    own: bool = False  #: made here; no record from elsewhere
    state: str | None = None
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
            and self.state in (None, order.state)
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

    def names(self, field: NamedField, query: OrderQuery, besides: Collection[int] = ()) -> set[str]:
        """The values of a field of the orders that are wanted, but for those of these numbers."""

    def readings(self, lines: Collection[str] | None = None) -> Iterator[ReadingFact]:
        """Readings by `seq`, of these lines where they are named."""

    def readings_since(self, since: datetime, undone: Collection[int] = ()) -> Iterator[ReadingFact]:
        """Readings at or after an instant, and of every line the last one before it that was not taken back."""
