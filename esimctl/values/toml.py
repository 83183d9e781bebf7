"""TOML of whatever origin, read within bounds: nothing that a small file says makes the reader slow or large.

tomllib takes quadratic time and memory for keys of thousands of parts and recurses into every bracket. No file of ours
and none that a person writes comes near the bounds, so what exceeds them is wrong before it is parsed.
"""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import date, time
from typing import Final, TypeAlias

from esimctl.values.regex import regex

#: what a table may hold, read or about to be written; None is left out of what is written
Toml: TypeAlias = "str | int | float | bool | date | time | Sequence[Toml] | Mapping[str, Toml] | None"

MOST_DEPTH: Final = 16  #: brackets and braces open at one place
MOST_PARTS: Final = 16  #: parts of one dotted key

#: Strings and comments are passed over as one token each; every alternative runs on without stepping back.
_TOKEN: Final = regex(
    r'"""(?:[^"\\]|\\.|""?(?!"))*+(?:""")?'
    r"|'''(?:[^']|''?(?!'))*+(?:''')?"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+"
    r"|[\[\]{}=,.]",
    re.DOTALL,
)


def parse_toml(text: str) -> dict[str, Toml]:
    """The document. tomllib.TOMLDecodeError, with line and column, for all that is wrong with it or exceeds a bound."""
    import tomllib

    _check_bounds(text, tomllib.TOMLDecodeError)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except (ValueError, RecursionError, OverflowError) as why:  # a date that no calendar has, for one
        raise tomllib.TOMLDecodeError(f"a value that no file holds: {str(why)[:200]}") from None


def _check_bounds(text: str, wrong: type[ValueError]) -> None:
    if text.count(".") < MOST_PARTS and text.count("[") + text.count("{") <= MOST_DEPTH:
        return  # most entries of a journal: nothing to count
    depth = parts = 0
    for found in _TOKEN.finditer(text):
        sign = found[0]
        if sign == ".":
            parts += 1
            if parts >= MOST_PARTS:
                raise _beyond(text, found.start(), "a key of too many parts", wrong)
        elif sign in "=,":
            parts = 0
        elif sign in "[{":
            depth, parts = depth + 1, 0
            if depth > MOST_DEPTH:
                raise _beyond(text, found.start(), "too many brackets within each other", wrong)
        elif sign in "]}":
            depth, parts = max(0, depth - 1), 0


def _beyond(text: str, at: int, what: str, wrong: type[ValueError]) -> ValueError:
    line = text.count("\n", 0, at) + 1
    return wrong(f"{what} (at line {line}, column {at - text.rfind(chr(10), 0, at)})")


def text_at(table: Mapping[str, Toml], key: str) -> str | None:
    """The text of a key, None where it is missing. What is no text, of which `doctor` tells, is read as one."""
    value = table.get(key)
    return value if value is None or isinstance(value, str) else str(value)


def texts_at(table: Mapping[str, Toml], key: str) -> list[str]:
    """The texts of a key, none where it is missing; a single one that somebody wrote without a list counts as one."""
    value = table.get(key)
    if isinstance(value, str):
        return [value]
    return [str(each) for each in value] if isinstance(value, Sequence) else []


def table_at(table: Mapping[str, Toml], key: str) -> Mapping[str, Toml]:
    """The table of a key, empty where there is none."""
    value = table.get(key)
    return value if isinstance(value, Mapping) else {}


def tables_at(table: Mapping[str, Toml], key: str) -> dict[str, Mapping[str, Toml]]:
    """The tables of a section by their names, such as those of all lines; none where there is none."""
    return {name: each for name, each in table_at(table, key).items() if isinstance(each, Mapping)}


def table_in(document: MutableMapping[str, Toml], key: str) -> MutableMapping[str, Toml]:
    """The table of a key of a document that is being edited, made where there is none."""
    table = document.setdefault(key, {})
    if not isinstance(table, MutableMapping):
        raise TypeError(f"`{key}` is no table: {table!r:.60}")
    return table
