"""What will be, if nothing new happens: the next change of a line, and what renewing or not means for its data."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from esimctl.charging.events import Event
from esimctl.charging.rhythm import FOREVER

if TYPE_CHECKING:
    from esimctl.charging.engine import Engine, Setup


@dataclass(frozen=True, slots=True)
class Carry:
    """Octets that a renewal on time would carry into the next period, and octets lost without one."""

    carry_bytes: int
    lost_bytes: int


def next_change(engine: "Engine", name: str, after: datetime | None = None) -> datetime | None:
    """The next instant after `after` (default: now) at which a number of that line changes without a new event."""
    line = engine.line(name)
    if after is not None and after > engine.now:
        engine = engine.fork(name)
        engine.advance(after)
        line = engine.line(name)
    now = engine.now
    soonest = line.due
    for source in line.sources:
        soonest = min(soonest, source.account.due)
    for bucket in line.order:
        if bucket.window is not None:
            soonest = min(soonest, bucket.window.next_change(now, line.zone))
    return None if soonest >= FOREVER - timedelta(days=1) else soonest


def carry_outlook(engine: "Engine", name: str) -> Carry:
    """What a renewal on time would carry, and what is lost without one; nothing without a term."""
    line = engine.line(name)
    contract = line.current
    if contract is None or contract.term_end is FOREVER:
        return Carry(0, 0)
    boundary = contract.boundary
    renewed, left = engine.fork(name), engine.fork(name)
    one = renewed.line(name)
    assert one.current is not None
    if one.current.waiting:
        one.buy(one.current.terms, engine.now)
        one.reckon()
    elif not one.current.queued:
        one.current.queued.append(one.current.terms)
    renewed.advance(max(boundary, engine.now))
    carried = sum(
        bucket.granted
        for bucket in renewed.line(name).live.values()
        if bucket.start == boundary and bucket.category == "rollover"
    )
    other = left.line(name)
    other.auto_renew = False
    other.orders.clear()
    assert other.current is not None
    other.current.queued.clear()
    before = other.forfeited
    end = other.current.term_end
    left.advance(max(end, engine.now))
    waiting = left.line(name).current
    if waiting is not None and waiting.waiting and waiting.deadline is not FOREVER:
        left.advance(waiting.deadline)
    return Carry(carried, left.line(name).forfeited - before)


def if_renewed(setup: "Setup", events: Iterable[Event], line: str, at: datetime) -> Carry:
    """The same from the inputs, as known at that instant."""
    from esimctl.charging.engine import run

    return carry_outlook(run(setup, [event for event in events if event.at <= at], at, journal=False).engine, line)


__all__ = ["Carry", "carry_outlook", "if_renewed", "next_change"]
