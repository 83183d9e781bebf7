"""What to do about a finding: the exact command, and until when (R-95: anomalies are taken to the provider in time)."""

from shlex import quote
from typing import TYPE_CHECKING, Any

from esimctl.actions.records.deadlines import deadlines_document
from esimctl.actions.session import takes_play_money
from esimctl.actions.settle.findings import Finding
from esimctl.actions.settle.matching import BY_HAND
from esimctl.errors import EsimctlError
from esimctl.providers.abilities import Cancels

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState


def finding_document(session: "Session", ledger: "LedgerState", finding: Finding) -> dict[str, Any]:
    """The row of `findings[]`, with `refund_by` and `cancel_by` where a policy knows them, and `next`, a command.

    `play_money`: its seller takes no other.
    """
    order = ledger.order(finding.orders[0]) if finding.orders else None
    return {
        **finding.as_json(),
        **deadlines_document(session, order),
        "next": command(session, order, finding),
        "play_money": takes_play_money(session, finding.provider),
    }


def command(session: "Session", order: "OrderState | None", finding: Finding) -> str:
    """The command that goes on from here: settle, give back, acknowledge, or hand the case to support."""
    if finding.kind == "unknown_outcome" and order is not None and order.reason == BY_HAND and finding.provider_orders:
        return f"esimctl transactions resolve {order.id} --charged {quote(finding.provider_orders[0])}"
    if finding.kind == "unknown_outcome" and order is not None:
        return "esimctl reconcile"
    if finding.kind == "foreign_order" and finding.provider_orders:
        return f"esimctl reconcile --acknowledge {quote(finding.provider_orders[0])}"
    if finding.kind == "amount_differs" and order is None:
        return f"esimctl reconcile --accept {quote(finding.provider)}"
    if finding.kind == "charged_not_delivered" and order is not None and gives_back(session, order):
        return f"esimctl transactions refund {order.id}"
    about = f" --line {quote(finding.line)}" if finding.line else ""
    return f"esimctl transactions audit{about} --bundle case.tar.gz"


def gives_back(session: "Session", order: "OrderState") -> bool:
    """Whether the provider takes such a line back through its interface."""
    if order.kind != "new" or order.state != "settled":
        return False
    try:
        return isinstance(session.provider(order.provider), Cancels)
    except EsimctlError:
        return False
