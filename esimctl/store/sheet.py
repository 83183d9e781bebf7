"""Tables as spreadsheets write them: one reader for every CSV file that a person hands over.

Commas, semicolons and tabs separate, or what a first line `sep=;` names. Headers in any case; empty columns and rows at
the end, as Excel leaves them, are nothing. Rows have the numbers that a spreadsheet shows. Where a semicolon separates,
a comma in a number is a decimal one (RFC 4180 knows none of this, people's files do).
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from esimctl.errors import UsageError
from esimctl.values.record import field, record
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.text import LongText

SEPARATORS: Final = ",;\t"
LONGEST_ROW: Final = 1 << 20  #: characters, with every line of its cells; of one cell `csv` takes 131,072
_NAMED = re.compile(r"sep=(?P<separator>[,;\t|])\r?\n", re.IGNORECASE)
_DECIMAL = re.compile(r"(?P<whole>\d{1,3}(?:\.\d{3})+|\d+),(?P<part>\d{1,2})(?P<unit>\s*[^\d\s,.;]{0,10})")
_FORMULA = re.compile(r"\A'(?=[=+\-@\t\r＝＋－＠])")


@record
class SheetRow:
    """One row by the number that a spreadsheet gives it: column → text, empty cells left out; or what is wrong."""

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)
    wrong: Sentence | None = None


@record(frozen=False)
class Sheet:
    """The columns of a file and its rows, read as they are asked for. `spoken` holds numbers read with a comma."""

    header: tuple[str, ...]
    separator: str
    rows: Iterator[SheetRow]
    spoken: dict[str, str] = field(default_factory=dict)

    def note(self) -> Sentence | None:
        """What to say of decimal commas, with the first as an example; None where there was none."""
        if not self.spoken:
            return None
        first = next(iter(self.spoken))
        params = {"text": Raw(first), "number": Raw(self.spoken[first])}
        return Sentence("decimal commas were read as such: {text} is {number}", params)


def separator_of(line: str) -> str:
    """What separates the cells of the first line: the sign that stands there most often outside of quotes."""
    head = re.sub(r'"[^"]*"', "", line)
    return max(SEPARATORS, key=head.count)


def names_of(text: LongText) -> tuple[str, ...]:
    """The columns that the first line names, without reading the rows; for telling what a file is."""
    try:
        return read_sheet(text).header
    except UsageError:
        return ()


def read_sheet(text: LongText, aliases: Mapping[str, str] | None = None) -> Sheet:
    """The sheet in a text. UsageError for what is no CSV.

    `aliases` are other words for columns, where a column of that name is not there itself.
    """
    records, separator, skipped = _opened(text)
    head = next((cells for _, cells in records if any(map(str.strip, cells))), [])
    header = _names(head, aliases or {})
    while header and not header[-1]:
        header.pop()
    sheet = Sheet(tuple(header), separator, iter(()))
    sheet.rows = _rows(sheet, records, skipped)
    return sheet


def check_sheet(text: LongText) -> None:
    """Read a text to its end: UsageError where it is no CSV, or no more of it is from some row on."""
    for _ in _opened(text)[0]:
        pass


def _opened(text: LongText) -> tuple[Iterator[tuple[int, list[str]]], str, int]:
    """Its records, what separates their cells, and how many lines stand before them."""
    lines = text.lines(LONGEST_ROW + 1)
    first = next(lines, "").removeprefix("\ufeff")
    named = _NAMED.match(first)
    skipped = 0
    if named is not None:
        separator, skipped = named["separator"], 1
    else:
        begin = [first]
        while begin[-1] and not begin[-1].strip("\r\n"):
            begin.append(next(lines, ""))
        separator, lines = separator_of(begin[-1]), chain(begin, lines)
    return _records(lines, separator), separator, skipped


def _records(lines: Iterable[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """(Number, cells) of every record, empty ones too: a spreadsheet counts them."""
    left = LONGEST_ROW

    def bounded() -> Iterator[str]:
        nonlocal left
        for line in lines:
            left -= len(line)
            if left < 0:
                raise csv.Error(f"it has more than {LONGEST_ROW} characters")
            yield line

    reader = csv.reader(bounded(), delimiter=separator, strict=True, skipinitialspace=True)
    number = 0
    while True:
        number, left = number + 1, LONGEST_ROW
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UsageError("row {row} is no CSV: {why}", code="bad_csv", row=number, why=Raw(str(error))) from None
        yield number, cells


def _rows(sheet: Sheet, records: Iterator[tuple[int, list[str]]], skipped: int) -> Iterator[SheetRow]:
    width = len(sheet.header)
    for place, cells in records:
        number = place + skipped
        if not any(map(str.strip, cells)):
            continue
        if len(cells) < width or any(map(str.strip, cells[width:])):
            crowded = Sentence("it has {cells} cells under {names} names", {"cells": len(cells), "names": width})
            yield SheetRow(number, wrong=crowded)
            continue
        told = {name: cell and _cell(sheet, cell) for name, cell in zip(sheet.header, cells, strict=False) if name}
        yield SheetRow(number, {name: cell for name, cell in told.items() if cell})


def _names(head: list[str], aliases: Mapping[str, str]) -> list[str]:
    names = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in head]
    return [name if aliases.get(name) in names else aliases.get(name, name) for name in names]


def _cell(sheet: Sheet, cell: str) -> str:
    """A cell without the apostrophe that our own CSV puts before a formula, and with a decimal comma as a point."""
    text = cell.strip()
    if text[:1] == "'":
        text = _FORMULA.sub("", text, count=1).strip()
    decimal = _DECIMAL.fullmatch(text) if sheet.separator == ";" else None
    if decimal is None:
        return text
    number = f"{decimal['whole'].replace('.', '')}.{decimal['part']}{decimal['unit']}"
    sheet.spoken[text] = number
    return number
