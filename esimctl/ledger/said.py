"""Fields of journal entries, each read as what it is: an entry that was checked holds no other.

KeyError where a field is missing that every entry of the kind has, TypeError where it is of another type: neither can
be in an entry that `check_entry` finds right.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from esimctl.values.toml import Toml

T = TypeVar("T")


def _of(type_: type[T], name: str, value: object) -> T:
    if not isinstance(value, type_):
        raise TypeError(f"`{name}` is no {type_.__name__}: {value!r:.60}")
    return value


def text(entry: Mapping[str, Toml], name: str) -> str:
    """A text that is there."""
    value = entry[name]
    return value if type(value) is str else _of(str, name, value)


def text_or_none(entry: Mapping[str, Toml], name: str) -> str | None:
    """A text, None where it is unknown."""
    value = entry.get(name)
    return value if value is None or type(value) is str else _of(str, name, value)


def number(entry: Mapping[str, Toml], name: str) -> int:
    """A number that is there: minor units, octets, a count."""
    value = entry[name]
    return value if type(value) is int else _of(int, name, value)


def number_or_none(entry: Mapping[str, Toml], name: str) -> int | None:
    """A number, None where it is unknown."""
    value = entry.get(name)
    return value if value is None or type(value) is int else _of(int, name, value)


def instant(entry: Mapping[str, Toml], name: str) -> datetime:
    """An aware instant that is there."""
    value = entry[name]
    return value if type(value) is datetime else _of(datetime, name, value)


def instant_or_none(entry: Mapping[str, Toml], name: str) -> datetime | None:
    """An aware instant, None where it is unknown."""
    value = entry.get(name)
    return value if value is None or type(value) is datetime else _of(datetime, name, value)


def flag(entry: Mapping[str, Toml], name: str) -> bool:
    """Yes or no, no where it is not said."""
    return _of(bool, name, entry.get(name, False))


def inner(entry: Mapping[str, Toml], name: str) -> Mapping[str, Toml] | None:
    """A table within, None where there is none."""
    value = entry.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise TypeError(f"`{name}` is no table: {value!r:.60}")
    return value


def tables(entry: Mapping[str, Toml], name: str) -> Sequence[Mapping[str, Toml]]:
    """The tables of a list, postings or heads; none where there is no list."""
    value = entry.get(name, ())
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"`{name}` is no list: {value!r:.60}")
    found = [each for each in value if isinstance(each, Mapping)]
    if len(found) < len(value):
        raise TypeError(f"`{name}` holds what is no table")
    return found


def texts(entry: Mapping[str, Toml], name: str) -> tuple[str, ...]:
    """The texts of a list; none where there is no list."""
    value = entry.get(name, ())
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"`{name}` is no list: {value!r:.60}")
    return tuple(_of(str, name, each) for each in value)
