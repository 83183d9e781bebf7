"""Tables of words and numbers, read strictly: every key known, every value of its type, faults with path and line."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from esimctl.values.moments import Duration, MomentError, parse_duration
from esimctl.values.money import Money, MoneyError
from esimctl.values.volume import Unlimited, VolumeError, parse_octets, parse_volume

T = TypeVar("T")


class TermsError(ValueError):
    """A table that cannot be read; `path` names the key, `reason` says in one line what is wrong with it."""

    def __init__(self, path: tuple[str | int, ...], reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{spell(path)}: {reason}" if path else reason)


def spell(path: Iterable[str | int]) -> str:
    """A path as people read it: `plan.m10.rollover.max`, `event[3].use`; long or odd keys are cut and quoted."""
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f"[{part}]"
        else:
            plain = part.isascii() and part.replace("-", "").replace("_", "").isalnum() and len(part) <= 40
            words += ("." if words else "") + (part if plain else f"{part!r:.42}")
    return words


def kind_of(value: object) -> str:
    """What a TOML value is, for a sentence."""
    names = {bool: "a true/false", int: "a whole number", float: "a number with a point", str: "a text"}
    names |= {list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")


class Table:
    """A table being read: each getter makes one key known; `finish` refuses what is left."""

    def __init__(self, table: object, path: tuple[str | int, ...] = (), base: int = 1000) -> None:
        if not isinstance(table, Mapping):
            raise TermsError(path, f"must be a table, not {kind_of(table)}")
        self.table: Mapping[str, Any] = table
        self.path = path
        self.base = base
        self.known: list[str] = []

    def wrong(self, key: str | None, reason: str) -> TermsError:
        """The fault of one key of this table, or of the whole of it."""
        return TermsError(self.path if key is None else (*self.path, key), reason)

    def has(self, key: str) -> bool:
        """Whether the key is there; it counts as known from now on."""
        self.known.append(key)
        return key in self.table

    def raw(self, key: str) -> Any:
        """The value as it stands; the key must be there."""
        if not self.has(key):
            raise self.wrong(key, "is missing")
        return self.table[key]

    def text(self, key: str, default: T) -> str | T:
        """A text of at most 500 characters."""
        if not self.has(key):
            return default
        value = self.raw(key)
        if not isinstance(value, str):
            raise self.wrong(key, f"must be a text, not {kind_of(value)}")
        if len(value) > 500:
            raise self.wrong(key, "is longer than 500 characters")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """true or false."""
        if not self.has(key):
            return default
        value = self.raw(key)
        if not isinstance(value, bool):
            raise self.wrong(key, f"must be true or false, not {kind_of(value)}")
        return value

    def integer(self, key: str, default: T, least: int, most: int) -> int | T:
        """A whole number within bounds."""
        if not self.has(key):
            return default
        value = self.raw(key)
        if type(value) is not int:
            raise self.wrong(key, f"must be a whole number, not {kind_of(value)}")
        if not least <= value <= most:
            raise self.wrong(key, f"must be from {least} to {most}")
        return value

    def choice(self, key: str, words: tuple[str, ...], default: str) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value not in words:
            raise self.wrong(key, f"{value!r:.40} is none of {', '.join(words)}")
        return value

    def octets(self, key: str, default: T) -> int | T:
        """A volume with a number."""
        found: int | T = self._parsed(key, default, lambda value: parse_octets(value, self.base, strict=True))
        return found

    def volume(self, key: str, default: T) -> int | Unlimited | T:
        """A volume, or `unlimited`."""
        found: int | Unlimited | T = self._parsed(key, default, lambda text: parse_volume(text, self.base, strict=True))
        return found

    def money(self, key: str, default: T) -> Money | T:
        """An amount with its currency."""
        found: Money | T = self._parsed(key, default, Money.parse)
        return found

    def duration(self, key: str, default: T, *, calendar: bool = False) -> Duration | T:
        """A duration of more than nothing; `calendar` takes days, months and years only."""
        found: Duration | T = self._parsed(key, default, parse_duration)
        if isinstance(found, Duration):
            if not any(found):
                raise self.wrong(key, "must be longer than nothing")
            if calendar and found.seconds:
                raise self.wrong(key, "must be in days, months or years")
        return found

    def inner(self, key: str) -> "Table | None":
        """A table within this one."""
        return Table(self.raw(key), (*self.path, key), self.base) if self.has(key) else None

    def finish(self) -> None:
        """Refuse the keys that nobody asked for, with the nearest known name."""
        for key in self.table:
            if key not in self.known:
                from difflib import get_close_matches

                near = get_close_matches(key[:40], self.known, n=1)
                raise self.wrong(key, "unknown key" + (f", did you mean {near[0]!r}?" if near else ""))

    def _parsed(self, key: str, default: T, parse: Callable[[str], Any]) -> Any:
        if not self.has(key):
            return default
        value = self.raw(key)
        if not isinstance(value, str):
            raise self.wrong(key, f"must be a text, not {kind_of(value)}")
        try:
            return parse(value)
        except (VolumeError, MoneyError, MomentError) as wrong:
            raise self.wrong(key, str(wrong)) from None


Path = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")

_SCALAR = re.compile(r"[^,\]}\n#]*")

_STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\])*"'),
    re.compile(r"'[^']*'"),
)


class _TomlWalk:
    """A position in the text and what was found so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.counted, self.line = 0, 1
        self.found: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}

    def skip(self) -> str:
        """Go past blanks and comments; the next character."""
        blank = _SPACE.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        return self.text[self.at : self.at + 1]

    def string(self) -> str | None:
        """A quoted text at this place, its quotes taken off."""
        for pattern in _STRINGS:
            found = pattern.match(self.text, self.at)
            if found:
                self.at = found.end()
                size = 3 if found[0][:3] in ('"""', "'''") else 1
                return found[0][size:-size]
        return None

    def key(self) -> list[str]:
        """A dotted key."""
        parts: list[str] = []
        while True:
            self.skip()
            quoted = self.string()
            if quoted is None:
                bare = _BARE.match(self.text, self.at)
                quoted = bare[0] if bare else ""
                self.at = bare.end() if bare else self.at
            parts.append(quoted)
            if self.skip() != ".":
                return parts
            self.at += 1

    def note(self, path: Path) -> None:
        """The first place at which a path is named."""
        if self.at >= self.counted:
            self.line += self.text.count("\n", self.counted, self.at)
        else:
            self.line -= self.text.count("\n", self.at, self.counted)
        self.counted = self.at
        self.found.setdefault(path, self.line)

    def value(self, path: Path) -> None:
        """Whatever stands after `=`."""
        first = self.skip()
        if first == "[":
            self.at += 1
            index = 0
            while self.skip() not in ("]", ""):
                self.note((*path, index))
                self.value((*path, index))
                index += 1
                if self.skip() == ",":
                    self.at += 1
            self.at += 1
        elif first == "{":
            self.at += 1
            while self.skip() not in ("}", ""):
                self.pair(path)
                if self.skip() == ",":
                    self.at += 1
            self.at += 1
        elif self.string() is None:
            scalar = _SCALAR.match(self.text, self.at)
            self.at = scalar.end() if scalar else self.at

    def pair(self, path: Path) -> None:
        """One `key = value`."""
        start = self.at
        inner: Path = path
        for part in self.key():
            inner = (*inner, part)
            here, self.at = self.at, max(start, self.at - 1)
            self.note(inner)
            self.at = here
        if self.skip() == "=":
            self.at += 1
        self.value(inner)

    def header(self) -> Path:
        """`[table]` or `[[array of tables]]`; the path that the keys below belong to."""
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        named = self.key()
        path: Path = ()
        for position, part in enumerate(named):
            path = (*path, part)
            self.note(path)
            if many and position == len(named) - 1:
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
            self.note(path)
        self.at = self.text.find("\n", self.at)
        self.at = len(self.text) if self.at < 0 else self.at
        return path


def key_lines(text: str) -> dict[Path, int]:
    """Line numbers (from 1) of every key, table and element; elements of arrays are counted from 0."""
    walk = _TomlWalk(text)
    table: Path = ()
    last = -1
    while walk.skip() and walk.at != last:
        last = walk.at
        if walk.text[walk.at] == "[":
            table = walk.header()
        else:
            walk.pair(table)
    return walk.found


def line_of(text: str, path: Path) -> int | None:
    """The line of a key, or of the nearest table around it that is written out."""
    lines = key_lines(text)
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)
