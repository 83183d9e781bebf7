"""What happened to modelled lines, as the journal tells it, in the order in which the charging engine takes it in."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from esimctl.catalogue.holding import of_terms
from esimctl.charging.events import (
    CarriedOver,
    Credit,
    Debit,
    Event,
    Gift,
    Leave,
    Observe,
    Purchase,
    Renew,
    Restate,
    Share,
    Topup,
)
from esimctl.charging.restating import worked_in
from esimctl.charging.rhythm import FOREVER, Rhythm
from esimctl.charging.terms import Terms, terms_from_table
from esimctl.values.moments import Duration
from esimctl.values.record import record, replace
from esimctl.values.tables import TableError
from esimctl.values.toml import Toml
from esimctl.values.volume import UNLIMITED

if TYPE_CHECKING:
    from esimctl.ledger.facts import ReadingFact, RestatedFact, TieFact
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState

OBSERVED = frozenset({"manual", "sms", "ussd"})

DONE = frozenset({"settled", "refunding"})

MAIN_BALANCE = "main-balance"  #: the kind of method that takes the money from the line itself


@record
class Happening:
    """One thing that happened: an event for the engine, and the end that an observation states beside it."""

    at: datetime
    seq: int
    line: str
    event: Event | None
    reading: "ReadingFact | None" = None
    known: datetime | None = None  #: when it was written down, where that is not when it happened

    @property
    def noted(self) -> tuple[datetime, int]:
        """Where it stands in the order in which things became known."""
        return self.known or self.at, self.seq


def company(ledger: "Ledger", name: str) -> tuple[str, ...]:
    """The line and all that shared or gave data with it, directly or not."""
    found = [name]
    for each in found:
        for tie in ledger.ties:
            other = tie.to if tie.line == each else tie.line if tie.to == each else None
            if other is not None and other not in found:
                found.append(other)
    return tuple(found)


def happenings(ledger: "Ledger", names: tuple[str, ...], *, observed: bool = True) -> list[Happening]:
    """Everything that happened to these lines, oldest first; without `observed` what the model alone would know."""
    found: list[Happening] = []
    for name in names:
        found += born(ledger, name)
        if observed:
            found += observations(ledger, name)
    orders = [order for order in ledger.orders_of(names) if stands(order)]
    for order in orders:
        event = of_order(ledger, order)
        if event is not None:
            found.append(Happening(event.at, order.seq, order.line, event))
        if (paid := debit(order)) is not None:
            found.append(Happening(paid.at, order.seq, order.line, paid))
    found += [tied(tie) for tie in ledger.ties if tie.line in names and tie.to in names]
    return sorted(with_words(found, words_on(ledger, names)), key=lambda each: (each.at, each.seq))


def words_on(ledger: "Ledger", names: "Collection[str]") -> "list[RestatedFact]":
    """What was said later of the terms of these lines."""
    return [word for word in ledger.restated if word.line in names and word.seq > _birth(ledger, word.line)]


def with_words(found: list[Happening], words: "list[RestatedFact]") -> list[Happening]:
    """Happenings with what was said of their terms later."""
    if not words:
        return found
    found = [*found, *(Happening(each.since, each.seq, each.line, restatement(each), known=each.at) for each in words)]
    told = [each for each in found if each.event is not None]
    events = worked_in((each.seq, each.event) for each in told if each.event is not None)
    by_place = {id(each): replace(each, event=event) for each, event in zip(told, events, strict=True)}
    return [by_place.get(id(each), each) for each in found]


def _birth(ledger: "Ledger", name: str) -> int:
    """The entry with which the line of that name came: one that bore it before is another."""
    fact = ledger.lines.get(name)
    return 0 if fact is None else fact.births[0].seq


def restatement(word: "RestatedFact") -> Restate:
    """A person's later word on a line's terms, as the engine takes it."""
    return Restate(word.since, word.line, word.changed, word.claim, word.holds)


def born(ledger: "Ledger", name: str) -> Iterator[Happening]:
    """The packs with which a line came into the books, by the terms as they were then."""
    fact = ledger.lines.get(name)
    for told in () if fact is None else fact.births:
        order = None if told.order is None else ledger.order(told.order)
        if told.terms is None or (order is not None and order.given_back):
            continue
        at, terms = told.since, terms_of(told.plan or name, told.terms, told.holds)
        if terms is not None:
            yield Happening(at, told.seq, name, Purchase(at, name, terms), known=told.at)


def stands(order: "OrderState") -> bool:
    """Whether what an order brought is there; a part of its money that came back takes nothing away."""
    return order.state in DONE or (order.state == "refunded" and not order.given_back)


def of_order(ledger: "Ledger", order: "OrderState") -> Event | None:
    """What a settled order did to its line; None where the line's own birth says it already."""
    return None if order.kind == "new" and _told_by_birth(ledger, order) else effect(order)


def effect(order: "OrderState", *, begun: bool = True) -> Event | None:
    """What a settled order brings by its terms, money where it is that; None where nobody knows its terms.

    `begun` is false for a plan that still waits for its start, as far as anybody has seen.
    """
    assert order.settled_at is not None
    at, line = order.settled_at, order.line
    if order.amount is not None:
        return Credit(at, line, order.amount)
    terms = None if order.terms is None else terms_of(order.plan or line, order.terms, order.holds, begun=begun)
    if terms is None:
        return None
    kinds: Mapping[str, type[Purchase | Renew | Topup]] = {"new": Purchase, "renew": Renew, "topup": Topup}
    return kinds[order.kind](at, line, terms)


def debit(order: "OrderState") -> Debit | None:
    """What a settled order took from the line's own money; None where it was paid otherwise."""
    if order.method_kind != MAIN_BALANCE or not order.counted.minor:
        return None
    assert order.settled_at is not None
    return Debit(order.settled_at, order.line, order.counted)


def _told_by_birth(ledger: "Ledger", order: "OrderState") -> bool:
    """Whether the entry with which its line came says already what an order brought."""
    fact = ledger.lines.get(order.line)
    told = [] if fact is None else [each for each in fact.births if each.terms is not None]
    return bool(told) and (fact is None or not fact.earlier or any(each.order == order.id for each in told))


def terms_of(
    name: str, table: Mapping[str, Toml], word: Mapping[str, Toml] | None = None, *, begun: bool = True
) -> Terms | None:
    """The terms of a snapshot; None where a newer version wrote what is not understood here.

    `word` is whose word their rollover is; a line that is older than such words has that of its terms.

    When the term of a line without an interface begins, the person says: nobody here sees it being installed or used
    for the first time. Of other lines `begun` says whether it has.
    """
    try:
        said = of_terms(name, table).as_kept() if word is None else word
        terms = replace(terms_from_table(name, dict(table)), word=said)
    except TableError:
        return None
    return replace(terms, starts_on="purchase", use_by=None) if begun else terms


def observations(ledger: "Ledger", name: str) -> Iterator[Happening]:
    """What was read off the phone."""
    for fact in ledger.all_readings(name):
        if fact.source in OBSERVED:
            yield from of_reading(fact)


def of_reading(fact: "ReadingFact") -> Iterator[Happening]:
    """One reading: the remaining octets are an observation, everything else stands beside it.

    What was carried is told first: a carry that failed is no use of what is missing then.
    """
    left, carried = fact.remaining_bytes, fact.carried_bytes
    if carried is not None:
        event: Event = CarriedOver(fact.read_at, fact.line, carried)
        yield Happening(fact.read_at, fact.seq, fact.line, event, known=fact.at)
    seen = None if left is None else Observe(fact.read_at, fact.line, left)
    yield Happening(fact.read_at, fact.seq, fact.line, seen, fact, fact.at)


def tied(tie: "TieFact") -> Happening:
    """Sharing and gifts between two modelled lines."""
    event: Event
    if tie.tie == "shared":
        event = Share(tie.at, tie.line, tie.to, UNLIMITED if tie.octets is None else tie.octets)
    elif tie.tie == "unshared":
        event = Leave(tie.at, tie.line, tie.to)
    else:
        event = Gift(tie.at, tie.line, tie.to, tie.octets or 0, whatever_terms=tie.claim is not None)
    return Happening(tie.at, tie.seq, tie.line, event)


def later_end(event: Event, seconds: int) -> Event:
    """A purchase with a term that ends so many seconds later (or earlier); any other event as it is."""
    if not isinstance(event, Purchase | Renew) or event.terms.term is None:
        return event
    term = event.terms.term
    moved = Duration(term.months, term.days, term.seconds + seconds)
    return replace(event, terms=replace(event.terms, term=moved))


def life_end(order: "OrderState", where: tzinfo) -> datetime:
    """When what an order brought is over at the earliest, as far as its terms say; money has no end."""
    terms = None if order.terms is None else terms_of(order.plan or order.line, order.terms)
    if terms is None or order.settled_at is None:
        return FOREVER
    return Rhythm(terms, order.settled_at, where).period_end(0, 0)
