"""Which orders a report reads: those of its months, and of a line no more than what became of its data asks for."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from typing import TYPE_CHECKING

from esimctl.ledger.archived import OrderQuery
from esimctl.records.report_rows import Months

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState


def concerned(ledger: "Ledger", span: Months) -> "Iterator[OrderState]":
    """The orders whose money is in a report of these months, oldest first: what moved in them, and records that explain
    a charge of somebody else.
    """
    numbers = frozenset(fact.provider_order for fact in ledger.foreign.values() if span.of(fact.at) is not None)
    queries = OrderQuery(moved=(span.start, span.end)), OrderQuery(numbers=numbers)
    last = None
    for order in merge(*map(ledger.select, queries), key=lambda order: order.seq):
        if order.seq != last:
            yield order
        last = order.seq


def gifts(ledger: "Ledger") -> "Iterator[OrderState]":
    """Every order that gave data to another line, oldest first."""
    return ledger.select(OrderQuery(own=True, kind="gift"))


def taken_back(ledger: "Ledger") -> frozenset[str]:
    """Lines whose purchase was given back, with what it had brought."""
    bought = ledger.select(OrderQuery(own=True, kind="new", states=frozenset(["refunded"])))
    return frozenset(order.line for order in bought if order.given_back)


class LineOrders:
    """The orders of lines, read when they are asked for, and only once."""

    def __init__(self, ledger: "Ledger") -> None:
        self._ledger = ledger
        self._known: dict[str, list[OrderState]] = {}

    def read(self, lines: Iterable[str]) -> None:
        """Read all of these lines at once."""
        found: dict[str, list[OrderState]] = {line: [] for line in lines}
        for order in self._ledger.select(OrderQuery(lines=frozenset(found))) if found else ():
            found[order.line].append(order)
        self._known |= found

    def every(self, line: str) -> "list[OrderState]":
        """Every order of a line, records from elsewhere among them, oldest first."""
        if line not in self._known:
            self._known[line] = list(self._ledger.select(OrderQuery(lines=frozenset([line]))))
        return self._known[line]

    def own(self, line: str) -> "list[OrderState]":
        """Every order of a line that was made here, oldest first."""
        return [order for order in self.every(line) if not order.imported]

    def settled_since(self, line: str, since: datetime | None) -> "Iterator[OrderState]":
        """The orders of a line that were made here and settled at or after an instant (ever), oldest first."""
        wanted = OrderQuery(lines=frozenset([line]), own=True, settled_since=since)
        if since is None or line in self._known:
            return filter(wanted.fits, self.every(line))
        return self._ledger.select(wanted)
