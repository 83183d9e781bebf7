"""A clock that stood in the future, taken back by a person: what it dated beyond the true time is dated to that time.

The truth lies between the last right entry and the moment of the correction; the later end is the cautious one, since
limits and cool-downs reach back from the present. What was spent counts in the month that was stated as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from esimctl.ledger.said import instant, instant_or_none, text
from esimctl.values.record import replace
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.entries import Entry
    from esimctl.ledger.facts import RuleFact
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState

#: fields of facts that say when something was written; ends and deadlines are what somebody promised, and stay
_WRITTEN: Final = (
    "at", "read_at", "added_at", "removed_at", "first_at", "last_at", "confirmed_at", "disabled_at", "paused_at",
    "suspended_at", "last_attempt_at", "last_settled_at", "last_failed_at", "resumed_at",
)  # fmt: skip
_OF_ORDERS: Final = ("created_at", "changed_at", "attempted_at", "last_attempt_at", "settled_at")
_SINCE: Final = ("at", "since", "started", "base_at")  #: of a kept entry; none of them lies after its own `at`
_OF_LEDGER: Final = ("paused_at", "restored_at", "reconciled_at")


def take_back(ledger: "LedgerState", at: datetime, since: datetime) -> None:
    """Date everything that the ledger has from after `at` to `at`; `since` is the last time that was right.

    What was archived before must not be missing from the ledger: it would keep its dates.
    """
    ledger.high_water = at
    if ledger.first_at is None or ledger.first_at > at:
        ledger.first_at = at
    ledger.orders.update({name: _order(order, at, since) for name, order in ledger.orders.items()})
    ahead = {key: spend for key, spend in ledger.spends.items() if spend.at > at}
    ledger.stated.update({key: replace(spend, true_at=at) for key, spend in ahead.items()})
    ledger.spends.update({key: replace(spend, at=at) for key, spend in ahead.items()})
    ledger.paused_until = _as_long(ledger.paused_at, ledger.paused_until, at)
    for name in _OF_LEDGER:
        setattr(ledger, name, earlier(getattr(ledger, name), at))
    ledger.rules.update({name: _rule(rule, at) for name, rule in ledger.rules.items()})
    ledger.lines.update(
        {name: _fact(replace(line, data=_dated(line.data, at)), at) for name, line in ledger.lines.items()}
    )
    tables: tuple[dict[Any, Any], ...] = (ledger.alerts, ledger.assertions, ledger.attachments, ledger.foreign)
    for table in tables:
        table.update({key: _fact(fact, at) for key, fact in table.items()})
    for facts in ledger.readings.values():
        facts[:] = [_fact(fact, at) for fact in facts]
    ledger.adjustments[:] = [_fact(fact, at) for fact in ledger.adjustments]
    ledger.ties[:] = [_fact(fact, at) for fact in ledger.ties]
    # a word that counts from the moment at which it was written; a day that a person named stays
    ledger.restated[:] = [
        _fact(replace(fact, since=at) if at < fact.since <= fact.at else fact, at) for fact in ledger.restated
    ]
    ledger.acknowledged.update({what: min(seen, at) for what, seen in ledger.acknowledged.items()})


def dated(entries: "Iterable[Entry]") -> "Iterator[tuple[Entry, datetime]]":
    """The entries of a whole journal, each with its time as corrected by what came after it; the newest first."""
    latest: datetime | None = None
    for entry in reversed(list(entries)):
        at: datetime = instant(entry, "at")
        yield entry, at if latest is None else min(at, latest)
        if text(entry, "kind") == "clock.set":
            latest = at if latest is None else min(at, latest)


def earlier(value: datetime | None, at: datetime) -> datetime | None:
    """The earlier of the two; None stays None."""
    return None if value is None else min(value, at)


def _order(order: "OrderState", at: datetime, since: datetime) -> "OrderState":
    """The order with what was stated beside it, where the wrong clock dated its beginning or its end."""
    if order.imported or order.changed_at <= at:
        return order
    changes: dict[str, Any] = {
        name: at for name in _OF_ORDERS if (value := getattr(order, name)) is not None and value > at
    }
    last = order.created_at if order.settled_at is None else order.settled_at
    if last > at:
        changes["stated_at"] = last
    if order.created_at > at:
        changes["made_after"] = since
    return replace(order, **changes)


def _rule(rule: "RuleFact", at: datetime) -> "RuleFact":
    confirmed = None if rule.confirmed is None else _confirmed(rule.confirmed, at)
    until = _as_long(rule.paused_at, rule.paused_until, at)
    found: RuleFact = _fact(replace(rule, confirmed=confirmed, paused_until=until), at)
    return found


def _confirmed(entry: Mapping[str, Toml], at: datetime) -> dict[str, Toml]:
    """A confirmation; a raised limit that it holds back is held back as long as it was to be."""
    found = _dated(entry, at)
    if "held_until" in entry:
        found["held_until"] = _as_long(instant(entry, "at"), instant_or_none(entry, "held_until"), at)
    return found


def _fact(fact: Any, at: datetime) -> Any:
    changes = {name: at for name in _WRITTEN if (value := getattr(fact, name, None)) is not None and value > at}
    return replace(fact, **changes) if changes else fact


def _dated(table: Mapping[str, Toml], at: datetime) -> dict[str, Toml]:
    """A kept entry: when it was written, and since when it counts."""
    return {
        key: min(value, at) if key in _SINCE and isinstance(value, datetime) else value for key, value in table.items()
    }


def _as_long(begun: datetime | None, until: datetime | None, at: datetime) -> datetime | None:
    """The end of a stretch that began by the wrong clock: it lasts as long as it was to, from the true time on."""
    return at + (until - begun) if begun is not None and until is not None and begun > at else until
