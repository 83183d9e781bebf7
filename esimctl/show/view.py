"""How one kind of document is shown: its columns, its rows, and what was asked of the output."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from esimctl.show.terminal import Terminal


class Column(NamedTuple):
    """A column: its name for `--columns`, the cell for machines, and (where it differs) the cell for people."""

    name: str
    cell: Callable[[Mapping[str, Any]], object]
    person: Callable[[Mapping[str, Any]], object] | None = None
    right: bool = False
    shown: bool = True  #: part of the default table; `--columns` can ask for the others
    sheet: bool = False  #: part of CSV although not of the table: what a spreadsheet sorts and sums by


class View(NamedTuple):
    """How one kind of document is shown."""

    columns: Sequence[Column] = ()
    rows: Callable[[Mapping[str, Any]], Iterable[Mapping[str, Any]]] | None = None
    person: Callable[[Mapping[str, Any], Terminal], None] | None = None
    empty: str | None = None


class OutputForm(NamedTuple):
    """What was asked of the output."""

    output: str
    columns: str | None = None
    header: bool | None = None
    limit: int | None = None
