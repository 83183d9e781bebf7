"""What colour says: one thing each, never alone, in texts that go on being texts.

A style travels within a text as two characters without width, so that sentences, tables and line breaks need not know
of it; the terminal turns them into colour, or drops them. Unicode keeps U+FDD0 to U+FDEF for a program's inner use,
and `values.text.clean` lets none of them in from outside.
"""

import re
from typing import Final

from esimctl.values.text import clean

GOOD: Final = "\ufdd0"  #: green: fine
LOOK: Final = "\ufdd1"  #: yellow: look at it
ACT: Final = "\ufdd2"  #: red: act, or it was refused
COMMAND: Final = "\ufdd3"  #: cyan: a command to type
SOURCE: Final = "\ufdd4"  #: dim: where it comes from, and what stands around a command
ASKED: Final = "\ufdd5"  #: bold: the figure or name that was asked for
PLAY: Final = "\ufdd6"  #: magenta: SANDBOX
_END: Final = "\ufddf"

#: style → how Rich calls it, and its parameter of SGR (ECMA-48)
STYLES: Final = {
    GOOD: ("green", "32"),
    LOOK: ("yellow", "33"),
    ACT: ("red", "31"),
    COMMAND: ("cyan", "36"),
    SOURCE: ("dim", "2"),
    ASKED: ("bold", "1"),
    PLAY: ("magenta", "35"),
}

_MARK: Final = re.compile("[\ufdd0-\ufddf]")


class Styled(str):
    """A text that was made harmless before it got its style: filled into a sentence, it keeps both."""

    __slots__ = ()


def styled(text: object, style: str | None) -> Styled:
    """The text, made harmless, in a style of this module; None and an empty text have no style."""
    said = text if isinstance(text, Styled) else clean(str(text))
    return Styled(f"{style}{said}{_END}" if style and said else said)


def harmless(text: str) -> str:
    """`clean` of a text that may have styles within it."""
    return clean(text) if text.isascii() else "".join(map(_harmless, re.split("([\ufdd0-\ufddf])", text)))


def _harmless(piece: str) -> str:
    return piece if _MARK.fullmatch(piece) else clean(piece)


def unstyled(text: str) -> str:
    """The text alone."""
    return text if text.isascii() else _MARK.sub("", text)


def coloured(text: str, colour: bool) -> str:
    """The text for a terminal: styles as escape sequences, or without any."""
    if text.isascii():
        return text
    return _MARK.sub(_sequence if colour else "", text)


def _sequence(found: "re.Match[str]") -> str:
    mark = found[0]
    return f"\x1b[{STYLES[mark][1]}m" if mark in STYLES else "\x1b[0m"


def runs(text: str) -> list[tuple[str, str]]:
    """The text in pieces, each with the style that Rich calls by that name (`""`: none)."""
    found, style, start = [], "", 0
    for mark in _MARK.finditer(text):
        if mark.start() > start:
            found.append((text[start : mark.start()], style))
        style, start = STYLES.get(mark[0], ("",))[0], mark.end()
    if start < len(text):
        found.append((text[start:], style))
    return found
