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
    """Octets as the provider states them at `at`; unknown is None. `buckets` holds those of data alone."""

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
    return Look(
        reading.at, reading.status, reading.granted_bytes, reading.used_bytes, reading.remaining_bytes,
        reading.out_of_bucket_bytes, reading.forfeited_bytes, reading.unlimited, reading.expires_at,
        bool(reading.buckets), buckets,
    )  # fmt: skip


def look_of(fact: "ReadingFact") -> Look:
    """The same of a journalled reading, without making the whole reading of it first."""
    told = fact.data.get
    rows = told("buckets") or ()
    return Look(
        fact.read_at, told("status", "unknown"), told("granted_bytes"), told("used_bytes"), told("remaining_bytes"),
        told("out_of_bucket_bytes"), told("forfeited_bytes"), told("unlimited", False), told("expires_at"), bool(rows),
        tuple(_left(rows)),
    )  # fmt: skip


def _left(rows: Iterable[Mapping[str, Any]]) -> Iterator[Left]:
    for row in rows:
        told = row.get
        left = told("remaining")
        if row["usage_type"] == "data" and left is not None and not told("unlimited") and not told("shared"):
            yield Left(row["id"], row["category"] == "rollover", told("granted") or 0, left, told("start"), told("end"))


__all__ = ["Left", "Look", "data_buckets", "look", "look_of"]
