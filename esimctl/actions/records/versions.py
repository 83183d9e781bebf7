"""How often the dates of each line have changed, and when last: the versions of its events, from one walk of the books.

The same facts give the same versions, whenever and from however compacted a ledger they are counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from esimctl.ledger.facts import ReadingFact
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState

#: what an event is made of → the part of a reading that decides it
PARTS = ("expires_at", "use_by", "carried", "renew_by")


class Version(NamedTuple):
    """`sequence` grows with every change, `stamp` is the instant of the last one."""

    sequence: int = 0
    stamp: datetime | None = None


@dataclass(slots=True)
class History:
    """Of one line: its last order that stands, and what its dates are made of."""

    last_order: "OrderState | None" = None
    settled: int = 0
    settled_at: datetime | None = None
    read: bool = False  #: its provider answers for it: what an order changed is in the readings
    versions: dict[str, Version] = field(default_factory=dict)

    def version(self, part: str, born: datetime | None) -> Version:
        """Of the events that this part decides; of a line that nobody answers for its orders count, too."""
        sequence, stamp = self.versions.get(part, Version())
        if self.read:
            return Version(sequence, stamp or born)
        stamps = [at for at in (stamp, self.settled_at) if at is not None]
        return Version(sequence + self.settled, max(stamps, default=born))


def histories(ledger: "Ledger") -> dict[str, History]:
    """line → its history; every order and reading is looked at once, and of a reading only its dates are kept."""
    found: dict[str, History] = {}
    for order in ledger.records():
        if order.settled_at is not None and not order.imported:
            history = found.setdefault(order.line, History())
            history.settled += 1
            history.settled_at = max(order.settled_at, history.settled_at or order.settled_at)
            if order.state == "settled":
                history.last_order = order
    told: dict[str, dict[int, tuple[datetime, bool, tuple[Any, ...]]]] = {}
    for line, fact in readings(ledger):
        kept = (fact.data.get("renew_by"), fact.data.get("lost_if_not_bytes"))
        parts = (fact.data.get("expires_at"), fact.data.get("use_by"), carried(fact.data), kept)
        told.setdefault(line, {})[fact.seq] = (fact.at, fact.source == "provider", parts)
    for line, rows in told.items():
        count_changes(found.setdefault(line, History()), [rows[seq] for seq in sorted(rows)])
    return found


def readings(ledger: "Ledger") -> "Iterator[tuple[str, ReadingFact]]":
    """(present name of its line, reading), in no order."""
    if ledger.elders is not None:
        for as_of, fact in ledger.elders.readings():
            yield ledger.renamed(as_of, fact.line), fact
    for line, facts in ledger.readings.items():
        yield from ((line, fact) for fact in facts)


def count_changes(history: History, rows: list[tuple[datetime, bool, tuple[Any, ...]]]) -> None:
    """A reading that states something else than the one before is a new version of that part."""
    before: tuple[Any, ...] = (None, None, (), (None, None))
    for at, by_provider, parts in rows:
        history.read = history.read or by_provider
        for name, old, new in zip(PARTS, before, parts, strict=True):
            if new != old:
                history.versions[name] = Version(history.versions.get(name, Version()).sequence + 1, at)
        before = parts


def carried(data: Mapping[str, Any]) -> tuple[tuple[Any, ...], ...]:
    """The carried buckets of a reading: what the events about them say."""
    buckets = [bucket for bucket in data.get("buckets", ()) if bucket.get("category") == "rollover"]
    return tuple((bucket.get("id"), bucket.get("end"), bucket.get("remaining")) for bucket in buckets)


__all__ = ["History", "Version", "histories"]
