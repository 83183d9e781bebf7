"""What becomes of base data at a boundary: percent, caps, carry, trim (rollover steps 5 to 9), for all callers."""

from datetime import datetime

from esimctl.charging.account import Account
from esimctl.charging.buckets import Bucket
from esimctl.charging.policies import RolloverPolicy

CARRIED = "rollover-of-"  #: begins the name of a bucket of carried data; the bucket that it comes from follows


def carried_part(bucket: Bucket, policy: RolloverPolicy | None) -> int:
    """How much of a closing bucket is carried before the cap on the sum: steps 5 and 6."""
    if policy is None or not policy.carries or bucket.unlimited or bucket.category not in ("base", "shared"):
        return 0
    carry = bucket.free
    if policy.max_percent is not None:
        carry = min(carry, bucket.granted * policy.max_percent // 100)
    if policy.cap_scope == "per-step" and policy.maximum is not None:
        carry = min(carry, policy.maximum)
    return max(0, carry)


def sum_limit(policy: RolloverPolicy, new_grant: int | None) -> int | None:
    """The most that carried data may come to (step 9), None without a cap; `new_grant` is None for unlimited data."""
    if policy.maximum is None or policy.cap_scope == "per-step":
        return None
    if policy.cap_scope == "rollover-only":
        return policy.maximum
    return 0 if new_grant is None else max(0, policy.maximum - new_grant)


def carry(
    account: Account,
    closing: Bucket,
    policy: RolloverPolicy | None,
    at: datetime,
    until: datetime,
    base_priority: int,
    provisional: bool,
) -> None:
    """Close a base bucket: one part becomes a rollover bucket, the rest is forfeited (steps 5 to 8).

    `base_priority` is the place of the base data that the carried data will stand beside.
    """
    part = carried_part(closing, policy)
    if part:
        closing.remaining -= part
        closing.carried += part
        account.note(at, "carried", closing, part, delta=part)
    account.close(closing, at, "forfeited")
    if not part or policy is None:
        return
    carried = Bucket(
        f"{CARRIED}{closing.id}",
        "rollover",
        part,
        at,
        until,
        policy.priority(base_priority),
        transferable=policy.transferable,
        window=closing.window,
        carried_first=policy.consumption == "by-expiry",
        purpose=closing.purpose,
    )
    carried.provisional = provisional
    account.add(carried, at)
    account.note(at, "carried-in", carried, part, delta=-part, other=closing.id)


def rollover_buckets(account: Account) -> list[Bucket]:
    """The live carried buckets, the one that ends soonest first (ties: oldest start, id)."""
    live = [bucket for bucket in account.live.values() if bucket.category == "rollover"]
    return sorted(live, key=lambda bucket: (bucket.end, bucket.start, bucket.id))


def trim(account: Account, limit: int | None, at: datetime) -> None:
    """Cut carried data down to the limit, the row that ends soonest first; a row emptied by it is gone (step 9)."""
    if limit is None:
        return
    buckets = [bucket for bucket in rollover_buckets(account) if not bucket.unlimited]
    over = sum(bucket.remaining for bucket in buckets) - limit
    for bucket in buckets:
        if over <= 0:
            return
        cut = min(bucket.free, over)
        if cut:
            over -= cut
            account.forfeit(bucket, cut, at, "trimmed")
            if bucket.start == at:  # it never held that much
                bucket.granted -= cut
                bucket.forfeited -= cut
            account.unqueue(bucket)
            account.queue(bucket)
            if not bucket.remaining:
                account.close(bucket, at, "trimmed")


def uncarry(account: Account, octets: int, at: datetime) -> None:
    """Close carried data that the operator does not have, the row that came last first: that carry has failed."""
    buckets = [bucket for bucket in rollover_buckets(account) if not bucket.unlimited]
    over = sum(bucket.remaining for bucket in buckets) - octets
    for bucket in sorted(buckets, key=lambda bucket: (bucket.start, bucket.id), reverse=True):
        cut = min(bucket.free, over)
        if cut <= 0:
            continue
        over -= cut
        account.forfeit(bucket, cut, at, "not-carried")
        account.unqueue(bucket)
        account.queue(bucket)
        if not bucket.remaining:
            account.close(bucket, at, "not-carried")


def recap(account: Account, policy: RolloverPolicy | None, base_priority: int, at: datetime) -> None:
    """Put data that was carried before under the policy of another plan; without one it is forfeited."""
    for bucket in rollover_buckets(account):
        if policy is None or not policy.carries:
            account.close(bucket, at, "forfeited")
            continue
        account.unqueue(bucket)
        bucket.place(policy.priority(base_priority), policy.consumption == "by-expiry")
        account.queue(bucket)


def lapse_rollover(account: Account, policy: RolloverPolicy | None, at: datetime) -> None:
    """What becomes of carried data when a line is not renewed: forfeited, suspended until it is, or kept."""
    if policy is None or policy.on_lapse == "keep":
        return
    for bucket in rollover_buckets(account):
        if policy.on_lapse == "forfeit":
            account.close(bucket, at, "lapsed")
        elif bucket.status == "active":
            account.unqueue(bucket)
            bucket.status = "suspended"
            account.note(at, "suspended", bucket, bucket.remaining)


def wake(account: Account, at: datetime) -> None:
    """A renewal wakes what a lapse had suspended."""
    for bucket in rollover_buckets(account):
        if bucket.status == "suspended":
            bucket.status = "active"
            account.queue(bucket)
            account.note(at, "woken", bucket, bucket.remaining)
