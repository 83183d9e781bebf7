"""Words that are said once more after a stop: the purchase that they began is one, whoever finished it."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from esimctl.actions.purchase.intent import Intent, Offer
from esimctl.actions.purchase.repeat import parameters
from esimctl.actions.settle.stopped import of_stopped_runs
from esimctl.providers.protocol import Tier

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState


def finished(session: "Session", intent: Intent) -> "OrderState | None":
    """The order that a stopped run was at and this one has finished, if it is the very one that is asked for now."""
    if not session.finished:
        return None
    ledger = session.store.ledger_for_reading()
    orders = [order for order in of_stopped_runs(session, ledger) if order.id in session.finished]
    return next((order for order in orders if same(ledger, intent, order)), None)


def same(ledger: "Ledger", intent: Intent, order: "OrderState") -> bool:
    """Whether an order is what is asked for, as far as that is said: line, plan or money, price, and the receipt."""
    asked = parameters(ledger, intent, order)
    said = json.loads(order.request).get("paid") if order.tier == Tier.NOTHING else None
    return (
        all(now in (None, then) for now, then in asked.values())
        and intent.paid in (None, "", said)
        and intent.price in (None, order.price, order.paid)
    )


def finished_lately(session: "Session", ledger: "Ledger", offer: Offer) -> "OrderState | None":
    """The purchase that these words made before, if a run that made it was stopped and it was finished within a day."""
    if offer.intent.source != "person" or offer.intent.request_id is not None:
        return None
    meant = replace(offer.intent, line=offer.wish.line.name, plan=offer.wish.plan, provider=offer.provider.name)
    return next((order for order in of_stopped_runs(session, ledger) if same(ledger, meant, order)), None)


__all__ = ["finished", "finished_lately", "same"]
