"""What flowed through a line whose provider says what is left: used, carried and lost between its readings."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from esimctl.records.report_packs import PackShare, cut
from esimctl.usage.kept import DataView, used_from
from esimctl.values.record import field, record

#: what is lost at the very end of a term belongs to the month that ends, not to the one that begins
MOMENT = timedelta(microseconds=1)
#: states in which a line uses nothing until it is bought for again
ENDED = frozenset({"expired", "closed"})


class UsedSpan(NamedTuple):
    """Octets used between two instants, nobody knows when exactly; taken as evenly over that time."""

    start: datetime
    end: datetime
    octets: int


class Lost(NamedTuple):
    """Octets forfeited; None octets: nobody knows how many.

    `packs` says what brought them; where that is None, purchases up to `bought_by` alone can have.
    """

    at: datetime
    bought_by: datetime
    octets: int | None
    packs: tuple[PackShare, ...] | None = None


class Ending(NamedTuple):
    """Octets that lapse at `at` unless they were used before: granted at `since`, by the terms of the orders alone."""

    since: datetime
    at: datetime
    octets: int
    packs: tuple[PackShare, ...] | None


@record(frozen=False)
class Flows:
    """What flowed through one line. What was used is known between `since` and `until`, where somebody looked."""

    used: list[UsedSpan] = field(default_factory=list)
    taken: list[tuple[datetime, int, str]] = field(default_factory=list)  #: of what was used: another line's, whose
    carried: list[tuple[datetime, int]] = field(default_factory=list)
    unsure: list[datetime] = field(default_factory=list)  #: when something was carried, nobody knows how much
    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)  #: in which nobody knows what was used
    lost: list[Lost] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None
    over: datetime | None = None  #: when its term ended, if nothing was bought for it since


def read_flows(
    looks: Sequence[DataView],
    born: datetime | None,
    gone: Sequence[tuple[datetime, int]],
    now: datetime,
    endings: Sequence[Ending] = (),
) -> Flows:
    """The flows between readings, oldest first. `born` is when the line was bought here, if the first reading follows.

    `gone` is what the line gave away and what others took of it: it was not used by the line. `endings` are what came
    and ended without being seen by any reading.
    """
    flows = Flows()
    known = [_empty(born), *looks] if born is not None and looks and born <= looks[0].at else looks
    if not known:
        flows.lost += unseen(endings)
        return flows
    flows.since, flows.until = known[0].at, known[-1].at
    last = known[-1]
    flows.over = last.at if last.status in ENDED else None
    if last.expires_at is not None and last.expires_at <= now:
        flows.over = last.expires_at
    for one, two in pairwise(known):
        between = [each for each in endings if one.at < each.at <= two.at] if endings else []
        used = used_from(one, two)
        hidden: list[Lost] = []
        if used:
            given = sum(octets for at, octets in gone if one.at < at <= two.at) if gone else 0
            flows.used.append(UsedSpan(one.at, two.at, max(0, used - given)))
        for owner, octets in pool_use(one, two):
            flows.used.append(UsedSpan(one.at, two.at, octets))
            flows.taken.append((two.at, octets, owner))
        flows.carried += _carried(one, two)
        if one.forfeited is not None and two.forfeited is not None:
            flows.lost += _counted(one, two, two.forfeited - one.forfeited, between)
        else:
            hidden = unseen(_hidden(one, two, between))
            flows.lost += [*_seen(one, two), *hidden]
        if hidden or (used is None and (one.remaining is None or one.remaining != two.remaining)):
            flows.gaps.append((one.at, two.at))
    flows.lost += unseen([each for each in endings if each.since > last.at])
    if (ended := _overtaken(last, now)) is not None:
        flows.lost.append(ended)
    return flows


def pool_use(one: DataView, two: DataView) -> Iterator[tuple[str, int]]:
    """(Whose data, octets) that a line took of others between two readings; a count that went back has begun anew."""
    before = dict(one.pools)
    for owner, taken in two.pools:
        octets = taken - before.get(owner, 0) if taken >= before.get(owner, 0) else taken
        if octets:
            yield owner, octets


def _empty(at: datetime) -> DataView:
    """What there was before a line was bought: nothing, and that is known."""
    return DataView(at, "pending", used=0, remaining=0, beyond=0, forfeited=0)


def _carried(one: DataView, two: DataView) -> list[tuple[datetime, int]]:
    rolled = [bucket for bucket in two.buckets if bucket.rollover]
    if not rolled:
        return []
    before = {bucket.id for bucket in one.buckets if bucket.rollover}
    return [
        (two.at if bucket.start is None else min(max(bucket.start, one.at), two.at), bucket.granted)
        for bucket in rolled
        if bucket.id not in before
    ]


def unseen(endings: Sequence[Ending]) -> list[Lost]:
    """What ended without anybody having looked: it may have been used or lost."""
    return [Lost(each.at - MOMENT, each.at - MOMENT, None, each.packs) for each in endings]


def _counted(one: DataView, two: DataView, lost: int, between: Sequence[Ending]) -> list[Lost]:
    """What was forfeited between two readings that count it, each bucket at its own end.

    Where several ended, what was used of them in the meantime is taken as evenly over all of them.
    """
    if lost <= 0:
        return []
    ended = _came(one, between)
    ended += [Ending(one.at, end, octets, None) for end, octets in _ends_between(one, two).items()]
    if not ended:
        return [Lost(two.at, one.at, lost)]
    whole, given, upto, found = sum(each.octets for each in ended), 0, 0, []
    for each in sorted(ended, key=lambda each: each.at):
        upto += each.octets
        part = lost * upto // whole - given
        given += part
        if part:
            found.append(Lost(each.at - MOMENT, one.at, part, cut(each.packs, part)))
    return found


def _came(one: DataView, between: Sequence[Ending]) -> list[Ending]:
    """What a reading has not seen yet; of what came in its very instant, it has where it saw anything."""
    return [each for each in between if each.since > one.at or (each.since == one.at and one.remaining == 0)]


def _seen(one: DataView, two: DataView) -> list[Lost]:
    """What was forfeited where nobody counts it: what an ended line is seen to have left, and else nobody knows."""
    end = two.expires_at
    if end is not None and one.at < end <= two.at and two.remaining is not None and not two.unlimited:
        return [Lost(end - MOMENT, one.at, two.remaining)] if two.remaining else []
    return [Lost(passed - MOMENT, one.at, None) for passed in _ends_between(one, two)]


def _hidden(one: DataView, two: DataView, between: Sequence[Ending]) -> Sequence[Ending]:
    """What came and went between two readings; the newest that may have is what the second one tells of itself."""
    hidden = _came(one, between)
    return hidden if two.expires_at is None else hidden[:-1]


def _overtaken(last: DataView, now: datetime) -> Lost | None:
    """A term that has ended since the last reading: what was left then may have been used or lost."""
    end = last.expires_at
    if end is not None and last.at < end <= now and not last.unlimited and last.remaining != 0:
        return Lost(end - MOMENT, last.at, None)
    return None


def _ends_between(one: DataView, two: DataView) -> dict[datetime, int]:
    """The ends between two readings of what the first one tells, with what was left then (1 where it tells no sum)."""
    ends: dict[datetime, int] = {}
    for bucket in one.buckets:
        if bucket.remaining and bucket.end and one.at < bucket.end <= two.at:
            ends[bucket.end] = ends.get(bucket.end, 0) + bucket.remaining
    if not one.bucketed and one.expires_at is not None and one.at < one.expires_at <= two.at:
        ends[one.expires_at] = one.remaining or 1
    return ends


def shares(used: UsedSpan, edges: Sequence[datetime]) -> Iterator[tuple[int, int]]:
    """(place of a month, octets) of use in proportion to time; the parts of a use add up to it exactly."""
    first = bisect_right(edges, used.start) - 1
    if 0 <= first < len(edges) - 1 and used.end <= edges[first + 1]:
        yield first, used.octets
        return
    whole = max(1, int((used.end - used.start).total_seconds()))

    def up_to(at: datetime) -> int:
        return used.octets * int((at - used.start).total_seconds()) // whole

    for place in range(max(0, first), len(edges) - 1):
        start, end = edges[place], edges[place + 1]
        if used.end < start or (used.end == start and used.start < start):
            return
        yield place, up_to(min(end, used.end)) - up_to(max(start, used.start))
