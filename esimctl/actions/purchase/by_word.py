"""Purchases that a person's word books: one that a stop left half written is finished from its own words, once."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from esimctl.actions.purchase.intent import Intent, Offer
from esimctl.actions.purchase.pursue import FINISHED
from esimctl.actions.purchase.repeat import parameters
from esimctl.providers.abilities import OnWord
from esimctl.providers.protocol import Tier

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState

A_DAY: Final = timedelta(days=1)


def finished(session: "Session", intent: Intent) -> "OrderState | None":
    """The order that a stopped run had begun and this one has finished, if it is the very one that is asked for now.

    Of whatever seller: who says the same words again after a stop means one purchase.
    """
    if not session.finished:
        return None
    ledger = session.store.ledger_for_reading()
    orders = [order for each in sorted(session.finished) if (order := ledger.order(each)) is not None]
    now = session.clock.now()
    return next((order for order in orders if now - order.created_at < A_DAY and same(ledger, intent, order)), None)


def same(ledger: "Ledger", intent: Intent, order: "OrderState") -> bool:
    """Whether an order is what is asked for, as far as that is said: line, plan or money, price, and the receipt."""
    asked = parameters(ledger, intent, order)
    said = json.loads(order.request).get("paid") if order.tier == Tier.NOTHING else None
    return (
        all(now in (None, then) for now, then in asked.values())
        and intent.paid in (None, "", said)
        and intent.price in (None, order.price, order.paid)
    )


def finished_lately(ledger: "Ledger", offer: Offer, now: datetime) -> "OrderState | None":
    """The same purchase, if a stopped run began it and another command finished it within a day."""
    if not isinstance(offer.provider, OnWord):
        return None
    meant = replace(offer.intent, line=offer.wish.line.name, plan=offer.wish.plan, provider=offer.provider.name)
    for order in ledger.orders.values():
        lately = order.settled_at is not None and now - order.settled_at < A_DAY
        if lately and order.reason == FINISHED and order.state == "settled" and same(ledger, meant, order):
            return order
    return None


__all__ = ["finished", "finished_lately", "same"]
