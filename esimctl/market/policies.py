"""The claims on carriers and plans: every one with its source, which one counts, and the person's own word."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from esimctl.catalogue.carriers import carrier as carrier_of
from esimctl.catalogue.claims import Claim, ClaimInForce
from esimctl.catalogue.holding import verdict, weighed
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.plans import plan as known_plan
from esimctl.catalogue.topics import TOPICS, Said, Value, read_value
from esimctl.documents.claims import ClaimRow, PolicyDocument, PolicyRow, PolicyScreen, RestatedLine
from esimctl.documents.document import ABSENT, Absent
from esimctl.documents.result import Result
from esimctl.errors import UsageError
from esimctl.market.holding import day_of
from esimctl.profile.books import open_together
from esimctl.profile.own_catalogue import Market, market, note_wrong
from esimctl.store.user_file import said
from esimctl.values.moments import MomentError, parse_day
from esimctl.values.sentence import Raw, Sentence, commas
from esimctl.values.tables import Table, TableError
from esimctl.values.text import nearest
from esimctl.values.toml import Toml, table_in

if TYPE_CHECKING:
    from esimctl.profile.opened import Session
    from esimctl.profile.own_catalogue import Follow

#: topics that decide what a purchase is worth; the claim that counts for each stands in the journal with the order
RECORDED = ("rollover", "overage", "sharing", "validity-clock", "early-renewal", "cancellation", "refund")


def claims_used(session: "Session", plan: Plan | None) -> list[str]:
    """The ids of the claims that count for a plan now, one a topic, for the journal."""
    if plan is None:
        return []
    own, day = tuple(market(session).own.values()), day_of(session)
    found = [verdict(topic, own, plan.carrier, plan, day).effective for topic in RECORDED]
    return [claim.id for claim in found if claim is not None]


def show_policies(
    session: "Session", subject: str, topic: str | None = None, lines: Sequence[RestatedLine] | Absent = ABSENT
) -> "Result[PolicyDocument]":
    """Every claim on a carrier, or a plan of it, and which one counts; `lines` are those that a word has changed."""
    rows = market(session)
    carrier, plan = _subject(subject, rows)
    if topic is not None:
        _check_topic(topic)
    own, today = tuple(rows.own.values()), day_of(session)
    found = []
    for each in [topic] if topic else TOPICS:
        counting = verdict(each, own, carrier, plan, today)
        everything = verdict(each, own, carrier, plan).claims
        if everything or topic or counting.value is not None:
            found.append(_policy_row(counting, everything, plan, today))
    name = None if plan is None else plan.id
    result = Result("policy", PolicyDocument(carrier=carrier, plan=name, policy=found, lines=lines))
    note_wrong(result, rows.wrong)
    return result


def for_a_person(
    session: "Session", result: Result[PolicyDocument], *, sources: bool = False
) -> Result[PolicyDocument]:
    """The result with what a screen says besides: the carrier's hotline, and every source where they were asked for."""
    data = result.data
    carrier = carrier_of(data.carrier, market(session).every_carrier())
    result.screen = PolicyScreen(**vars(data), ask=carrier.of("hotline"), sources=sources)
    return result


def set_policy(
    session: "Session",
    subject: str,
    topic: str,
    pairs: Sequence[str],
    source: str,
    as_of: str | None,
    since: str | None = None,
    *,
    follow: "Follow",
) -> "Result[PolicyDocument]":
    """Add the person's own claim; it never changes another one, and one command takes it back.

    It counts from the day `since`; without one, for each line from the beginning of its present term. `follow` lets the
    lines follow it.
    """
    carrier, plan = _subject(subject, market(session))
    _check_topic(topic)
    name, source = own_id(carrier, plan, topic), said(source, "--source", 300, code="bad_source") or ""
    value = _pairs(topic, pairs)
    table: dict[str, Toml] = {"carrier": carrier, "topic": topic, "value": value, "source": source}
    if plan is not None:
        table["plans"] = [plan.id]
    table["as_of"] = day_of(session) if as_of is None else _day("--as-of", as_of)
    if since is not None:
        table["from"] = _day("--from", since)
    if not source:
        raise UsageError("--source says who says so, in at most 300 characters", code="bad_source")
    session.begin()
    with open_together(session, f"policy set {subject} {topic}", sorted(table.items(), key=str)) as books:
        before = dict(market(session).own)
        session.store.profile.edit(lambda doc: table_in(doc, "claim").__setitem__(name, table))
        session.forget()
        before.pop(name, None)  # said again, it is said now
        changed, notes = ([], []) if books.repeated else follow(books, before)
    result = show_policies(session, subject, topic, changed)
    result.notes += notes
    if topic == "rollover" and value["mode"] == "carry" and "validity" not in value:
        result.note("how long carried data lives was not said, so the rollover is unknown: add validity='3 months'")
    return result


def _day(option: str, text: str) -> date:
    try:
        return parse_day(text)
    except MomentError as why:
        raise UsageError("{option}: {why}", code="bad_date", option=Raw(option), why=why.said) from None


def reset_policy(
    session: "Session", subject: str, topic: str | None = None, *, follow: "Follow"
) -> "Result[PolicyDocument]":
    """Take the person's claims on a carrier or plan back, all or those of one topic."""
    carrier, plan = _subject(subject, market(session))
    if topic is not None:
        _check_topic(topic)
    gone = [own_id(carrier, plan, name) for name in ([topic] if topic else TOPICS)]
    mine = [name for name in gone if name in session.section("claim")]
    changed: list[RestatedLine] = []
    notes: list[Sentence] = []
    if mine:
        with open_together(session, f"policy reset {subject}") as books:
            before = dict(market(session).own)
            for name in mine:
                session.store.profile.remove_table("claim", name)
            session.forget()
            changed, notes = follow(books, before)
    result = show_policies(session, subject, topic, changed)
    result.notes += notes
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
            "{plan} is a plan of {owner}, not of {carrier}",
            plan=Raw(rest),
            owner=Raw(plan.carrier),
            carrier=Raw(carrier),
        )
    return plan.carrier, plan


def _check_topic(topic: str) -> None:
    if topic not in TOPICS:
        near = " or ".join(nearest(topic, tuple(TOPICS)))
        raise UsageError(
            "there is no topic {topic!r}",
            hint="did you mean {near}?" if near else "topics: {known}",
            code="unknown_topic",
            topic=Raw(topic),
            near=Raw(near),
            known=commas(TOPICS),
        )


def _pairs(topic: str, pairs: Sequence[str]) -> Value:
    """KEY=VALUE words as a claim's value: whole numbers are numbers, and a list has commas."""
    table: dict[str, Said] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key or not text:
            raise UsageError(
                "{pair!r} is not KEY=VALUE", hint="esimctl policy set --help", code="bad_pair", pair=Raw(pair)
            )
        table[key] = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else text
        if key in ("methods", "by", "order", "causes"):
            table[key] = [part for part in text.split(",") if part]
    try:
        return read_value(topic, Table(table, (topic,)))
    except TableError as error:
        raise UsageError("{finding}", code="bad_policy", finding=error.said) from None


def _policy_row(found: ClaimInForce, everything: Sequence[Claim], plan: Plan | None, today: date) -> PolicyRow:
    """A topic; `everything` are all claims, those included that do not count yet."""
    counted = found.effective
    return PolicyRow(
        topic=found.topic,
        effective=found.value,
        claim=None if counted is None else counted.id,
        disputed=found.disputed,
        against=found.against,
        confidence=None if counted is None else counted.confidence,
        why=_why(found, plan),
        word=weighed(found, plan).word if found.topic == "rollover" else None,
        claims=[_claim_row(claim, plan, today, counted) for claim in everything],
    )


def _why(found: ClaimInForce, plan: Plan | None) -> str:
    """Why the one that counts does; a word that show has a sentence for."""
    if found.effective is None:
        return "nobody-says" if found.value is None else "embedded-operator"
    if found.disputed:
        return "promises-less"
    rank = found.effective.rank(plan)
    return {0: "own", 1: "plan-text", 2: "carrier-text", 3: "plan-text", 4: "carrier-text"}.get(rank, "best-source")


def _claim_row(claim: Claim, plan: Plan | None, today: date, counted: Claim | None) -> ClaimRow:
    return ClaimRow(
        id=claim.id,
        counts=counted is not None and claim.id == counted.id,
        value=claim.value,
        carrier=claim.carrier,
        plans=claim.plans,
        kind=claim.kind,
        source=claim.source,
        as_of=claim.as_of,
        stale=claim.stale(today),
        confidence=claim.confidence,
        rank=claim.rank(plan),
        note=claim.note,
        from_=claim.since,
    )
