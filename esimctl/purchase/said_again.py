"""Words that are said once more after a stop: the purchase that they began is one, whoever finished it."""

import json
from typing import TYPE_CHECKING, Any

from esimctl.catalogue.renamed import present
from esimctl.ledger.lives import of_order
from esimctl.providers.protocol import Tier
from esimctl.purchase.offer import Intent, Offer
from esimctl.purchase.opening import of_stopped_runs
from esimctl.values.record import replace

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session


def named_today(ledger: "LedgerState", line: str | None, order: "OrderState") -> str | None:
    """The name that the line of a script bears by now: it may have been renamed since the order."""
    for seq, old, new in ledger.renames:
        if seq > order.seq and old == line:
            line = new
    if order.line == of_order(order.id) and not any(new == order.line for _, _, new in ledger.renames):
        return line and order.line  # it was taken for failed, and another line has got the name since
    return line


def parameters(ledger: "LedgerState", intent: Intent, order: "OrderState") -> dict[str, tuple[Any, Any]]:
    """name → (asked now, asked then); what is not given now is not compared, but for the plan and the amount."""
    plan = intent.plan if intent.plan is None else present("plan", intent.plan)
    return {
        "kind": (intent.kind, order.kind),
        "line": (named_today(ledger, intent.line, order), order.line),
        "plan": (plan if plan is not None or intent.kind == "renew" else "", present("plan", order.plan or "")),
        "amount": (intent.amount or "", order.amount or ""),
        "provider": (intent.provider, order.provider),
        "payment method": (intent.method, order.method),
        "promotion": (
            intent.promotion and present("promotion", intent.promotion),
            order.promotion and present("promotion", order.promotion),
        ),
    }


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
