"""What is wrong in profile.toml: on which line, at which key, and what was probably meant.

A mistake stops spending, for it may be a limit that does not hold; whatever only reads goes on and says it.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from esimctl.errors import ConfigurationError
from esimctl.values.record import field, record
from esimctl.values.sentence import Sentence
from esimctl.values.text import nearest

_HEADER: Final = re.compile(r"\s*\[\[?([^\[\]].*?)\]\]?\s*(?:#.*)?\Z")
_KEY: Final = re.compile(r"\s*((?:[A-Za-z0-9_.-]|\"[^\"]*\"|'[^']*'|\s)+?)\s*=")

#: what → (its sentence, the same where something near is known)
TEXTS: Final = {
    "unknown_key": ("{place}: unknown key {key}", "{place}: unknown key {key}, did you mean {near}?"),
}
EDIT: Final = "mend it with an editor, then: esimctl doctor"
UNKNOWN_KEY: Final = TEXTS["unknown_key"]


@record
class Mistake:
    """One mistake. `path` are the keys down to it (none of a file beside it), `template` and `params` its sentence."""

    path: tuple[str, ...]
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)
    way: str = EDIT  #: what mends it

    @property
    def said(self) -> Sentence:
        """What a person reads."""
        return Sentence(self.template, self.params)

    @property
    def fix(self) -> str:
        """What mends it, in English."""
        return self.way.format(**self.params)

    def error(self) -> ConfigurationError:
        """The mistake as what stops a purchase (78)."""
        return ConfigurationError(self.template, hint=self.way, code="profile_mistake", **self.params)


def mistake(
    path: Sequence[str], texts: tuple[str, str], data: bytes, name: str, known: Iterable[str] = (), **params: object
) -> Mistake:
    """A mistake with its line, and with the nearest of the `known` names to `params["value"]` or to the key."""
    line = line_of(data, path)
    place = name if line is None else f"{name}, line {line}"
    wanted = str(params.get("value", path[-1]))
    names = list(known)
    near = [each for each in names if each.endswith(f".{wanted}")] or nearest(wanted, names, 1)
    told = {"place": place, "key": ".".join(path), **params}
    if near:
        return Mistake(tuple(path), texts[1], {**told, "near": near[0]})
    return Mistake(tuple(path), texts[0], told)


def line_of(data: bytes, path: Sequence[str]) -> int | None:
    """The line on which a key stands, or else the nearest table around it; None where neither is found."""
    best, found = 0, None
    for number, where in _keys(data.decode("utf-8", "replace")):
        length = len(where)
        if list(where) == list(path[:length]) and length > best:
            best, found = length, number
    return found


def _keys(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(line, its keys) of every header and of every key; texts of several lines are passed over."""
    table: tuple[str, ...] = ()
    within = None
    for number, line in enumerate(text.splitlines(), 1):
        if within is not None:
            within = None if within in line else within
            continue
        header, key = _HEADER.match(line), _KEY.match(line)
        if header is not None:
            table = _path(f"[{header[1]}]")
            yield number, table
        elif key is not None:
            yield number, (*table, *_path(f"{key[1]} = 0"))
        within = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), None)


def _path(toml: str) -> tuple[str, ...]:
    try:
        doc: Any = tomllib.loads(toml)
    except tomllib.TOMLDecodeError:
        return ()
    path = []
    while isinstance(doc, dict) and doc:
        name, doc = next(iter(doc.items()))
        path.append(name)
    return tuple(path)
