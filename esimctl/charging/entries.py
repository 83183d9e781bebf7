"""Events as the engine keeps them: where each counts, and the verdict that stands when all is worked out anew."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from esimctl.charging.events import Event, Use
from esimctl.charging.lines import Line

if TYPE_CHECKING:
    from esimctl.charging.contracts import Subscriber

#: Why an event was refused, in a few words.
Refusal = str
Key = tuple[datetime, int, int]


class KeptEvent:
    """An event with the place at which it counts, and what was decided about it.

    The key is (instant, phase, sequence): phase -1 counts before the boundary of its instant, 0 with it, 1 after it.
    """

    __slots__ = ("bucket", "decided", "early", "event", "key", "most", "raised", "refusal")

    def __init__(self, key: Key, event: "Event | FreedEarlier") -> None:
        self.key = key
        self.event: Any = event
        self.decided = False
        self.refusal: Refusal | None = None
        self.most: int | None = None
        self.raised = 0
        self.early: dict[str, int] | None = None
        self.bucket: str | None = None

    def copy(self) -> "KeptEvent":
        """A twin for another engine."""
        twin = KeptEvent(self.key, self.event)
        twin.decided, twin.refusal, twin.most = self.decided, self.refusal, self.most
        twin.raised, twin.early, twin.bucket = self.raised, dict(self.early) if self.early else None, self.bucket
        return twin


class KeptUse:
    """Usage as the engine keeps it: there may be millions, and nothing is decided about it but the `most` of it."""

    __slots__ = ("event", "most", "seq")

    def __init__(self, event: Use, seq: int) -> None:
        self.event = event
        self.seq = seq
        self.most: int | None = None

    @property
    def key(self) -> Key:
        """The place at which it counts, as that of every event."""
        dated = self.event.dated
        return self.event.at if dated is None else dated, 1, self.seq

    def copy(self) -> "KeptUse":
        """A twin for another engine."""
        twin = KeptUse(self.event, self.seq)
        twin.most = self.most
        return twin


class FreedEarlier:
    """Reserved data that was released after its bucket had ended: the boundary is worked out anew with it."""

    __slots__ = ("at", "line", "octets")

    def __init__(self, at: datetime, line: str, octets: int) -> None:
        self.at, self.line, self.octets = at, line, octets


class EngineBooks(Protocol):
    """What an event may touch beside its own line: the books of an engine."""

    lines: dict[str, Line]
    pools: "dict[str, Subscriber]"
    shortage: int
    early: list[KeptEvent]


class Deed:
    """One event being done: in which books, to which line, at which instant it counts."""

    __slots__ = ("at", "engine", "entry", "event", "line")

    def __init__(self, engine: EngineBooks, line: Line, entry: KeptEvent, event: Any, at: datetime) -> None:
        self.engine, self.line, self.entry, self.event, self.at = engine, line, entry, event, at

    def refused(self, reason: Refusal | None) -> bool:
        """Decide once; True when the event must change nothing."""
        if not self.entry.decided:
            self.entry.decided = True
            self.entry.refusal = reason
        return self.entry.refusal is not None
