"""What a line has used between its readings, by local day: granted, carried and forfeited data taken into account."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING

from esimctl.charging.moments import to_utc

if TYPE_CHECKING:
    from esimctl.providers.protocol import Reading, ReadingBucket


def used_between(one: "Reading", two: "Reading") -> int | None:
    """Octets used from one reading to the next, outside of buckets too; None where the two do not say.

    With buckets it is what conservation leaves: left before, plus new grants (carried data is no grant), minus left
    after and what was forfeited. Without buckets the vendor's own counter is taken; one that went back has begun anew.
    """
    beyond = _grown(one.out_of_bucket_bytes, two.out_of_bucket_bytes) or 0
    before, after = data_buckets(one.buckets), data_buckets(two.buckets)
    if before or after:
        if one.forfeited_bytes is None or two.forfeited_bytes is None:
            return _counted(one, two)
        known = {bucket.id for bucket in before}
        granted = sum(b.granted or 0 for b in after if b.id not in known and b.category != "rollover")
        lost = max(0, two.forfeited_bytes - one.forfeited_bytes)
        used = _left(before) + granted - _left(after) - lost
        return max(0, used) + beyond
    return _counted(one, two)


def daily_use(readings: Sequence["Reading"], zone: tzinfo, now: datetime) -> dict[date, int]:
    """Octets of each whole past local day between the first reading and today; 0 where nothing was used.

    What was used between two readings is spread evenly over the time between them, to the octet.
    """
    ordered = sorted(readings, key=lambda reading: reading.at)
    if len(ordered) < 2:
        return {}
    days = dict.fromkeys(_days(ordered[0].at, now, zone), 0)
    for one, two in pairwise(ordered):
        used = used_between(one, two)
        if used:
            for day, octets in spread(used, one.at, two.at, zone):
                if day in days:
                    days[day] += octets
    last = ordered[-1].at.astimezone(zone).date()
    return {day: octets for day, octets in days.items() if day < last}


def spread(octets: int, start: datetime, end: datetime, zone: tzinfo) -> Iterable[tuple[date, int]]:
    """Octets over the local days of [start, end), in proportion to time; the parts add up exactly."""
    whole = max(1, int((end - start).total_seconds()))
    given, at = 0, start
    while at < end:
        day = at.astimezone(zone).date()
        stop = min(end, to_utc(datetime.combine(day + timedelta(days=1), datetime.min.time()), zone))
        upto = octets * int((stop - start).total_seconds()) // whole
        yield day, upto - given
        given, at = upto, stop
    if end <= start:
        yield start.astimezone(zone).date(), octets


def data_buckets(buckets: Iterable["ReadingBucket"]) -> list["ReadingBucket"]:
    """The buckets of data whose figures are known."""
    return [
        b for b in buckets if b.usage_type == "data" and not b.unlimited and not b.shared and b.remaining is not None
    ]


def _left(buckets: Iterable["ReadingBucket"]) -> int:
    return sum(bucket.remaining or 0 for bucket in buckets)


def _counted(one: "Reading", two: "Reading") -> int | None:
    if one.used_bytes is None or two.used_bytes is None:
        return None
    return two.used_bytes - one.used_bytes if two.used_bytes >= one.used_bytes else two.used_bytes


def _grown(one: int | None, two: int | None) -> int | None:
    return None if one is None or two is None else max(0, two - one)


def _days(first: datetime, now: datetime, zone: tzinfo) -> Iterable[date]:
    """The local days that began at or after the first reading and have ended."""
    day = first.astimezone(zone).date()
    if first.astimezone(zone) > datetime.combine(day, datetime.min.time(), zone):
        day += timedelta(days=1)
    today = now.astimezone(zone).date()
    while day < today:
        yield day
        day += timedelta(days=1)


__all__ = ["daily_use", "data_buckets", "spread", "used_between"]
