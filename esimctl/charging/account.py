"""A holder of buckets, a line or a pool: burn order, expiry, reservation, adjustment; asked in the order of time."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from heapq import heappop, heappush

from esimctl.charging.buckets import Bucket, Movement, burn_key
from esimctl.charging.rhythm import FOREVER

#: When more than one in so many buckets end together, the burn order is sifted once instead of searched for each.
_SHARE = 20


class BucketHolder:
    """Buckets in burn order with their ends to come. Money, renewals and overage are added by `Line`."""

    def __init__(self, name: str, zone: tzinfo, journal: bool) -> None:
        self.name = name
        self.zone = zone
        self.live: dict[str, Bucket] = {}
        self.order: list[Bucket] = []
        self.held: list[Bucket] = []
        self.ends: list[tuple[datetime, int, Bucket]] = []
        self.starts: list[tuple[datetime, int, Bucket]] = []
        self.counter = 0
        self.grants = 0
        self.granted = self.received = self.used = self.sent = self.fees = self.forfeited = self.adjusted = 0
        self.from_unlimited = 0
        self.taken: dict[str, int] = {}
        self.observed_at: datetime | None = None
        self.journal: list[Movement] | None = [] if journal else None
        self.due = FOREVER

    def note(
        self, at: datetime, reason: str, bucket: Bucket | None = None, amount: int | None = None, **more: object
    ) -> None:
        """Write one movement down, where a journal is kept; `before` is worked out from what the bucket holds now."""
        if self.journal is None:
            return
        before = after = None
        if bucket is not None and not bucket.unlimited:
            after = bucket.remaining
            before = after + int(more.pop("delta", 0))  # type: ignore[call-overload]
        more.pop("delta", None)
        other = more.pop("other", None)
        self.journal.append(
            Movement(
                at,
                reason,
                bucket.id if bucket else None,
                bucket.category if bucket else None,
                amount,
                before,
                after,
                None if other is None else str(other),
            )
        )

    # -- buckets come

    def add(self, bucket: Bucket, now: datetime) -> None:
        """Hold a bucket: now or from its start on; one that belongs to a contract is ended by its boundary."""
        self.counter += 1
        if bucket.start > now:
            heappush(self.starts, (bucket.start, self.counter, bucket))
        else:
            self.live[bucket.id] = bucket
            self.queue(bucket)
            if not bucket.contract and bucket.end is not FOREVER:
                heappush(self.ends, (bucket.end, self.counter, bucket))

    def queue(self, bucket: Bucket) -> None:
        """Put a bucket that has something to give into the burn order."""
        if not bucket.ordered and bucket.status == "active" and (bucket.unlimited or bucket.free > 0):
            if not self.order or self.order[-1].key < bucket.key:
                self.order.append(bucket)
            else:
                insort(self.order, bucket, key=burn_key)
            bucket.ordered = True

    def unqueue(self, bucket: Bucket) -> None:
        """Take a bucket out of the burn order."""
        if bucket.ordered:
            at_front = self.order[0] is bucket
            del self.order[0 if at_front else bisect_left(self.order, bucket.key, key=burn_key)]
            bucket.ordered = False

    # -- buckets go

    def expire(self, now: datetime) -> None:
        """End every bucket whose end has come; what is left is forfeited, what is reserved is held."""
        gone: list[Bucket] = []
        while self.ends and self.ends[0][0] <= now:
            bucket = heappop(self.ends)[2]
            if self.live.get(bucket.id) is bucket:
                gone.append(bucket)
        leaving = set(map(id, gone))
        first = 0
        while first < len(self.order) and id(self.order[first]) in leaving:
            self.order[first].ordered = False
            first += 1
        del self.order[:first]  # what ends together mostly stands together, at the front
        if (len(gone) - first) * _SHARE > len(self.order):
            self.order = [bucket for bucket in self.order if id(bucket) not in leaving]
            for bucket in gone:
                bucket.ordered = False
        for bucket in gone:
            self.close(bucket, bucket.end, "expired")

    def close(self, bucket: Bucket, at: datetime, reason: str) -> None:
        """End one bucket now: forfeit what is free, hold what is reserved."""
        self.unqueue(bucket)
        self.forfeit(bucket, bucket.free, at, reason)
        self.live.pop(bucket.id, None)
        bucket.status, bucket.closed_at = "expired", at
        if bucket.reserved:
            self.held.append(bucket)

    def forfeit(self, bucket: Bucket, amount: int, at: datetime, reason: str) -> None:
        """Lose data for good."""
        if amount > 0 and not bucket.unlimited:
            bucket.remaining -= amount
            bucket.forfeited += amount
            self.forfeited += amount
            self.note(at, reason, bucket, amount, delta=amount)

    # -- data is taken

    def take(self, want: int, at: datetime, member: str | None = None) -> int:
        """Use up to so many octets in burn order at that instant; returns what was covered (burn-down steps 1 to 6)."""
        if self.order and self.journal is None:
            bucket = self.order[0]
            if bucket.window is None and not bucket.unlimited and want < bucket.remaining - bucket.reserved:
                bucket.remaining -= want  # nearly every time the first bucket covers it all, and is not used up by it
                bucket.used += want
                self.used += want
                return want
        left, seen, spent = want, 0, False
        for bucket in self.order:
            seen += 1
            if bucket.window is not None and not bucket.window.open_at(at, self.zone):
                continue
            if bucket.unlimited:
                bucket.used += left
                self.from_unlimited += left
                self._noted_use(bucket, left, at, member)
                left = 0
                break
            free = bucket.remaining - bucket.reserved
            part = min(left, free)
            bucket.remaining -= part
            bucket.used += part
            left -= part
            if self.journal is not None:
                self._noted_use(bucket, part, at, member)
            spent = spent or part == free
            if not left:
                break
        if spent:
            self.sift(seen)
        covered = want - left
        self.used += covered
        return covered

    def _noted_use(self, bucket: Bucket, part: int, at: datetime, member: str | None) -> None:
        self.note(at, "used", bucket, part, delta=part, other=member)

    def sift(self, seen: int) -> None:
        """Drop what is used up from the front of the burn order."""
        kept = []
        for bucket in self.order[:seen]:
            if bucket.unlimited or bucket.remaining > bucket.reserved:
                kept.append(bucket)
            else:
                bucket.ordered = False
        self.order[:seen] = kept

    def usable(self, at: datetime) -> Iterator[Bucket]:
        """What may be drawn on at that instant, in burn order."""
        for bucket in self.order:
            if bucket.window is None or bucket.window.open_at(at, self.zone):
                yield bucket

    def draw(
        self, want: int, source: list[Bucket], apply: Callable[[Bucket, int], None], room: Callable[[Bucket], int]
    ) -> int:
        """Spread a volume over buckets in their order, `apply` once for each; returns what could not be placed."""
        left = want
        for bucket in source:
            part = min(room(bucket), left)
            if part > 0:
                apply(bucket, part)
                left -= part
            if not left:
                break
        return left

    def take_out(self, bucket: Bucket, part: int) -> None:
        """Lower what a bucket holds, or count what came without a number."""
        if bucket.unlimited:
            self.from_unlimited += part
        else:
            bucket.remaining -= part

    def send(self, bucket: Bucket, part: int) -> None:
        """Data leaves for another line, or as the fee of a gift."""
        bucket.sent += part
        self.take_out(bucket, part)

    # -- reservation and adjustment

    def reserve(self, want: int, at: datetime) -> int:
        """Set data aside in burn order; returns what could not be."""

        def apply(bucket: Bucket, part: int) -> None:
            bucket.reserved += part
            self.note(at, "reserved", bucket, part)

        left = self.draw(want, list(self.usable(at)), apply, lambda bucket: want if bucket.unlimited else bucket.free)
        self.sift(len(self.order))
        return left

    def reserved_parts(self) -> list[Bucket]:
        """The buckets with something reserved: those that have ended first, then the live ones in burn order."""
        live = [bucket for bucket in self.live.values() if bucket.reserved]
        return [*self.held, *sorted(live, key=burn_key)]

    def release(self, want: int, at: datetime, source: list[Bucket]) -> int:
        """Free reserved data; in a bucket that has ended it is forfeited. Returns what could not be freed."""

        def apply(bucket: Bucket, part: int) -> None:
            bucket.reserved -= part
            self.note(at, "released", bucket, part)
            if bucket.status == "expired":
                self.forfeit(bucket, part, at, "expired")
            else:
                self.queue(bucket)

        left = self.draw(want, source, apply, lambda bucket: bucket.reserved)
        self.held = [bucket for bucket in self.held if bucket.reserved]
        return left

    def commit(self, want: int, at: datetime) -> int:
        """Use reserved data; returns what could not be."""

        def apply(bucket: Bucket, part: int) -> None:
            bucket.reserved -= part
            bucket.used += part
            self.used += part
            self.take_out(bucket, part)
            self.note(at, "committed", bucket, part, delta=part)

        left = self.draw(want, self.reserved_parts(), apply, lambda bucket: bucket.reserved)
        self.held = [bucket for bucket in self.held if bucket.reserved]
        return left

    def adjust_down(self, shortfall: int, at: datetime) -> None:
        """Take what an observation says is missing: in burn order, then what cannot be used now, then reserved."""
        usable = list(self.usable(at))
        first = set(map(id, usable))
        rest = [bucket for bucket in sorted(self.live.values(), key=burn_key) if id(bucket) not in first]

        def apply(bucket: Bucket, part: int) -> None:
            bucket.remaining -= part
            bucket.reserved = min(bucket.reserved, bucket.remaining)
            bucket.adjusted -= part
            self.adjusted -= part
            self.note(at, "observed-less", bucket, part, delta=part)

        left = self.draw(shortfall, usable + rest, apply, lambda bucket: bucket.free)
        if left:
            self.draw(left, usable + rest, apply, lambda bucket: bucket.remaining)
        self.sift(len(self.order))

    def adjust_up(self, surplus: int, at: datetime) -> bool:
        """Add what an observation says is there: to base, else to the last bucket; False without any."""
        ordered = sorted(self.live.values(), key=burn_key)
        chosen = [bucket for bucket in ordered if bucket.category in ("base", "shared")] or ordered
        if not chosen:
            return False
        bucket = next((one for one in reversed(chosen) if one.status == "active"), chosen[-1])
        bucket.remaining += surplus
        bucket.adjusted += surplus
        self.adjusted += surplus
        self.note(at, "observed-more", bucket, surplus, delta=-surplus)
        self.queue(bucket)
        return True

    # -- sums

    def left(self, now: datetime) -> int:
        """What all live buckets hold, reserved data included and unlimited ones left out."""
        return sum(bucket.remaining for bucket in self.live.values() if bucket.matters(now))

    @property
    def endless(self) -> bool:
        """Whether a live bucket has no number."""
        return any(bucket.unlimited for bucket in self.live.values())
