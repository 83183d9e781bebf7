"""What each event does to a line. A verdict, once given, stands when everything is worked out anew."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from esimctl.charging.buckets import Bucket
from esimctl.charging.contracts import Order
from esimctl.charging.events import (
    Commit,
    Credit,
    Event,
    Gift,
    Grant,
    Install,
    Leave,
    Observe,
    Purchase,
    Release,
    Renew,
    Reserve,
    Share,
    Topup,
    Use,
)
from esimctl.charging.lines import Line, Source
from esimctl.charging.moments import later

if TYPE_CHECKING:
    from esimctl.charging.engine import Engine

#: Why an event was refused, in a few words.
Refusal = str
Key = tuple[datetime, int, int]


class Entry:
    """An event with the place at which it counts, and what was decided about it.

    The key is (instant, phase, sequence): phase -1 counts before the boundary of its instant, 0 with it, 1 after it.
    """

    __slots__ = ("bucket", "decided", "early", "event", "key", "most", "raised", "refusal")

    def __init__(self, key: Key, event: "Event | FreedEarlier") -> None:
        self.key = key
        self.event: Any = event
        self.decided = False
        self.refusal: Refusal | None = None
        self.most: int | None = None
        self.raised = 0
        self.early: dict[str, int] = {}
        self.bucket: str | None = None

    def copy(self) -> "Entry":
        """A twin for another engine."""
        twin = Entry(self.key, self.event)
        twin.decided, twin.refusal, twin.most = self.decided, self.refusal, self.most
        twin.raised, twin.early, twin.bucket = self.raised, dict(self.early), self.bucket
        return twin


class FreedEarlier:
    """Reserved data that was released after its bucket had ended: the boundary is worked out anew with it."""

    __slots__ = ("at", "line", "octets")

    def __init__(self, at: datetime, line: str, octets: int) -> None:
        self.at, self.line, self.octets = at, line, octets


def _refuse(entry: Entry, reason: Refusal | None) -> bool:
    """Decide once; True when the event must change nothing."""
    if not entry.decided:
        entry.decided = True
        entry.refusal = reason
    return entry.refusal is not None


def _use(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    line.use(entry.event.octets, at, entry.most)


def _purchase(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    terms = entry.event.terms
    if terms.starts_on == "purchase":
        line.buy(terms, at)
    elif not _refuse(entry, "a plan is waiting for its start already" if line.pending else None):
        line.pending = (terms, at)
        line.note(at, "bought", other=terms.name)


def _install(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    if line.pending is not None and line.pending[0].starts_on == "installation":
        line.begin(at)


def _renew(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    event = entry.event
    assert isinstance(event, Renew)
    completes = event.completes or event.at
    if completes > at:
        line.orders.append(Order(at, completes, event.terms, event.fails))
        line.note(at, "renewal-ordered", other=event.terms.name)
    elif event.fails:
        line.note(at, "renewal-failed", other=event.terms.name)
    elif entry.key[1] == 0:
        line.orders.append(Order(at, at, event.terms, False))
        line.reckon()
        line.advance(at)
    else:
        line.buy(event.terms, at)


def _topup(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    line.grant_once(entry.event.terms, at)


def _grant(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    from esimctl.charging.engine import add_explicit

    assert isinstance(entry.event, Grant)
    taken = entry.event.id is not None and entry.event.id in line.live
    if not _refuse(entry, "there is a bucket of that name already" if taken else None):
        add_explicit(line, entry.event, at)


def _credit(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    money = entry.event.money
    other = line.main_balance is not None and line.main_balance.currency != money.currency
    if not _refuse(entry, "the main balance is in another currency" if other else None):
        line.main_balance = money if line.main_balance is None else line.main_balance + money
        line.note(at, "credited", amount=money.minor, other=money.currency)


def _reserve(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    want = entry.event.octets
    usable = list(line.usable(at))
    short = 0 if any(bucket.unlimited for bucket in usable) else want - sum(bucket.free for bucket in usable)
    if not _refuse(entry, "more than is available" if short > 0 else None):
        engine.shortage += line.reserve(want, at)


def _release(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    event = entry.event
    assert isinstance(event, Release)
    parts = line.reserved_parts()
    left = event.octets - sum(entry.early.values())
    if _refuse(entry, "more than is reserved" if left > sum(bucket.reserved for bucket in parts) else None):
        return
    for bucket in list(line.held):
        part = min(bucket.reserved, left)
        if part and bucket.id not in entry.early:
            freed = Entry((bucket.closed_at, -1, entry.key[2]), FreedEarlier(bucket.closed_at, line.name, part))
            freed.bucket = bucket.id
            entry.early[bucket.id] = part
            engine.early.append(freed)
            left -= part
    if left > 0:
        line.release(left, at, line.reserved_parts())


def _free_earlier(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    bucket = line.live.get(entry.bucket or "")
    if bucket is not None:
        line.release(entry.event.octets, at, [bucket])


def _commit(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    want = entry.event.octets
    reserved = sum(bucket.reserved for bucket in line.reserved_parts())
    if not _refuse(entry, "more than is reserved" if want > reserved else None):
        line.commit(want, at)


def _observe(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    octets = entry.event.octets
    difference = octets - line.left(at)
    if not entry.decided:
        entry.raised = max(0, difference)
    nowhere = difference > 0 and not line.live and not line.endless
    if _refuse(entry, "there is no bucket to hold what was observed" if nowhere else None):
        return
    line.observed_at = at
    line.note(at, "observed", amount=octets)
    if not line.endless and difference:
        if difference < 0:
            line.adjust_down(-difference, at)
        else:
            engine.shortage += max(0, difference - entry.raised)
            line.adjust_up(difference, at)
    for bucket in line.live.values():
        bucket.provisional = False


def _gift_refusal(engine: "Engine", line: Line, event: Gift, usable: list[Bucket], at: datetime) -> Refusal | None:
    need = event.octets + (event.fee if event.cost_owner == "originator" else 0)
    if event.to == line.name:
        return "a gift to oneself"
    if event.octets <= 0 or (event.cost_owner == "receiver" and event.fee >= event.octets):
        return "nothing would arrive"
    if not any(bucket.unlimited for bucket in usable) and need > sum(bucket.free for bucket in usable):
        return "more than may be given away"
    terms = line.current.terms if line.current is not None else None
    if terms is not None:
        least, most = terms.gift_least, terms.gift_most
        if (least is not None and event.octets < least) or (most is not None and event.octets > most):
            return "outside the limits of a gift"
        day = at.astimezone(line.zone).date().isoformat()
        if terms.gifts_per_day is not None and line.gifts.get(day, 0) >= terms.gifts_per_day:
            return "no more gifts on this day"
    return None


def _gift(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    event = entry.event
    assert isinstance(event, Gift)
    other = engine.lines[event.to]
    other.advance(at)
    usable = [bucket for bucket in line.usable(at) if bucket.transferable]
    if _refuse(entry, _gift_refusal(engine, line, event, usable, at)):
        return
    day = at.astimezone(line.zone).date().isoformat()
    line.gifts[day] = line.gifts.get(day, 0) + 1
    parts: dict[datetime, int] = {}

    def give(bucket: Bucket, part: int) -> None:
        bucket.sent += part
        if not bucket.unlimited:
            bucket.remaining -= part
        parts[bucket.end] = parts.get(bucket.end, 0) + part
        line.note(at, "gift-sent", bucket, part, delta=part, other=event.to)

    def pay(bucket: Bucket, part: int) -> None:
        bucket.sent += part
        if not bucket.unlimited:
            bucket.remaining -= part
        line.note(at, "fee", bucket, part, delta=part)

    most = event.octets + event.fee
    short = line.draw(event.octets, usable, give, lambda bucket: most if bucket.unlimited else bucket.free)
    line.sent += event.octets - short
    if event.cost_owner == "originator" and event.fee:
        unpaid = line.draw(event.fee, usable, pay, lambda bucket: most if bucket.unlimited else bucket.free)
        line.fees += event.fee - unpaid
        short += unpaid
    line.sift(len(line.order))
    engine.shortage += short
    receive(other, entry, event, parts, at)


def receive(line: Line, entry: Entry, event: Gift, parts: dict[datetime, int], at: datetime) -> None:
    """The receiver's side: one bucket for each end, less the fee where the receiver pays it."""
    fee = event.fee if event.cost_owner == "receiver" else 0
    for count, (end, part) in enumerate(sorted(parts.items()), 1):
        paid = min(fee, part)
        fee -= paid
        line.fees += paid
        line.received += part
        if part - paid:
            until = end if event.validity is None else min(end, later(at, event.validity, line.zone))
            bucket = Bucket(f"gift-{entry.key[2]}-{count}", "gift", part - paid, at, until, 20)
            line.add(bucket, at)
            line.note(at, "gift-received", bucket, part - paid, delta=paid - part, other=event.line)
        if paid:
            line.note(at, "fee", amount=paid)
    line.grants += 1
    line.reckon()


def _share(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    event = entry.event
    assert isinstance(event, Share)
    account = engine.pools.get(event.source) or engine.lines[event.source]
    account.advance(at)
    if _refuse(entry, "a line does not share with itself" if account is line else None):
        return
    line.sources = [source for source in line.sources if source.account is not account]
    line.sources.append(Source(account, event.cap, event.pool_first))
    line.note(at, "shares", other=event.source)


def _leave(engine: "Engine", line: Line, entry: Entry, at: datetime) -> None:
    event = entry.event
    assert isinstance(event, Leave)
    account: Any = engine.pools.get(event.source) or engine.lines.get(event.source)
    member = any(source.account is account for source in line.sources)
    if not _refuse(entry, None if member else "not a member"):
        throttled = line.throttled
        line.sources = [source for source in line.sources if source.account is not account]
        if throttled:
            line.throttled_at = line.token
        line.note(at, "left", other=event.source)


#: What happens to a line for each type of event.
HANDLERS: dict[type, Callable[["Engine", Line, Entry, datetime], None]] = {
    Use: _use,
    Purchase: _purchase,
    Install: _install,
    Renew: _renew,
    Topup: _topup,
    Grant: _grant,
    Credit: _credit,
    Reserve: _reserve,
    Release: _release,
    FreedEarlier: _free_earlier,
    Commit: _commit,
    Observe: _observe,
    Gift: _gift,
    Share: _share,
    Leave: _leave,
}

__all__ = ["HANDLERS", "Entry", "FreedEarlier", "Refusal"]
