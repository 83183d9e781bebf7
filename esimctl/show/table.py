"""Lists on a terminal: tables without borders, drawn by Rich as `show.layout` has placed them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from esimctl.show.layout import GAP, NARROW, Placed, cells_of, placed, shape
from esimctl.show.page import uncertain
from esimctl.show.styles import runs
from esimctl.show.view import Column, heading
from esimctl.show.words import say
from esimctl.values.record import replace

if TYPE_CHECKING:
    from rich.text import Text

    from esimctl.show.terminal import Terminal

Row = TypeVar("Row")


def draw(
    columns: Sequence[Column[Row]], rows: Sequence[Row], terminal: "Terminal", *, header: bool = True,
    chosen: bool = False,
) -> None:  # fmt: skip
    """A table, without columns of which no row knows anything; below 50 columns, where it must, one block per record.

    Columns that a person has `chosen` are never left out.
    """
    shapes = [shape(column, rows, place, header=header) for place, column in enumerate(columns)]
    told = [
        each for each in shapes if chosen or not each.priority or any(cell not in ("", "-") for cell in each.forms[0])
    ]
    if chosen:
        told = [replace(each, priority=0) for each in told]
    drawn = placed(told, terminal.width)
    wide = sum(column.shape.widths[column.form] for column in drawn) + GAP * (len(drawn) - 1)
    if terminal.width is not None and terminal.width < NARROW and (wide > terminal.width or len(drawn) < len(told)):
        headed = [column for column in columns if column.name]
        marks = [column for column in columns if not column.name]
        table = [cells_of(headed, row) for row in rows]
        for row, cells in zip(rows, table, strict=True):
            cells[0] = "  ".join([cells[0], *(mark for mark in cells_of(marks, row) if says_a_word(mark))])
        blocks([heading(column) for column in headed], table, terminal)
    else:
        aligned(drawn, len(rows), terminal, header=header)


def listed(
    columns: Sequence[Column[Row]], rows: Sequence[Row], terminal: "Terminal", *, most: int, showing: str
) -> bool:
    """The first rows of a list, and on a terminal how many there are: `showing` says it of `{shown}` and `{count}`.

    `--all`, a pipe, and a terminal with room for them get every row: whether they did is the answer.
    """
    kept = rows if terminal.every_row or terminal.width is None or len(rows) <= most + 1 else rows[:most]
    draw(columns, kept, terminal)
    if len(kept) < len(rows) and not terminal.quiet:
        terminal.tell(say(showing, shown=len(kept), count=len(rows)) + "\n")
    return len(kept) == len(rows)


def facts(pairs: Sequence[tuple[str, str]], terminal: "Terminal") -> None:
    """What there is to say of one thing, a name and a text a row; on a narrow terminal `name: text`."""
    narrow = terminal.width is not None and terminal.width < NARROW
    if narrow or any(uncertain(name) for name, _ in pairs):  # nothing aligns after a name without a sure width
        for name, text in pairs:
            terminal.tell(f"{name}: {text}\n" if name else f"  {text}\n")
        return
    columns: list[Column[tuple[str, str]]] = [
        Column("name", lambda pair: pair[0], priority=0), Column("text", lambda pair: pair[1], priority=0),
    ]  # fmt: skip
    draw(columns, pairs, terminal, header=False)


def aligned(columns: Sequence[Placed], count: int, terminal: "Terminal", *, header: bool) -> None:
    """The table as Rich draws it, without borders; every column has its width."""
    from rich.table import Table

    drawn = Table(box=None, show_header=header, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for each in columns:
        column = each.shape.column
        drawn.add_column(
            text_of(each.shape.heading),
            justify="right" if column.right else "left",
            width=each.width,
            no_wrap=column.cut,
            overflow="ellipsis" if column.cut else "fold",
        )
    for at in range(count):
        drawn.add_row(*(text_of(each.cells[at]) for each in columns))
    console = terminal.console()
    with console.capture() as caught:
        console.print(drawn)
    terminal.write("".join(line.rstrip() + "\n" for line in caught.get().splitlines()))


def text_of(text: str) -> "Text":
    """A styled text as Rich draws it."""
    from rich.text import Text

    return Text.assemble(*runs(text))


def says_a_word(cell: str) -> bool:
    """Whether a cell without a heading is a word, such as SANDBOX, and no bar."""
    return any(character.isalpha() for character in cell)


def blocks(headings: Sequence[str], table: Sequence[Sequence[str]], terminal: "Terminal") -> None:
    """One block of `heading: value` lines per record."""
    for at, row in enumerate(table):
        if at:
            terminal.write("\n")
        for name, cell in zip(headings, row, strict=True):
            if cell:
                terminal.tell(f"{name}: {cell}\n")
