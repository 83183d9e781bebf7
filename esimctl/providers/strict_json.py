"""JSON of strangers: no key twice, no NaN, bounded depth and numbers, no float; and its fields as typed values.

A field that is missing or of another type is Malformed: the caller decides what that means for money. Fields that
nobody asks for are ignored, for vendors add fields at any time.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from esimctl.malformed import Malformed, parsed
from esimctl.values.text import clean

DEPTH = 64  #: levels of lists and objects
DIGITS = 30  #: of one number
MOST = 1 << 63  #: of octets, cents, seconds, rows: what is larger is no count of anything
NO_TIME = ("0000-", "0001-01-01")
LATEST = 10_413_792_000  #: the year 2300, in seconds since 1970

_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,12})?\Z", re.ASCII)
_FLAGS = {"true": True, "false": False, "1": True, "0": False}
_ZONE = re.compile(r"([+-]\d{2})(\d{2})\Z")


def decode(body: bytes) -> Any:
    """The document in a body, whole numbers as int, all others as Decimal. Malformed in every other case.

    A byte order mark is passed over (RFC 8259 section 8.1).
    """
    return parsed(_document, body, why="not JSON")


def _document(body: bytes) -> Any:
    found = json.loads(
        body.decode("utf-8-sig"),
        object_pairs_hook=_unique,
        parse_constant=_refused,
        parse_float=_decimal,
        parse_int=_integer,
    )
    level = [found]
    for _ in range(DEPTH):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return found
    raise Malformed("nested too deeply")


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a key stands twice")
    return found


def _refused(_value: str) -> Any:
    raise Malformed("NaN or infinity")


def _decimal(text: str) -> Decimal:
    if len(text) > DIGITS:
        raise Malformed("a number of absurd size")
    number = parsed(Decimal, text, why="a number of absurd size")  # an exponent of 20 digits is too much for it
    if abs(number.adjusted()) > DIGITS:
        raise Malformed("a number of absurd size")
    return number


def _integer(text: str) -> int:
    if len(text) > DIGITS:
        raise Malformed("a number of absurd size")
    return int(text)


def table(value: Any, what: str = "the answer") -> dict[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise Malformed(f"{what} is not an object")
    return value


def telling(row: Mapping[str, Any], *fields: str) -> Mapping[str, Any]:
    """A table that holds at least one of the fields it was asked for, though it be null; an answer without any is none.

    A vendor that leaves out what it does not know is unsure; one that leaves out everything answered something else.
    """
    if not any(field in row for field in fields):
        raise Malformed(f"no {' or '.join(fields)}")
    return row


def rows(value: Any, what: str = "the list") -> list[dict[str, Any]]:
    """A list of objects; an object whose keys are 0, 1, 2 … is a list as some vendors send it. null is empty."""
    if value is None:
        return []
    if isinstance(value, dict) and all(key.isascii() and key.isdigit() and len(key) <= DIGITS for key in value):
        value = [value[key] for key in sorted(value, key=int)]
    if not isinstance(value, list):
        raise Malformed(f"{what} is not a list")
    return [table(each, what) for each in value]


def listing(source: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The rows of the list that was asked for: where it is missing or null nothing was said, which is not "none"."""
    if source.get(key) is None:
        raise Malformed(f"{key} is missing")
    return rows(source[key], key)


def text(source: Mapping[str, Any], key: str, limit: int = 200) -> str:
    """A text with something in it, cleaned; a whole number is taken for its digits (ids come as either)."""
    found = maybe_text(source, key, limit)
    if found is None:
        raise Malformed(f"{key} is not a text")
    return found


def maybe_text(source: Mapping[str, Any], key: str, limit: int = 200) -> str | None:
    """A text, cleaned; None where it is missing, null or empty. Malformed for another type."""
    value = source.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise Malformed(f"{key} is not a text")
    return clean(value, limit)


def text_if_told(source: Mapping[str, Any], key: str, limit: int = 200) -> str | None:
    """A text of a field that decides nothing: None also where it is no text."""
    try:
        return maybe_text(source, key, limit)
    except Malformed:
        return None


def identifier(source: Mapping[str, Any], key: str) -> str | None:
    """An id: printable ASCII without spaces, at most 64 characters. None where it is missing, Malformed otherwise."""
    value = maybe_text(source, key, 65)
    if value is not None and (len(value) > 64 or not value.isascii() or not value.isprintable() or " " in value):
        raise Malformed(f"{key} is not an id")
    return value


def card(source: Mapping[str, Any], key: str) -> str | None:
    """An ICCID as the vendor writes it, without the blanks and hyphens of a printed card; see `identifier`."""
    value = maybe_text(source, key, 65)
    return value if value is None else identifier({key: re.sub(r"[\s.-]", "", value)}, key)


def number(source: Mapping[str, Any], key: str) -> Decimal | None:
    """A number, also where it is sent as a text. None where it is missing or null, Malformed otherwise."""
    value = source.get(key)
    if value is None or value == "":
        return None
    told = isinstance(value, str) and _NUMBER.match(value)
    if isinstance(value, bool) or not (told or isinstance(value, int | Decimal)) or not -MOST < Decimal(value) < MOST:
        raise Malformed(f"{key} is not a number")
    return Decimal(value)


def integer(source: Mapping[str, Any], key: str) -> int | None:
    """A whole number, not negative, also as a text or as 5.0. None where it is missing or null."""
    found = number(source, key)
    if found is None:
        return None
    if found != found.to_integral_value() or not 0 <= found < MOST:
        raise Malformed(f"{key} is not a whole number")
    return int(found)


def integer_if_told(source: Mapping[str, Any], key: str) -> int | None:
    """A whole number of a field that decides nothing: None also where it is none."""
    try:
        return integer(source, key)
    except Malformed:
        return None


def flag(source: Mapping[str, Any], key: str) -> bool | None:
    """true or false, also as a text, as 1 or as 0. None where it is missing, null or empty."""
    value = source.get(key)
    if value is None or value == "" or isinstance(value, bool):
        return None if value == "" else value
    known = _FLAGS.get(str(value).lower()) if isinstance(value, str | int) else None
    if known is None:
        raise Malformed(f"{key} is not true or false")
    return known


def flag_if_told(source: Mapping[str, Any], key: str) -> bool | None:
    """true or false of a field that decides nothing: None also where it is none."""
    try:
        return flag(source, key)
    except Malformed:
        return None


def instant(source: Mapping[str, Any], key: str) -> datetime | None:
    """An instant in UTC: RFC 3339, `+0000`, `YYYY-MM-DD HH:MM:SS` (UTC, as vendors mean it) or a date.

    The zero of a database or of a language, `0000-00-00` or `0001-01-01`, is nothing said.
    """
    value = source.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > 40:
        raise Malformed(f"{key} is not a time")
    if value.startswith(NO_TIME):
        return None
    found = parsed(datetime.fromisoformat, _ZONE.sub(r"\1:\2", value.strip()), why=f"{key} is not a time")
    if not 1970 <= found.year < 2300:  # nobody's eSIM, and too near to where a calendar ends
        raise Malformed(f"{key} is not a time")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def instant_if_told(source: Mapping[str, Any], key: str) -> datetime | None:
    """An instant of a field that decides nothing: None also where it is no time, so that it spoils no order."""
    try:
        return instant(source, key)
    except Malformed:
        return None


def epoch(source: Mapping[str, Any], key: str) -> datetime | None:
    """An instant given as seconds since 1970; a number that only milliseconds can be is taken for those."""
    seconds = integer(source, key)
    if seconds is None:
        return None
    if LATEST * 10 < seconds <= LATEST * 1000:
        seconds //= 1000
    if seconds > LATEST:
        raise Malformed(f"{key} is not a time")
    return datetime.fromtimestamp(seconds, UTC)


def epoch_if_told(source: Mapping[str, Any], key: str) -> datetime | None:
    """Seconds since 1970 of a field that decides nothing: None also where it is none."""
    try:
        return epoch(source, key)
    except Malformed:
        return None
