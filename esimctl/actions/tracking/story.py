"""What happened to modelled lines, as the journal tells it, in the order in which the charging engine takes it in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from esimctl.charging.events import Credit, Debit, Event, Gift, Leave, Observe, Purchase, Renew, Share, Topup
from esimctl.charging.moments import Duration
from esimctl.charging.terms import Terms, TermsError, terms_from_table
from esimctl.charging.volume import UNLIMITED

if TYPE_CHECKING:
    from esimctl.ledger.facts import ReadingFact, TieFact
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState

OBSERVED = frozenset({"manual", "sms", "ussd"})
DONE = frozenset({"settled", "refunding"})
MAIN_BALANCE = "main-balance"  #: the kind of method that takes the money from the line itself


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: an event for the engine, and the end that an observation states beside it."""

    at: datetime
    seq: int
    line: str
    event: Event | None
    reading: "ReadingFact | None" = None


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
    orders = [order for order in ledger.all_orders() if order.line in names and order.state in DONE]
    for order in orders:
        event = of_order(ledger, order)
        if event is not None:
            found.append(Happening(event.at, order.seq, order.line, event))
        if order.method_kind == MAIN_BALANCE and order.counted.minor:
            assert order.settled_at is not None
            paid = Debit(order.settled_at, order.line, order.counted)
            found.append(Happening(order.settled_at, order.seq, order.line, paid))
    found += [tied(tie) for tie in ledger.ties if tie.line in names and tie.to in names]
    return sorted(found, key=lambda each: (each.at, each.seq))


def born(ledger: "Ledger", name: str) -> Iterator[Happening]:
    """The pack with which a line came into the books, by the terms as they were then."""
    fact = ledger.lines.get(name)
    if fact is None or "terms" not in fact.data:
        return
    at = fact.data.get("started", fact.added_at)
    terms = terms_of(str(fact.data.get("plan") or name), fact.data["terms"])
    if terms is not None:
        yield Happening(at, fact.data["seq"], name, Purchase(at, name, terms))


def of_order(ledger: "Ledger", order: "OrderState") -> Event | None:
    """What a settled order did to its line; None where the line's own birth says it already."""
    assert order.settled_at is not None
    at, line = order.settled_at, order.line
    if order.amount is not None:
        return Credit(at, line, order.amount)
    fact = ledger.lines.get(line)
    if order.terms is None or (order.kind == "new" and fact is not None and "terms" in fact.data):
        return None
    terms = terms_of(order.plan or line, order.terms)
    if terms is None:
        return None
    kinds: Mapping[str, Any] = {"new": Purchase, "renew": Renew, "topup": Topup}
    made: Event = kinds[order.kind](at, line, terms)
    return made


def terms_of(name: str, table: Mapping[str, Any]) -> Terms | None:
    """The terms of a snapshot; None where a newer version wrote what is not understood here.

    When such a line's term begins, the person says: nobody here sees it being installed or used for the first time.
    """
    try:
        return replace(terms_from_table(name, dict(table)), starts_on="purchase", use_by=None)
    except TermsError:
        return None


def observations(ledger: "Ledger", name: str) -> Iterator[Happening]:
    """What was read off the phone: the remaining octets are an observation, everything else stands beside it."""
    for fact in ledger.all_readings(name):
        if fact.source not in OBSERVED:
            continue
        left = fact.data.get("remaining_bytes")
        event = None if left is None else Observe(fact.read_at, name, left)
        yield Happening(fact.read_at, fact.seq, name, event, fact)


def tied(tie: "TieFact") -> Happening:
    """Sharing and gifts between two modelled lines."""
    event: Event
    if tie.tie == "shared":
        event = Share(tie.at, tie.line, tie.to, UNLIMITED if tie.octets is None else tie.octets)
    elif tie.tie == "unshared":
        event = Leave(tie.at, tie.line, tie.to)
    else:
        event = Gift(tie.at, tie.line, tie.to, tie.octets or 0)
    return Happening(tie.at, tie.seq, tie.line, event)


def later_end(event: Event, seconds: int) -> Event:
    """The same purchase with a term that ends so many seconds later (or earlier)."""
    if not isinstance(event, Purchase | Renew) or event.terms.term is None:
        return event
    term = event.terms.term
    moved = Duration(term.months, term.days, term.seconds + seconds)
    return replace(event, terms=replace(event.terms, term=moved))


__all__ = ["OBSERVED", "Happening", "company", "happenings", "later_end", "terms_of"]
