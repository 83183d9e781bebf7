"""Carriers and travel brands: their names in three languages, and every fact with its source, date and grade."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from esimctl.catalogue.carriers import Carrier, Fact, carriers, country_facts
from esimctl.catalogue.carriers import carrier as carrier_of
from esimctl.catalogue.claims import STALE_AFTER_DAYS, Claim, all_claims, decide
from esimctl.documents.claims import CarrierRow, CarriersDocument, CarriersScreen, FactRow
from esimctl.documents.result import Result
from esimctl.market.plans import day_written
from esimctl.profile.own_catalogue import market, note_wrong

if TYPE_CHECKING:
    from esimctl.profile.opened import Session


#: Topics of a carrier that only claims answer: nowhere is a second answer to them.
CLAIMED = ("esim", "number-retention", "standing", "promotions")

#: The grade of a fact that is a claim, by the kind of its source.
GRADE_OF = {
    "person": "own", "operator": "V", "standard": "V", "regulator": "V", "news": "S", "community": "S",
    "article": "article", "testimony": "U",
}  # fmt: skip


def list_carriers(session: "Session", name: str | None = None, *, sources: bool = False) -> "Result[CarriersDocument]":
    """All carriers, or one by any of its names; what holds in a whole country stands with each carrier of it.

    With `sources` a person is told who says so.
    """
    rows = market(session)
    known = rows.every_carrier()
    found = known if name is None else (carrier_of(name, known),)
    today = session.clock.now().date()
    own = tuple(rows.own.values())
    document = CarriersDocument(carriers=[carrier_row(row, today, own) for row in found])
    result = Result("carriers", document, screen=CarriersScreen(**vars(document), sources=sources))
    note_wrong(result, rows.wrong)
    return result


def hotlines() -> list[tuple[str, list[str], list[str]]]:
    """(name, numbers, pages) of the carriers of which one is known, those of their country included."""
    found = []
    for row in carriers():
        common = country_facts(row.home_country) if row.home_country else ()
        numbers = [*row.of("hotline"), *(value for fact in common if fact.topic == "hotline" for value in fact.values)]
        if numbers:
            found.append((row.name, list(dict.fromkeys(numbers)), list(row.of("website"))))
    return found


def carrier_row(row: Carrier, today: date, own: Sequence[Claim] = ()) -> CarrierRow:
    """A carrier as the public document has it; `roaming` where its lines roam in Cambodia.

    What somebody claims on a topic of `CLAIMED` is asked of the claims, and stands among its facts.
    """
    common = country_facts(row.home_country) if row.home_country else ()
    return CarrierRow(
        id=row.id,
        name=row.name,
        names=row.names,
        former=row.former,
        aliases=row.aliases,
        home_country=row.home_country,
        roaming=row.roaming,
        facts=[fact_row(fact, today) for fact in (*row.facts, *claimed(row.id, own), *common)],
    )


def claimed(carrier: str, own: Sequence[Claim] = ()) -> tuple[Fact, ...]:
    """What is claimed of a carrier on the topics that only claims answer, the claim that counts most first."""
    found: list[Fact] = []
    for topic in CLAIMED:
        for claim in decide(all_claims(own, None), topic, carrier).claims:
            ((key, value),) = claim.value.items()
            found.append(
                Fact(
                    topic=topic,
                    values=(f"{value} days" if key == "days" else str(value),),
                    note=claim.note,
                    source=claim.source,
                    as_of=None if claim.as_of is None else claim.as_of.isoformat(),
                    retrieved=None if claim.retrieved is None else claim.retrieved.isoformat(),
                    grade=GRADE_OF[claim.kind],
                )
            )
    return tuple(found)


def fact_row(fact: Fact, today: date) -> FactRow:
    """A fact with whether it is undated or older than 180 days."""
    as_of = day_written(fact.as_of)
    return FactRow(
        topic=fact.topic,
        values=fact.values,
        note=fact.note,
        source=fact.source,
        as_of=as_of,
        retrieved=day_written(fact.retrieved),
        grade=fact.grade,
        stale=as_of is None or (today - as_of).days > STALE_AFTER_DAYS,
    )


def carrier_named(session: "Session", text: str) -> str:
    """The id of a carrier by any of its names; an unknown one is refused with the nearest."""
    return carrier_of(text, market(session).every_carrier()).id


def carriers_to_choose(session: "Session") -> dict[str, str]:
    """Carriers by id with their names, those with a network of their own first."""
    known = market(session).every_carrier()
    return {row.id: row.name for row in sorted(known, key=lambda row: bool(row.roaming))}
