"""What a person sees before a renewal: line and account, what is left, the plans that fit, and what comes of it.

Nothing is written and no order is sent; a provider is asked for a reading where the last one is too old (R-64 to R-69).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from esimctl.catalogue.search import total_bytes
from esimctl.charging.outlook import renewal
from esimctl.documents.offers import FittingPlanRow, PlanChoice, RenewalPart
from esimctl.errors import EsimctlError
from esimctl.market.on_offer import sold_by
from esimctl.profile.naming import line_ref
from esimctl.purchase.offer import Offer
from esimctl.usage.last_reading import is_stale, last_reading
from esimctl.usage.modelled import is_modelled, modelled
from esimctl.usage.playing import play
from esimctl.usage.story import terms_of
from esimctl.values.volume import UNLIMITED

if TYPE_CHECKING:
    from datetime import datetime

    from esimctl.catalogue.plan import Plan
    from esimctl.charging.outlook import Renewal
    from esimctl.documents.balance import BalanceLine
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session

BASE = "base"


def renewal_document(session: "Session", offer: Offer) -> RenewalPart:
    """The `renewal` object of an offer; null is what cannot be known before the order is done."""
    ledger = session.store.ledger_for_reading()
    name = offer.wish.line.name
    line = line_now(session, ledger, name)
    data, rollover = line.data, line.rollover
    present = session.lines[name].get("plan")
    told = offer.quote.renewal or by_the_books(session, ledger, offer)
    return RenewalPart(
        line=name,
        carrier=line.carrier or (None if offer.plan is None else offer.plan.carrier),
        provider=offer.provider.name,
        by_hand=offer.quote.by_hand,
        status=line.status,
        remaining_bytes=data.remaining_bytes,
        restricted_bytes=data.restricted_bytes,
        restricted_unlimited=data.restricted_unlimited,
        unlimited=data.unlimited,
        voice_seconds=line.voice.remaining_seconds,
        expires_at=line.expires_at,
        renew_by=rollover.renew_by,
        grace_until=rollover.grace_until,
        plans=[
            FittingPlanRow(**vars(row_of(row)), present=row.id == present, chosen=row.id == offer.wish.plan)
            for row in offered(session, name)
        ],
        new_end=None if told is None else told.ends_at,
        days_lost=None if told is None else told.days_lost,
        kept_bytes=None if told is None else told.kept_bytes,
        kept_until=None if told is None else told.kept_until,
        lost_bytes=None if told is None else told.lost_bytes,
    )


def promised_end(session: "Session", offer: Offer) -> "datetime | None":
    """When a line ends once it is renewed, by the seller's word or by the model; None where neither knows."""
    told = offer.quote.renewal or by_the_books(session, session.store.ledger_for_reading(), offer)
    return None if told is None else told.ends_at


def line_now(session: "Session", ledger: "Ledger", name: str) -> "BalanceLine":
    """The line's balance as it can be told without writing anything down."""
    from esimctl.usage.line import line_document
    from esimctl.usage.readings import ask

    table = session.line(name)
    if is_modelled(session, table):
        model = modelled(session, ledger, name)
        return line_document(session, ledger, name, table, model.reading, model=model)[0]
    known = last_reading(ledger, name)
    if is_stale(session, ledger, name, table, known):
        known = ask(session, name, table, []) or known
    return line_document(session, ledger, name, table, known)[0]


def by_the_books(session: "Session", ledger: "Ledger", offer: Offer) -> "Renewal | None":
    """What the model of a line without an interface says; None where only the provider will know."""
    name = offer.wish.line.name
    if offer.quote.terms is None or not is_modelled(session, session.line(name)):
        return None
    terms = terms_of(offer.wish.plan or name, offer.quote.terms)
    if terms is None:
        return None
    return renewal(play(session, ledger, name, session.clock.now()).engine, name, terms)


def offered(session: "Session", name: str) -> "Sequence[Plan]":
    """The base plans that fit; none where a provider does not say: the one that was asked for can be renewed still."""
    try:
        return fitting(session, name)
    except EsimctlError:
        return ()


def fitting(session: "Session", name: str, kind: str = BASE) -> "Sequence[Plan]":
    """Plans of that kind which a line can have, its present one first, then by price.

    For a base plan only what is good for everything at any hour: windows, single apps and add-ons come beside one.
    """
    table = session.line(name)
    rows = sold_by(session, str(table.get("provider")), line=line_ref(name, table))
    present = table.get("plan")
    return sorted(
        (row for row in rows if row.id == present or _fits(row, kind)),
        key=lambda row: (row.id != present, row.price is None, _price(row), row.id),
    )


def _price(row: "Plan") -> tuple[str, int]:
    """Amounts of one currency beside each other."""
    return ("", 0) if row.price is None else (row.price.currency, row.price.minor)


def _fits(row: "Plan", kind: str) -> bool:
    if row.kind != kind or row.price is None:
        return False
    return kind != BASE or (row.category == BASE and row.purpose is None)


def row_of(row: "Plan") -> PlanChoice:
    """A plan as a person chooses by: id, name, price, data and how long."""
    total = total_bytes(row)
    return PlanChoice(
        id=row.id,
        name=row.name,
        price=row.price,
        data_bytes=total if isinstance(total, int) else None,
        unlimited=total is UNLIMITED,
        validity=row.term,
    )
