"""JSON of strangers: no key twice, no NaN, bounded depth and numbers, no float; and its fields as typed values.

A field of another type is Malformed: the caller decides what that means for money. Fields that nobody asks for are
ignored, for vendors add fields at any time; that is why `values.tables`, which refuses them, reads people's tables.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

from esimctl.malformed import Malformed, parsed
from esimctl.providers.lpa import valid_iccid
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, Sentence, either
from esimctl.values.text import clean

#: a document, whoever wrote it; a number with a point is a Decimal
Json: TypeAlias = "bool | int | Decimal | str | list[Json] | dict[str, Json] | None"

DEPTH = 64  #: levels of lists and objects
DIGITS = 30  #: of one number
MOST = 1 << 63  #: of octets, cents, seconds, rows: what is larger is no count of anything
NO_TIME = ("0000-", "0001-01-01")
LATEST = 10_413_792_000  #: the year 2300, in seconds since 1970

_NUMBER = regex(r"-?[0-9]{1,20}(?:\.[0-9]{1,12})?\Z", re.ASCII)
_FLAGS = {"true": True, "false": False, "1": True, "0": False}
_ZONE = regex(r"([+-]\d{2})(\d{2})\Z")
_PRINTED = regex(r"[\s.-]")  #: what stands between the digits of a printed card


def decode(body: bytes) -> Json:
    """The document in a body, whole numbers as int, all others as Decimal. Malformed in every other case.

    A byte order mark is passed over (RFC 8259 section 8.1).
    """
    return parsed(_document, body, why="not JSON")


def _document(body: bytes) -> Json:
    found: Json = json.loads(
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


def _inside(value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a key stands twice")
    return found


def _refused(_value: str) -> Json:
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


def written(document: Mapping[str, Json]) -> str:
    """A document of ours as it is sent: without blanks, ASCII alone."""
    return json.dumps(document, separators=(",", ":"))


def read_object(body: bytes) -> "JsonObject":
    """The object in a body; Malformed where it is anything else."""
    return as_object(decode(body), Sentence("the answer"))


def as_object(value: Json, what: str | Sentence, path: str = "") -> "JsonObject":
    """An object; Malformed for another type. `path` stands before the names of its fields."""
    if not isinstance(value, dict):
        raise Malformed("{what} is not an object", what=what if isinstance(what, Sentence) else Raw(what))
    return JsonObject(value, path)


def as_objects(value: Json, what: str) -> list["JsonObject"]:
    """A list of objects; an object whose keys are 0, 1, 2 … is a list as some vendors send it. null is empty."""
    if value is None:
        return []
    if isinstance(value, dict) and all(key.isascii() and key.isdigit() and len(key) <= DIGITS for key in value):
        value = [value[key] for key in sorted(value, key=int)]
    if not isinstance(value, list):
        raise Malformed("{what} is not a list", what=Raw(what))
    return [as_object(each, f"{what}[{place}]", f"{what}[{place}].") for place, each in enumerate(value)]


class JsonObject:
    """An object that a stranger wrote. Every getter reads one field; Malformed says by its path what is wrong with it.

    A field that is missing, null or an empty text is None to all getters of one value but `id_of`.
    """

    __slots__ = ("_fields", "_path")

    def __init__(self, fields: Mapping[str, Json], path: str = "") -> None:
        self._fields = fields
        self._path = path

    def __contains__(self, key: str) -> bool:
        return key in self._fields

    def __len__(self) -> int:
        return len(self._fields)

    def has(self, key: str) -> bool:
        """Whether something else than null stands in a field."""
        return self._fields.get(key) is not None

    def wrong(self, key: str, what: str) -> Malformed:
        """The failure of a field: its path, and what is the matter."""
        return Malformed("{key} {what}", key=Raw(self._path + key), what=Sentence(what))

    def telling(self, *keys: str) -> "JsonObject":
        """This object, if it holds at least one of these fields, though it be null; an answer without any is none.

        A vendor that leaves out what it does not know is unsure; one that leaves out all answered something else.
        """
        if not any(key in self._fields for key in keys):
            raise Malformed("no {keys}", keys=either(self._path + key for key in keys))
        return self

    def only(self, keys: Iterable[str]) -> "JsonObject":
        """This object, if it has these fields and no other."""
        if self._fields.keys() != set(keys):
            raise Malformed("other fields than were agreed")
        return self

    # -- objects and lists

    def inner(self, key: str) -> "JsonObject":
        """The object in a field, which must be there."""
        return as_object(self._fields.get(key), self._path + key, f"{self._path}{key}.")

    def part(self, key: str) -> "JsonObject":
        """The object in a field; an empty one where nothing stands there."""
        return as_object(self._fields.get(key) or {}, self._path + key, f"{self._path}{key}.")

    def maybe(self, key: str) -> "JsonObject | None":
        """The object in a field; None where anything else stands there."""
        return self.inner(key) if isinstance(self._fields.get(key), dict) else None

    def rows(self, key: str) -> list["JsonObject"]:
        """The objects of a list; none where it is missing or null."""
        return as_objects(self._fields.get(key), self._path + key)

    def listing(self, key: str) -> list["JsonObject"]:
        """The rows of the list that was asked for: missing or null it says nothing, which is not "none"."""
        if self._fields.get(key) is None:
            raise self.wrong(key, "is missing")
        return self.rows(key)

    def texts(self) -> Iterator[tuple[str, str]]:
        """The fields that hold a text, with it as it stands."""
        return ((key, value) for key, value in self._fields.items() if isinstance(value, str))

    # -- texts

    def exact(self, key: str) -> str | None:
        """A text as it stands: a code, a token. None also for another type."""
        value = self._fields.get(key)
        return value if isinstance(value, str) and value else None

    def maybe_text(self, key: str, limit: int = 200) -> str | None:
        """A text, cleaned; a whole number is taken for its digits (ids come as either)."""
        value = self._fields.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str):
            raise self.wrong(key, "is not a text")
        return clean(value, limit)

    def identifier(self, key: str) -> str | None:
        """An id: printable ASCII without spaces, at most 64 characters."""
        return self._id(key, self.maybe_text(key, 65))

    def id_of(self, key: str) -> str:
        """An id that must be there; see `identifier`."""
        found = self.identifier(key)
        if found is None:
            raise self.wrong(key, "is missing")
        return found

    def card(self, key: str) -> str | None:
        """An ICCID as the vendor writes it, without the blanks and hyphens of a printed card; see `identifier`."""
        value = self.maybe_text(key, 65)
        return self._id(key, None if value is None else _PRINTED.sub("", value) or None)

    def iccid(self, key: str) -> str | None:
        """An ICCID; None also for what cannot be one."""
        value = self.card(key)
        return value if value is not None and valid_iccid(value) else None

    def _id(self, key: str, value: str | None) -> str | None:
        if value is not None and (len(value) > 64 or not value.isascii() or not value.isprintable() or " " in value):
            raise self.wrong(key, "is not an id")
        return value

    # -- numbers and times

    def number(self, key: str) -> Decimal | None:
        """A number, also where it is sent as a text."""
        value = self._fields.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, str) and _NUMBER.match(value):
            value = Decimal(value)
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not -MOST < value < MOST:
            raise self.wrong(key, "is not a number")
        return Decimal(value)

    def integer(self, key: str) -> int | None:
        """A whole number, not negative, also as a text or as 5.0."""
        found = self.number(key)
        if found is None:
            return None
        if found != found.to_integral_value() or not 0 <= found < MOST:
            raise self.wrong(key, "is not a whole number")
        return int(found)

    def flag(self, key: str) -> bool | None:
        """true or false, also as a text, as 1 or as 0."""
        value = self._fields.get(key)
        if value is None or value == "":
            return None
        known = _FLAGS.get(str(value).lower()) if isinstance(value, str | int) else None
        if known is None:
            raise self.wrong(key, "is not true or false")
        return known

    def instant(self, key: str) -> datetime | None:
        """An instant in UTC: RFC 3339, `+0000`, `YYYY-MM-DD HH:MM:SS` (UTC, as vendors mean it) or a date.

        The zero of a database or of a language, `0000-00-00` or `0001-01-01`, is nothing said.
        """
        value = self._fields.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > 40:
            raise self.wrong(key, "is not a time")
        if value.startswith(NO_TIME):
            return None
        why = f"{self._path}{key} is not a time"
        found = parsed(datetime.fromisoformat, _ZONE.sub(r"\1:\2", value.strip()), why=why)
        if not 1970 <= found.year < 2300:  # nobody's eSIM, and too near to where a calendar ends
            raise Malformed(why)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

    def epoch(self, key: str) -> datetime | None:
        """An instant given as seconds since 1970; a number that only milliseconds can be is taken for those."""
        seconds = self.integer(key)
        if seconds is None:
            return None
        if LATEST * 10 < seconds <= LATEST * 1000:
            seconds //= 1000
        if seconds > LATEST:
            raise self.wrong(key, "is not a time")
        return datetime.fromtimestamp(seconds, UTC)
