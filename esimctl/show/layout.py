"""Which columns stand on a screen, in which form and how wide: decided here for every list, by measured widths.

Short forms come first, then the columns of the lowest priority go, then the one column of free text is cut. Digits,
dates, names and ids are never cut: what still does not fit goes on in a second row of its cell.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from esimctl.show.page import uncertain
from esimctl.show.separated import plain
from esimctl.show.styles import harmless, unstyled
from esimctl.show.view import heading
from esimctl.show.words import say
from esimctl.values.record import record, replace

if TYPE_CHECKING:
    from esimctl.show.view import Column

Row = TypeVar("Row")

GAP: Final = 2  #: blanks between two columns
LEAST: Final = 12  #: cells of free text below which the column goes rather than being cut further
NARROW: Final = 50  #: columns of a terminal below which a list is blocks of `NAME: value`


def cells_of(columns: "Sequence[Column[Row]]", row: Row) -> list[str]:
    """A row's cells for a person; unknown is shown as '-'."""
    return [shown((column.person or column.cell)(row)) for column in columns]


def shown(value: object) -> str:
    """A cell as a person reads it: `-` is unknown, an empty one says that there is nothing to say."""
    if isinstance(value, str):
        return harmless(value)
    return say(plain(value)) if isinstance(value, bool) else plain(value) or "-"


def width_of(text: str) -> int:
    """Columns that a cell takes; Rich is asked where a letter may be wider than one."""
    lines = unstyled(text).split("\n")
    if text.isascii():
        return max(map(len, lines))
    from rich.cells import cell_len

    return max(map(cell_len, lines))


@record
class Shape:
    """A column as it may be drawn: its cells in its long and, where it has one, its short form."""

    column: "Column[Any]"
    heading: str
    priority: int
    forms: Sequence[Sequence[str]]
    widths: Sequence[int]  #: of each form, and of the longest word of its heading
    vague: Sequence[bool]  #: of each form, whether terminals disagree on the width of a cell


@record
class Placed:
    """A column with the form that stands in the table, and its width."""

    shape: Shape
    form: int
    width: int

    @property
    def cells(self) -> Sequence[str]:
        """What stands in its rows."""
        return self.shape.forms[self.form]

    @property
    def vague(self) -> bool:
        """Whether terminals disagree on its width: nothing may align after it."""
        return self.shape.vague[self.form]


def shape(column: "Column[Row]", rows: Sequence[Row], place: int, *, header: bool) -> Shape:
    """The column with all that can stand in it; without a priority of its own it goes before those on its left."""
    head = heading(column) if header else ""
    words = head.split() or [""]
    forms = [[shown(get(row)) for row in rows] for get in (column.person or column.cell, *column.short)]
    priority = (place and place + 10) if column.priority is None else column.priority
    widths = [max(map(width_of, (*words, *cells))) for cells in forms]
    return Shape(column, head, priority, forms, widths, [any(map(uncertain, cells)) for cells in forms])


def placed(shapes: Sequence[Shape], width: int | None) -> list[Placed]:
    """The columns that are drawn, at most `width` wide together where that can be (None: there is no limit)."""
    form = dict.fromkeys(range(len(shapes)), 0)

    def needs() -> int:
        """Columns that are taken up, free text at the least that it may have."""
        return GAP * (len(form) - 1) + sum(
            min(shapes[at].widths[which], LEAST) if shapes[at].column.cut else shapes[at].widths[which]
            for at, which in form.items()
        )

    def fits() -> bool:
        return width is None or needs() <= width

    while not fits():
        longer = [at for at, which in form.items() if which + 1 < len(shapes[at].forms)]
        if not longer:
            break
        form[max(longer, key=lambda at: shapes[at].priority)] += 1
    while not fits():
        least = max(form, key=lambda at: shapes[at].priority)
        if not shapes[least].priority or len(form) == 1:
            break
        del form[least]
    for at in sorted(form, key=lambda at: shapes[at].priority):  # what went may have made room for long forms
        while form[at]:
            form[at] -= 1
            if not fits():
                form[at] += 1
                break
    form = _under_heads(shapes, form, width)
    return _last(_widths([Placed(shapes[at], which, shapes[at].widths[which]) for at, which in form.items()], width))


def _under_heads(shapes: Sequence[Shape], form: dict[int, int], width: int | None) -> dict[int, int]:
    """The forms of the columns, shorter ones where all headings stand on one row by that."""
    shorter = dict(form)

    def fits() -> bool:
        wide = [max(shapes[at].widths[which], width_of(shapes[at].heading)) for at, which in shorter.items()]
        return width is None or sum(wide) + GAP * (len(wide) - 1) <= width

    for at in sorted(shorter, key=lambda at: -shapes[at].priority):
        while not fits() and shorter[at] + 1 < len(shapes[at].forms):
            shorter[at] += 1
    return shorter if fits() else form


def _widths(columns: list[Placed], width: int | None) -> list[Placed]:
    """Headings on one row while there is room; where it is too wide, free text is cut, or the widest column folded."""
    excess = sum(column.width for column in columns) + GAP * (len(columns) - 1) - (width or 0)
    if width is None or excess <= 0:
        whole = []
        for column in columns:
            more = max(width_of(column.shape.heading) - column.width, 0)
            if width is not None and excess + more > 0:
                more = 0
            excess += more
            whole.append(replace(column, width=column.width + more))
        return whole
    at = next((at for at, each in enumerate(columns) if each.shape.column.cut), None)
    if at is None or columns[at].width - excess < min(columns[at].width, LEAST):
        at = max(range(len(columns)), key=lambda at: columns[at].width)
    wide = columns[at]
    return [*columns[:at], Placed(wide.shape, wide.form, max(wide.width - excess, 1)), *columns[at + 1 :]]


def _last(columns: list[Placed]) -> list[Placed]:
    """Columns of whose width no two terminals agree (Khmer) stand last: nothing has to align after them."""
    return sorted(columns, key=lambda column: column.vague)
