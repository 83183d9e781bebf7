"""Tables on a terminal: no borders, and no digit of an amount, an ICCID or a date is ever cut.

Where the natural width does not fit, the same rows become one block of `name: value` lines each.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from esimctl.show.amounts import octets
from esimctl.show.page import cells, uncertain
from esimctl.show.separated import plain
from esimctl.show.words import say

if TYPE_CHECKING:
    from esimctl.show.terminal import Terminal
    from esimctl.show.view import Column

Row = TypeVar("Row")


def cells_of(columns: "Sequence[Column[Row]]", row: Row) -> list[str]:
    """A row's cells for a person; unknown is shown as '-'."""
    return [_said((column.person or column.cell)(row)) or "-" for column in columns]


def _said(value: object) -> str:
    return say(plain(value)) if isinstance(value, bool) else plain(value)


def heading(column: "Column[Any]") -> str:
    """A column's heading in the reader's language."""
    return say(column.name.removesuffix("_bytes").replace("_", " ").replace("-", " ")).upper()


def draw(
    columns: "Sequence[Column[Row]]", rows: Sequence[Row], terminal: "Terminal", *, header: bool = True,
    chosen: bool = False,
) -> None:  # fmt: skip
    """A table if it fits the terminal, if need be without columns that say nothing, else one block per record.

    Columns that a person has `chosen` are never left out. A block too where text whose width nobody agrees on (Khmer)
    would stand before something that has to align.
    """
    for kept in (columns, columns if chosen else _told_of(columns, rows)):
        headings = [heading(column) for column in kept]
        table = [cells_of(kept, row) for row in rows]
        lines = [*([headings] if header else []), *table]
        if kept and _fits(lines, terminal.width):
            aligned(kept, headings if header else None, table, terminal)
            return
    blocks([heading(column) for column in columns], [cells_of(columns, row) for row in rows], terminal)


def _told_of(columns: "Sequence[Column[Row]]", rows: Sequence[Row]) -> "list[Column[Row]]":
    """The columns of which at least one row knows something: the others go first where room is scarce."""
    return [column for column in columns if any(cell != "-" for row in rows for cell in cells_of([column], row))]


def _fits(lines: Sequence[Sequence[str]], width: int | None) -> bool:
    """Whether it can be a table: not too wide, and nothing of uncertain width before what has to align."""
    if any(uncertain(cell) for line in lines for cell in line[:-1]):
        return False
    widths = [max(cells(line[at]) for line in lines) for at in range(len(lines[0]) if lines else 0)]
    return width is None or sum(widths) + 2 * (len(widths) - 1) <= width


def aligned(
    columns: "Sequence[Column[Any]]",
    headings: Sequence[str] | None,
    table: Sequence[Sequence[str]],
    terminal: "Terminal",
) -> None:
    """The table as Rich draws it, without borders; nothing is fitted, it is known to fit."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, show_header=headings is not None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for at, column in enumerate(columns):
        heading = Text(headings[at]) if headings is not None else ""
        drawn.add_column(heading, justify="right" if column.right else "left", no_wrap=True)
    for row in table:
        drawn.add_row(*(Text(cell) for cell in row))
    console = terminal.console()
    with console.capture() as caught:
        console.print(drawn)
    terminal.write("".join(line.rstrip() + "\n" for line in caught.get().splitlines()))


def blocks(headings: Sequence[str], table: Sequence[Sequence[str]], terminal: "Terminal") -> None:
    """One block of `heading: value` lines per record."""
    for at, row in enumerate(table):
        if at:
            terminal.write("\n")
        for heading, cell in zip(headings, row, strict=True):
            terminal.tell(f"{heading}: {cell}\n")


EIGHTHS = "▁▂▃▄▅▆▇█"

#: parts of a character cell, for the end of a lying bar
PARTS = " ▏▎▍▌▋▊▉█"


def spark(values: Sequence[int | None]) -> str:
    """One character a value, heights in proportion to the highest; unknown is a point, nothing the lowest step."""
    highest = max((value for value in values if value is not None), default=0)
    return "".join("·" if value is None else EIGHTHS[value * 7 // highest if highest else 0] for value in values)


def spark_line(days: Mapping[str, int]) -> str:
    """The last two weeks of a line's use: day (ISO) → octets, those known."""
    last = date.fromisoformat(max(days))
    values = [days.get((last - timedelta(days=n)).isoformat()) for n in reversed(range(14))]
    return say(
        "use in 14 days to {day}: {picture}  highest {most} a day",
        day=last.isoformat(),
        picture=spark(values),
        most=octets(max(days.values())),
    )


def bar(value: int, highest: int, width: int) -> str:
    """A lying bar of at most `width` cells, to the eighth of a cell; never empty where there is something."""
    eighths = value * width * 8 // highest if highest else 0
    if value > 0:
        eighths = max(eighths, 1)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (PARTS[rest] if rest else "")


def bars(rows: Sequence[tuple[str, int, str]], width: int | None) -> list[str]:
    """(label, value, what is said of it) → lines with a bar each, where at least eight cells are left for bars.

    A terminal that is too narrow gets the figures alone: no digit is ever cut.
    """
    labels = max((cells(label) for label, _, _ in rows), default=0)
    told = max((cells(text) for _, _, text in rows), default=0)
    highest = max((value for _, value, _ in rows), default=0)
    room = min((80 if width is None else width) - labels - told - 3, 60)
    lines = []
    for label, value, text in rows:
        line = label + " " * (labels - cells(label)) + " " + " " * (told - cells(text)) + text
        lines.append(line if room < 8 else f"{line}  {bar(value, highest, room)}".rstrip())
    return lines
