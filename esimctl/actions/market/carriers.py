"""Carriers and travel brands: their names in three languages, and every fact with its source, date and grade."""

from datetime import date
from typing import TYPE_CHECKING, Any

from esimctl.actions.market.catalogue import market, note_wrong
from esimctl.actions.result import Result
from esimctl.catalogue.carriers import Carrier, Fact, country_facts
from esimctl.catalogue.carriers import carrier as carrier_of
from esimctl.catalogue.claims import STALE_AFTER_DAYS

if TYPE_CHECKING:
    from esimctl.actions.session import Session


def list_carriers(session: "Session", name: str | None = None) -> Result:
    """All carriers, or one by any of its names; what holds in a whole country stands with each carrier of it."""
    rows = market(session)
    known = rows.every_carrier()
    found = known if name is None else (carrier_of(name, known),)
    today = session.clock.now().date()
    result = Result("carriers", {"carriers": [carrier_document(row, today) for row in found]})
    note_wrong(result, rows.wrong)
    return result


def carrier_document(row: Carrier, today: date) -> dict[str, Any]:
    """A carrier as the public document has it; `roaming` where its lines roam in Cambodia."""
    common = country_facts(row.home_country) if row.home_country else ()
    return {
        "id": row.id,
        "name": row.name,
        "names": dict(row.names),
        "former": list(row.former),
        "aliases": list(row.aliases),
        "home_country": row.home_country,
        "roaming": row.roaming,
        "facts": [fact_document(fact, today) for fact in (*row.facts, *common)],
    }


def fact_document(fact: Fact, today: date) -> dict[str, Any]:
    """A fact with whether it is undated or older than 180 days."""
    return {
        "topic": fact.topic,
        "values": list(fact.values),
        "note": fact.note,
        "source": fact.source,
        "as_of": fact.as_of,
        "retrieved": fact.retrieved,
        "grade": fact.grade,
        "stale": fact.as_of is None or (today - date.fromisoformat(fact.as_of)).days > STALE_AFTER_DAYS,
    }


def carrier_named(session: "Session", text: str) -> str:
    """The id of a carrier by any of its names; an unknown one is refused with the nearest."""
    return carrier_of(text, market(session).every_carrier()).id


def first_carrier(session: "Session") -> str:
    """The carrier that is proposed where nothing is known: the catalogue's first one with a network of its own."""
    known = market(session).every_carrier()
    return next((row.id for row in known if not row.roaming), known[0].id)


__all__ = ["carrier_named", "first_carrier", "list_carriers"]
