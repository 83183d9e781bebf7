"""What each event does to a line. A verdict, once given, stands when everything is worked out anew."""

from collections.abc import Callable, Mapping
from typing import Any

from esimctl.charging.entries import Deed, FreedEarlier, KeptEvent
from esimctl.charging.events import (
    CarriedOver,
    Commit,
    Credit,
    Debit,
    Gift,
    Grant,
    Install,
    Leave,
    Observe,
    ObserveMoney,
    Purchase,
    Release,
    Renew,
    Reserve,
    Restate,
    Share,
    Topup,
)
from esimctl.charging.gifts import give
from esimctl.charging.grants import PendingRenewal, uncarry
from esimctl.charging.lines import Source
from esimctl.charging.restating import restated


def _purchase(deed: Deed) -> None:
    line, at = deed.line, deed.at
    terms = deed.event.terms
    if terms.starts_on == "purchase":
        line.buy(terms, at)
    elif not deed.refused("a plan is waiting for its start already" if line.pending else None):
        line.pending = (terms, at)
        line.note(at, "bought", other=terms.name)


def _install(deed: Deed) -> None:
    line, at = deed.line, deed.at
    if line.pending is not None and line.pending[0].starts_on == "installation":
        line.begin(at)


def _renew(deed: Deed) -> None:
    line, at, entry = deed.line, deed.at, deed.entry
    event = deed.event
    assert isinstance(event, Renew)
    completes = event.completes or event.at
    if completes > at:
        line.orders.append(PendingRenewal(at, completes, event.terms, event.fails))
        line.note(at, "renewal-ordered", other=event.terms.name)
    elif event.fails:
        line.note(at, "renewal-failed", other=event.terms.name)
    elif entry.key[1] == 0:
        line.orders.append(PendingRenewal(at, at, event.terms, False))
        line.reckon()
        line.advance(at)
    else:
        line.buy(event.terms, at)


def _topup(deed: Deed) -> None:
    line, at = deed.line, deed.at
    line.grant_once(deed.event.terms, at)


def _grant(deed: Deed) -> None:
    line, at = deed.line, deed.at
    assert isinstance(deed.event, Grant)
    taken = deed.event.id is not None and deed.event.id in line.live
    if not deed.refused("there is a bucket of that name already" if taken else None):
        line.hold(deed.event, at)


def _credit(deed: Deed) -> None:
    line, at = deed.line, deed.at
    money = deed.event.money
    other = line.main_balance is not None and line.main_balance.currency != money.currency
    if not deed.refused("the main balance is in another currency" if other else None):
        line.main_balance = money if line.main_balance is None else line.main_balance + money
        line.note(at, "credited", amount=money.minor, other=money.currency)


def _debit(deed: Deed) -> None:
    """Never below nothing: what is not held is not paid."""
    line, at = deed.line, deed.at
    money, held = deed.event.money, deed.line.main_balance
    short = held is None or held.currency != money.currency or held.minor < money.minor
    if not deed.refused("more than the main balance holds" if short else None):
        line.main_balance = held - money
        line.note(at, "paid", amount=money.minor, other=money.currency)


def _observe_money(deed: Deed) -> None:
    money = deed.event.money
    deed.line.main_balance = money
    deed.line.note(deed.at, "observed-money", amount=money.minor, other=money.currency)


def _reserve(deed: Deed) -> None:
    line, at = deed.line, deed.at
    want = deed.event.octets
    usable = list(line.usable(at))
    short = 0 if any(bucket.unlimited for bucket in usable) else want - sum(bucket.free for bucket in usable)
    if not deed.refused("more than is available" if short > 0 else None):
        deed.engine.shortage += line.reserve(want, at)


def _release(deed: Deed) -> None:
    line, at, entry = deed.line, deed.at, deed.entry
    event = deed.event
    assert isinstance(event, Release)
    parts = line.reserved_parts()
    early = entry.early or {}
    left = event.octets - sum(early.values())
    if deed.refused("more than is reserved" if left > sum(bucket.reserved for bucket in parts) else None):
        return
    for bucket in list(line.held):
        part = min(bucket.reserved, left)
        if part and bucket.id not in early:
            freed = KeptEvent((bucket.closed_at, -1, entry.key[2]), FreedEarlier(bucket.closed_at, line.name, part))
            freed.bucket = bucket.id
            early[bucket.id] = part
            entry.early = early
            deed.engine.early.append(freed)
            left -= part
    if left > 0:
        line.release(left, at, line.reserved_parts())


def _free_earlier(deed: Deed) -> None:
    line, at, entry = deed.line, deed.at, deed.entry
    bucket = line.live.get(entry.bucket or "")
    if bucket is not None:
        line.release(deed.event.octets, at, [bucket])


def _commit(deed: Deed) -> None:
    line, at = deed.line, deed.at
    want = deed.event.octets
    reserved = sum(bucket.reserved for bucket in line.reserved_parts())
    if not deed.refused("more than is reserved" if want > reserved else None):
        line.commit(want, at)


def _observe(deed: Deed) -> None:
    line, at, entry = deed.line, deed.at, deed.entry
    octets = deed.event.octets
    difference = octets - line.left(at)
    if not entry.decided:
        entry.raised = max(0, difference)
    nowhere = difference > 0 and not line.live and not line.endless
    if deed.refused("there is no bucket to hold what was observed" if nowhere else None):
        return
    line.observed_at = at
    line.note(at, "observed", amount=octets)
    if not line.endless and difference:
        if difference < 0:
            line.adjust_down(-difference, at)
        else:
            deed.engine.shortage += max(0, difference - entry.raised)
            line.adjust_up(difference, at)
    for bucket in line.live.values():
        bucket.provisional = False


def _carried_over(deed: Deed) -> None:
    assert isinstance(deed.event, CarriedOver)
    uncarry(deed.line, deed.event.octets, deed.at)


def _share(deed: Deed) -> None:
    line, at = deed.line, deed.at
    event = deed.event
    assert isinstance(event, Share)
    account = deed.engine.pools.get(event.source) or deed.engine.lines[event.source]
    account.advance(at)
    if deed.refused("a line does not share with itself" if account is line else None):
        return
    line.sources = [source for source in line.sources if source.account is not account]
    line.sources.append(Source(account, event.cap, event.pool_first))
    line.note(at, "shares", other=event.source)


def _leave(deed: Deed) -> None:
    line, at = deed.line, deed.at
    event = deed.event
    assert isinstance(event, Leave)
    account: Any = deed.engine.pools.get(event.source) or deed.engine.lines.get(event.source)
    member = any(source.account is account for source in line.sources)
    if not deed.refused(None if member else "not a member"):
        throttled = line.throttled
        line.sources = [source for source in line.sources if source.account is not account]
        if throttled:
            line.throttled_at = line.token
        line.note(at, "left", other=event.source)


def _restate(deed: Deed) -> None:
    line, at = deed.line, deed.at
    event = deed.event
    assert isinstance(event, Restate)
    line.restate(lambda terms: restated(terms, event, running=True))
    if "rollover" in event.changed:
        rollover = event.changed["rollover"]
        carries = isinstance(rollover, Mapping) and rollover.get("mode") == "carry"
        line.note(at, "restated-carry" if carries else "restated-none", other=event.said)
    else:
        line.note(at, "restated", other=event.said)


#: What happens to a line for each type of event.
HANDLERS: dict[type, Callable[[Deed], None]] = {
    Purchase: _purchase,
    Install: _install,
    Renew: _renew,
    Topup: _topup,
    Grant: _grant,
    Credit: _credit,
    Debit: _debit,
    Reserve: _reserve,
    Release: _release,
    FreedEarlier: _free_earlier,
    Commit: _commit,
    Observe: _observe,
    ObserveMoney: _observe_money,
    CarriedOver: _carried_over,
    Gift: give,
    Share: _share,
    Leave: _leave,
    Restate: _restate,
}
