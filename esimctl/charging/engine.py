"""The engine: events in, books out. It keeps what it was told, so that late news can be worked in from the start."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter

from esimctl.charging.balances import LineBalance, PoolBalance
from esimctl.charging.contracts import Subscriber
from esimctl.charging.entries import Deed, KeptEvent, KeptUse, Refusal
from esimctl.charging.events import Event, Gift, Leave, Observe, Renew, Reserve, Share, Use
from esimctl.charging.lines import Line, Source, new_pool
from esimctl.charging.performing import HANDLERS
from esimctl.charging.setup import Setup
from esimctl.charging.views import line_balance, pool_balance


class State:
    """What an engine's books say now. Views are made when asked for."""

    __slots__ = ("engine",)

    def __init__(self, engine: "Engine") -> None:
        self.engine = engine

    @property
    def at(self) -> datetime:
        """The instant to which the books have come."""
        return self.engine.now

    def line(self, name: str, *, story: bool = True) -> LineBalance:
        """One line, without its movements where no `story` is wanted; ChargingError for a name that nobody has."""
        return line_balance(self.engine.line(name), self.engine.now, story=story)

    def pool(self, name: str) -> PoolBalance:
        """One pool; raises ChargingError for a name that nobody has."""
        members = self.engine.setup.pools[name].members if name in self.engine.setup.pools else ()
        return pool_balance(self.engine.pool(name), members, self.engine.now)

    def lines(self) -> tuple[LineBalance, ...]:
        """Every line in the order of the setup."""
        return tuple(self.line(name) for name in self.engine.setup.lines)


class ChargingError(ValueError):
    """An event that does not fit: unknown line, out of order, or not an event at all."""


class LineGroup:
    """Lines and pools that depend on each other; what they were told is kept in the order in which it counts."""

    __slots__ = ("dirty", "entries", "facts", "lines", "pools")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pools: list[str] = []
        self.entries: list[KeptEvent | KeptUse] = []
        self.dirty = False
        self.facts = False


_KEY = attrgetter("key")


class Engine:
    """Books of any number of lines. Feed it events in the order in which they become known; ask `state` at any time.

    The same inputs give the same books, in one run or in many. Nothing outside is read: no clock, no file.
    """

    def __init__(self, setup: Setup, *, journal: bool = True) -> None:
        self.setup = setup
        self.journal = journal
        self.now = setup.start
        self.lines: dict[str, Line] = {}
        self.pools: dict[str, Subscriber] = {}
        self.groups: dict[str, LineGroup] = {}
        self.seq = 0
        self.shortage = 0
        self.early: list[KeptEvent] = []
        for name in setup.lines:
            group = self.groups[name] = LineGroup()
            group.lines.append(name)
        for name, pool in setup.pools.items():
            members = [member for member in pool.members if member in setup.lines]
            group = self.groups[members[0]] if members else LineGroup()
            for member in members[1:]:
                group = self._join(group, self.groups[member])
            group.pools.append(name)
            self.groups[f"pool {name}"] = group
        for group in {id(group): group for group in self.groups.values()}.values():
            self._begin(group)

    # -- events

    def apply(self, event: Event) -> Refusal | None:
        """Take one event in; None when it was accepted, else why it was refused, the books being as they were.

        Raises ChargingError for an event before the last one, a negative volume or a name that nobody has.
        """
        at = event.at
        if at < self.now:
            raise ChargingError("events are taken in the order in which they happen")
        line = self.lines.get(event.line)
        if line is None:
            raise ChargingError(f"unknown line {event.line!r:.40}")
        group = self.groups[event.line]
        self.now = at
        self.seq = seq = self.seq + 1
        if type(event) is Use:
            dated = event.dated
            if event.octets < 0 or (dated is not None and not self.setup.start <= dated <= at):
                raise ChargingError("usage is not negative, and not of a time outside the books")
            entry = KeptUse(event, seq)
            if group.dirty or (dated is not None and dated != at):
                self._late_use(group, entry)
                return None
            group.entries.append(entry)  # what was told before counts before it
            if line.due <= at:
                line.advance(at)
            line.use(event.octets, at)
            return None
        return self._apply_other(group, KeptEvent((at, 1, seq), event), line)

    def _apply_other(self, group: LineGroup, entry: KeptEvent, line: Line) -> Refusal | None:
        event = entry.event
        if getattr(event, "octets", 0) < 0 or getattr(event, "fee", 0) < 0:
            raise ChargingError("a volume is not negative")
        other = event.to if isinstance(event, Gift) else event.source if isinstance(event, Share) else None
        if other is not None and other in self.lines:
            self._settle(group)
            self._settle(self.groups[other])
            group = self._join(group, self.groups[other])
        elif other is not None and other not in self.pools:
            raise ChargingError(f"unknown line {other!r:.40}")
        elif other is not None:
            self._settle(self.groups[f"pool {other}"])
            group = self._join(group, self.groups[f"pool {other}"])
        if isinstance(event, Leave) and event.source not in self.pools and event.source not in self.lines:
            raise ChargingError(f"unknown pool {event.source!r:.40}")
        self._settle(group)
        if self._comes_too_late(line, entry) or (group.entries and group.entries[-1].key > entry.key):
            self._insert(group, entry)
            self._replay(group)
        else:
            group.entries.append(entry)
            self._perform(entry)
        self._work_in_releases(group)
        if entry.refusal is None and isinstance(event, (Gift, Reserve, Observe)):
            group.facts = True
        return entry.refusal

    def _comes_too_late(self, line: Line, entry: KeptEvent) -> bool:
        """A renewal exactly on a boundary counts with it; whether that boundary has been settled without it already."""
        event = entry.event
        if not isinstance(event, Renew) or event.fails or event.completes not in (None, event.at):
            return False
        line.advance_before(event.at)
        contract, settled = line.current, line.last_term_end == event.at
        if settled or (contract is not None and not contract.waiting and contract.term_end == event.at):
            entry.key = (event.at, 0, entry.key[2])
        return settled

    def advance(self, until: datetime) -> None:
        """Let time pass: everything that is due until then, that instant included, will have happened."""
        if until < self.now:
            raise ChargingError("time does not run backwards")
        self.now = until

    def state(self) -> "State":
        """The books as they stand now; the answer moves on with the engine."""
        return State(self)

    def line(self, name: str) -> Line:
        """A line brought up to now."""
        if name not in self.lines:
            raise ChargingError(f"unknown line {name!r:.40}")
        self._settle(self.groups[name])
        line = self.lines[name]
        line.advance(self.now)
        for source in line.sources:
            source.account.advance(self.now)
        return line

    def pool(self, name: str) -> Subscriber:
        """A pool brought up to now."""
        if name not in self.pools:
            raise ChargingError(f"unknown pool {name!r:.40}")
        self._settle(self.groups[f"pool {name}"])
        pool = self.pools[name]
        pool.advance(self.now)
        return pool

    def fork(self, line: str) -> "Engine":
        """An engine of its own with the same past of one line and what depends on it; the verdicts stand."""
        self._settle(self.groups[line])
        old = self.groups[line]
        lines = {name: self.setup.lines[name] for name in old.lines}
        pools = {name: self.setup.pools[name] for name in old.pools}
        twin = Engine(Setup(self.setup.zone, self.setup.start, lines, pools, self.setup.volume_base), journal=False)
        group = twin.groups[old.lines[0]]
        for name in old.lines[1:]:
            group = twin._join(group, twin.groups[name])
        group.entries = [entry.copy() for entry in old.entries]
        group.facts, twin.seq, twin.now = old.facts, self.seq, self.now
        twin._replay(group)
        return twin

    # -- beginnings

    def _begin(self, group: LineGroup) -> None:
        start, zone = self.setup.start, self.setup.zone
        for name in group.pools:
            self.pools[name] = new_pool(name, self.setup, self.journal)
        for name in group.lines:
            given = self.setup.lines[name]
            line = Line(name, zone, self.journal, auto_renew=given.auto_renew, main_balance=given.main_balance)
            self.lines[name] = line
            for bucket in given.buckets:
                line.hold(bucket, start)
            if given.terms is not None:
                if given.terms.starts_on == "purchase":
                    line.buy(given.terms, start)
                else:
                    line.pending = (given.terms, start)
            line.reckon()
        for name in self.setup.pools:
            if name in group.pools:
                pool = self.setup.pools[name]
                for member, cap in pool.members.items():
                    self.lines[member].sources.append(Source(self.pools[name], cap, pool.strategy == "pool-first"))

    def _join(self, one: LineGroup, other: LineGroup) -> LineGroup:
        if one is other:
            return one
        one.lines += other.lines
        one.pools += other.pools
        if other.entries:
            one.entries = sorted(one.entries + other.entries, key=_KEY)
        one.dirty, one.facts = one.dirty or other.dirty, one.facts or other.facts
        for name, group in self.groups.items():
            if group is other:
                self.groups[name] = one
        return one

    # -- late news

    def _insert(self, group: LineGroup, entry: KeptEvent | KeptUse) -> None:
        group.entries.insert(bisect_right(group.entries, entry.key, key=_KEY), entry)

    def _late_use(self, group: LineGroup, entry: KeptUse) -> None:
        if not group.facts:
            self._insert(group, entry)
            group.dirty = True
            return
        self._settle(group)
        before = self._shortage_with(group)
        self._insert(group, entry)
        short = self._shortage_with(group) - before
        octets = entry.event.octets
        if short <= 0:
            return
        enough, too_much, step = 0, octets, 1
        guess = octets - short
        while too_much - enough > 1:
            guess = min(max(guess, enough + 1), too_much - 1)
            entry.most = guess
            if self._shortage_with(group) <= before:
                enough, guess, step = guess, guess + step, step * 2
            else:
                too_much, guess = guess, (enough + guess) // 2
        entry.most = enough
        self._replay(group)

    def _shortage_with(self, group: LineGroup) -> int:
        self._replay(group)
        return self.shortage

    def _settle(self, group: LineGroup) -> None:
        if group.dirty:
            self._replay(group)

    def _replay(self, group: LineGroup) -> None:
        """Work everything out anew from the start, as if it had all been known; verdicts given before stand."""
        group.dirty = False
        self.shortage = 0
        self._begin(group)
        for entry in group.entries:
            self._perform(entry)

    def _work_in_releases(self, group: LineGroup) -> None:
        for _ in range(8):
            if not self.early:
                return
            early, self.early = self.early, []
            for entry in early:
                self._insert(group, entry)
            self._replay(group)
        self.early = []

    def _perform(self, entry: KeptEvent | KeptUse) -> None:
        if isinstance(entry, KeptUse):
            use = entry.event
            at = use.at if use.dated is None else use.dated
            line = self.lines[use.line]
            if line.due <= at:
                line.advance(at)
            line.use(use.octets, at, entry.most)
            return
        at, phase, _ = entry.key
        line = self.lines[entry.event.line]
        if phase > 0:
            line.advance(at)
        else:
            line.advance_before(at)
        HANDLERS[type(entry.event)](Deed(self, line, entry, entry.event, at))
        line.reckon()


def run(setup: Setup, events: Iterable[Event], until: datetime, *, journal: bool = True) -> State:
    """Play events in the order of their instants, then let time pass; the books at `until`."""
    engine = Engine(setup, journal=journal)
    for event in sorted(events, key=attrgetter("at")):
        if event.at > until:
            break
        engine.apply(event)
    engine.advance(until)
    return engine.state()
