"""Fields of journal entries, each read as what it is: an entry that was checked holds no other.

KeyError where a field is missing that every entry of the kind has, TypeError where it is of another type: neither can
be in an entry that `check_entry` finds right.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from esimctl.values.money import Money
from esimctl.values.toml import Toml

#: what a table is an instance of: nearly every one is a dict, which is told from others in a tenth of the time
_TABLE: Final = (dict, Mapping)


def _wrong(type_: type, name: str, value: object) -> TypeError:
    return TypeError(f"`{name}` is no {type_.__name__}: {value!r:.60}")


def text(entry: Mapping[str, Toml], name: str) -> str:
    """A text that is there."""
    value = entry[name]
    if isinstance(value, str):
        return value
    raise _wrong(str, name, value)


def text_or_none(entry: Mapping[str, Toml], name: str) -> str | None:
    """A text, None where it is unknown."""
    value = entry.get(name)
    if value is None or isinstance(value, str):
        return value
    raise _wrong(str, name, value)


def number(entry: Mapping[str, Toml], name: str) -> int:
    """A number that is there: minor units, octets, a count."""
    value = entry[name]
    if isinstance(value, int):
        return value
    raise _wrong(int, name, value)


def number_or_none(entry: Mapping[str, Toml], name: str) -> int | None:
    """A number, None where it is unknown."""
    value = entry.get(name)
    if value is None or isinstance(value, int):
        return value
    raise _wrong(int, name, value)


def numbers_or_none(entry: Mapping[str, Toml], names: Sequence[str]) -> list[int | None]:
    """Several numbers, each None where it is unknown: in a third of the time that they take one by one."""
    found: list[int | None] = []
    for name in names:
        value = entry.get(name)
        if value is not None and not isinstance(value, int):
            raise _wrong(int, name, value)
        found.append(value)
    return found


def instant(entry: Mapping[str, Toml], name: str) -> datetime:
    """An aware instant that is there."""
    value = entry[name]
    if isinstance(value, datetime):
        return value
    raise _wrong(datetime, name, value)


def instant_or_none(entry: Mapping[str, Toml], name: str) -> datetime | None:
    """An aware instant, None where it is unknown."""
    value = entry.get(name)
    if value is None or isinstance(value, datetime):
        return value
    raise _wrong(datetime, name, value)


def money_or_none(entry: Mapping[str, Toml], name: str) -> Money | None:
    """An amount that is kept as text, such as `5.00 USD`; None where it is unknown."""
    value = text_or_none(entry, name)
    return None if value is None else Money.parse(value)


def flag(entry: Mapping[str, Toml], name: str) -> bool:
    """Yes or no, no where it is not said."""
    value = entry.get(name, False)
    if isinstance(value, bool):
        return value
    raise _wrong(bool, name, value)


def inner(entry: Mapping[str, Toml], name: str) -> Mapping[str, Toml] | None:
    """A table within, None where there is none."""
    value = entry.get(name)
    if value is None or isinstance(value, _TABLE):
        return value
    raise TypeError(f"`{name}` is no table: {value!r:.60}")


def tables(entry: Mapping[str, Toml], name: str) -> Sequence[Mapping[str, Toml]]:
    """The tables of a list, postings or heads; none where there is no list."""
    value = entry.get(name, ())
    if not isinstance(value, list | tuple):
        raise TypeError(f"`{name}` is no list: {value!r:.60}")
    found = [each for each in value if isinstance(each, _TABLE)]
    if len(found) < len(value):
        raise TypeError(f"`{name}` holds what is no table")
    return found


def texts(entry: Mapping[str, Toml], name: str) -> tuple[str, ...]:
    """The texts of a list; none where there is no list."""
    value = entry.get(name, ())
    if not isinstance(value, list | tuple):
        raise TypeError(f"`{name}` is no list: {value!r:.60}")
    found = tuple(each for each in value if isinstance(each, str))
    if len(found) < len(value):
        raise TypeError(f"`{name}` holds what is no text")
    return found
