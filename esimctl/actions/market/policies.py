"""What a line's policies are: the terms it was bought with, and the claims that say otherwise."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from esimctl.actions.books import open_books
from esimctl.actions.market.catalogue import Market, market, note_wrong
from esimctl.actions.result import Result
from esimctl.catalogue.carriers import carrier as carrier_of
from esimctl.catalogue.claims import Claim, Verdict, all_claims, decide
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.plans import plan as known_plan
from esimctl.catalogue.topics import TOPICS, read_value
from esimctl.catalogue.validate import Row, RowError
from esimctl.errors import UsageError, nearest

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.ledger.fold import Ledger

#: topics that decide what a purchase is worth; the claim that counts for each stands in the journal with the order
RECORDED = ("rollover", "overage", "sharing", "validity-clock", "early-renewal", "cancellation", "refund")


def effective_rollover(
    session: "Session", table: Mapping[str, Any], ledger: "Ledger | None" = None, line: str | None = None
) -> tuple[str, bool, str | None]:
    """(carry, none, promo-only, not-applicable or unknown; whether claims disagree; the claim that counts).

    With a ledger, the plan's own terms are those that the line's last order was bought with.
    """
    rows = market(session)
    plan = rows.plan(table.get("plan"))
    bought = None if ledger is None or line is None else _bought_terms(ledger, line, table.get("plan"))
    if plan is not None and bought is not None:
        from dataclasses import replace

        plan = replace(plan, terms=bought)
    carrier = plan.carrier if plan is not None else table.get("carrier")
    if carrier is None:
        return "unknown", False, None
    verdict = decide(all_claims(tuple(rows.own.values()), plan), "rollover", str(carrier), plan)
    if verdict.value is None:
        return "unknown", False, None
    return str(verdict.value["mode"]), verdict.disputed, None if verdict.effective is None else verdict.effective.id


def _bought_terms(ledger: "Ledger", line: str, plan: object) -> Mapping[str, Any] | None:
    orders = [order for order in ledger.all_orders() if order.line == line and order.plan == plan and order.terms]
    return orders[-1].terms if orders else None


def claims_used(session: "Session", plan: Plan | None) -> list[str]:
    """The ids of the claims that count for a plan now, one a topic, for the journal."""
    if plan is None:
        return []
    claims = all_claims(tuple(market(session).own.values()), plan)
    found = [decide(claims, topic, plan.carrier, plan).effective for topic in RECORDED]
    return [claim.id for claim in found if claim is not None]


def show_policies(session: "Session", subject: str, topic: str | None = None) -> Result:
    """Every claim on a carrier, or a plan of it, and which one counts."""
    rows = market(session)
    carrier, plan = _subject(subject, rows)
    if topic is not None:
        _check_topic(topic)
    claims = all_claims(tuple(rows.own.values()), plan)
    verdicts = [decide(claims, name, carrier, plan) for name in ([topic] if topic else TOPICS)]
    today = session.clock.now().date()
    told = [verdict for verdict in verdicts if topic or verdict.claims or verdict.value is not None]
    found = [_verdict_document(verdict, plan, today) for verdict in told]
    result = Result("policy", {"carrier": carrier, "plan": None if plan is None else plan.id, "policy": found})
    note_wrong(result, rows.wrong)
    return result


def set_policy(
    session: "Session", subject: str, topic: str, pairs: Sequence[str], source: str, as_of: str | None
) -> Result:
    """Add the person's own claim; it never changes another one, and one command takes it back."""
    carrier, plan = _subject(subject, market(session))
    _check_topic(topic)
    name = own_id(carrier, plan, topic)
    table: dict[str, Any] = {"carrier": carrier, "topic": topic, "value": _pairs(topic, pairs), "source": source}
    if plan is not None:
        table["plans"] = [plan.id]
    today = session.clock.now().date()
    try:
        table["as_of"] = today if as_of is None else date.fromisoformat(as_of)
    except ValueError:
        raise UsageError("--as-of takes a date like 2026-11-15, not {text!r}", text=as_of) from None
    if not source.strip() or len(source) > 300:
        raise UsageError("--source says who says so, in at most 300 characters", code="bad_source")
    session.begin()
    with open_books(session, f"policy set {subject} {topic}"):
        session.store.profile.edit(lambda doc: doc.setdefault("claim", {}).__setitem__(name, table))
        session.forget()
    return show_policies(session, subject, topic)


def reset_policy(session: "Session", subject: str, topic: str | None = None) -> Result:
    """Take the person's claims on a carrier or plan back, all or those of one topic."""
    carrier, plan = _subject(subject, market(session))
    if topic is not None:
        _check_topic(topic)
    gone = [own_id(carrier, plan, name) for name in ([topic] if topic else TOPICS)]
    mine = [name for name in gone if name in session.profile.get("claim", {})]
    if mine:
        with open_books(session, f"policy reset {subject}"):
            for name in mine:
                session.store.profile.remove_table("claim", name)
            session.forget()
    result = show_policies(session, subject, topic)
    if not mine:
        result.note("there was no claim of yours to take back")
    return result


def own_id(carrier: str, plan: Plan | None, topic: str) -> str:
    """The id of the person's own claim: one for each subject and topic."""
    return f"own-{carrier if plan is None else plan.id}-{topic}"


def _subject(subject: str, rows: Market) -> tuple[str, Plan | None]:
    """CARRIER or CARRIER/PLAN (or a plan's id alone); unknown names are refused with the nearest."""
    name, _, rest = subject.partition("/")
    alone = None if rest else rows.plan(name)
    if alone is not None:
        return alone.carrier, alone
    carrier = carrier_of(name, rows.every_carrier()).id
    if not rest:
        return carrier, None
    plan = known_plan(rest, tuple(rows.plans.values()))
    if plan.carrier != carrier and plan.id == rest:  # an id that was given up bore another carrier's name
        raise UsageError(
            "{plan} is a plan of {owner}, not of {carrier}", plan=rest, owner=plan.carrier, carrier=carrier
        )
    return plan.carrier, plan


def _check_topic(topic: str) -> None:
    if topic not in TOPICS:
        near = " or ".join(nearest(topic, tuple(TOPICS)))
        raise UsageError(
            "there is no topic {topic!r}",
            hint="did you mean {near}?" if near else "topics: {known}",
            code="unknown_topic",
            topic=topic,
            near=near,
            known=", ".join(TOPICS),
        )


def _pairs(topic: str, pairs: Sequence[str]) -> dict[str, Any]:
    """KEY=VALUE words as a claim's value: whole numbers are numbers, and a list has commas."""
    table: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key or not text:
            raise UsageError("{pair!r} is not KEY=VALUE", hint="esimctl policy set --help", code="bad_pair", pair=pair)
        table[key] = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else text
        if key in ("methods", "by", "order", "causes"):
            table[key] = [part for part in text.split(",") if part]
    try:
        return read_value(topic, Row("policy set", topic, table))
    except RowError as error:
        raise UsageError("{finding}", code="bad_policy", finding=str(error)) from None


def _verdict_document(verdict: Verdict, plan: Plan | None, today: date) -> dict[str, Any]:
    counted = verdict.effective
    return {
        "topic": verdict.topic,
        "effective": None if verdict.value is None else dict(verdict.value),
        "claim": None if counted is None else counted.id,
        "disputed": verdict.disputed,
        "against": verdict.against,
        "confidence": None if counted is None else counted.confidence,
        "why": _why(verdict, plan),
        "claims": [_claim_document(claim, plan, today, counted) for claim in verdict.claims],
    }


def _why(verdict: Verdict, plan: Plan | None) -> str:
    """Why the one that counts does; a word that show has a sentence for."""
    if verdict.effective is None:
        return "nobody-says" if verdict.value is None else "embedded-operator"
    if verdict.disputed:
        return "promises-less"
    rank = verdict.effective.rank(plan)
    return {0: "own", 1: "plan-text", 2: "carrier-text", 3: "plan-text", 4: "carrier-text"}.get(rank, "best-source")


def _claim_document(claim: Claim, plan: Plan | None, today: date, counted: Claim | None) -> dict[str, Any]:
    return {
        "id": claim.id,
        "counts": counted is not None and claim.id == counted.id,
        "value": dict(claim.value),
        "carrier": claim.carrier,
        "plans": list(claim.plans),
        "kind": claim.kind,
        "source": claim.source,
        "as_of": None if claim.as_of is None else claim.as_of.isoformat(),
        "stale": claim.stale(today),
        "confidence": claim.confidence,
        "rank": claim.rank(plan),
        "note": claim.note,
    }


__all__ = ["RECORDED", "claims_used", "effective_rollover", "own_id", "reset_policy", "set_policy", "show_policies"]
