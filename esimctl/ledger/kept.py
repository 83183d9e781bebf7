"""A ledger as plain JSON-able data and back, exactly, and without what has come to its end: what the index keeps."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, Final

from esimctl.ledger.facts import (
    AdjustFact,
    AlertFact,
    AssertionFact,
    AttachedFact,
    ForeignFact,
    LineFact,
    ReadingFact,
    RestatedFact,
    RuleFact,
    Spend,
    TieFact,
)
from esimctl.ledger.fold import Ledger
from esimctl.ledger.orders import OPEN, OrderState
from esimctl.ledger.rows import SpentRows
from esimctl.ledger.state import SPEND_WINDOW
from esimctl.values.money import Money
from esimctl.values.record import REQUIRED, fields

SCALARS: Final = frozenset({str, int, bool, type(None)})


def to_plain(value: Any) -> Any:
    """Text, numbers, lists and tables only; datetimes become UTC."""
    if value is None or isinstance(value, str | int):  # bool is an int
        return value
    if isinstance(value, datetime):
        return {"$t": (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat()}
    if isinstance(value, date):
        return {"$d": value.isoformat()}
    if isinstance(value, Money):
        return {"$m": [value.minor, value.currency]}
    if isinstance(value, Mapping):
        table = {key: to_plain(item) for key, item in value.items()}
        return {"$": table} if any(key.startswith("$") for key in table) else table
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no plain form")


def from_plain(value: Any) -> Any:
    """The inverse of `to_plain`; a tuple comes back as a list."""
    if isinstance(value, dict):
        if len(value) == 1:
            ((mark, inner),) = value.items()
            if mark == "$t":
                return _instant(inner)
            if mark == "$m":
                return Money(inner[0], inner[1])
            if mark == "$d":
                return date.fromisoformat(inner)
            if mark == "$":
                return {key: from_plain(item) for key, item in inner.items()}
        return {key: i if i.__class__ in SCALARS else from_plain(i) for key, i in value.items()}
    if isinstance(value, list):
        return [from_plain(item) for item in value]
    return value


def from_text(text: str) -> Any:
    """`from_plain` of JSON text, unmarked while it is read: many rows of an index cost half as much."""
    if '"$":' in text:  # a table with keys of that look, wrapped: its inside must not be taken for marks
        return from_plain(json.loads(text))
    return _DECODER.decode(text)


def _unmarked(table: dict[str, Any]) -> Any:
    """A table that holds nothing but a mark as what it stands for."""
    if len(table) != 1:
        return table
    if "$t" in table:
        return _instant(table["$t"])
    return _money(*table["$m"]) if "$m" in table else from_plain(table)


_ENCODER: Final = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))
_DECODER: Final = json.JSONDecoder(object_hook=_unmarked)


@lru_cache(maxsize=64)
def _instant(text: str) -> datetime:
    """Most instants of an order are the same one."""
    return datetime.fromisoformat(text)


@lru_cache(maxsize=256)
def _money(minor: int, currency: str) -> Money:
    """There are about as many amounts as plans; money does not change, so that one will do for many orders."""
    return Money(minor, currency)


_SCALARS = (
    "next_seq", "high_water", "first_at", "paused_at", "paused_until", "restored_at", "reconciled_at", "unattended",
    "unattended_play", "archived",
)  # fmt: skip

_BY_NAME: Mapping[str, type] = {
    "orders": OrderState, "lines": LineFact, "spends": Spend, "stated": Spend, "rules": RuleFact, "alerts": AlertFact,
    "assertions": AssertionFact, "attachments": AttachedFact,
}  # fmt: skip


def ledger_to_plain(ledger: Ledger) -> dict[str, Any]:
    """Text, integers, lists and tables only. Its archive is no part of it."""
    table: dict[str, Any] = {name: to_plain(getattr(ledger, name)) for name in _SCALARS}
    for name in _BY_NAME:
        table[name] = {key: fact_to_plain(fact) for key, fact in getattr(ledger, name).items()}
    table["imported"] = {key: fact_to_plain(order) for key, order in ledger.imported.items()}
    table["readings"] = [fact_to_plain(fact) for facts in ledger.readings.values() for fact in facts]
    table["undone"] = sorted(ledger.undone)
    table["adjustments"] = [fact_to_plain(fact) for fact in ledger.adjustments]
    table["ties"] = [fact_to_plain(fact) for fact in ledger.ties]
    table["restated"] = [fact_to_plain(fact) for fact in ledger.restated]
    table["foreign"] = [fact_to_plain(fact) for fact in ledger.foreign.values()]
    table["balances"] = [[account, currency, minor] for (account, currency), minor in ledger.balances.items()]
    table["spent_before"] = [[*place, minor] for place, minor in ledger.spent_before.items()]
    table["spent_rows"] = [[*place, rows] for place, rows in ledger.spent_rows.places.items()]
    table["acknowledged"] = {what: to_plain(at) for what, at in ledger.acknowledged.items()}
    table["renames"] = [list(rename) for rename in ledger.renames]
    table["retold"] = [[line, seq, to_plain(at)] for line, rows in ledger.retold.items() for seq, at in rows]
    table["heads"] = sorted(list(head) for head in ledger.heads)
    return table


def ledger_from_plain(table: Mapping[str, Any]) -> Ledger:
    """The inverse. KeyError, TypeError or ValueError when the data is not what `ledger_to_plain` gave."""
    ledger = Ledger(**{name: from_plain(table[name]) for name in _SCALARS})
    for name, cls in _BY_NAME.items():
        setattr(ledger, name, {key: fact_from_plain(cls, fact) for key, fact in table[name].items()})
    ledger.imported = {key: fact_from_plain(OrderState, fact) for key, fact in table.get("imported", {}).items()}
    for reading in table["readings"]:
        ledger.readings.setdefault(reading["line"], []).append(fact_from_plain(ReadingFact, reading))
    ledger.gone = {name for name, fact in ledger.lines.items() if fact.removed_at is not None}
    ledger.undone = set(table.get("undone", ()))
    ledger.adjustments = [fact_from_plain(AdjustFact, fact) for fact in table["adjustments"]]
    ledger.ties = [fact_from_plain(TieFact, fact) for fact in table.get("ties", ())]
    ledger.restated = [fact_from_plain(RestatedFact, fact) for fact in table.get("restated", ())]
    for fact in table["foreign"]:
        foreign = fact_from_plain(ForeignFact, fact)
        ledger.foreign[foreign.provider, foreign.provider_order] = foreign
    ledger.balances = {(account, currency): minor for account, currency, minor in table["balances"]}
    ledger.spent_before = {
        (currency, line, source, play): n for currency, line, source, play, n in table["spent_before"]
    }
    places = {(currency, line, source, play): rows for currency, line, source, play, rows in table["spent_rows"]}
    ledger.spent_rows = SpentRows(places)
    ledger.acknowledged = {what: from_plain(at) for what, at in table["acknowledged"].items()}
    ledger.renames = [(seq, old, new) for seq, old, new in table["renames"]]
    for line, seq, at in table.get("retold", ()):
        ledger.retold.setdefault(line, []).append((seq, from_plain(at)))
    ledger.heads = {(seq, digest) for seq, digest in table.get("heads", ())}
    return ledger


def fact_to_plain(fact: Any) -> dict[str, Any]:
    """A record of facts without the fields that have their default: most have."""
    plain = {}
    names, values_of = _reader(fact.__class__)
    for (name, default), value in zip(names, values_of(fact), strict=True):
        if default is REQUIRED or (value is not default and value != default):  # most values are their own plain form
            plain[name] = value if value.__class__ in SCALARS else to_plain(value)
    return plain


@cache
def _reader(cls: type) -> tuple[tuple[tuple[str, Any], ...], Callable[[Any], tuple[Any, ...]]]:
    """The fields of a class of facts with their defaults, and what gives all their values in one call."""
    named = fields(cls)
    return tuple(named.items()), attrgetter(*named)


def fact_from_plain(cls: type, table: Mapping[str, Any]) -> Any:
    """The inverse of `fact_to_plain`."""
    # most values are text and numbers, which are their own plain form: a hundred thousand orders feel every call
    return _made(
        cls, {name: value if value.__class__ in SCALARS else from_plain(value) for name, value in table.items()}
    )


def row_of(fact: OrderState | ReadingFact) -> str:
    """The row of an order or reading, without its line, which has a place of its own."""
    table = fact_to_plain(fact)
    del table["line"]
    return _ENCODER.encode(table)


def order_from_row(line: str, row: str) -> OrderState:
    """The inverse of `row_of` for an order."""
    order: OrderState = _made(OrderState, {"line": line, **from_text(row)})
    return order


def reading_from_row(line: str, row: str) -> ReadingFact:
    """The inverse of `row_of` for a reading."""
    return ReadingFact(line=line, **from_text(row))


def _made(cls: type, values: dict[str, Any]) -> Any:
    for name in (
        "claims",
        "earlier",
    ):  # of an order and of a line; nothing else is a list in JSON and none in the ledger
        if name in values:
            values[name] = tuple(values[name])
    return cls(**values)


KEPT_ORDERS: Final = 50  #: that have ended, the newest

KEPT_READINGS: Final = 200  #: the newest, and the last of every line


def compact(
    ledger: Ledger, cutoff: datetime, *, kept_orders: int = KEPT_ORDERS, kept_readings: int = KEPT_READINGS
) -> tuple[list[OrderState], list[ReadingFact]]:
    """Shrink the ledger in place; the orders and readings that left it, oldest first.

    `cutoff` is the earliest instant among recent entries (one run with a clock far ahead must not age what was spent):
    spending more than SPEND_WINDOW before it meets no limit any more.
    """
    return _orders(ledger, cutoff, kept_orders), _readings(ledger, kept_readings)


def _orders(ledger: Ledger, cutoff: datetime, kept: int) -> list[OrderState]:
    ended = sorted(
        (order for order in ledger.orders.values() if order.state not in OPEN and order.state != "refunding"),
        key=lambda order: order.seq,
    )
    leaving = ended[: max(0, len(ended) - kept)]
    for order in leaving:
        del ledger.orders[order.id]
        for key in (order.id, f"{order.id}:refund"):
            spend = ledger.spends.pop(key, None)
            if spend is not None:
                ledger.tally(spend, purchases=1 if key == order.id else 0)
    brought = sorted(ledger.imported.values(), key=lambda order: order.seq)
    for order in brought[: max(0, len(brought) - kept)]:
        leaving.append(ledger.imported.pop(order.id))
    ledger.archived += len(leaving)
    for place, minor in ledger.spent_rows.expire(cutoff - SPEND_WINDOW):
        ledger.spent_before[place] = ledger.spent_before.get(place, 0) + minor
    return leaving


def _readings(ledger: Ledger, kept: int) -> list[ReadingFact]:
    everything = sorted((fact for facts in ledger.readings.values() for fact in facts), key=lambda fact: fact.seq)
    newest = {fact.seq for fact in everything[max(0, len(everything) - kept) :]}
    newest |= {fact.seq for line in ledger.readings if (fact := ledger.last_reading(line)) is not None}
    leaving = [fact for fact in everything if fact.seq not in newest]
    if leaving:
        for line, facts in ledger.readings.items():
            ledger.readings[line] = [fact for fact in facts if fact.seq in newest]
    return leaving
