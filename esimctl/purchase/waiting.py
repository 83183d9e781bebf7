"""Whether what is ordered would wait behind the present term: by the operator's books, else by the word in force.

Who waits for data is not helped by a pack that begins when the present term ends. Where nobody says what an early
renewal does (`early-renewal`, a topic of `policy`), nothing is claimed here: what comes of the order judges.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from esimctl.catalogue.holding import steered, with_changes
from esimctl.market.holding import day_of, held_terms, last_bought, plan_of_line, words_since
from esimctl.profile.own_catalogue import market
from esimctl.providers.abilities import Restates
from esimctl.values.record import replace
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session
    from esimctl.purchase.offer import Offer

QUEUE: Final = "queue"
WAITING: Final = frozenset({QUEUE, "extend"})  #: words of `early_renewal` by which an early renewal may wait
BESIDE: Final = frozenset({"topup", "addon", "window", "promo", "emergency"})  #: packs that come beside a plan at once


def with_wait(session: "Session", ledger: "Ledger", offer: "Offer") -> "Offer":
    """The offer for a line that is there, with `queue` as its effect where it would wait, and until when.

    An operator that plays by the terms of its lines has said so itself. For a line whose books are kept here they say
    it, and else the word on the running term, while the line is in use.
    """
    from esimctl.usage.modelled import is_modelled

    quote = offer.quote
    if offer.wish.plan is None or quote.terms is None or isinstance(offer.provider, Restates):
        return offer
    if is_modelled(session, session.line(offer.wish.line.name)):
        from esimctl.purchase.renewing import by_the_books

        told = by_the_books(session, ledger, offer) if offer.wish.kind == "renew" else None
        if told is None or told.effect != QUEUE:
            return offer
        return replace(offer, quote=replace(quote, effect=QUEUE, begins_at=told.begins_at))
    if quote.terms.get("category", "base") in BESIDE or word_in_force(session, ledger, offer) != QUEUE:
        return offer
    running, until = term_by_reading(session, ledger, offer.wish.line.name)
    return replace(offer, quote=replace(quote, effect=QUEUE, begins_at=until)) if running else offer


def may_wait(session: "Session", ledger: "Ledger", line: str) -> bool:
    """Whether anybody says of a line that what is bought early may wait; only then is an offer worth asking for."""
    if any(claim.topic == "early-renewal" for claim in market(session).own.values()):
        return True
    return running_terms(session, ledger, line).get("early_renewal") in WAITING


def word_in_force(session: "Session", ledger: "Ledger", offer: "Offer") -> str | None:
    """What an early renewal does by the person's own word on the pack, else by the terms of the running plan."""
    if offer.plan is not None:
        said = steered("early-renewal", tuple(market(session).own.values()), offer.plan, day_of(session))
        if said is not None and said[1] is not None:
            return str(said[0]["early_renewal"])
    word = running_terms(session, ledger, offer.wish.line.name).get("early_renewal")
    return None if word is None else str(word)


def running_terms(session: "Session", ledger: "Ledger", line: str) -> Mapping[str, Toml]:
    """The terms that a line's plan was bought with, changed by what was said of them since; empty where unknown."""
    now = session.clock.now()
    bought = last_bought(ledger, line, now)
    if bought is None:
        plan = plan_of_line(session, line)
        return {} if plan is None else held_terms(session, plan)
    terms = bought[3]
    for word in words_since(ledger, line, now, bought[0]):
        terms = with_changes(terms, word.changed)
    return terms


def term_by_reading(session: "Session", ledger: "Ledger", line: str) -> tuple[bool, datetime | None]:
    """(whether a term runs, when it ends) by the newest reading."""
    from esimctl.usage.last_reading import last_reading

    reading = last_reading(ledger, line)
    if reading is None or reading.status not in {"active", "suspended"}:
        return False, None
    end = reading.plan_ends_at or reading.expires_at
    return end is None or end > session.clock.now(), end
