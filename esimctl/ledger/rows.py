"""What archived purchases came to, by quarter of an hour: plain data, so that ten thousand of them cost no decoding."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from esimctl.ledger.facts import Spend

#: (currency, line or "", source, play money)
Place = tuple[str, str, str, bool]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_QUARTER: Final = 15 * 60 * 1_000_000


class SpentRows:
    """place → quarter → [latest instant in it, minor units, purchases]; instants are microseconds since 1970.

    A row's latest instant stands for all of it: a rolling window can only count it a little longer, and no zone's
    midnight falls inside a quarter of an hour.
    """

    __slots__ = ("places",)

    def __init__(self, places: dict[Place, dict[str, list[int]]] | None = None) -> None:
        self.places = places or {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SpentRows) and self.places == other.places

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"SpentRows({self.places})"

    def copy(self) -> "SpentRows":
        """One that may change without this one changing."""
        return SpentRows({p: {quarter: [*row] for quarter, row in rows.items()} for p, rows in self.places.items()})

    def add(self, spend: Spend, purchases: int, sign: int = 1) -> None:
        """Put a spend in; with `sign` -1 take it out again."""
        at = micro(spend.at)
        rows = self.places.setdefault(place_of(spend), {})
        row = rows.setdefault(str(at // _QUARTER), [at, 0, 0])
        row[0] = max(row[0], at)
        row[1] += sign * spend.minor
        row[2] += sign * purchases
        if not row[1] and not row[2]:
            del rows[str(at // _QUARTER)]
            if not rows:
                del self.places[place_of(spend)]

    def holds(self, spend: Spend) -> bool:
        """Whether its quarter has a row."""
        return str(micro(spend.at) // _QUARTER) in self.places.get(place_of(spend), {})

    def totals(self, since: datetime | None = None) -> Iterator[tuple[Place, int, int]]:
        """(place, minor units, purchases) of the rows at or after `since`."""
        start = None if since is None else micro(since)
        for place, rows in self.places.items():
            wanted = rows.values() if start is None else [row for row in rows.values() if row[0] >= start]
            yield place, sum(row[1] for row in wanted), sum(row[2] for row in wanted)

    def bought(self, since: datetime) -> Iterator[tuple[Place, datetime]]:
        """(place, instant) of every row at or after `since` in which something was bought."""
        start = micro(since)
        for place, rows in self.places.items():
            for at, _, made in rows.values():
                if made and at >= start:
                    yield place, _EPOCH + at * _MICROSECOND

    def expire(self, limit: datetime) -> Iterator[tuple[Place, int]]:
        """Take out the rows before `limit`: (place, minor units) of each."""
        end = micro(limit)
        for place, rows in list(self.places.items()):
            for quarter in [quarter for quarter, row in rows.items() if row[0] < end]:
                yield place, rows.pop(quarter)[1]
            if not rows:
                del self.places[place]

    def rename(self, old: str, new: str) -> None:
        """A line's rows go to its new name."""
        for place in [place for place in self.places if place[1] == old]:
            there = self.places.setdefault((place[0], new, *place[2:]), {})
            for quarter, row in self.places.pop(place).items():
                known = there.get(quarter, [row[0], 0, 0])
                there[quarter] = [max(row[0], known[0]), row[1] + known[1], row[2] + known[2]]


def place_of(spend: Spend) -> Place:
    """Where a spend is counted."""
    return spend.currency, spend.line or "", spend.source, spend.play


def micro(at: datetime) -> int:
    """An instant in microseconds since 1970, UTC."""
    return (at - _EPOCH) // _MICROSECOND
