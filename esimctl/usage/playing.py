"""A line's story played by the charging engine: what was bought, read and shared, up to an instant.

An end that was read moves the term of the purchase that it speaks of.
"""

from bisect import insort
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from esimctl.charging.engine import Engine
from esimctl.charging.events import Debit, Event, Grant, Observe, ObserveMoney, Purchase, Renew, Use
from esimctl.charging.setup import LineSetup, Setup
from esimctl.providers.pools import pool_buckets
from esimctl.usage.story import Happening, company, happenings, later_end, of_reading
from esimctl.values.moments import zone
from esimctl.values.record import field, record
from esimctl.values.volume import Unlimited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esimctl.charging.balances import LineBalance
    from esimctl.ledger.facts import ReadingFact
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session

FOUND = "found-"  #: begins the name of a bucket that no purchase explains
SAME = timedelta(seconds=1)  #: nobody states an end more exactly


@record(frozen=False)
class Model:
    """An engine that has played a line's story up to an instant. `ends` are observed ends that it could not take."""

    engine: Engine
    name: str
    ends: dict[str, datetime] = field(default_factory=dict)
    seen: list["ReadingFact"] = field(default_factory=list)
    paid: list[Debit] = field(default_factory=list)  #: with the line's own money, whatever the engine knows of it

    @property
    def balance(self) -> "LineBalance":
        return self.engine.state().line(self.name)

    @property
    def brief(self) -> "LineBalance":
        """The balance without the movements that led to it."""
        return self.engine.state().line(self.name, story=False)

    def newest(self, key: str) -> "ReadingFact | None":
        """The newest observation that states this figure."""
        return next((fact for fact in reversed(self.seen) if fact.data.get(key) is not None), None)


def play(session: "Session", ledger: "Ledger", name: str, until: datetime, *, observed: bool = True) -> Model:
    """The story of a line without an interface up to an instant; without `observed` as if nobody had looked."""
    return playing(session, ledger, name, until, observed=observed).until(until)


def playing(session: "Session", ledger: "Ledger", name: str, since: datetime, *, observed: bool = True) -> "Playing":
    """The story of a line without an interface, to be looked at from an instant on."""
    names = company(ledger, name)
    return Playing(session, name, names, happenings(ledger, names, observed=observed), since)


def played(session: "Session", name: str, names: "Sequence[str]", story: list[Happening], until: datetime) -> Model:
    """A story of these lines, oldest first, up to an instant."""
    return Playing(session, name, names, story, until).until(until)


class Playing:
    """A story of some lines, oldest first, that is played on from one instant to a later one: once, however many.

    An observed end moves the term of the purchase that it speaks of; each does so once at most.
    """

    def __init__(
        self, session: "Session", name: str, names: "Sequence[str]", story: list[Happening], since: datetime
    ) -> None:
        self._name = name
        self._story = story
        start = min(since, story[0].at) if story else since
        self._setup = Setup(zone(session.zone), start, dict.fromkeys(names, LineSetup()))
        self._moved: dict[int, int] = {}
        self._judged: set[int] = set()
        self._begin()

    def _begin(self) -> None:
        self._model = Model(Engine(self._setup), self._name)
        self._place = 0
        self._bought: dict[str, Happening] = {}  #: line → its newest purchase

    def until(self, at: datetime) -> Model:
        """The model at an instant that is not before the one that was asked for last."""
        while self._place < len(self._story) and self._story[self._place].at <= at:
            each = self._story[self._place]
            self._place += 1
            if self._moves(each):  # all has to be played anew
                self._begin()
        self._model.engine.advance(at)
        return self._model

    def add(self, fact: "ReadingFact") -> None:
        """A reading that was written since, not older than what was asked for last."""
        for each in of_reading(fact):
            insort(self._story, each, self._place, key=lambda one: (one.at, one.seq))

    def _moves(self, each: Happening) -> bool:
        """Take one in; True where the end that it states has moved a term."""
        model = self._model
        if each.event is not None:
            moved = self._moved.get(each.seq)
            _apply(model, each, each.event if moved is None else later_end(each.event, moved))
            if isinstance(each.event, Purchase | Renew):
                self._bought[each.line] = each
        if each.reading is not None and each.line == model.name:
            model.seen.append(each.reading)
        _meter(model.engine, each)
        end = _stated(each)
        if end is None:
            return False
        if each.seq not in self._judged and _move(model, self._bought.get(each.line), each, end, self._moved):
            self._judged.add(each.seq)
            return True
        by_day = each.reading is not None and each.reading.expires_day
        if _known_end(model, each) == end or (by_day and _agrees(model, each, end)):
            model.ends.pop(each.line, None)
        else:
            model.ends[each.line] = end
        return False


def _apply(model: Model, each: Happening, event: Event) -> None:
    """One event; what an observation found that the engine could not place is a bucket that nobody explains."""
    if isinstance(event, Observe):
        event = _of_pools(model.engine, event)
    refused = model.engine.apply(event)
    if isinstance(event, Debit) and each.line == model.name:
        model.paid.append(event)
    if isinstance(event, (Purchase, Renew)):
        model.ends.pop(each.line, None)
    if refused is not None and isinstance(event, Observe) and event.octets > 0:
        grant = Grant(each.at, each.line, event.octets, "base", f"{FOUND}{each.seq}", end=_stated(each))
        model.engine.apply(grant)


def _meter(engine: Engine, each: Happening) -> None:
    """What a look says beside what is left: use beyond the plan's data, and the money that is there after it.

    Only where the plan has no data of its own, or charges what is beyond it; everything else is an observation.
    """
    if each.reading is None:
        return
    used, money = each.reading.used_bytes, each.reading.main_balance
    engine.advance(max(engine.now, each.at))
    line = engine.line(each.line)
    running, balance = line.current, engine.state().line(each.line, story=False)
    meters = running is not None and (running.terms.data is None or running.terms.overage.action == "charge")
    if used is not None and running is not None and meters and balance.remaining == 0 and not line.sources:
        granted = 0 if isinstance(balance.granted, Unlimited) else balance.granted
        if (beyond := used - granted - running.beyond) > 0:
            engine.apply(Use(each.at, each.line, beyond))
    if money is not None:
        engine.apply(ObserveMoney(each.at, each.line, money))


def _of_pools(engine: Engine, event: Observe) -> Event:
    """What was read on a line that has nothing but others' data speaks of that: what is missing of it was used."""
    engine.advance(event.at)
    line = engine.line(event.line)
    if line.live or not line.sources:
        return event
    usable = [pool.remaining for pool in pool_buckets(engine, event.line)]
    known = sum(octets for octets in usable if octets is not None)
    return event if None in usable or event.octets > known else Use(event.at, event.line, known - event.octets)


def _stated(each: Happening) -> datetime | None:
    return None if each.reading is None else each.reading.expires_at


def _known_end(model: Model, each: Happening) -> datetime | None:
    """When the model ends a line as it stands at that happening."""
    model.engine.advance(max(model.engine.now, each.at))
    return model.engine.state().line(each.line, story=False).term_end


def _agrees(model: Model, each: Happening, end: datetime) -> bool:
    """Whether the model ends then as well, to the second; where only a day is stated, at any time of that day."""
    known = _known_end(model, each)
    if known is None or each.reading is None:
        return False
    if each.reading.expires_day:
        where = model.engine.setup.zone
        return known.astimezone(where).date() == end.astimezone(where).date()
    return abs(known - end) < SAME


def _move(model: Model, bought: Happening | None, each: Happening, end: datetime, moved: dict[int, int]) -> bool:
    """Let the newest purchase before an observation end as observed, if the model knows it as a term at all."""
    if _agrees(model, each, end):
        return False
    known = _known_end(model, each)
    if known is None or bought is None or end <= bought.at:
        return False
    moved[bought.seq] = moved.get(bought.seq, 0) + int((end - known).total_seconds())
    return True
