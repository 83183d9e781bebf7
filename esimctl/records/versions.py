"""When an event of a line changed last: found by going back through the books, fact by fact, until it was another.

A fact is an entry that may move dates: an order, a reading, a birth, a tie, a word on the terms, another name. The
number of an event is how many facts its line had then, and how many seconds it had lived: both only grow, so that a
later version has the higher number. The same journal gives the same numbers, however compacted it is.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from esimctl.charging.events import Purchase, Renew
from esimctl.documents.exported import CalendarEvent
from esimctl.ledger.said import tables
from esimctl.records.subjects import KnownLine, Subject, of_line, subject_of
from esimctl.usage.last_reading import reading_of
from esimctl.usage.modelled import beside, is_modelled, reading_of_model
from esimctl.usage.playing import SAME, played
from esimctl.usage.present import MOST, order_place, place, worked_out
from esimctl.usage.story import company, happenings, stands, words_on
from esimctl.values.record import field, record, replace
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.facts import ReadingFact, RestatedFact
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session
    from esimctl.usage.story import Happening

PLAYS = 64  #: stories that are played for one line at most: beyond, an event counts as changed by the fact it came to
TURNS = 32  #: instants at which time alone changes something, between two facts, that are looked at
TERMS = frozenset({"new", "renew"})  #: kinds of orders that begin a term

Noted = tuple[datetime, int]  #: when a fact became known, and the number of its entry
Events = dict[str, CalendarEvent]  #: uid → event, without its version


class Point(NamedTuple):
    """A fact. `sure` is false of one of which nobody can say any more what was known before it."""

    noted: Noted
    sure: bool = True


@record(frozen=False)
class LineHistory:
    """Of one line, as they became known; the last orders alone, of any number."""

    points: list[Point] = field(default_factory=list)
    orders: "deque[OrderState]" = field(default_factory=lambda: deque(maxlen=MOST))
    looks: "list[ReadingFact]" = field(default_factory=list)


def gathered(ledger: "Ledger", names: Sequence[str]) -> dict[str, LineHistory]:
    """line → its facts, from one walk of all orders and readings."""
    found = {name: LineHistory() for name in names}
    for order in ledger.records():
        if order.line in found and order.settled_at is not None and not order.imported:
            facts = found[order.line]
            facts.points.append(Point(order_place(order)))
            if order.given_back:
                facts.points.append(Point((order.changed_at, order.seq), sure=False))
            if stands(order):
                facts.orders.append(order)
    for look in ledger.every_reading():
        if look.line in found:
            found[look.line].looks.append(look)
            found[look.line].points.append(Point((look.at, look.seq)))
    for name, facts in found.items():
        fact = ledger.lines.get(name)
        facts.points += [Point((told.at, told.seq)) for told in (() if fact is None else fact.births)]
        facts.points += [Point((tie.at, tie.seq)) for tie in ledger.ties if name in (tie.line, tie.to)]
        facts.points += [Point((word.at, word.seq), sure=False) for word in words_on(ledger, (name,))]
        facts.points += [Point((at, seq), sure=False) for seq, at in ledger.retold.get(name, ())]
        facts.points.sort()
        facts.looks.sort(key=lambda look: (look.at, look.seq))
    return found


class Played:
    """What is known of a line without an interface, by its story."""

    def __init__(self, session: "Session", ledger: "Ledger", name: str) -> None:
        self.session, self.name = session, name
        self.names = company(ledger, name)
        self.story: list[Happening] = happenings(ledger, self.names)

    def points(self) -> list[Point]:
        """What happened to lines that share or give with it."""
        return [Point(each.noted) for each in self.story if each.line != self.name]

    def key(self, upto: Noted, at: datetime) -> object:
        """What decides the answer."""
        return upto, at

    def told(self, upto: Noted, at: datetime) -> KnownLine:
        """By what was known up to that fact."""
        known = [each for each in self.story if each.noted <= upto and each.at <= at]
        model = played(self.session, self.name, self.names, known, at)
        reading = reading_of_model(model, at, at)
        bought = [each.at for each in known if each.line == self.name and isinstance(each.event, (Purchase, Renew))]
        ends, said = reading.expires_at, model.newest("expires_at")
        day = said.expires_at if said is not None and said.expires_day else None  # of which nobody stated the hour
        return KnownLine(
            reading,
            beside(model, "expires_at", ends, at).kind == "modelled",
            ends is not None and day is not None and abs(day - ends) < SAME,
            max(bought, default=None),
        )


class Read:
    """What is known of a line whose provider answers for it, by its looks and the orders that they cannot have seen."""

    def __init__(self, session: "Session", name: str, facts: LineHistory, words: "list[RestatedFact]") -> None:
        self.session, self.name, self.facts, self.words = session, name, facts, words
        self.noted = [(look.at, look.seq) for look in facts.looks]
        self.settled = [order_place(order) for order in facts.orders]

    @cached_property
    def newest(self) -> "list[ReadingFact]":
        """The look that was true last, as known at each look."""
        found: list[ReadingFact] = []
        for look in self.facts.looks:
            found.append(look if not found or place(look) >= place(found[-1]) else found[-1])
        return found

    def points(self) -> list[Point]:
        """Nothing but its own facts moves its dates."""
        return []

    def known(self, upto: Noted, at: datetime) -> "tuple[list[OrderState], int, ReadingFact | None]":
        """Orders, how many looks there were, and the one that was true last."""
        paired = zip(self.facts.orders, self.settled, strict=True)
        orders = [order for order, settled in paired if settled <= upto and settled[0] <= at]
        count = bisect_right(self.noted, upto)
        return orders, count, self.newest[count - 1] if count else None

    def key(self, upto: Noted, at: datetime) -> object:
        """What decides the answer: of a look only what events are made of."""
        orders, _, last = self.known(upto, at)
        if orders and (last is None or order_place(orders[-1]) > place(last)):
            return upto, at
        return None if last is None else (parts(last.data), since(orders))

    def told(self, upto: Noted, at: datetime) -> KnownLine:
        """By what was known up to that fact."""
        orders, count, last = self.known(upto, at)
        if orders and (last is None or order_place(orders[-1]) > place(last)):
            made = worked_out(self.session, self.name, orders, self.facts.looks[:count], at, self.words)
            return KnownLine(made.reading, made.figures.expires_at.kind == "modelled", since=since(orders))
        return KnownLine(None if last is None else reading_of(last), since=since(orders))


def since(orders: "Sequence[OrderState]") -> datetime | None:
    """When the term that runs was bought."""
    return max((order_place(order)[0] for order in orders if order.kind in TERMS), default=None)


def parts(data: Mapping[str, Toml]) -> tuple[object, ...]:
    """What events are made of, of a reading as the journal keeps it."""
    buckets = tuple(
        tuple(map(row.get, ("id", "category", "start", "end", "remaining" if row["category"] == "rollover" else "id")))
        for row in (*tables(data, "buckets"), *tables(data, "ahead"))
        if row["category"] in ("base", "rollover")
    )
    named = ("status", "plan", "expires_at", "use_by", "renew_by", "lost_if_not_bytes")
    return (*map(data.get, named), buckets)


@record(frozen=False)
class History:
    """Of one line: its facts, and its events as they are and were."""

    subject: Subject
    facts: LineHistory
    source: Played | Read
    now: datetime
    plays: int = 0
    _made: dict[object, Events] = field(default_factory=dict)

    @property
    def last_order(self) -> "OrderState | None":
        """The last order that stands, whose money has not begun to come back."""
        return next((order for order in reversed(self.facts.orders) if order.state == "settled"), None)

    def events(self) -> Iterator[CalendarEvent]:
        """What there is now, each with the version that it has by its last change."""
        points = [point for point in self.points() if point.noted[0] <= self.now]
        if not points:
            return
        present = self.made(points[-1].noted, self.now)
        changed = self.changes(points, present)
        for uid, event in present.items():
            yield self.versioned(event, *changed[uid])

    def points(self) -> list[Point]:
        """Every fact that may have changed an event, those of other lines too."""
        return sorted({*self.facts.points, *self.source.points()})

    def changes(self, points: list[Point], present: Events) -> dict[str, tuple[datetime, Noted]]:
        """uid → when it changed last, and up to which fact things were known then."""
        found: dict[str, tuple[datetime, Noted]] = {}
        end = self.now
        for number in range(len(points) - 1, -1, -1):
            noted, sure = points[number]
            began = noted[0]
            here = self.made(noted, began)
            for uid in [uid for uid in present.keys() - found.keys() if here.get(uid) != present[uid]]:
                found[uid] = (self.turned(uid, noted, began, end), noted)
            before = self.made(points[number - 1].noted, began) if number and sure and self.plays < PLAYS else {}
            found |= {uid: (began, noted) for uid in present.keys() - found.keys() if before.get(uid) != present[uid]}
            if len(found) == len(present):
                break
            end = began
        return found

    def turned(self, uid: str, upto: Noted, begin: datetime, end: datetime) -> datetime:
        """When time alone made an event what it is, between two facts."""
        at, event = begin, self.made(upto, begin).get(uid)
        changed = end
        for _ in range(TURNS):
            reading = self.source.told(upto, at).reading
            turn = None if reading is None else reading.next_change
            if turn is None or not at < turn <= end:
                break
            at, then = turn, self.made(upto, turn).get(uid)
            if then != event:
                changed, event = turn, then
        return changed

    def made(self, upto: Noted, at: datetime) -> Events:
        """The events as they were known then."""
        key = self.source.key(upto, at)
        if key not in self._made:
            self.plays += 1
            told = self.source.told(upto, at)
            self._made[key] = {event.uid: event for event in of_line(self.subject, told, at)}
        return self._made[key]

    def versioned(self, event: CalendarEvent, at: datetime, upto: Noted) -> CalendarEvent:
        """An event that changed then, with that fact as the last one known."""
        count = bisect_right([point.noted for point in self.facts.points], upto)
        born = self.facts.points[0].noted[0] if self.facts.points else at
        return replace(event, sequence=count + max(0, int((at - born).total_seconds())), stamp=at)

    def versioned_by(self, order: "OrderState", event: CalendarEvent) -> CalendarEvent:
        """A deadline of an order: it changes with the name of its line alone."""
        noted = max([order_place(order)] + [point.noted for point in self.facts.points if not point.sure])
        return self.versioned(event, noted[0], noted)


def histories(session: "Session", ledger: "Ledger", names: Sequence[str]) -> dict[str, History]:
    """line → its history."""
    now, found = session.clock.now(), {}
    for name, facts in gathered(ledger, names).items():
        source: Played | Read
        if is_modelled(session, session.line(name)):
            source = Played(session, ledger, name)
        else:
            source = Read(session, name, facts, words_on(ledger, (name,)))
        found[name] = History(subject_of(session, ledger, name), facts, source, now)
    return found
