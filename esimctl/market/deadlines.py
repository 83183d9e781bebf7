"""Until when money can come back: the deadlines for a refund and a cancellation, where a policy names one (R-62, R-95).

A claim counts with its `within`, from the payment on; a claim that says `allowed = "no"` has no deadline. Only where it
says `allowed = "yes"` is the deadline promised: elsewhere it is a day until when asking may help.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.catalogue.holding import verdict as decided
from esimctl.market.holding import day_of
from esimctl.profile.own_catalogue import market
from esimctl.values.moments import MomentError, later, parse_duration, zone
from esimctl.values.record import record
from esimctl.values.toml import text_at

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session

TOPICS = ("refund", "cancellation")
PAID = frozenset({"accepted", "unknown", "attempted", "manual", "settled"})


@record
class RefundDeadline:
    """The last instant, the claim that says so, and whether it says that money comes back."""

    at: datetime
    claim: str
    promised: bool


def deadline(session: "Session", order: "OrderState", topic: str) -> RefundDeadline | None:
    """Until when an order can be refunded or cancelled; None where nobody says so, or nothing was paid."""
    if order.state not in PAID or order.kind == "gift":
        return None
    carrier = text_at(session.lines.get(order.line, {}), "carrier")
    return claim_deadline(session, carrier, order.plan, topic, order.settled_at or order.created_at)


def claim_deadline(
    session: "Session", carrier: str | None, plan_id: str | None, topic: str, since: datetime
) -> RefundDeadline | None:
    """So long after an instant as the claim in force says, of a plan or of a carrier; None where nobody says so."""
    rows = market(session)
    plan = rows.plan(plan_id)
    carrier = plan.carrier if plan is not None else carrier
    if carrier is None:
        return None
    verdict = decided(topic, tuple(rows.own.values()), str(carrier), plan, day_of(session))
    value, claim = verdict.value, verdict.effective
    if value is None or claim is None or value.get("allowed") == "no" or "within" not in value:
        return None
    try:
        span = parse_duration(str(value["within"]))
        return RefundDeadline(later(since, span, zone(session.zone)), claim.id, promised=value.get("allowed") == "yes")
    except MomentError:  # "within" may be a sentence: no instant follows from it
        return None


def back_by(session: "Session", order: "OrderState | None", topic: str) -> datetime | None:
    """The last instant alone; None where no policy names one, or there is no order."""
    found = None if order is None else deadline(session, order, topic)
    return None if found is None else found.at
