"""The books as a person or a program may see them: frozen views of lines, pools and buckets at one instant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from esimctl.charging.account import Account
from esimctl.charging.buckets import Bucket, Movement, burn_key
from esimctl.charging.moments import later, rfc3339
from esimctl.charging.money import Money
from esimctl.charging.rhythm import FOREVER
from esimctl.charging.volume import UNLIMITED, Unlimited

if TYPE_CHECKING:
    from esimctl.charging.contract import Contract
    from esimctl.charging.engine import Engine
    from esimctl.charging.lines import Line


@dataclass(frozen=True, slots=True)
class BucketView:
    """One live bucket; volumes in octets, `end` None for never."""

    id: str
    category: str
    usage_type: str
    granted: int | Unlimited
    used: int
    remaining: int | Unlimited
    reserved: int
    start: datetime
    end: datetime | None
    status: str
    window: str | None
    shared: bool
    provisional: bool
    promotional: bool
    transferable: bool

    def as_json(self) -> dict[str, Any]:
        """The bucket of `esimctl.balance/1`; without a number `granted` and `remaining` are null."""
        endless = isinstance(self.remaining, Unlimited)
        return {
            "id": self.id,
            "category": self.category,
            "usage_type": self.usage_type,
            "granted": None if endless else self.granted,
            "remaining": None if endless else self.remaining,
            "reserved": self.reserved,
            "start": rfc3339(self.start),
            "end": None if self.end is None else rfc3339(self.end),
            "status": self.status,
            "window": self.window,
            "shared": self.shared,
            "provisional": self.provisional,
        }


@dataclass(frozen=True, slots=True)
class Totals:
    """Octets since the beginning; `held` is what is reserved past its bucket's end.

    granted + received + adjusted + from_unlimited = used + sent + fees + forfeited + remaining + held.
    """

    granted: int
    received: int
    adjusted: int
    used: int
    sent: int
    fees: int
    forfeited: int
    remaining: int
    held: int
    from_unlimited: int

    @property
    def balanced(self) -> bool:
        """Whether every octet is accounted for."""
        came = self.granted + self.received + self.adjusted + self.from_unlimited
        return came == self.used + self.sent + self.fees + self.forfeited + self.remaining + self.held


@dataclass(frozen=True, slots=True)
class LineBalance:
    """One line at one instant: `granted` and `used` of its live buckets; the other counts are cumulative."""

    name: str
    status: str
    plan: str | None
    granted: int | Unlimited
    used: int
    remaining: int | Unlimited
    reserved: int
    available: int | Unlimited
    forfeited: int
    out_of_bucket: int
    charged: Money | None
    main_balance: Money | None
    throttled: bool
    buckets: tuple[BucketView, ...]
    term_end: datetime | None
    next_boundary: datetime | None
    use_by: datetime | None
    recycle_by: datetime | None
    refund_by: datetime | None
    sources: tuple[str, ...]
    totals: Totals
    movements: tuple[Movement, ...]

    @property
    def expires_at(self) -> datetime | None:
        """When the term ends with what is queued behind it, or the last bucket where there is no term."""
        return self.term_end

    def as_json(self) -> dict[str, Any]:
        """The line as far as the engine knows it, under the keys of `esimctl.balance/1`."""
        endless = isinstance(self.remaining, Unlimited)
        return {
            "line": self.name,
            "plan": self.plan,
            "status": self.status,
            "data": {
                "granted_bytes": None if isinstance(self.granted, Unlimited) else self.granted,
                "used_bytes": self.used,
                "remaining_bytes": None if endless else self.remaining,
                "reserved_bytes": self.reserved,
                "available_bytes": None if isinstance(self.available, Unlimited) else self.available,
                "unlimited": endless,
            },
            "main_balance": None if self.main_balance is None else self.main_balance.as_json(),
            "charged": None if self.charged is None else self.charged.as_json(),
            "expires_at": None if self.term_end is None else rfc3339(self.term_end),
            "throttled": self.throttled,
            "out_of_bucket_bytes": self.out_of_bucket,
            "forfeited_bytes": self.forfeited,
            "buckets": [bucket.as_json() for bucket in self.buckets],
        }


@dataclass(frozen=True, slots=True)
class PoolBalance:
    """One pool at one instant; `used` is what each member took in this period."""

    name: str
    remaining: int | Unlimited
    available: int | Unlimited
    forfeited: int
    used: dict[str, int]
    buckets: tuple[BucketView, ...]
    term_end: datetime | None
    movements: tuple[Movement, ...]

    def as_json(self) -> dict[str, Any]:
        """The pool for `esimctl.simulation/1`."""
        return {
            "pool": self.name,
            "remaining_bytes": None if isinstance(self.remaining, Unlimited) else self.remaining,
            "unlimited": isinstance(self.remaining, Unlimited),
            "forfeited_bytes": self.forfeited,
            "used_bytes": self.used,
            "expires_at": None if self.term_end is None else rfc3339(self.term_end),
            "buckets": [bucket.as_json() for bucket in self.buckets],
        }


class State:
    """What an engine's books say now. Views are made when asked for."""

    __slots__ = ("engine",)

    def __init__(self, engine: "Engine") -> None:
        self.engine = engine

    @property
    def at(self) -> datetime:
        """The instant to which the books have come."""
        return self.engine.now

    def line(self, name: str) -> LineBalance:
        """One line; raises ChargingError for a name that nobody has."""
        return line_balance(self.engine.line(name), self.engine.now)

    def pool(self, name: str) -> PoolBalance:
        """One pool; raises ChargingError for a name that nobody has."""
        pool, now = self.engine.pool(name), self.engine.now
        members = dict.fromkeys(self.engine.setup.pools[name].members, 0)
        return PoolBalance(
            name,
            total(pool, now),
            available(pool, now),
            pool.forfeited,
            members | pool.taken,
            views(pool, now, shared=True),
            _term_end(pool.current) or _last_end(pool),
            tuple(pool.journal or ()),
        )

    def lines(self) -> tuple[LineBalance, ...]:
        """Every line in the order of the setup."""
        return tuple(self.line(name) for name in self.engine.setup.lines)

    def next_change(self, name: str, after: datetime | None = None) -> datetime | None:
        """The next instant at which a number of that line changes without a new event, after now or a later instant."""
        from esimctl.charging.outlook import next_change

        return next_change(self.engine, name, after)


def live(account: Account, now: datetime) -> Iterable[Bucket]:
    """The live buckets in burn order."""
    return sorted((bucket for bucket in account.live.values() if bucket.matters(now)), key=burn_key)


def total(account: Account, now: datetime) -> int | Unlimited:
    """What all live buckets hold."""
    return UNLIMITED if any(bucket.unlimited for bucket in live(account, now)) else account.left(now)


def available(account: Account, now: datetime) -> int | Unlimited:
    """What the account's own buckets would give at that instant."""
    usable = list(account.usable(now))
    return UNLIMITED if any(bucket.unlimited for bucket in usable) else sum(bucket.free for bucket in usable)


def views(account: Account, now: datetime, *, shared: bool = False) -> tuple[BucketView, ...]:
    """Frozen views of the live buckets in burn order."""
    return tuple(_view(bucket, shared) for bucket in live(account, now))


def _view(bucket: Bucket, shared: bool) -> BucketView:
    endless = bucket.unlimited
    return BucketView(
        bucket.id,
        bucket.category,
        "data",
        UNLIMITED if endless else bucket.granted,
        bucket.used - min(0, bucket.adjusted),
        UNLIMITED if endless else bucket.remaining,
        bucket.reserved,
        bucket.start,
        None if bucket.end is FOREVER else bucket.end,
        bucket.status,
        None if bucket.window is None else str(bucket.window),
        shared,
        bucket.provisional,
        bucket.promotional,
        bucket.transferable,
    )


def line_balance(line: "Line", now: datetime) -> LineBalance:
    """The view of a line that has been brought up to that instant."""
    buckets = views(line, now)
    remaining = total(line, now)
    current = line.current
    ends = _term_end(current) or _last_end(line)
    recycle = current.terms.recycle_after if current is not None else None
    waiting = line.pending
    refund = waiting[0].refund_within if waiting is not None else None
    return LineBalance(
        name=line.name,
        status=_status(line, buckets),
        plan=current.terms.name if current is not None else waiting[0].name if waiting is not None else None,
        granted=UNLIMITED
        if isinstance(remaining, Unlimited)
        else sum(b.granted for b in buckets if b.granted is not UNLIMITED),
        used=sum(bucket.used for bucket in buckets),
        remaining=remaining,
        reserved=sum(bucket.reserved for bucket in buckets),
        available=available(line, now),
        forfeited=line.forfeited,
        out_of_bucket=line.out_of_bucket,
        charged=line.charged,
        main_balance=line.main_balance,
        throttled=line.throttled,
        buckets=buckets,
        term_end=ends,
        next_boundary=None if current is None or current.boundary is FOREVER else current.boundary,
        use_by=None if line.use_by is FOREVER else line.use_by,
        recycle_by=None if recycle is None or ends is None else later(ends, recycle, line.zone),
        refund_by=None if waiting is None or refund is None else later(waiting[1], refund, line.zone),
        sources=tuple(source.account.name for source in line.sources),
        totals=_totals(line, now),
        movements=tuple(line.journal or ()),
    )


def _totals(line: "Line", now: datetime) -> Totals:
    ahead = sum(bucket.remaining for _, _, bucket in line.starts)
    return Totals(
        line.granted,
        line.received,
        line.adjusted,
        line.used,
        line.sent,
        line.fees,
        line.forfeited,
        line.left(now) + ahead,
        sum(bucket.remaining for bucket in line.held),
        line.from_unlimited,
    )


def _status(line: "Line", buckets: tuple[BucketView, ...]) -> str:
    if line.current is not None:
        return "suspended" if line.current.waiting else "active"
    if any(bucket.status == "active" for bucket in buckets):
        return "active"
    if line.pending is not None or line.starts:
        return "pending"
    if buckets:
        return "suspended"
    return "expired" if line.grants else "pending"


def _term_end(contract: "Contract | None") -> datetime | None:
    if contract is None:
        return None
    rhythm, term = contract.rhythm, contract.term
    for terms in contract.queued:
        if terms == rhythm.terms:
            term += 1
        else:
            rhythm, term = rhythm.next_plan(terms, term, max(0, rhythm.periods - 1)), 0
    end = rhythm.term_end(term)
    return None if end is FOREVER else end


def _last_end(account: Account) -> datetime | None:
    ends = [bucket.end for bucket in account.live.values()]
    return max(ends) if ends and max(ends) is not FOREVER else None


__all__ = ["BucketView", "LineBalance", "PoolBalance", "State", "Totals"]
