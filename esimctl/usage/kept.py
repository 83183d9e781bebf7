"""What the readings that were kept say of a line's data, and what it used by local day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from esimctl.ledger.said import instant_or_none, number_or_none, numbers_or_none, text
from esimctl.values.record import record
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.charging.buckets import Movement
    from esimctl.ledger.facts import ReadingFact
    from esimctl.providers.protocol import Reading, ReadingBucket


class BucketLeft(NamedTuple):
    """A bucket of data whose figures are known: octets granted (0 where nobody says) and left."""

    id: str
    rollover: bool
    granted: int
    remaining: int
    start: datetime | None
    end: datetime | None


@record(frozen=False)
class DataView:
    """Octets of the line's own data as stated at `at`; unknown is None. `buckets` holds those of data alone."""

    at: datetime
    status: str = "unknown"
    granted: int | None = None
    used: int | None = None
    remaining: int | None = None
    beyond: int | None = None
    forfeited: int | None = None
    unlimited: bool = False
    expires_at: datetime | None = None
    bucketed: bool = False  #: whether it tells of buckets at all, of whatever kind
    buckets: tuple[BucketLeft, ...] = ()
    pools: tuple[tuple[str, int], ...] = ()  #: whose data it took, and how much in the running period


def data_buckets(buckets: Iterable["ReadingBucket"]) -> list["ReadingBucket"]:
    """The buckets of data whose figures are known."""
    return [
        b for b in buckets if b.usage_type == "data" and not b.unlimited and not b.shared and b.remaining is not None
    ]


def look(reading: "Reading") -> DataView:
    """What a reading says."""
    buckets = tuple(
        BucketLeft(b.id, b.category == "rollover", b.granted or 0, b.remaining, b.start, b.end)
        for b in data_buckets(reading.buckets)
        if b.remaining is not None
    )
    pools = [b for b in reading.buckets if b.shared and b.owner is not None]  # an older reading left them out
    taken = tuple((b.owner, b.taken or 0) for b in pools if b.owner is not None)
    usable = sum(b.remaining or 0 for b in pools)
    return DataView(
        reading.at, reading.status, _own(reading.granted_bytes, usable, taken), _own(reading.used_bytes, 0, taken),
        _own(reading.remaining_bytes, usable, ()), reading.out_of_bucket_bytes, reading.forfeited_bytes,
        reading.unlimited, reading.expires_at, bool(reading.buckets), buckets, taken,
    )  # fmt: skip


#: what a look takes of a reading
_FIGURES: Final = ("granted_bytes", "used_bytes", "remaining_bytes", "out_of_bucket_bytes", "forfeited_bytes")


def look_of(fact: "ReadingFact") -> DataView:
    """What a reading in the journal says of the line, without making the whole reading of it first."""
    rows = fact.buckets
    pools = [row for row in rows if row.get("shared") and "owner" in row]
    taken = tuple((text(row, "owner"), number_or_none(row, "taken") or 0) for row in pools)
    usable = sum(number_or_none(row, "remaining") or 0 for row in pools)
    granted, used, remaining, beyond, forfeited = numbers_or_none(fact.data, _FIGURES)
    return DataView(
        fact.read_at, fact.status or "unknown", _own(granted, usable, taken), _own(used, 0, taken),
        _own(remaining, usable, ()), beyond, forfeited, fact.unlimited, fact.expires_at, bool(rows),
        tuple(_left(rows)), taken,
    )  # fmt: skip


def _own(known: int | None, usable: int, taken: tuple[tuple[str, int], ...]) -> int | None:
    """A figure without what belongs to other lines: what may still be used of theirs, and what was."""
    return None if known is None else max(0, known - usable - sum(octets for _, octets in taken))


def _left(rows: Iterable[Mapping[str, Toml]]) -> Iterator[BucketLeft]:
    for row in rows:
        left = number_or_none(row, "remaining")
        if row["usage_type"] == "data" and left is not None and not row.get("unlimited") and not row.get("shared"):
            yield BucketLeft(
                text(row, "id"), row["category"] == "rollover", number_or_none(row, "granted") or 0, left,
                instant_or_none(row, "start"), instant_or_none(row, "end"),
            )  # fmt: skip


NONE: Final = timedelta(0)


class UseSpan(NamedTuple):
    """Octets used in [start, end); None where that is unknown. A use at one instant has no length."""

    start: datetime
    end: datetime
    octets: int | None


class Day(NamedTuple):
    """A local day: octets known to be used, how much of it is covered, and over how long a time use was spread."""

    octets: int = 0
    covered: timedelta = NONE
    gap: timedelta = NONE  #: the longest span that reaches over the day's midnight and of which the day has a part


def used_between(one: "Reading", two: "Reading") -> int | None:
    """Octets used from one reading to the next, outside of buckets too; None where the two do not say."""
    return used_from(look(one), look(two))


def used_from(one: DataView, two: DataView) -> int | None:
    """Consumption from what two readings say.

    With buckets it is what conservation leaves: left before, plus new grants (carried data is no grant), minus left
    after and what was forfeited. Without buckets the vendor's own counter is taken; one that went back has begun anew.
    """
    beyond = _grown(one.beyond, two.beyond) or 0
    if one.buckets or two.buckets:
        if (one.remaining and not one.buckets) or (two.remaining and not two.buckets):
            return _left_apart(one, two)
        if one.forfeited is None or two.forfeited is None:
            return _counted(one, two)
        used = -max(0, two.forfeited - one.forfeited)
        known = set()
        for bucket in one.buckets:
            known.add(bucket.id)
            used += bucket.remaining
        for bucket in two.buckets:
            used -= bucket.remaining
            if bucket.id not in known and not bucket.rollover:
                used += bucket.granted
        return max(0, used) + beyond
    return _counted(one, two)


def spans(readings: Sequence["Reading"]) -> list[UseSpan]:
    """What was used from each reading to the next, oldest first."""
    ordered = sorted(map(look, readings), key=lambda each: each.at)
    return [UseSpan(one.at, two.at, used_from(one, two)) for one, two in pairwise(ordered)]


def model_spans(movements: Iterable["Movement"]) -> list[UseSpan]:
    """What a modelled line used from one observation to the next: what the model had too much.

    Unknown where more was found than the model knew of, and where data lapsed meanwhile: nobody saw how much of that
    had been used before.
    """
    found: list[UseSpan] = []
    since: datetime | None = None
    sure, used = True, 0
    of_data = (move for move in movements if move.reason not in MONEY)
    for move in sorted(of_data, key=lambda move: move.at):
        if since is None:
            since = move.at
        if move.reason == "observed":
            if move.at > since:
                found.append(UseSpan(since, move.at, used if sure else None))
            since, sure, used = move.at, True, 0
        elif move.reason in _LOOKED and found and found[-1].end == move.at:
            last = found[-1]
            found[-1] = last._replace(octets=None if last.octets is None else last.octets + (move.amount or 0))
        elif move.reason == "out-of-bucket" and move.at > since:
            found.append(UseSpan(since, move.at, used + (move.amount or 0) if sure else None))
            since, sure, used = move.at, True, 0
        elif move.reason == "observed-more" and found and found[-1].end == move.at:
            found[-1] = found[-1]._replace(octets=None)
        elif move.reason in _USED:
            used += move.amount or 0
        elif move.reason in _LOST and move.amount:
            sure = False
    return found


def by_day(known: Iterable[UseSpan], where: tzinfo) -> dict[date, Day]:
    """The local days of which something is known, in order. Use is spread evenly over its span, to the octet."""
    days: dict[date, Day] = {}
    for span in known:
        if span.octets is None:
            continue
        parts = list(_parts(span.octets, span.start, span.end, where))
        gap = span.end - span.start if len(parts) > 1 and span.octets else NONE
        for day, octets, length in parts:
            before = days.get(day, Day())
            days[day] = Day(before.octets + octets, before.covered + length, max(before.gap, gap))
    return dict(sorted(days.items()))


def whole(day: date, known: Day, where: tzinfo) -> bool:
    """Whether all of the day is covered, however long it is there."""
    return known.covered >= midnight(day + timedelta(days=1), where) - midnight(day, where)


def whole_days(days: Mapping[date, Day], where: tzinfo) -> dict[date, int]:
    """Octets of the days that are covered from midnight to midnight."""
    return {day: known.octets for day, known in days.items() if whole(day, known, where)}


def daily_use(readings: Sequence["Reading"], zone: tzinfo, now: datetime) -> dict[date, int]:
    """Octets of each whole past local day between the first reading and the last; 0 where nothing was used."""
    today = now.astimezone(zone).date()
    days = whole_days(by_day(spans(readings), zone), zone)
    return {day: octets for day, octets in days.items() if day < today}


def spread(octets: int, start: datetime, end: datetime, zone: tzinfo) -> Iterable[tuple[date, int]]:
    """Octets over the local days of [start, end), in proportion to time; the parts add up exactly."""
    return ((day, part) for day, part, _ in _parts(octets, start, end, zone))


def _parts(octets: int, start: datetime, end: datetime, zone: tzinfo) -> Iterator[tuple[date, int, timedelta]]:
    length = max(1, int((end - start).total_seconds()))
    given, at = 0, start
    while at < end:
        day = at.astimezone(zone).date()
        stop = min(end, midnight(day + timedelta(days=1), zone))
        upto = octets if stop == end else octets * min(length, int((stop - start).total_seconds())) // length
        yield day, upto - given, stop - at
        given, at = upto, stop
    if end <= start:
        yield start.astimezone(zone).date(), octets, NONE


def midnight(day: date, zone: tzinfo) -> datetime:
    """The instant at which a local day begins."""
    return datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)


#: reasons of movements that are about money: they say nothing of data
MONEY: Final = frozenset({"credited", "paid", "charged", "observed-money"})

#: reasons of movements: found by a look (in a model only a look sees use beyond the data), used as far as the model
#: saw it, lost without being used
_LOOKED: Final = frozenset({"observed-less", "out-of-bucket"})

_USED: Final = frozenset({"used", "committed", "out-of-bucket"})

_LOST: Final = frozenset({"trimmed", "forfeited", "expired", "lapsed", "reset", "not-carried"})


def _left_apart(one: DataView, two: DataView) -> int | None:
    """Use from what is left in all, where only one of two readings tells buckets: nothing may have been granted."""
    if one.remaining is None or two.remaining is None or one.granted != two.granted:
        return None
    return one.remaining - two.remaining if two.remaining <= one.remaining else None


def _counted(one: DataView, two: DataView) -> int | None:
    if one.used is None or two.used is None:
        return None
    return two.used - one.used if two.used >= one.used else two.used


def _grown(one: int | None, two: int | None) -> int | None:
    return None if one is None or two is None else max(0, two - one)
