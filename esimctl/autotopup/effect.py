"""Whether a rule's orders brought what they were for; two in a row that brought nothing stop it before a third.

What is looked for is what was bought: data for data, a later end for a renewal, money for money; no one of them passes
for another. That something came may be seen in any reading since. That nothing came is proved only by a reading that is
younger than the provider's lag, taken while what was bought would still be there.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final, NamedTuple

from esimctl.autotopup.trigger import end_of_plan
from esimctl.usage.last_reading import reading_of
from esimctl.usage.story import life_end
from esimctl.values.money import Money

if TYPE_CHECKING:
    from esimctl.autotopup.rule import Rule
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.providers.protocol import Reading

DATA: Final = "data"

TIME: Final = "time"

CREDIT: Final = "credit"


class Effect(NamedTuple):
    """How many of the newest orders in a row brought nothing, at most two; whether the newest is not seen yet."""

    missing: int = 0
    unseen: bool = False


def effect(
    ledger: "Ledger",
    rule: "Rule",
    orders: "Sequence[OrderState]",
    since: datetime | None,
    newest: "Reading | None",
    *,
    lag: timedelta,
    where: tzinfo,
) -> Effect:
    """What came of the rule's two newest settled orders since a person looked at it; in doubt it came."""
    settled = [
        order
        for order in orders
        if order.rule == rule.name and order.settled_at is not None and (since is None or order.created_at > since)
    ]
    missing, unseen = 0, False
    for place in range(len(settled) - 1, max(-1, len(settled) - 3), -1):
        order = settled[place]
        following = settled[place + 1] if place + 1 < len(settled) else None
        before, after = around(ledger, order, following, newest)
        wanted = bought(order, rule)
        if before is None or not after or any(came(wanted, before, each) for each in after):
            break
        unseen = unseen or following is None
        if not any(proves(order, each, lag, where) for each in after):
            break
        missing += 1
    return Effect(missing, unseen)


def around(
    ledger: "Ledger", order: "OrderState", following: "OrderState | None", newest: "Reading | None"
) -> tuple["Reading | None", "list[Reading]"]:
    """The last reading before an order was made, and those since it was settled, up to the next one.

    All of them: the figures of a provider may lag, and what the first does not show yet the second may.
    """
    facts = ledger.readings.get(order.line, [])
    before = [fact for fact in facts if fact.seq < order.seq]
    since = [fact for fact in facts if fact.seq > order.seq and order.settled_at and fact.read_at >= order.settled_at]
    after = [reading_of(fact) for fact in since if following is None or fact.seq < following.seq]
    if following is None and newest is not None and order.settled_at and newest.at >= order.settled_at:
        after.append(newest)
    return (reading_of(before[-1]) if before else None), after


def bought(order: "OrderState", rule: "Rule") -> frozenset[str]:
    """What an order was for. A pack is bought for its data, before an end (where packs renew a line) also for time."""
    if order.amount is not None:
        return frozenset({CREDIT})
    if rule.trigger == "threshold":
        return frozenset({DATA if isinstance(rule.below, int) else CREDIT})
    if order.kind == "renew":
        return frozenset({TIME})
    return frozenset({DATA, TIME}) if rule.trigger == "before_expiry" else frozenset({DATA})


def proves(order: "OrderState", after: "Reading", lag: timedelta, where: tzinfo) -> bool:
    """Whether a reading must show what an order brought: the lag is over, and what was bought is not."""
    assert order.settled_at is not None
    return order.settled_at + lag <= after.at < life_end(order, where)


def came(wanted: frozenset[str], before: "Reading", after: "Reading") -> bool:
    """Whether a reading shows anything of what was bought."""
    shown = {DATA: more_data, TIME: more_time, CREDIT: more_money}
    return any(shown[each](before, after) for each in wanted)


def more_data(before: "Reading", after: "Reading") -> bool:
    """A bucket that was not there, or a total that has grown; what is unknown may have. What waits helps nobody."""
    known = {one.id for one in before.buckets}
    if any(one.id not in known and one.usage_type == DATA for one in after.buckets):
        return True
    pairs = ((before.granted_bytes, after.granted_bytes), (before.remaining_bytes, after.remaining_bytes))
    return any(new is None or old is None or new > old for old, new in pairs)


def more_time(before: "Reading", after: "Reading") -> bool:
    """The plan has another end, be it an earlier one where it began anew; one that is unknown may have changed."""
    old, new = end_of_plan(before), end_of_plan(after)
    return old is None or new is None or new != old


def more_money(before: "Reading", after: "Reading") -> bool:
    """The main balance is another one, what was charged for use since counted in: with less something was paid."""
    old, new = before.main_balance, after.main_balance
    if old is None or new is None or old.currency != new.currency:
        return True
    if after.charged is not None and after.charged.currency == new.currency:
        new += after.charged
        new -= before.charged if before.charged is not None else Money.zero(new.currency)
    return new != old
