"""Tables of words and numbers that people write, read strictly: every key known, every value of its type.

Profile, rules, rows of the catalogue, terms of plans and scenarios are all read by `Table`. What is wrong is a
TableProblem, whoever finds it: the file, the line, the key, one sentence, and the name that was probably meant. All of
it is sentences, so that a reader of any language gets the whole of it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, Final, TypeVar

from esimctl.values.moments import Duration, MomentError, parse_duration, parse_instant, to_utc
from esimctl.values.money import Money, MoneyError
from esimctl.values.own_text import own_text
from esimctl.values.record import REQUIRED, record
from esimctl.values.regex import regex
from esimctl.values.sentence import Param, Raw, SaidError, Sentence, commas
from esimctl.values.text import is_clean, nearest
from esimctl.values.toml import parse_toml
from esimctl.values.volume import Unlimited, parse_octets, parse_volume

T = TypeVar("T")
Value = TypeVar("Value")

A_TEXT: Final = Sentence("a text")

Path = tuple[str | int, ...]  #: the keys down to a value; elements of lists are counted from 0

_PLACE: Final = regex(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
WORDS: Final = {
    bool: "a true/false", int: "a whole number", float: "a number with a point", str: "a text", list: "a list",
    dict: "a table",
}  # fmt: skip


def spell(path: Iterable[str | int]) -> str:
    """A path as people read it: `plan.m10.rollover.max`, `event[3].use` of the third; odd keys are quoted."""
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f"[{part + 1}]"
        else:
            plain = part.isascii() and part.replace("-", "").replace("_", "").isalnum() and len(part) <= 40
            words += ("." if words else "") + (part if plain else f"{part!r:.42}")
    return words


def kind_of(value: object) -> Sentence:
    """What a TOML value is, for a sentence."""
    known = WORDS.get(type(value))
    return Sentence("a date or time") if known is None else Sentence(known)


def unknown(what: Sentence, name: str, known: Iterable[str]) -> Sentence:
    """The reason for a key or a name that nobody knows, with the nearest one."""
    near = nearest(name[:64], list(known)[:200], 1)
    if near:
        return Sentence("unknown {what}, did you mean {near}?", {"what": what, "near": Raw(near[0])})
    return Sentence("unknown {what}", {"what": what})


def unknown_name(what: Sentence, name: str, known: Iterable[str]) -> Sentence:
    """`unknown` for the name of something; `what` says of which kind."""
    return unknown(Sentence("{kind} {name}", {"kind": what, "name": Raw(f"{name!r:.42}")}), name, known)


def place_of(file: str, line: int | None = None, column: int | None = None) -> Sentence:
    """A place in a file: `profile.toml, line 3`."""
    if line is None:
        return Sentence("{file}", {"file": Raw(file)})
    if column is None:
        return Sentence("{file}, line {line}", {"file": Raw(file), "line": line})
    return Sentence("{file}, line {line}, column {column}", {"file": Raw(file), "line": line, "column": column})


@record
class TableProblem:
    """What is wrong in a file: where, and in one sentence what. None: it was in no file, or no line can be said."""

    file: str | None
    path: Path
    reason: Sentence
    line: int | None = None
    column: int | None = None

    @property
    def key(self) -> str:
        """The key as people read it; empty where it is the file as a whole."""
        return spell(self.path)

    @property
    def said(self) -> Sentence:
        """All of it: the file with line and column, the key, the reason; of these what there is."""
        said = self.reason
        if self.path:
            said = Sentence("{key}: {reason}", {"key": Raw(self.key), "reason": said})
        if self.file is None:
            return said
        return Sentence("{place}: {reason}", {"place": place_of(self.file, self.line, self.column), "reason": said})

    def __str__(self) -> str:
        return str(self.said)


class TableError(SaidError):
    """A table or file that cannot be used; `problem` says where and why."""

    def __init__(self, problem: TableProblem) -> None:
        said = problem.said
        super().__init__(said.template, **said.params)
        self.problem = problem

    def __reduce__(self) -> tuple[Any, ...]:
        return TableError, (self.problem,)


class TomlText:
    """The text of a file, for its tables and for the lines that their keys stand on."""

    __slots__ = ("_lines", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self._lines: Mapping[Path, int] | None = None

    def table(self) -> "Table":
        """The document. TableError with line and column for what is not TOML or exceeds its bounds."""
        try:
            return self.of(parse_toml(self.text))
        except ValueError as wrong:
            reason = str(wrong)
            found = _PLACE.search(reason)
            if found is None:
                raise self.wrong("is not TOML: {why}", why=Raw(f"{reason:.200}")) from None
            line, column = (int(found[1]), int(found[2])) if found[1] else (self.text.count("\n") + 1, None)
            said = Sentence("is not TOML: {why}", {"why": Raw(f"{reason[: found.start()]:.200}")})
            raise TableError(TableProblem(self.name, (), said, line, column)) from None

    def of(self, document: object) -> "Table":
        """The document, where somebody has parsed it already."""
        return Table(document, file=self)

    def wrong(self, said: str | Sentence, /, path: Path = (), **params: Param) -> TableError:
        """The error to raise for a place of this file; `said` is a sentence, or the template of one."""
        reason = said if isinstance(said, Sentence) else Sentence(said, params)
        return TableError(TableProblem(self.name, path, reason, self.line_of(path)))

    def place_of(self, path: Path) -> Sentence:
        """The file, with the line of a key where one can be said."""
        return place_of(self.name, self.line_of(path))

    def line_of(self, path: Path) -> int | None:
        """The line of a key, or of the nearest table around it that is written out."""
        if self._lines is None and path:
            from esimctl.values.positions import key_lines

            self._lines = key_lines(self.text)
        while path and self._lines and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path) if self._lines else None


class Table:
    """A table being read: each getter makes one key known; `finish` refuses what is left.

    A getter without a default raises TableError where the key is missing.
    """

    __slots__ = ("base", "file", "known", "path", "table")

    def __init__(self, table: object, path: Path = (), base: int = 1000, file: TomlText | None = None) -> None:
        self.file = file
        self.path = path
        if not isinstance(table, Mapping):
            raise self._must_be(None, Sentence("a table"), table)
        self.table: Mapping[str, Any] = table
        self.base = base
        self.known: list[str] = []

    def wrong(self, key: str | int | None, said: str | Sentence, /, **params: Param) -> TableError:
        """The error to raise for one key of this table, or for the whole of it; `said` as `TomlText.wrong` takes it."""
        path = self.path if key is None else (*self.path, key)
        reason = said if isinstance(said, Sentence) else Sentence(said, params)
        return TableError(TableProblem(None, path, reason)) if self.file is None else self.file.wrong(reason, path)

    def _must_be(self, key: str | None, wanted: Sentence, value: object) -> TableError:
        return self.wrong(key, "must be {wanted}, not {found}", wanted=wanted, found=kind_of(value))

    def has(self, key: str) -> bool:
        """Whether the key is there; it counts as known from now on."""
        self.known.append(key)
        return key in self.table

    def raw(self, key: str, default: Any = REQUIRED) -> Any:
        """The value as it stands."""
        if self.has(key):
            return self.table[key]
        if default is REQUIRED:
            raise self.wrong(key, "is missing")
        return default

    def text(self, key: str, default: T = REQUIRED, *, lines: bool = False) -> str | T:
        """A text of at most 500 characters, of one line with nothing invisible in it unless it may have `lines`."""
        value = self.raw(key, default)
        if value is default:
            return default
        if not isinstance(value, str) or not value:
            if value == "":
                raise self.wrong(key, "must be a text, not an empty one")
            raise self._must_be(key, A_TEXT, value)
        if len(value) > 500:
            raise self.wrong(key, "is longer than 500 characters")
        try:
            return value if lines else own_text(value)
        except SaidError as why:
            raise self.wrong(key, why.said) from None

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts."""
        value = self.raw(key, default)
        if not isinstance(value, list | tuple):
            raise self._must_be(key, Sentence("a list of texts"), value)
        if any(not isinstance(item, str) or not item or not is_clean(item) for item in value):
            raise self.wrong(key, "holds something that is not a plain text")
        return tuple(value)

    def flag(self, key: str, default: bool = False) -> bool:
        """true or false."""
        value = self.raw(key, default)
        if not isinstance(value, bool):
            raise self._must_be(key, Sentence("true or false"), value)
        return value

    def integer(self, key: str, default: T = REQUIRED, least: int = 0, most: int | None = None) -> int | T:
        """A whole number within bounds."""
        value = self.raw(key, default)
        if value is default:
            return default
        if type(value) is not int:
            raise self._must_be(key, Sentence("a whole number"), value)
        if value < least or (most is not None and value > most):
            if most is None:
                raise self.wrong(key, "must be at least {least}", least=least)
            raise self.wrong(key, "must be from {least} to {most}", least=least, most=most)
        return value

    def choice(self, key: str, words: tuple[str, ...], default: T = REQUIRED) -> str | T:
        """One of a few words."""
        value = self.raw(key, default)
        if value is default:
            return default
        if not isinstance(value, str):
            raise self._must_be(key, A_TEXT, value)
        if value not in words:
            raise self.wrong(key, "{value} is none of {words}", value=Raw(f"{value!r:.40}"), words=commas(words))
        return value

    def octets(self, key: str, default: T = REQUIRED) -> int | T:
        """A volume with a number."""
        return self.parsed(key, lambda text: parse_octets(text, self.base, strict=True), default)

    def volume(self, key: str, default: T = REQUIRED) -> int | Unlimited | T:
        """A volume, or `unlimited`."""
        return self.parsed(key, lambda text: parse_volume(text, self.base, strict=True), default)

    def money(self, key: str, default: T = REQUIRED) -> Money | T:
        """An amount with its currency, such as `5.00 USD`; never negative."""
        return self.parsed(key, Money.parse, default, Sentence("a text like '5.00 USD'"))

    def amounts(self, key: str) -> tuple[Money, ...]:
        """One amount, or a list of them in several currencies; none where the key is missing."""
        value = self.raw(key, [])
        try:
            return tuple(Money.parse(text) for text in (value if isinstance(value, list) else [value]))
        except MoneyError as why:
            raise self.wrong(key, why.said) from None

    def duration(self, key: str, default: T = REQUIRED, *, calendar: bool = False) -> Duration | T:
        """A duration of more than nothing; `calendar` takes days, months and years only."""
        found = self.parsed(key, parse_duration, default)
        if isinstance(found, Duration):
            if not any(found):
                raise self.wrong(key, "must be longer than nothing")
            if calendar and found.seconds:
                raise self.wrong(key, "must be in days, months or years")
        return found

    def day(self, key: str, default: T = REQUIRED) -> date | T:
        """A date of the calendar, written as a date or as a text like 2026-11-15."""
        value = self.raw(key, default)
        if value is default:
            return default
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                written = Raw(f"{value!r:.40}")
                raise self.wrong(key, "{text} is not a date of the calendar", text=written) from None
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self._must_be(key, Sentence("a date like 2026-11-15"), value)
        return value

    def instant(self, key: str, where: tzinfo, default: T = REQUIRED, *, texts: bool = False) -> datetime | T:
        """An instant in UTC: a date or time, local to `where` without an offset; with `texts` a text of one as well."""
        value = self.raw(key, default)
        if value is default:
            return default
        if texts and isinstance(value, str):
            return self.parsed(key, lambda text: parse_instant(text, where))
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - local to the zone below
        if not isinstance(value, datetime):
            raise self._must_be(key, Sentence("a date or time"), value)
        try:
            return to_utc(value, where)
        except MomentError as why:
            raise self.wrong(key, why.said) from None

    def parsed(
        self, key: str, parse: Callable[[str], Value], default: T = REQUIRED, like: Sentence = A_TEXT
    ) -> Value | T:
        """What a parser makes of a text; its SaidError says what is wrong with it."""
        value = self.raw(key, default)
        if value is default:
            return default
        if not isinstance(value, str):
            raise self._must_be(key, like, value)
        try:
            return parse(value)
        except SaidError as why:
            raise self.wrong(key, why.said) from None

    def spelled(self, key: str, parse: Callable[[str], object]) -> str:
        """A text that a parser takes, as it is written."""
        self.parsed(key, parse)
        return self.text(key)

    def named(self, key: str, known: Iterable[str], what: Sentence) -> str:
        """The name of something there is; `what` says of which kind."""
        name = self.text(key)
        if name not in known:
            raise self.wrong(key, unknown_name(what, name, known))
        return name

    def inner(self, key: str, default: T = REQUIRED) -> "Table | T":
        """A table within this one."""
        value = self.raw(key, default)
        return default if value is default else Table(value, (*self.path, key), self.base, self.file)

    def tables(self, key: str) -> "list[Table]":
        """A list of tables, none where the key is missing."""
        value = self.raw(key, [])
        if not isinstance(value, list):
            raise self._must_be(key, Sentence("a list of tables"), value)
        return [Table(one, (*self.path, key, number), self.base, self.file) for number, one in enumerate(value)]

    def finish(self, later: Sequence[str] = ()) -> None:
        """Refuse what nobody asked for: a slip of the pen must not pass as a default. `later` are no keys here."""
        known = [key for key in self.known if key not in later] if later else self.known
        for key in self.table:
            if key not in known:
                raise self.wrong(key, unknown(Sentence("key"), key, known))


def read_rows(table: Table, kind: str, read: Callable[[str, Table], T], problems: list[TableProblem]) -> dict[str, T]:
    """The rows `[kind.ID]` by id. What is wrong with one is added to `problems`, and the others keep working."""
    found: dict[str, T] = {}
    if not table.has(kind):
        return found
    try:
        rows = table.inner(kind)
    except TableError as error:
        problems.append(error.problem)
        return found
    for name in rows.table:
        try:
            found[name] = read(name, rows.inner(name))
        except TableError as error:
            problems.append(error.problem)
    return found
