"""A household's books kept by hand: packs, terms, what is carried and given, with arithmetic of their own.

Nothing of the program is used here. Data is in octets, money in cents, instants are local ones of a zone without summer
time, so that a calendar is all that is needed.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

GB = 1_000_000_000
GIFT, CARRIED, BASE, PACK = 20, 30, 40, 50  #: what is used first: the smaller number


@dataclass(frozen=True)
class Plan:
    """What a plan gives. `months` or `days` long; `keep` months of carried data, at most `most` octets of it."""

    name: str
    cents: int
    data: int
    days: int = 0
    months: int = 0
    keep: int = 0
    most: int = 0
    beside: bool = False  #: bought early it begins at once, beside what is there; else it waits for its turn

    def end(self, anchor: datetime, number: int) -> datetime:
        """The end of the term with that number, the first being 1, counted from the anchor."""
        if not self.months:
            return anchor + timedelta(days=self.days * number)
        return months_later(anchor, self.months * number)


def months_later(anchor: datetime, months: int) -> datetime:
    """The same day of a later month, or its last."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, last))


@dataclass
class Pack:
    """Some data with its end."""

    rank: int
    left: int
    begin: datetime
    end: datetime


@dataclass
class Line:
    """One line: the plan that runs, what waits behind it, and every pack."""

    name: str
    plan: Plan
    anchor: datetime | None = None  #: None: no plan runs
    number: int = 0  #: of the term that runs
    waiting: int = 0
    over: datetime | None = None  #: when the last plan ended without another
    packs: list[Pack] = field(default_factory=list)
    lapses: list[datetime] = field(default_factory=list)

    @property
    def ends(self) -> datetime | None:
        """When the plan ends with what waits behind it; of a plan that is over, when it did."""
        return self.over if self.anchor is None else self.plan.end(self.anchor, self.number + self.waiting)

    def renew(self, now: datetime) -> None:
        """Buy the line's plan: at the end of the present term, beside it, or from now on."""
        self.settle(now)
        if self.anchor is not None and not self.plan.beside:
            self.waiting += 1
            return
        self.anchor, self.number, self.over = now, 1, None
        self.packs.append(Pack(BASE, self.plan.data, now, self.plan.end(now, 1)))

    def add(self, octets: int, days: int, now: datetime) -> None:
        """A pack that comes at once, with an end of its own."""
        self.settle(now)
        self.packs.append(Pack(PACK, octets, now, now + timedelta(days=days)))

    def settle(self, now: datetime) -> None:
        """Everything that has ended by now, in the order of its ends."""
        while self.anchor is not None and (end := self.plan.end(self.anchor, self.number)) <= now:
            self._turn(end)
        self.packs = [pack for pack in self.packs if pack.end > now]

    def _turn(self, at: datetime) -> None:
        """The term ends: the next one begins and takes over what may be carried, or all of it is gone."""
        assert self.anchor is not None
        closing = sum(pack.left for pack in self.packs if pack.rank == BASE and pack.end == at)
        self.packs = [pack for pack in self.packs if pack.end > at]
        if not self.waiting:
            self.lapses.append(at)
            self.over, self.anchor, self.number = at, None, 0
            if not self.plan.beside:
                self.packs = [pack for pack in self.packs if pack.rank != CARRIED]
            return
        if self.plan.keep and closing:
            self.packs.append(Pack(CARRIED, closing, at, self.plan.end(self.anchor, self.number + self.plan.keep)))
        self._trim()
        self.waiting -= 1
        self.number += 1
        self.packs.append(Pack(BASE, self.plan.data, at, self.plan.end(self.anchor, self.number)))

    def _trim(self) -> None:
        carried = sorted((pack for pack in self.packs if pack.rank == CARRIED), key=lambda pack: (pack.end, pack.begin))
        over = sum(pack.left for pack in carried) - self.plan.most
        for pack in carried:
            cut = max(0, min(pack.left, over))
            pack.left -= cut
            over -= cut

    def left(self, now: datetime) -> int:
        """What can be used now."""
        self.settle(now)
        return sum(pack.left for pack in self.packs)

    def use(self, octets: int, now: datetime) -> None:
        """Use data, the pack that goes first first; never more than there is."""
        self.settle(now)
        for pack in sorted(self.packs, key=lambda pack: (pack.rank, pack.end, pack.begin)):
            part = min(pack.left, octets)
            pack.left -= part
            octets -= part
        assert octets == 0

    def own(self, now: datetime) -> int:
        """What is left of the plan's own data: it may be given away."""
        self.settle(now)
        return sum(pack.left for pack in self.packs if pack.rank == BASE)

    def give(self, other: "Line", octets: int, now: datetime) -> None:
        """Give away some of the plan's own data; it ends there when it would have ended here."""
        other.settle(now)
        (pack,) = (pack for pack in self.packs if pack.rank == BASE)
        pack.left -= octets
        other.packs.append(Pack(GIFT, octets, now, pack.end))


@dataclass(frozen=True)
class Paid:
    """Money for one thing, by the day on which it went."""

    day: str
    line: str
    kind: str
    plan: str
    cents: int


@dataclass
class Rule:
    """A standing order as a person would follow it: at most one try a run, none while it sleeps."""

    name: str
    line: str
    plan: str
    cents: int
    kind: str  #: renew or topup
    failures: int = 0
    asleep: bool = False


@dataclass
class Renewal(Rule):
    """Renew in the last days of the plan, or after it; nothing while a renewal waits for its turn."""

    lead: int = 0

    def due(self, line: Line, now: datetime) -> bool:
        line.settle(now)
        return line.waiting == 0 and line.ends is not None and now >= line.ends - timedelta(days=self.lead)


@dataclass
class Weekly(Rule):
    """Once for each week that has begun, however many were missed."""

    first: datetime | None = None
    bought: datetime | None = None

    def due(self, _line: Line, now: datetime) -> bool:
        if self.first is None or now < self.first:
            return False
        return self.bought is None or self.bought < self.first + (now - self.first) // WEEK * WEEK


WEEK = timedelta(days=7)


@dataclass
class Low(Rule):
    """When so little is left, within so many cents a month: of the calendar, and any 31 days."""

    below: int = 0
    month: int = 0
    spent: list[datetime] = field(default_factory=list)

    def due(self, line: Line, now: datetime) -> bool:
        first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        room = all(
            self.cents * (1 + sum(at >= since for at in self.spent)) <= self.month
            for since in (first, now - timedelta(days=31))
        )
        return line.left(now) <= self.below and room


def in_turn(rules: list[Renewal | Weekly | Low], line: str) -> Iterator[Renewal | Weekly | Low]:
    """The rules of a line: what ends is renewed before anything is added, what has its day comes before what is low."""
    for kind in (Renewal, Weekly, Low):
        yield from (rule for rule in rules if rule.line == line and isinstance(rule, kind))


__all__ = ["GB", "Line", "Low", "Paid", "Plan", "Renewal", "Rule", "Weekly", "in_turn", "months_later"]
