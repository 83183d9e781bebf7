"""Markdown with the words of others in it: every mark that could mean something is escaped, no link comes to be."""

import re
from collections.abc import Sequence
from typing import Final

from esimctl.values.text import clean

_MARKS: Final = re.compile(r"(^[-+=]|[\\`*_{}\[\]<>#|~&$])")
_ADDRESS: Final = re.compile(r"://|www\.|@", re.IGNORECASE)
_TICKS: Final = re.compile(r"`+")


def escaped(text: str) -> str:
    """Text that stays as it is in any flavour: no markup, no HTML, no table border.

    What could be made into a link stands as code, where nothing is.
    """
    made = clean(text)
    if not _ADDRESS.search(made):
        return _MARKS.sub(r"\\\1", made)
    fence = "`" * (1 + max((len(run) for run in _TICKS.findall(made)), default=0))
    inner = made.replace("|", "\\|")
    return f"{fence} {inner} {fence}"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """A table; cells and headings are escaped already."""
    lines = [headings, ["---:" if to_the_right else "---" for to_the_right in right], *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def bullets(sentences: Sequence[str]) -> str:
    """A list of escaped sentences."""
    return "".join(f"- {sentence}\n" for sentence in sentences)
