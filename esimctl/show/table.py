"""Tables on a terminal: no borders, and no digit of an amount, an ICCID or a date is ever cut.

Where the natural width does not fit, the same rows become one block of `name: value` lines each.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
    """A table if it fits the terminal, else one block per record."""
    from rich.cells import cell_len

    headings = [say(column.name.removesuffix("_bytes").replace("_", " ")).upper() for column in columns]
    table = [cells_of(columns, row) for row in rows]
    widths = [
        max(cell_len(line) for line in [heading if header else "", *(cells[at] for cells in table)])
        for at, heading in enumerate(headings)
    ]
    width = terminal.width
    if width is not None and sum(widths) + 2 * (len(widths) - 1) > width:
        blocks(headings, table, terminal)
        return
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, show_header=header, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column, heading in zip(columns, headings, strict=True):
        drawn.add_column(Text(heading), justify="right" if column.right else "left", no_wrap=True)
    for cells in table:
        drawn.add_row(*(Text(cell) for cell in cells))
    console = terminal.console()
    with console.capture() as caught:
        console.print(drawn)
    terminal.write("".join(line.rstrip() + "\n" for line in caught.get().splitlines()))


def blocks(headings: Sequence[str], table: Sequence[Sequence[str]], terminal: "Terminal") -> None:
    """One block of lines per record, for terminals that are too narrow for the table."""
    for at, cells in enumerate(table):
        if at:
            terminal.write("\n")
        for heading, cell in zip(headings, cells, strict=True):
            terminal.write(f"{heading}: {cell}\n")


__all__ = ["blocks", "cells_of", "draw"]
