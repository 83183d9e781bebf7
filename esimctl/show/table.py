"""Tables on a terminal: no borders, and no digit of an amount, an ICCID or a date is ever cut.

Where the natural width does not fit, the same rows become one block of `name: value` lines each.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from esimctl.show.page import cells, uncertain
from esimctl.show.separated import plain
from esimctl.show.words import say

if TYPE_CHECKING:
    from esimctl.show.present import Column
    from esimctl.show.terminal import Terminal


def cells_of(columns: "Sequence[Column]", row: Mapping[str, Any]) -> list[str]:
    """A row's cells for a person; unknown is shown as '-'."""
    return [plain((column.person or column.cell)(row)) or "-" for column in columns]


def draw(
    columns: "Sequence[Column]", rows: Sequence[Mapping[str, Any]], terminal: "Terminal", *, header: bool = True
) -> None:
    """A table if it fits the terminal, else one block per record.

    A block too where text whose width nobody agrees on (Khmer) would stand before something that has to align.
    """
    headings = [say(column.name.removesuffix("_bytes").replace("_", " ")).upper() for column in columns]
    table = [cells_of(columns, row) for row in rows]
    lines = [*([headings] if header else []), *table]
    widths = [max((cells(line[at]) for line in lines), default=0) for at in range(len(columns))]
    width = terminal.width
    too_wide = width is not None and sum(widths) + 2 * (len(widths) - 1) > width
    if too_wide or any(uncertain(cell) for line in lines for cell in line[:-1]):
        blocks(headings, table, terminal)
        return
    aligned(columns, headings if header else None, table, terminal)


def aligned(
    columns: "Sequence[Column]",
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


__all__ = ["aligned", "blocks", "cells_of", "draw"]
