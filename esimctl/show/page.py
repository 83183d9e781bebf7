"""A help page as data and as plain text. The same pages become the man page and the completion scripts.

Names and values stand on the left, in ASCII; sentences in the reader's language stand last on the line, where nothing
has to align after them (no two programs agree on the width of Khmer).
"""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from esimctl.show.words import say

#: Widest help text; a wider terminal shows no longer lines, they would be hard to read.
WIDEST = 100


class Word(NamedTuple):
    """An argument or option: its names, what it takes, and how a shell can complete that.

    `names` is empty for an argument. `value` is the metavar, None for a flag. `kind` names what the program completes
    (`plans`, `lines`, …), `files` is left to the shell; `choices` are fixed words.
    """

    names: tuple[str, ...]
    value: str | None
    help: str
    required: bool = False
    many: bool = False
    common: bool = False
    kind: str | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None


class Page(NamedTuple):
    """What is known of one command: enough for its help, the manual and the completion of every shell."""

    path: tuple[str, ...]
    summary: str
    arguments: tuple[Word, ...] = ()
    options: tuple[Word, ...] = ()
    #: heading → (name, one line of help), for a group
    commands: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    examples: tuple[str, ...] = ()
    codes: tuple[int, ...] = (0, 1, 2)
    closing: str = ""
    hidden: bool = False
    first: tuple[str, ...] = ()  #: the options that are used most, by their long names

    @property
    def own(self) -> tuple[Word, ...]:
        """The options that are this command's own; a group has no other ones."""
        return tuple(word for word in self.options if self.commands or not word.common)

    @property
    def usage(self) -> str:
        """How the command is typed, without the heading; the same in all languages."""
        parts = [" ".join(self.path)]
        if self.commands:
            return f"{parts[0]} COMMAND [OPTIONS]"
        for word in self.arguments:
            name = (word.value or "") + (" ..." if word.many else "")
            parts.append(name if word.required else f"[{name}]")
        parts += [f"{word.names[0]} {word.value}" for word in self.options if word.required]
        return " ".join([*parts, "[OPTIONS]"])


def cells(text: str) -> int:
    """Columns that the text takes on a terminal: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    width = 0
    for character in text:
        if unicodedata.category(character) in {"Mn", "Me", "Cf"} or "\ufdd0" <= character <= "\ufddf":
            continue  # a mark of a style has no width
        width += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return width


_NEVER_FIRST = "，。；：、！？）」』》,.;:!?)"


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, broken at spaces, and between wide characters where need be.

    A word that is longer than a line stays whole: an amount, an id or a command is never cut.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        for piece in _pieces(word):
            joint = "" if not line or piece.glued else " "
            if line and cells(line) + len(joint) + cells(piece.text) > width:
                lines.append(line)
                line = piece.text
            else:
                line += joint + piece.text
    return [*lines, line] if line else lines


def folded(line: str, width: int) -> list[str]:
    """One line as lines of at most `width` columns; what follows the first is indented two columns further."""
    if cells(line) <= width:
        return [line]
    indent = " " * (len(line) - len(line.lstrip(" ")))
    first, *rest = wrap(line, max(width - len(indent) - 2, 20))
    return [indent + first, *(indent + "  " + more for more in rest)]


def uncertain(text: str) -> bool:
    """Whether terminals disagree on the text's width (Khmer, Thai, combining marks): nothing may align after it."""
    if text.isascii():
        return False
    return any(
        0x0E00 <= ord(character) <= 0x0EFF
        or 0x1780 <= ord(character) <= 0x17FF
        or unicodedata.category(character) in {"Mc", "Mn"}
        for character in text
    )


class _Piece(NamedTuple):
    text: str
    glued: bool


def _pieces(word: str) -> list[_Piece]:
    """A word, split where a line may break inside it: around wide (Chinese) characters, never before punctuation."""
    if word.isascii():
        return [_Piece(word, False)]
    parts: list[str] = []
    fresh = True
    for character in word:
        wide = unicodedata.east_asian_width(character) in "WF"
        if parts and (character in _NEVER_FIRST or not (wide or fresh)):
            parts[-1] += character
        else:
            parts.append(character)
        fresh = wide
    return [_Piece(part, at > 0) for at, part in enumerate(parts)]


def rows(pairs: Sequence[tuple[str, str]], width: int) -> list[str]:
    """A list of definitions: the term on the left, its sentence on the right, or below where the term is long."""
    column = min(max((cells(term) for term, _ in pairs), default=0), 32) + 4
    if width - column < 24:
        column = 8  # the sentences go below their terms
    out = []
    for term, sentence in pairs:
        lines = wrap(sentence, width - column)
        start = "  " + term
        if lines and cells(start) <= column - 2:
            start += " " * (column - cells(start)) + lines.pop(0)
        out.append(start.rstrip())
        out += [" " * column + line for line in lines]
    return out


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a docstring, each on one line: what is translated."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def described(word: Word) -> tuple[str, str]:
    """An option's or argument's row: how it is written, and its sentence with what is required or assumed."""
    if not word.names:
        term = (word.value or "") + (" ..." if word.many else "")
    else:
        ordered = sorted(word.names, key=lambda name: (not name.startswith("-") or name.startswith("--"), 0))
        shown = ", ".join(ordered)
        term = shown + (f" {word.value}" if word.value else "") + (" ..." if word.many else "")
        if not any(len(name) == 2 for name in ordered):
            term = "    " + term
    sentence = say(word.help) if word.help else ""
    extra = []
    if word.required and word.names:
        extra.append(say("required"))
    if word.default:
        extra.append(say("default: {value}", value=word.default))
    return term, sentence + (f" [{'; '.join(extra)}]" if extra else "")


def render(page: Page, width: int) -> str:
    """The whole page as plain text of at most `width` columns (as far as whole words allow), ended by a newline.

    What stands once for every command (common options, what exit codes mean) is named here by its page.
    """
    width = max(min(width, WIDEST), 40)
    usage = f"{say('Usage')}: "
    lines = [usage + page.usage, ""]
    for at, paragraph in enumerate(paragraphs(page.summary)):
        lines += [""] * bool(at) + ["  " + line for line in wrap(say(paragraph), width - 2)]
    for heading, commands in page.commands:
        lines += ["", f"{say(heading)}:", *rows([(name, say(sentence)) for name, sentence in commands], width)]
    for heading, words in (("Arguments", page.arguments), ("Options", page.own)):
        if words:
            lines += ["", f"{say(heading)}:", *rows([described(word) for word in words], width)]
    if page.examples:
        lines += ["", f"{say('Examples')}:", *(f"  {example}" for example in page.examples)]
    closing = [say(page.closing)] if page.closing else []
    if page.own != page.options:
        common = ", ".join(min(word.names, key=len) for word in page.options if word.common)
        closing.append(say("Common options: {options} (esimctl help options)", options=common))
    if page.codes:
        closing.append(say("Exit codes: {codes} (esimctl help exit-codes)", codes=", ".join(map(str, page.codes))))
    for sentence in closing:
        lines += ["", *wrap(sentence, width)] if sentence is closing[0] else wrap(sentence, width)
    return "\n".join(lines) + "\n"
