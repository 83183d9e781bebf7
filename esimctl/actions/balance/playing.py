"""A line's story played by the charging engine: what was bought, read and shared, up to an instant.

An end that was read moves the term of the purchase that it speaks of.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from esimctl.actions.tracking.story import Happening, company, happenings, later_end
from esimctl.charging.engine import Engine, LineSetup, Setup
from esimctl.charging.events import Debit, Event, Grant, Observe, ObserveMoney, Purchase, Renew, Use
from esimctl.charging.moments import zone
from esimctl.charging.money import Money
from esimctl.charging.volume import Unlimited
from esimctl.providers.pools import pool_buckets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esimctl.actions.session import Session
    from esimctl.charging.balances import LineBalance
    from esimctl.ledger.facts import ReadingFact
    from esimctl.ledger.fold import Ledger

FOUND = "found-"  #: begins the name of a bucket that no purchase explains
SAME = timedelta(seconds=1)  #: nobody states an end more exactly


@dataclass(slots=True)
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

    def newest(self, key: str) -> "ReadingFact | None":
        """The newest observation that states this figure."""
        return next((fact for fact in reversed(self.seen) if fact.data.get(key) is not None), None)


def play(session: "Session", ledger: "Ledger", name: str, until: datetime, *, observed: bool = True) -> Model:
    """The story of a line without an interface up to an instant; without `observed` as if nobody had looked."""
    names = company(ledger, name)
    story = [each for each in happenings(ledger, names, observed=observed) if each.at <= until]
    return played(session, name, names, story, until)


def played(session: "Session", name: str, names: "Sequence[str]", story: list[Happening], until: datetime) -> Model:
    """A story of these lines, oldest first. An observed end moves the term of the purchase that it speaks of."""
    start = story[0].at if story else until
    setup = Setup(zone(session.zone), start, dict.fromkeys(names, LineSetup()))
    moved: dict[int, int] = {}
    judged: set[int] = set()
    model = Model(Engine(setup), name)
    while _play_through(model, story, moved, judged):  # each end moves a term once at most
        model = Model(Engine(setup), name)
    model.engine.advance(until)
    return model


def _play_through(model: Model, story: list[Happening], moved: dict[int, int], judged: set[int]) -> bool:
    """Apply everything; True when an observed end has moved a term, so that all has to be played anew."""
    for place, each in enumerate(story):
        if each.event is not None:
            _apply(model, each, later_end(each.event, moved[each.seq]) if each.seq in moved else each.event)
        if each.reading is not None and each.line == model.name:
            model.seen.append(each.reading)
        _meter(model.engine, each)
        end = _stated(each)
        if end is None:
            continue
        if each.seq not in judged and _move(model, story[:place], each, end, moved):
            judged.add(each.seq)
            return True
        by_day = each.reading is not None and each.reading.data.get("expires_day")
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
    used, money = each.reading.data.get("used_bytes"), each.reading.data.get("main_balance")
    engine.advance(max(engine.now, each.at))
    line = engine.line(each.line)
    running, balance = line.current, engine.state().line(each.line)
    meters = running is not None and (running.terms.data is None or running.terms.overage.action == "charge")
    if used is not None and running is not None and meters and balance.remaining == 0 and not line.sources:
        granted = 0 if isinstance(balance.granted, Unlimited) else balance.granted
        if (beyond := used - granted - running.beyond) > 0:
            engine.apply(Use(each.at, each.line, beyond))
    if money is not None:
        engine.apply(ObserveMoney(each.at, each.line, Money.parse(money)))


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
    end = None if each.reading is None else each.reading.data.get("expires_at")
    return end if isinstance(end, datetime) else None


def _known_end(model: Model, each: Happening) -> datetime | None:
    """When the model ends a line as it stands at that happening."""
    model.engine.advance(max(model.engine.now, each.at))
    return model.engine.state().line(each.line).term_end


def _agrees(model: Model, each: Happening, end: datetime) -> bool:
    """Whether the model ends then as well, to the second; where only a day is stated, at any time of that day."""
    known = _known_end(model, each)
    if known is None or each.reading is None:
        return False
    if each.reading.data.get("expires_day"):
        where = model.engine.setup.zone
        return known.astimezone(where).date() == end.astimezone(where).date()
    return abs(known - end) < SAME


def _move(model: Model, before: list[Happening], each: Happening, end: datetime, moved: dict[int, int]) -> bool:
    """Let the newest purchase before an observation end as observed, if the model knows it as a term at all."""
    if _agrees(model, each, end):
        return False
    known = _known_end(model, each)
    bought = [one for one in before if one.line == each.line and isinstance(one.event, (Purchase, Renew))]
    if known is None or not bought or end <= bought[-1].at:
        return False
    moved[bought[-1].seq] = moved.get(bought[-1].seq, 0) + int((end - known).total_seconds())
    return True


__all__ = ["FOUND", "SAME", "Model", "play", "played"]
