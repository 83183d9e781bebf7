"""What flowed through a line whose provider says what is left: used, carried and lost between its readings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from esimctl.actions.balance.consumption import data_buckets, used_between
from esimctl.providers.protocol import Reading

if TYPE_CHECKING:
    from esimctl.providers.protocol import ReadingBucket

#: what is lost at the very end of a term belongs to the month that ends, not to the one that begins
MOMENT = timedelta(microseconds=1)
#: states in which a line uses nothing until it is bought for again
ENDED = frozenset({"expired", "closed"})


class Used(NamedTuple):
    """Octets used between two instants, nobody knows when exactly; taken as evenly over that time."""

    start: datetime
    end: datetime
    octets: int


class Lost(NamedTuple):
    """Octets forfeited. `bought_by`: only purchases up to then can have brought them. None octets: nobody knows."""

    at: datetime
    bought_by: datetime
    octets: int | None


@dataclass(slots=True)
class Flows:
    """What flowed through one line. What was used is known between `since` and `until`, where somebody looked."""

    used: list[Used] = field(default_factory=list)
    carried: list[tuple[datetime, int]] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None
    over: datetime | None = None  #: when its term ended, if nothing was bought for it since


def read_flows(
    readings: Sequence[Reading], born: datetime | None, gifts: Sequence[tuple[datetime, int]], now: datetime
) -> Flows:
    """The flows between readings, oldest first. `born` is when the line was bought here, if the first reading follows.

    `gifts` are what the line gave away: what is gone by them was not used.
    """
    flows = Flows()
    known = [_empty(born), *readings] if born is not None and readings and born <= readings[0].at else list(readings)
    if not known:
        return flows
    flows.since, flows.until = known[0].at, known[-1].at
    last = known[-1]
    flows.over = last.at if last.status in ENDED else None
    if last.expires_at is not None and last.expires_at <= now:
        flows.over = last.expires_at
    for one, two in pairwise(known):
        used = used_between(one, two)
        if used:
            given = sum(octets for at, octets in gifts if one.at < at <= two.at)
            flows.used.append(Used(one.at, two.at, max(0, used - given)))
        flows.carried += _carried(one, two)
        flows.lost += _lost(one, two)
    flows.lost += _overtaken(last, now)
    return flows


def _empty(at: datetime) -> Reading:
    """What there was before a line was bought: nothing, and that is known."""
    return Reading(at, "pending", used_bytes=0, remaining_bytes=0, out_of_bucket_bytes=0, forfeited_bytes=0)


def _carried(one: Reading, two: Reading) -> Iterator[tuple[datetime, int]]:
    before = {bucket.id for bucket in one.buckets if bucket.category == "rollover"}
    for bucket in data_buckets(two.buckets):
        if bucket.category == "rollover" and bucket.id not in before:
            at = two.at if bucket.start is None else min(max(bucket.start, one.at), two.at)
            yield at, bucket.granted or 0


def _lost(one: Reading, two: Reading) -> Iterator[Lost]:
    """What was forfeited between two readings; where nobody counts it, what an ended line is seen to have left."""
    if one.forfeited_bytes is not None and two.forfeited_bytes is not None:
        lost = two.forfeited_bytes - one.forfeited_bytes
        if lost > 0:
            yield Lost(_end_between(one, two) or two.at, one.at, lost)
        return
    end = two.expires_at
    if end is not None and one.at < end <= two.at and two.remaining_bytes is not None and not two.unlimited:
        if two.remaining_bytes:
            yield Lost(end - MOMENT, one.at, two.remaining_bytes)
        return
    if (passed := _end_between(one, two)) is not None:
        yield Lost(passed, one.at, None)


def _overtaken(last: Reading, now: datetime) -> Iterator[Lost]:
    """A term that has ended since the last reading: what was left then may have been used or lost."""
    end = last.expires_at
    if end is not None and last.at < end <= now and not last.unlimited and last.remaining_bytes != 0:
        yield Lost(end - MOMENT, last.at, None)


def _end_between(one: Reading, two: Reading) -> datetime | None:
    """The last moment of the bucket, or of the term, that ended between two readings."""
    ends = [bucket.end for bucket in _ending(one) if bucket.end and one.at < bucket.end <= two.at]
    if not one.buckets and one.expires_at is not None and one.at < one.expires_at <= two.at:
        ends.append(one.expires_at)
    return max(ends) - MOMENT if ends else None


def _ending(reading: Reading) -> "list[ReadingBucket]":
    return [bucket for bucket in data_buckets(reading.buckets) if bucket.remaining]


def shares(used: Used, edges: Sequence[datetime]) -> Iterator[tuple[int, int]]:
    """(place of a month, octets) of use in proportion to time; the parts of a use add up to it exactly."""
    whole = max(1, int((used.end - used.start).total_seconds()))

    def up_to(at: datetime) -> int:
        return used.octets * int((at - used.start).total_seconds()) // whole

    for place, (start, end) in enumerate(pairwise(edges)):
        if used.start >= end or (used.end < start or (used.end == start and used.start < start)):
            continue
        if used.start >= start and used.end <= end:
            yield place, used.octets
            return
        yield place, up_to(min(end, used.end)) - up_to(max(start, used.start))


__all__ = ["ENDED", "MOMENT", "Flows", "Lost", "Used", "read_flows", "shares"]
