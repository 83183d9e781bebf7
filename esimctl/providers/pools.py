"""What other lines share with a line: usable by it, so it counts as left (R-05, R-43, R-49)."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from esimctl.providers.protocol import Reading, ReadingBucket
from esimctl.values.record import replace
from esimctl.values.volume import Unlimited

if TYPE_CHECKING:
    from esimctl.charging.engine import Engine


def with_pools(reading: Reading, books: "Engine", line: str) -> Reading:
    """The reading of a line with what it may use of other lines' data among its figures, and as buckets of its own."""
    return with_shared(reading, tuple(pool_buckets(books, line)))


def with_shared(reading: Reading, pools: Sequence[ReadingBucket]) -> Reading:
    """The reading with these buckets of other lines.

    A line that has nothing of its own any more lives on as long as a pool that it may use.
    """
    if not pools:
        return reading
    endless = reading.unlimited or any(pool.unlimited for pool in pools)
    usable = sum(pool.remaining or 0 for pool in pools)
    taken = sum(pool.taken or 0 for pool in pools)
    reading = replace(
        reading,
        granted_bytes=None if endless else _plus(reading.granted_bytes, usable + taken),
        used_bytes=_plus(reading.used_bytes, taken),
        remaining_bytes=None if endless else _plus(reading.remaining_bytes, usable),
        available_bytes=None if endless else _plus(reading.available_bytes, usable),
        unlimited=endless,
        buckets=(*reading.buckets, *pools),
    )
    over = reading.status == "expired" or (reading.status == "pending" and reading.plan is None)
    return _lives_on(reading, pools) if over else reading


def pool_buckets(books: "Engine", line: str) -> Iterator[ReadingBucket]:
    """What other lines let this line use: never more than they can use now, nor than its cap leaves."""
    for number, source in enumerate(books.line(line).sources, 1):
        name, state = source.account.name, books.state()
        end = state.pool(name).term_end if name in books.pools else state.line(name).expires_at
        free, cap, taken = source.lets(line, books.now), source.cap, source.account.taken.get(line, 0)
        yield ReadingBucket(
            id=f"shared-{number}",
            category="shared",
            usage_type="data",
            granted=None if isinstance(cap, Unlimited) else cap,
            remaining=None if isinstance(free, Unlimited) else free,
            start=None,
            end=end,
            shared=True,
            unlimited=isinstance(free, Unlimited),
            owner=name,
            taken=taken,
        )


def usable_pools(books: "Engine", line: str) -> int | None:
    """Octets of other lines' data that a line may use; None where it has no such tie, or no limit."""
    left = [pool.remaining for pool in pool_buckets(books, line)]
    return None if not left or None in left else sum(octets or 0 for octets in left)


def _lives_on(reading: Reading, pools: Sequence[ReadingBucket]) -> Reading:
    usable = [pool for pool in pools if pool.unlimited or pool.remaining]
    if not usable:
        return reading
    ends = [pool.end for pool in usable]
    until = None if None in ends else max(end for end in ends if end is not None)
    return replace(reading, status="active", expires_at=until)


def _plus(known: int | None, more: int) -> int:
    """A line of which nothing else is known has what it may use of others."""
    return more if known is None else known + more
