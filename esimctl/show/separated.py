"""Rows for pipes: tab-separated text and CSV (RFC 4180), full values, never wrapped and never cut."""

from collections.abc import Sequence

from esimctl.values.regex import regex
from esimctl.values.text import clean

_QUOTED = regex(r'[,"\r\n]|^\s|\s$')
LONGEST = 100_000  #: characters of a cell
_TEXT = (str, int)
#: a cell that is written as it is: nothing to quote, to make visible or to keep from being a formula
_EVERYDAY = r"(?:[!#$%&'()*./0-9:;<>?A-Z\[\\\]^_`a-z{|}~](?:[!#-+\--~ ]{0,498}[!#-+\--~])?)?"
_EVERYDAY_LINE = regex(f"(?:{_EVERYDAY},)*{_EVERYDAY}")  #: nothing but such cells
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


def plain(value: object) -> str:
    """A cell as text: unknown is empty, truth is yes or no, control characters are made visible."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return clean(str(value), LONGEST)


def tsv_line(cells: Sequence[object]) -> str:
    """One record; a tab or newline inside a value has become visible text before it gets here."""
    return "\t".join(plain(cell).replace("\t", " ").replace("\n", " ") for cell in cells) + "\n"


def csv_line(cells: Sequence[object]) -> str:
    """One record by RFC 4180; text that a spreadsheet would run as a formula gets a leading apostrophe."""
    texts = [str(cell) if cell.__class__ in _TEXT else plain(cell) for cell in cells]
    line = ",".join(texts)
    if line and line.count(",") == len(texts) - 1 and _EVERYDAY_LINE.fullmatch(line) is not None:
        return line + "\r\n"
    out = []
    for cell, text in zip(cells, texts, strict=True):
        if "," not in text and _EVERYDAY_LINE.fullmatch(text) is not None:
            out.append(text)
            continue
        text = plain(cell)
        if isinstance(cell, str) and text.startswith(_FORMULA):
            text = "'" + text
        if _QUOTED.search(text) is not None:
            text = '"' + text.replace('"', '""') + '"'
        out.append(text)
    if out == [""]:
        out = ['""']  # an empty line would be no record at all
    return ",".join(out) + "\r\n"
