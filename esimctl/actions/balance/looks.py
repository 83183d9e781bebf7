"""What a reading says of data, as far as what was used or lost can be worked out from it: a year has many thousands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from esimctl.ledger.facts import ReadingFact
    from esimctl.providers.protocol import Reading, ReadingBucket


class Left(NamedTuple):
    """A bucket of data whose figures are known: octets granted (0 where nobody says) and left."""

    id: str
    rollover: bool
    granted: int
    remaining: int
    start: datetime | None
    end: datetime | None


@dataclass(slots=True)
class Look:
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
    buckets: tuple[Left, ...] = ()
    pools: tuple[tuple[str, int], ...] = ()  #: whose data it took, and how much in the running period


def data_buckets(buckets: Iterable["ReadingBucket"]) -> list["ReadingBucket"]:
    """The buckets of data whose figures are known."""
    return [
        b for b in buckets if b.usage_type == "data" and not b.unlimited and not b.shared and b.remaining is not None
    ]


def look(reading: "Reading") -> Look:
    """What a reading says."""
    buckets = tuple(
        Left(b.id, b.category == "rollover", b.granted or 0, b.remaining, b.start, b.end)
        for b in data_buckets(reading.buckets)
        if b.remaining is not None
    )
    pools = [b for b in reading.buckets if b.shared and b.owner is not None]  # an older reading left them out
    taken = tuple((b.owner, b.taken or 0) for b in pools if b.owner is not None)
    usable = sum(b.remaining or 0 for b in pools)
    return Look(
        reading.at, reading.status, _own(reading.granted_bytes, usable, taken), _own(reading.used_bytes, 0, taken),
        _own(reading.remaining_bytes, usable, ()), reading.out_of_bucket_bytes, reading.forfeited_bytes,
        reading.unlimited, reading.expires_at, bool(reading.buckets), buckets, taken,
    )  # fmt: skip


def look_of(fact: "ReadingFact") -> Look:
    """What a reading in the journal says of the line, without making the whole reading of it first."""
    told = fact.data.get
    rows = told("buckets") or ()
    pools = [row for row in rows if row.get("shared") and "owner" in row]
    taken = tuple((row["owner"], row.get("taken", 0)) for row in pools)
    usable = sum(row.get("remaining", 0) for row in pools)
    return Look(
        fact.read_at, told("status", "unknown"), _own(told("granted_bytes"), usable, taken),
        _own(told("used_bytes"), 0, taken), _own(told("remaining_bytes"), usable, ()), told("out_of_bucket_bytes"),
        told("forfeited_bytes"), told("unlimited", False), told("expires_at"), bool(rows), tuple(_left(rows)), taken,
    )  # fmt: skip


def _own(known: int | None, usable: int, taken: tuple[tuple[str, int], ...]) -> int | None:
    """A figure without what belongs to other lines: what may still be used of theirs, and what was."""
    return None if known is None else max(0, known - usable - sum(octets for _, octets in taken))


def _left(rows: Iterable[Mapping[str, Any]]) -> Iterator[Left]:
    for row in rows:
        told = row.get
        left = told("remaining")
        if row["usage_type"] == "data" and left is not None and not told("unlimited") and not told("shared"):
            yield Left(row["id"], row["category"] == "rollover", told("granted") or 0, left, told("start"), told("end"))
