"""On which line of a TOML text a key stands: what tomllib does not tell, found without parsing a value."""

import re

from esimctl.values.regex import regex

Path = tuple[str | int, ...]

_BARE = regex(r"[A-Za-z0-9_-]+")

_SPACE = regex(r"(?:[ \t\r\n]|#[^\n]*)*")

_SCALAR = regex(r"[^,\]}\n#]*")

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
