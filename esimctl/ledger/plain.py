"""Values of the ledger as plain JSON-able data and back, exactly.

Marks: `{"$t": instant}`, `{"$d": date}`, `{"$m": [minor, currency]}`; a table with such a key of its own is wrapped in
`{"$": table}`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from esimctl.charging.money import Money

SCALARS: Final = frozenset({str, int, bool, type(None)})
BATCH: Final = 32  #: lines decoded at once: the reader's own start and end cost less, and all of them fit a cache


def to_plain(value: Any) -> Any:
    """Text, numbers, lists and tables only; datetimes become UTC."""
    if value is None or isinstance(value, str | int):  # bool is an int
        return value
    if isinstance(value, datetime):
        return {"$t": value.astimezone(UTC).isoformat()}
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


def from_text(text: bytes) -> Any:
    """`from_plain` of JSON text, unmarked while it is read: many lines of an archive cost half as much."""
    if b'"$":' in text:  # a table with keys of that look, wrapped: its inside must not be taken for marks
        return from_plain(json.loads(text))
    return _DECODER.decode(text.decode())


def from_lines(lines: Iterable[bytes]) -> Iterator[Any]:
    """`from_text` of one line after the other, each a JSON text of its own."""
    left = iter(lines)
    while batch := list(islice(left, BATCH)):
        text = b"[" + b",".join(batch) + b"]"
        yield from map(from_text, batch) if b'"$":' in text else _DECODER.decode(text.decode())


def _unmarked(table: dict[str, Any]) -> Any:
    """A table that holds nothing but a mark as what it stands for."""
    if len(table) != 1:
        return table
    if "$t" in table:
        return _instant(table["$t"])
    return _money(*table["$m"]) if "$m" in table else from_plain(table)


_DECODER: Final = json.JSONDecoder(object_hook=_unmarked)


@lru_cache(maxsize=64)
def _instant(text: str) -> datetime:
    """Most instants of an order are the same one."""
    return datetime.fromisoformat(text)


@lru_cache(maxsize=256)
def _money(minor: int, currency: str) -> Money:
    """There are about as many amounts as plans; money does not change, so that one will do for many orders."""
    return Money(minor, currency)
