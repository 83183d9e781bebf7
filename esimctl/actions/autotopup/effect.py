"""Whether orders had a visible effect: two in a row without one stop the rule before it buys a third."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.actions.balance.readings import reading_of

if TYPE_CHECKING:
    from esimctl.actions.autotopup.rule import Rule
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.providers.protocol import Reading


def without_effect(
    ledger: "Ledger", rule: "Rule", orders: "Sequence[OrderState]", since: datetime | None, newest: "Reading | None"
) -> int:
    """How many of the rule's two newest settled orders in a row left every figure as it was; 0 in doubt."""
    settled = [
        order
        for order in orders
        if order.rule == rule.name and order.settled_at is not None and (since is None or order.created_at > since)
    ]
    count = 0
    for place in range(len(settled) - 1, max(-1, len(settled) - 3), -1):
        following = settled[place + 1] if place + 1 < len(settled) else None
        before, after = around(ledger, settled[place], following, newest)
        if before is None or not after or any(grew(before, each) for each in after):
            break
        count += 1
    return count


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


def grew(before: "Reading", after: "Reading") -> bool:
    """Whether anything of a line is more than it was: data, money, time or a bucket. What is unknown may have grown."""
    if {one.id for one in (*after.buckets, *after.ahead)} - {one.id for one in (*before.buckets, *before.ahead)}:
        return True
    pairs = (
        (before.granted_bytes, after.granted_bytes),
        (before.remaining_bytes, after.remaining_bytes),
    )
    if any(new is None or old is None or new > old for old, new in pairs):
        return True
    if after.main_balance is not None and (before.main_balance is None or after.main_balance > before.main_balance):
        return True
    if after.expires_at is not None and (before.expires_at is None or after.expires_at > before.expires_at):
        return True
    return (before.status, before.plan) != (after.status, after.plan)


__all__ = ["grew", "without_effect"]
