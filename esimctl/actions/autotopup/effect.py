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
    for order in reversed(settled[-2:]):
        before, after = around(ledger, order, newest)
        if before is None or after is None or grew(before, after):
            break
        count += 1
    return count


def around(
    ledger: "Ledger", order: "OrderState", newest: "Reading | None"
) -> tuple["Reading | None", "Reading | None"]:
    """The last reading before an order was made and the first after it was settled."""
    facts = ledger.readings.get(order.line, [])
    before = [fact for fact in facts if fact.seq < order.seq]
    after = [fact for fact in facts if fact.seq > order.seq and order.settled_at and fact.read_at >= order.settled_at]
    first = reading_of(after[0]) if after else newest
    return (reading_of(before[-1]) if before else None), first


def grew(before: "Reading", after: "Reading") -> bool:
    """Whether anything of a line is more than it was: data, money, time or a bucket. What is unknown may have grown."""
    if {bucket.id for bucket in after.buckets} - {bucket.id for bucket in before.buckets}:
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
