"""What will be, if nothing new happens: the next change of a line, and what renewing or not means for its data.

Both are played by the engine itself: one twin is renewed on time, the other is not, and the fate of every octet that
is there by the end of the term is read off their books.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from esimctl.charging.engine import run
from esimctl.charging.events import Event
from esimctl.charging.rhythm import FOREVER, Rhythm
from esimctl.charging.terms import Terms
from esimctl.charging.views import last_end, term_end
from esimctl.values.moments import later
from esimctl.values.record import field, record

if TYPE_CHECKING:
    from esimctl.charging.engine import Engine
    from esimctl.charging.grants import Contract
    from esimctl.charging.lines import Line
    from esimctl.charging.setup import Setup

#: reasons of movements by which data is gone without having been used
LOST = frozenset({"forfeited", "expired", "lapsed", "trimmed", "reset"})
CARRIED = "rollover-of-"  #: begins the name of a carried bucket, before the one that it came from


@record
class Outlook:
    """Octets by what becomes of them if nothing more is used; an instant is None where nothing happens then.

    `lost_if_not_bytes` is what a renewal until `renew_by` saves, data that was carried before included, so that it is
    never less than `carry_if_renewed_bytes`; no octet is in it and in `lost_anyway_bytes`.
    """

    carry_if_renewed_bytes: int = 0
    lost_anyway_bytes: int = 0
    lost_if_not_bytes: int = 0
    kept_anyway_bytes: int = 0  #: carried whether renewed or not
    carried_until: datetime | None = None
    lost_anyway_at: datetime | None = None  #: the first such loss
    renew_by: datetime | None = None  #: the last moment to renew in that keeps it: the end of the term, or of a grace
    grace_until: datetime | None = None


@record
class Renewal:
    """What a renewal now would do: its effect's word, the new end, and what becomes of the data that is there.

    `begins_at` is when it begins where it waits behind the present term (`queue`), None where it begins at once.
    """

    effect: str
    ends_at: datetime | None
    days_lost: int  #: local days that are paid for twice, or that a late renewal has missed
    kept_bytes: int
    kept_until: datetime | None
    lost_bytes: int  #: by the end of the term that runs now
    begins_at: datetime | None = None


@record(frozen=False)
class _Fate:
    """What became of the buckets of a line in one of its futures, by the bucket that the data was granted in."""

    lost: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lost_at: dict[str, datetime] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    until: dict[str, datetime] = field(default_factory=dict)


def next_change(engine: "Engine", name: str, after: datetime | None = None) -> datetime | None:
    """The next instant after `after` (default: now) at which a number of that line changes without a new event."""
    line = engine.line(name)
    if after is not None and after > engine.now:
        engine = engine.fork(name)
        engine.advance(after)
        line = engine.line(name)
    now = engine.now
    soonest = line.due
    for source in line.sources:
        soonest = min(soonest, source.account.due)
    for account in (line, *(source.account for source in line.sources)):
        for bucket in account.order:
            if bucket.window is not None:
                soonest = min(soonest, bucket.window.next_change(now, account.zone))
    return None if soonest >= FOREVER - timedelta(days=1) else soonest


def outlook(engine: "Engine", name: str) -> Outlook:
    """What a renewal on time is worth, with the plan that runs now or that is queued behind it."""
    line, now = engine.line(name), engine.now
    contract = line.current
    if contract is None:
        return _without_term(engine, name)
    if contract.term_end is FOREVER:
        return Outlook()
    following = contract.queued[-1] if contract.queued else contract.terms
    horizon = _horizon(contract)
    deadline = _deadline(contract, following, line)
    renewed, left = _twin(engine, name), _twin(engine, name)
    assert renewed.current is not None
    if contract.waiting:
        renewed.buy(following, now)
        renewed.reckon()
    else:
        renewed.current.queued.append(following)
    left.auto_renew = False
    until = max(horizon, now if deadline is None else deadline if following.policy.waits else now)
    left.advance(until)
    renewed.advance(until)
    known = {_root(bucket) for bucket in line.live}
    known |= {bucket.id for start, _, bucket in line.starts if start < horizon}
    known |= {move.bucket or "" for move in left.journal or () if move.reason == "granted" and move.at < horizon}
    kept, gone = _fate(renewed, known, horizon), _fate(left, known, horizon)
    anyway = {root: min(octets, kept.lost[root]) for root, octets in gone.lost.items()}
    saved = sum(max(0, octets - kept.lost[root]) for root, octets in gone.lost.items())
    carried = {root: max(0, octets - gone.carried[root]) for root, octets in kept.carried.items()}
    matters = saved or (following.policy.carries and following.policy.condition != "none")
    return Outlook(
        carry_if_renewed_bytes=sum(carried.values()),
        lost_anyway_bytes=sum(anyway.values()),
        lost_if_not_bytes=saved,
        kept_anyway_bytes=sum(min(octets, gone.carried[root]) for root, octets in kept.carried.items()),
        carried_until=_last(kept, kept.carried),
        lost_anyway_at=min((min(kept.lost_at[one], gone.lost_at[one]) for one in anyway if anyway[one]), default=None),
        renew_by=deadline if matters else None,
        grace_until=deadline if following.policy.waits else None,
    )


def renewal(engine: "Engine", name: str, terms: Terms) -> Renewal:
    """What renewing now with these terms would do; nothing of it happens to the engine."""
    line, now = engine.line(name), engine.now
    contract = line.current
    running = contract is not None and not contract.waiting
    effect = contract.early_renewal if contract is not None and running else "add"
    old_end = term_end(contract)
    best = None
    if contract is not None and running:
        best = term_end(_queued(engine, name, terms))
    elif contract is not None:
        best = Rhythm(terms, now, line.zone).term_end(0)
    renewed = _twin(engine, name)
    renewed.auto_renew = False
    renewed.buy(terms, now)
    renewed.reckon()
    ends = term_end(renewed.current)
    renewed.advance(max(now, old_end or now))
    known = {_root(bucket) for bucket in line.live}
    fate = _fate(renewed, known)
    base = None if contract is None or contract.base is None else renewed.live.get(contract.base.id)
    if contract is not None and base is not None and contract.base is not None and base.end > contract.base.end:
        fate.carried[base.id], fate.until[base.id] = min(base.free, contract.base.free), base.end
    return Renewal(
        effect,
        ends,
        _days(ends if effect != "stack" or ends is None else max(ends, old_end or ends), best, line),
        sum(fate.carried.values()),
        _last(fate, fate.carried),
        sum(fate.lost.values()),
        old_end if effect == "queue" else None,
    )


def if_renewed(setup: "Setup", events: Iterable[Event], line: str, at: datetime) -> Outlook:
    """The outlook from the inputs, as known at that instant."""
    return outlook(run(setup, [event for event in events if event.at <= at], at, journal=False).engine, line)


def _without_term(engine: "Engine", name: str) -> Outlook:
    """Packs without a plan that could be renewed: each goes at its end."""
    line = engine.line(name)
    end = last_end(line)
    if end is None:
        return Outlook()
    left = _twin(engine, name)
    left.advance(max(end, engine.now))
    fate = _fate(left, {_root(bucket) for bucket in line.live})
    return Outlook(lost_anyway_bytes=sum(fate.lost.values()), lost_anyway_at=min(fate.lost_at.values(), default=None))


def _horizon(contract: "Contract") -> datetime:
    """Up to when data is followed: the end of the running period, or of the term with what is queued behind it."""
    if contract.waiting or contract.boundary < contract.term_end:
        return contract.boundary
    return term_end(contract) or contract.term_end


def _deadline(contract: "Contract", following: Terms, line: "Line") -> datetime | None:
    """The last moment in which a renewal is on time; None where only an open order is waited for."""
    if contract.waiting:
        return None if contract.deadline is FOREVER else contract.deadline
    end = term_end(contract)
    policy = following.policy
    return later(end, policy.grace, line.zone) if end is not None and policy.waits and policy.grace else end


def _twin(engine: "Engine", name: str) -> "Line":
    """The line in an engine of its own; it writes down what happens from now on, and open orders come to nothing."""
    line = engine.fork(name).line(name)
    line.journal = []
    line.orders.clear()
    line.reckon()
    return line


def _queued(engine: "Engine", name: str, terms: Terms) -> "Contract | None":
    """The running contract as it would be with a renewal that begins when it ends."""
    contract = engine.fork(name).line(name).current
    if contract is not None:
        contract.queued.append(terms)
    return contract


def _fate(line: "Line", known: set[str], horizon: datetime | None = None) -> _Fate:
    """What a line's books say of buckets; `carried` is what was carried from `horizon` on and is still there."""
    fate = _Fate()
    for move in line.journal or ():
        root = _root(move.bucket or "")
        if root not in known or move.amount is None:
            continue
        if move.reason in LOST:
            fate.lost[root] += move.amount
            fate.lost_at.setdefault(root, move.at)
            if move.bucket != root and root in fate.carried:
                fate.carried[root] -= move.amount
        elif move.reason == "carried-in" and (horizon is None or move.at >= horizon):
            fate.carried[root] += move.amount
    for bucket in line.live.values():
        if bucket.id != _root(bucket.id):
            fate.until[_root(bucket.id)] = bucket.end
    return fate


def _root(bucket: str) -> str:
    """The bucket in which carried data was granted; itself for every other."""
    return bucket.removeprefix(CARRIED)


def _last(fate: _Fate, carried: Mapping[str, int]) -> datetime | None:
    """When the last of what was carried ends."""
    ends = [fate.until[root] for root, octets in carried.items() if octets and root in fate.until]
    return max((end for end in ends if end is not FOREVER), default=None)


def _days(ends: datetime | None, best: datetime | None, line: "Line") -> int:
    """Local days by which an end is earlier than it could be."""
    if ends is None or best is None or best is FOREVER:
        return 0
    return max(0, (best.astimezone(line.zone).date() - ends.astimezone(line.zone).date()).days)
