"""Overage: what use that no bucket covers has cost, as far as the books know it. Asks nobody.

Where the provider's readings count it, it is what a reading counts more than all before it; where the books model the
line, it is what the engine charged. Use that a plan charges while nobody knows the main balance has an unknown price.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from esimctl.ledger.archived import OrderQuery
from esimctl.profile.opened import takes_play_money
from esimctl.usage.modelled import is_modelled
from esimctl.usage.playing import play
from esimctl.values.moments import zone
from esimctl.values.money import Money
from esimctl.values.record import field, record
from esimctl.values.toml import Toml, table_at

if TYPE_CHECKING:
    from esimctl.ledger.facts import LineFact, ReadingFact
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session

_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@record
class Charge:
    """What a line's main balance paid for overage on one local day; `at` is when it was last charged, or last seen."""

    line: str
    provider: str
    plan: str | None
    at: datetime
    money: Money
    source: str  #: provider or modelled
    play: bool


@record(frozen=False)
class Overage:
    """Every charge, oldest first; `unknown` holds (line, instant) of use whose price nobody knows."""

    charges: list[Charge] = field(default_factory=list)
    unknown: list[tuple[str, datetime]] = field(default_factory=list)


def overage(session: "Session", ledger: "Ledger", since: datetime | None = None) -> Overage:
    """What was charged for overage at or after `since` (ever), a row for each line, local day and currency."""
    found, first = Overage(), since or _EVER
    names = dict.fromkeys([*ledger.lines, *session.lines])
    counted, priced = [], _priced(ledger)
    for name in names:
        provider = _provider(session, ledger, name)
        if not is_modelled(session, {"provider": provider}):
            newest = ledger.last_reading(name)
            if newest is not None and newest.charged is not None:
                counted.append(name)
        elif name in priced:
            _of_model(session, ledger, name, first, found)
    readings = ledger.readings_since(first) if counted else {}
    for name in counted:
        rows = list(_of_readings(readings.get(name, []), ledger.lines.get(name), first))
        found.charges += _by_day(session, name, _provider(session, ledger, name), rows, "provider")
    found.charges.sort(key=lambda charge: charge.at)
    return found


def _provider(session: "Session", ledger: "Ledger", name: str) -> str:
    fact = ledger.lines.get(name)
    return str(session.lines.get(name, {}).get("provider") or (fact.provider if fact else ""))


def _of_readings(
    facts: "list[ReadingFact]", line: "LineFact | None", since: datetime
) -> Iterator[tuple[datetime, Money, str | None]]:
    """(when it was seen, money, plan) of every reading that counts more than all before it.

    What an adopted line was charged before the first look at it belongs to no day that is known.
    """
    bought_here = line is not None and line.order is not None
    most = 0
    for place, fact in enumerate(facts):
        money = fact.charged
        if money is None:
            continue
        before, most = most, max(most, money.minor)
        known = bought_here if not place else True
        if most > before and known and fact.read_at >= since:
            yield fact.read_at, Money(most - before, money.currency), fact.plan


def _priced(ledger: "Ledger") -> set[str]:
    """Lines of which any plan that they ever had, or a person's word on one, charges what is beyond its data."""
    tables: list[tuple[str, Mapping[str, Toml] | None]] = [
        (name, told.terms) for name, fact in ledger.lines.items() for told in fact.births
    ]
    tables += [(word.line, word.changed) for word in ledger.restated]
    told = {name for name, table in tables if table_at(table or {}, "overage").get("action") == "charge"}
    return told | set(ledger.names_of("line", OrderQuery(own=True, charging=True)))


def _of_model(session: "Session", ledger: "Ledger", name: str, since: datetime, found: Overage) -> None:
    fact = ledger.lines.get(name)
    now = session.clock.now()
    until = now if fact is None or fact.removed_at is None else min(now, fact.removed_at)
    balance = play(session, ledger, name, until).balance
    moves = [move for move in balance.movements if move.at >= since]
    rows = [
        (move.at, Money(move.amount or 0, str(move.other)), balance.plan) for move in moves if move.reason == "charged"
    ]
    found.charges += _by_day(session, name, _provider(session, ledger, name), rows, "modelled")
    if balance.main_balance is None:
        found.unknown += [(name, move.at) for move in moves if move.reason == "out-of-bucket"]


def _by_day(
    session: "Session", name: str, provider: str, rows: list[tuple[datetime, Money, str | None]], source: str
) -> list[Charge]:
    """One charge for each local day and currency."""
    where, game = zone(session.zone), takes_play_money(session, provider)
    days: dict[tuple[date, str], Charge] = {}
    for at, money, plan in rows:
        key = at.astimezone(where).date(), money.currency
        before = days.get(key)
        whole = money if before is None else before.money + money
        days[key] = Charge(name, provider, plan, at, whole, source, game)
    return list(days.values())
