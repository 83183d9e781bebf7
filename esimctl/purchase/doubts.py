"""Money that a person should look at, by what the books alone say: orders open for too long, charges that audit doubts.

Nobody is asked for it. A doubt ends when its order is settled, or when a person has acknowledged it. A declined
payment is none: nothing was taken.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from esimctl.catalogue.claims import all_claims, decide
from esimctl.documents.balance import DoubtRow
from esimctl.profile.own_catalogue import market
from esimctl.purchase.findings import AuditFinding, findings
from esimctl.purchase.matching import HORIZON
from esimctl.values.moments import MomentError, later, parse_duration, zone
from esimctl.values.record import field, record
from esimctl.values.sentence import Param, Raw, Sentence

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session

OVERDUE: Final = "order_overdue"
#: kind → what is said of an order of ours, or of an account; findings of other kinds are no charges
TEXTS: Final[Mapping[str, str]] = {
    OVERDUE: "order {order} on {line} is open since {since}, it should take {within} at most: esimctl reconcile",
    "duplicate_charge": "order {order} was charged more than once: esimctl transactions audit",
    "charged_not_delivered": "order {order} was charged and did not come as ordered: esimctl transactions audit",
    "amount_differs": "order {order} was charged another amount than agreed: esimctl transactions audit",
    "foreign_order": "{provider} charged {number}, which was not ordered here: esimctl transactions audit",
    "uneven": "the account at {provider} does not fit the orders: esimctl transactions audit",
}


@record
class Doubt:
    """One thing to look at. `template` and `params` are its sentence; `since` is when it began, where that is known."""

    kind: str
    provider: str
    template: str
    params: Mapping[str, Param] = field(default_factory=dict)
    line: str | None = None
    order: str | None = None
    since: datetime | None = None

    @property
    def key(self) -> str:
        """The key of a doubt: equal in every run."""
        about = self.order or f"{self.provider}:{self.params.get('number', 'account')}"
        return f"{self.kind}:{about}"

    @property
    def said(self) -> Sentence:
        """What a person reads."""
        return Sentence(self.template, self.params)

    def row(self) -> DoubtRow:
        """The row of `findings[]` of `check`."""
        return DoubtRow(
            kind=self.kind,
            line=self.line,
            order=self.order,
            provider=self.provider,
            since=self.since,
            text=str(self.said),
            said=self.said,
        )


def doubts(session: "Session", ledger: "LedgerState", lines: Sequence[str] = ()) -> list[Doubt]:
    """All of them, orders that are open too long first; with `lines` those of these lines alone."""
    now = session.clock.now()
    found = [*overdue_orders(session, ledger, now)]
    for each in findings(session, ledger, [], now - HORIZON, ledger.orders.values()):
        doubt = _of_finding(ledger, each)
        if doubt is not None:
            found.append(doubt)
    return [doubt for doubt in found if not lines or doubt.line in lines]


def overdue_orders(session: "Session", ledger: "LedgerState", now: datetime) -> Iterator[Doubt]:
    """Orders that have been on their way for longer than the claim about their kind says."""
    for order in ledger.open_orders():
        within = None if order.state == "prepared" else usual(session, order)
        since = order.attempted_at or order.created_at
        if within is not None and later(since, parse_duration(within), zone(session.zone)) < now:
            params = {
                "order": Raw(order.id),
                "line": Raw(order.line),
                "since": Raw(f"{since:%Y-%m-%d %H:%M} UTC"),
                "within": Raw(within),
            }
            yield Doubt(OVERDUE, order.provider, TEXTS[OVERDUE], params, order.line, order.id, since)


def usual(session: "Session", order: "OrderState") -> str | None:
    """How long an order like this takes, by the claim that counts: a new line, or something for one that is there."""
    rows = market(session)
    plan = rows.plans.get(order.plan or "")
    carrier = plan.carrier if plan is not None else str(session.lines.get(order.line, {}).get("carrier", "*"))
    topic = "activation-new" if order.kind == "new" else "activation-renew"
    value = decide(all_claims(tuple(rows.own.values()), plan), topic, carrier, plan).value
    if value is None:
        return None
    try:
        parse_duration(str(value["within"]))
    except MomentError:
        return None
    return str(value["within"])


def _of_finding(ledger: "LedgerState", each: AuditFinding) -> Doubt | None:
    """What audit would say of a charge; None of what is open, and of a payment that failed."""
    order = ledger.order(each.orders[0]) if each.orders else None
    if order is not None:
        if order.open or each.kind not in TEXTS:
            return None
        params = {"order": Raw(order.id), "line": Raw(order.line)}
        return Doubt(each.kind, each.provider, TEXTS[each.kind], params, order.line, order.id, order.changed_at)
    if each.kind == "amount_differs":
        fact = ledger.assertions.get(each.provider)
        return Doubt(
            each.kind, each.provider, TEXTS["uneven"], {"provider": Raw(each.provider)}, since=fact.at if fact else None
        )
    number = each.provider_orders[0] if each.provider_orders else "?"
    foreign = ledger.foreign.get((each.provider, number))
    params = {"provider": Raw(each.provider), "number": Raw(number)}
    return Doubt(
        "foreign_order", each.provider, TEXTS["foreign_order"], params, since=None if foreign is None else foreign.at
    )
