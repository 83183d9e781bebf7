"""Is every charge one that was meant, once, and delivered? Findings with their evidence, and a case for support."""

import json
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from esimctl.documents.books import AskedRow, AuditDocument, FindingRow, OverageRow
from esimctl.documents.document import JSON, as_json
from esimctl.documents.result import Result
from esimctl.errors import EsimctlError, ExitCode
from esimctl.ledger.archived import OrderQuery
from esimctl.market.deadlines import back_by
from esimctl.profile.deadline import Deadline
from esimctl.profile.opened import moment, takes_play_money, unknown
from esimctl.providers.abilities import Cancels
from esimctl.purchase.document import order_document
from esimctl.purchase.findings import AuditFinding, findings
from esimctl.purchase.matching import BY_HAND, HORIZON, SKEW, Comparison, ask, compare
from esimctl.usage.overage import Charge, overage
from esimctl.values.moments import instant
from esimctl.values.record import replace
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import ProviderOrder


def finding_document(session: "Session", ledger: "LedgerState", finding: AuditFinding) -> FindingRow:
    """The row of `findings[]`, with `refund_by` and `cancel_by` where a policy knows them, and `next`, a command.

    `play_money`: its seller takes no other.
    """
    order = ledger.order(finding.orders[0]) if finding.orders else None
    return FindingRow(
        kind=finding.kind,
        provider=finding.provider,
        orders=finding.orders,
        provider_orders=finding.provider_orders,
        line=finding.line,
        amount=finding.amount,
        evidence=finding.evidence,
        support=finding.support,
        refund_by=back_by(session, order, "refund"),
        cancel_by=back_by(session, order, "cancellation"),
        next=command(session, order, finding),
        play_money=takes_play_money(session, finding.provider),
    )


def command(session: "Session", order: "OrderState | None", finding: AuditFinding) -> str:
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


def audit(
    session: "Session", *, line: str | None = None, since: str | None = None, bundle: Path | None = None
) -> "Result[AuditDocument]":
    """Match attempts, charges, credits and effects; 20 with findings. Writes nothing but the bundle, if asked for.

    Since `since`, else for as long as limits look back. What a person acknowledged is left out.
    """
    ledger = session.store.ledger_for_reading()
    if line is not None and line not in session.lines and not ledger.orders_of([line]):
        raise unknown("line", line, list(session.lines), "esimctl lines list")
    now = session.clock.now()
    first = moment(session, since, "--since") or now - HORIZON
    oldest = min((order.since for order in ledger.open_orders()), default=first)
    deadline = Deadline.from_environment(session.environ)
    begin = min(first, oldest) - SKEW
    compared = [compare(ledger, ask(session, name, begin, deadline), begin) for name in providers(session, ledger)]
    found = [each for each in findings(session, ledger, compared, first) if line in (None, each.line)]
    data = AuditDocument(
        as_of=now,
        profile=session.store.name,
        since=first,
        findings=[finding_document(session, ledger, each) for each in found],
        providers=[asked(each) for each in compared],
        overage=[told(charge) for charge in overage(session, ledger, first).charges if line in (None, charge.line)],
    )
    result = Result("audit", data, ExitCode.ATTENTION if found else ExitCode.DONE)
    for each in compared:
        if each.listing.failure is not None:
            result.note(
                "{provider} could not be asked: {why}",
                provider=Raw(each.listing.name),
                why=each.listing.failure.said,
            )
        elif each.listing.orders is None:
            result.note(
                "{provider} has no order list: charges there cannot be compared", provider=Raw(each.listing.name)
            )
    if bundle is not None:
        result.data = replace(data, bundle=write_case(session, ledger, data, found, compared, bundle))
        result.note("the case is in {path}: no secrets, ready to be sent", path=Raw(str(bundle)))
    return result


def told(charge: Charge) -> OverageRow:
    """A day's overage of a line: a charge that no order asked for and that its use explains."""
    return OverageRow(
        line=charge.line,
        provider=charge.provider,
        plan=charge.plan,
        at=charge.at,
        amount=charge.money,
        source=charge.source,
        play_money=charge.play,
    )


def providers(session: "Session", ledger: "LedgerState") -> list[str]:
    """Those of the profile, and those that orders were made with."""
    used = ledger.names_of("provider", OrderQuery(own=True))
    return list(dict.fromkeys([*session.section("provider"), *used]))


def asked(compared: Comparison) -> AskedRow:
    """Whether a provider's books could be seen."""
    listing = compared.listing
    return AskedRow(
        provider=listing.name,
        order_list=listing.orders is not None,
        matched=len(compared.matches),
        error=None if listing.failure is None else listing.failure.code,
    )


def write_case(
    session: "Session",
    ledger: "LedgerState",
    data: AuditDocument,
    found: list[AuditFinding],
    compared: list[Comparison],
    target: Path,
) -> str:
    """The bundle: findings, orders, their journal entries, masked evidence, the provider's listing, the terms."""
    from esimctl.store.attachments import write_bundle

    session.store.check_whole()
    names = list(dict.fromkeys(name for finding in found for name in finding.orders))
    orders = [order for name in names if (order := ledger.order(name)) is not None]
    numbers = {number for finding in found for number in finding.provider_orders}
    members: dict[str, Toml] = {
        "findings.json": as_json(data),
        "orders.json": as_json(order_document(session, order) for order in orders),
        "journal.json": [
            as_json(entry) for entry in session.store.journal.load().entries if entry.get("order") in names
        ],
        "listing.json": [
            listed(each.listing.name, theirs)
            for each in compared
            for theirs in each.listing.orders or ()
            if theirs.provider_order in numbers or theirs.key in {order.key for order in orders}
        ],
    }
    for order in orders:
        if order.terms is not None:
            members[f"terms/{order.id}.json"] = dict(order.terms)
        for piece in session.store.evidence.read(order.id):
            members[f"evidence/{order.id}.{piece.attempt}.json"] = {
                "status": piece.status,
                "headers": dict(piece.headers),
                "body": piece.body.decode("utf-8", "replace"),
            }
    text = "\n\n".join(f"{finding.kind}: {finding.support}" for finding in found) or "No findings."
    write_bundle(
        target, {"support.txt": text + "\n", **{k: as_text(v) for k, v in members.items()}}, session.clock.now()
    )
    return str(target)


def listed(provider: str, theirs: "ProviderOrder") -> JSON:
    """An order of the provider's own books."""
    return {
        "provider": provider,
        "provider_order": theirs.provider_order,
        "key": theirs.key,
        "kind": theirs.kind,
        "plan": theirs.plan,
        "iccid": theirs.iccid,
        "charges": [charge.as_json() for charge in theirs.charges],
        "delivered": theirs.delivered,
        "created_at": instant(theirs.created_at),
        "status": theirs.status,
    }


def as_text(value: Toml) -> str:
    """JSON for people: indented, instants as text."""
    return json.dumps(value, indent=1, ensure_ascii=False, default=plain) + "\n"


def plain(value: object) -> str:
    """Instants of the journal."""
    return value.isoformat() if isinstance(value, datetime) else str(value)
