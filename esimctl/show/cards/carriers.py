"""Carriers: whom to call and what to dial, and what is known of one of them."""

from collections.abc import Iterator
from typing import NamedTuple

from esimctl.documents.claims import CarrierRow, CarriersDocument, CarriersScreen, FactRow
from esimctl.show.fact_words import FACTS, topic
from esimctl.show.plan_words import GRADES
from esimctl.show.styles import ASKED, COMMAND, SOURCE, styled
from esimctl.show.table import draw, facts
from esimctl.show.terminal import Terminal
from esimctl.show.times import day
from esimctl.show.view import Column, Columns, View
from esimctl.show.words import say


class FactOfCarrier(NamedTuple):
    """A fact with the carrier that it is about."""

    fact: FactRow
    carrier: CarrierRow


def rows(data: CarriersDocument) -> Iterator[FactOfCarrier]:
    """One row for each fact of each carrier."""
    for carrier in data.carriers:
        for fact in carrier.facts:
            yield FactOfCarrier(fact, carrier)


COLUMNS: Columns[FactOfCarrier] = (
    Column("carrier", lambda r: r.carrier.id),
    Column("topic", lambda r: r.fact.topic),
    Column("values", lambda r: ",".join(r.fact.values)),
    Column("note", lambda r: r.fact.note),
    Column("grade", lambda r: r.fact.grade),
    Column("as_of", lambda r: r.fact.as_of),
    Column("stale", lambda r: r.fact.stale, shown=False),
    Column("source", lambda r: r.fact.source),
    Column("name", lambda r: r.carrier.name, shown=False),
)


def told(fact: FactRow) -> str:
    """What is known, and what there is to note about it."""
    values = ", ".join(say("unknown") if value == "unknown" else value for value in fact.values)
    return styled(values, COMMAND if values.startswith("*") else None) + (f" ({fact.note})" if fact.note else "")


def source(fact: FactRow) -> str:
    """Where it comes from, how reliable that is, and when it was said."""
    age = say("undated") if fact.as_of is None else day(fact.as_of) + (" " + say("(old)") if fact.stale else "")
    return styled(f"{fact.source}: {say(GRADES[fact.grade])}, {age}", SOURCE)


def first(carrier: CarrierRow, name: str) -> str | None:
    """The first thing that is known of a topic."""
    return next((fact.values[0] for fact in carrier.facts if fact.topic == name and fact.values), None)


SCREEN: Columns[CarrierRow] = (
    Column("carrier", lambda r: r.id, priority=0),
    Column("name", lambda r: r.name, priority=1),
    Column("country", lambda r: r.home_country, priority=5),
    Column("call", lambda r: first(r, "hotline"), priority=2),
    Column("balance", lambda r: first(r, "ussd-balance"), priority=2),
    Column("website", lambda r: first(r, "website"), priority=4),
)


def person(data: CarriersScreen, terminal: Terminal) -> None:
    """Several carriers as a table, one as a card."""
    if len(data.carriers) == 1:
        card(data.carriers[0], terminal, sources=data.sources)
    elif data.carriers:
        draw(SCREEN, data.carriers, terminal)
    else:
        terminal.note(say("no carrier of that name"))


def card(carrier: CarrierRow, terminal: Terminal, *, sources: bool) -> None:
    """Its names, then topic by topic what is known, what people dial first."""
    head = [styled(carrier.id, ASKED), carrier.name, *([carrier.home_country] if carrier.home_country else [])]
    if carrier.roaming:
        head.append(say("roams in Cambodia"))
    terminal.tell(" · ".join(head) + "\n")
    others = [*carrier.names.values(), *carrier.aliases]
    if others:
        terminal.tell(say("also: {names}", names=", ".join(others)) + "\n")
    if carrier.former:
        terminal.tell(say("formerly: {names}", names=", ".join(carrier.former)) + "\n")
    order = list(FACTS)
    last = len(order)
    ordered = sorted(carrier.facts, key=lambda fact: order.index(fact.topic) if fact.topic in FACTS else last)
    pairs: list[tuple[str, str]] = []
    before = None
    for fact in ordered:
        pairs.append(("" if fact.topic == before else topic(fact.topic), told(fact)))
        if sources:
            pairs.append(("", source(fact)))
        before = fact.topic
    facts(pairs, terminal)


VIEWS = {"carriers": View(COLUMNS, rows, person, "no carrier of that name")}
