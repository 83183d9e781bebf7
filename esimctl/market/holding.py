"""What holds for a plan or a line of this profile: asked here by every list, purchase, document and advice.

For a plan it is the claim in force on the day; for a line what was frozen when its running term was bought, or what
the person has said of it since.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from esimctl.catalogue import holding
from esimctl.catalogue.claims import Claim
from esimctl.catalogue.holding import RolloverInForce
from esimctl.catalogue.plan import Plan
from esimctl.ledger.archived import OrderQuery
from esimctl.ledger.orders import BASE
from esimctl.profile.own_catalogue import Market, market
from esimctl.values.moments import zone
from esimctl.values.record import replace
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.facts import RestatedFact
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Quote


DONE = frozenset({"settled", "refunding"})

PROMOTION = "promotion"


def day_of(session: "Session", at: datetime | None = None) -> date:
    """The day of an instant (None: now) in the profile's zone."""
    return (at or session.clock.now()).astimezone(zone(session.zone)).date()


def of_plan(session: "Session", plan: Plan, own: Sequence[Claim] | None = None) -> RolloverInForce:
    """The rollover of a plan today; `own` are the person's claims where they are at hand."""
    mine = tuple(market(session).own.values()) if own is None else own
    return holding.rollover(mine, plan.carrier, plan, day_of(session))


def frozen(
    session: "Session", plan: Plan, terms: Mapping[str, Toml], day: date | None = None, promotion: str | None = None
) -> tuple[dict[str, Toml], dict[str, Toml]]:
    """(the terms that a purchase is kept with, whose word their rollover is): what holds becomes the line's terms.

    A rollover that a promotion grants with this purchase stands above every claim (R-39).
    """
    rows, day = market(session), day or day_of(session)
    mine = tuple(rows.own.values())
    held = holding.rollover(mine, plan.carrier, plan, day)
    changed = holding.changes(mine, plan, day, held)
    granted = rows.promotions.get(promotion or "")
    if granted is not None and granted.effect.rollover is not None:
        policy = dict(granted.effect.rollover)
        changed["rollover"] = policy
        held = RolloverInForce("carry", False, f"{PROMOTION}:{granted.id}", PROMOTION, policy)
    return holding.with_changes(terms, changed), held.as_kept()


def frozen_quote(session: "Session", plan: Plan | None, quote: "Quote", promotion: str | None) -> "Quote":
    """The quote with the terms that the purchase will be kept with."""
    if plan is None or quote.terms is None:
        return quote
    terms, holds = frozen(session, plan, quote.terms, promotion=promotion)
    return replace(quote, terms=terms, holds=holds)


def held_terms(session: "Session", plan: Plan) -> Mapping[str, Toml]:
    """A plan's terms with what holds today: those that the embedded operator plays by."""
    return holding.with_changes(plan.terms, holding.changes(tuple(market(session).own.values()), plan, day_of(session)))


def plan_of_line(session: "Session", name: str, rows: Market | None = None) -> Plan | None:
    """The plan of a line by the catalogue, or as its owner described it; None where neither knows it."""
    table = session.line(name)
    known = (rows or market(session)).plans.get(str(table.get("plan")))
    if known is not None:
        return known
    from esimctl.providers.manual import own_plan

    return own_plan(str(table.get("provider")), table)


def of_line(session: "Session", ledger: "Ledger", name: str) -> RolloverInForce:
    """The rollover of a line now: of its running term, or what holds for its plan where no purchase is known."""
    now = session.clock.now()
    bought = last_bought(ledger, name, now)
    if bought is not None:
        seq, _, held, terms = bought
        for word in words_since(ledger, name, now, seq):
            terms = holding.with_changes(terms, word.changed)
            held = holding.kept(word.holds, terms)
        return held
    rows = market(session)
    plan = plan_of_line(session, name, rows)
    carrier = session.line(name).get("carrier") if plan is None else plan.carrier
    if carrier is None:
        return holding.UNKNOWN
    return holding.rollover(tuple(rows.own.values()), str(carrier), plan, day_of(session))


def last_bought(
    ledger: "Ledger", name: str, now: datetime
) -> tuple[int, datetime, RolloverInForce, Mapping[str, Toml]] | None:
    """The newest purchase that began a term of a line: (entry, instant, the rollover then, its terms)."""
    fact = ledger.lines.get(name)
    found = [
        (told.since, told.seq, _held(told.plan, told.terms, told.holds), told.terms)
        for told in (() if fact is None else fact.births)
        if told.terms is not None
    ]
    newest = [each for each in ledger.orders.values() if each.line == name and each.kind in BASE and each.state in DONE]
    found += [
        (order.settled_at, order.seq, _held(order.plan, order.terms, order.holds), order.terms)
        for order in newest or _archived_base(ledger, name, now)
        if order.state in DONE and order.terms and order.settled_at
    ]
    past = [row for row in found if row[0] <= now]
    if not past:
        return None
    at, seq, held, terms = max(past, key=lambda row: row[:2])
    return seq, at, held, terms


def _archived_base(ledger: "Ledger", name: str, now: datetime) -> "Iterator[OrderState]":
    """The order that began a line's term last; those before it, and its top-ups, may be thousands and are not read."""
    for order in ledger.select(OrderQuery(lines=frozenset([name]), own=True, begins=True), "settled"):
        if order.state in DONE and order.terms and order.settled_at is not None and order.settled_at <= now:
            yield order
            return


def words_since(ledger: "Ledger", name: str, now: datetime, after: int) -> "list[RestatedFact]":
    """The words on a line's terms that came after entry `after` and count by now, oldest first."""
    return [word for word in ledger.restated if word.line == name and word.seq > after and word.since <= now]


def _held(plan: str | None, terms: Mapping[str, Toml], holds: Mapping[str, Toml] | None) -> RolloverInForce:
    """What was frozen with a purchase; a purchase older than such words has that of its terms."""
    return holding.kept(holds, terms) if holds else holding.of_terms(plan, terms)
