"""Money that moved, one row each time: payments, refunds, and the charges of somebody else, for account books."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from esimctl.charging.moments import instant
from esimctl.charging.money import Money

if TYPE_CHECKING:
    from esimctl.ledger.facts import ForeignFact
    from esimctl.ledger.orders import OrderState

Move = dict[str, Any]


def of_order(order: "OrderState", where: tzinfo, *, play: bool) -> Iterator[Move]:
    """The payment of a settled order, and its refund; nothing for one that moved no money.

    What was paid counts, and the price where the provider never told the payment (`told` is false then). `play`: it
    was play money.
    """
    if order.settled_at is None:
        return
    if order.counted or order.fee:
        yield {
            **_common(order, order.settled_at, where, play),
            "move": "payment",
            "money": order.counted.as_json(),
            "fee": None if not order.fee else order.fee.as_json(),
            "told": order.paid is not None,
        }
    if order.refund:
        yield {
            **_common(order, order.changed_at, where, play),
            "move": "refund",
            "money": order.refund.as_json(),
            "fee": None,
            "told": True,
        }


def of_foreign(fact: "ForeignFact", where: tzinfo, *, play: bool) -> Iterator[Move]:
    """A charge that no order of ours explains; nothing while its amount is unknown."""
    if not fact.amount_minor or fact.currency is None:
        return
    plan, reason = fact.data.get("plan"), fact.data.get("reason")
    yield {
        "move": "foreign",
        "at": instant(fact.at),
        "date": fact.at.astimezone(where).date().isoformat(),
        "id": None,
        "kind": "foreign",
        "provider_order": fact.provider_order,
        "provider": fact.provider,
        "method": None,
        "method_kind": None,
        "line": None,
        "plan": None if plan is None else str(plan),
        "reason": None if reason is None else str(reason),
        "imported": False,
        "play": play,
        "money": Money(fact.amount_minor, fact.currency).as_json(),
        "fee": None,
        "told": True,
    }


def _common(order: "OrderState", at: datetime, where: tzinfo, play: bool) -> Move:
    return {
        "at": instant(at),
        "date": at.astimezone(where).date().isoformat(),
        "id": order.id,
        "kind": order.kind,
        "provider_order": order.provider_order,
        "provider": order.provider,
        "method": order.method,
        "method_kind": order.method_kind,
        "line": order.line,
        "plan": order.plan,
        "reason": None,
        "imported": order.imported,
        "play": play,
    }
