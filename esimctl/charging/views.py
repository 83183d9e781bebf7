"""Frozen views made of the books: what is live, what may be used, when it ends."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from esimctl.charging.account import BucketHolder
from esimctl.charging.balances import BucketView, LineBalance, PoolBalance, Totals
from esimctl.charging.buckets import Bucket, burn_key
from esimctl.charging.contracts import Subscriber
from esimctl.charging.grants import Contract
from esimctl.charging.lines import Line
from esimctl.charging.rhythm import FOREVER, Rhythm
from esimctl.charging.terms import Terms
from esimctl.values.moments import later
from esimctl.values.volume import UNLIMITED, Unlimited


def live(account: BucketHolder, now: datetime) -> Iterable[Bucket]:
    """The live buckets in burn order."""
    return sorted((bucket for bucket in account.live.values() if bucket.matters(now)), key=burn_key)


def total(account: BucketHolder, now: datetime) -> int | Unlimited:
    """What all live buckets hold."""
    return UNLIMITED if any(bucket.unlimited for bucket in live(account, now)) else account.left(now)


def available(account: BucketHolder, now: datetime) -> int | Unlimited:
    """What the account's own buckets would give at that instant."""
    usable = list(account.usable(now))
    return UNLIMITED if any(bucket.unlimited for bucket in usable) else sum(bucket.free for bucket in usable)


def views(account: BucketHolder, now: datetime, *, shared: bool = False) -> tuple[BucketView, ...]:
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
        bucket.purpose,
    )


def ahead(line: Line) -> Iterator[BucketView]:
    """What the line holds of later times: buckets that have not begun, and renewals bought before the term's end."""
    for _, _, bucket in sorted(line.starts, key=lambda entry: entry[:2]):
        yield _view(bucket, False)
    contract = line.current
    if contract is None:
        return
    begin = contract.term_end
    rhythm, term = contract.rhythm, contract.term
    for number, terms in enumerate(contract.queued, 1):
        rhythm, term = _following(rhythm, term, terms)
        if terms.data is not None:
            endless = isinstance(terms.data, Unlimited)
            data = UNLIMITED if endless else terms.data
            end = rhythm.period_end(term, 0)
            yield BucketView(
                f"queued-{number}", terms.category, "data", data, 0, data, 0, begin, None if end is FOREVER else end,
                "active", None if terms.window is None else str(terms.window), False, False, terms.promotional,
                terms.transferable, terms.purpose,
            )  # fmt: skip
        begin = rhythm.term_end(term)


def pool_balance(pool: Subscriber, members: Iterable[str], now: datetime) -> PoolBalance:
    """The view of a pool that has been brought up to that instant."""
    ends = term_end(pool.current) or last_end(pool)
    return PoolBalance(
        pool.name,
        total(pool, now),
        available(pool, now),
        pool.forfeited,
        dict.fromkeys(members, 0) | pool.taken,
        views(pool, now, shared=True),
        None if ends is None else min(ends, pool.stop),
        tuple(pool.journal or ()),
    )


def line_balance(line: Line, now: datetime, *, story: bool = True) -> LineBalance:
    """The view of a line that has been brought up to that instant."""
    buckets = views(line, now)
    remaining = total(line, now)
    current = line.current
    ends = term_end(current) or last_end(line)
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
        used=sum(bucket.used for bucket in buckets) + _metered(current),
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
        movements=tuple(line.journal or ()) if story else (),
        ahead=tuple(ahead(line)),
    )


def _metered(current: Contract | None) -> int:
    """Octets of this period that a plan without any data of its own has metered; 0 of every other."""
    return current.beyond if current is not None and current.terms.data is None else 0


def _totals(line: Line, now: datetime) -> Totals:
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


def _status(line: Line, buckets: tuple[BucketView, ...]) -> str:
    if line.current is not None:
        return "suspended" if line.current.waiting else "active"
    if any(bucket.status == "active" for bucket in buckets):
        return "active"
    if line.pending is not None or line.starts:
        return "pending"
    if buckets:
        return "suspended"
    return "expired" if line.grants else "pending"


def term_end(contract: Contract | None) -> datetime | None:
    """When a contract ends with what is queued behind it; None for never, or where there is none."""
    if contract is None:
        return None
    rhythm, term = contract.rhythm, contract.term
    for terms in contract.queued:
        rhythm, term = _following(rhythm, term, terms)
    end = rhythm.term_end(term)
    return None if end is FOREVER else end


def plan_end(account: Subscriber) -> datetime | None:
    """When the plan itself ends, or ended last, with what is queued behind it; None for never, or where none was.

    A pack beside the plan may live longer: its end is no end of the plan.
    """
    return account.last_term_end if account.current is None else term_end(account.current)


def _following(rhythm: Rhythm, term: int, terms: Terms) -> tuple[Rhythm, int]:
    """The term after that one, where `terms` are what it is renewed with."""
    if terms == rhythm.terms:
        return rhythm, term + 1
    return rhythm.next_plan(terms, term, max(0, rhythm.periods - 1)), 0


def last_end(account: BucketHolder) -> datetime | None:
    """When the last live bucket ends; None for never, or where there is none."""
    ends = [bucket.end for bucket in account.live.values()]
    return max(ends) if ends and max(ends) is not FOREVER else None
