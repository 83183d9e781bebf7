"""How one kind of document is shown: its columns, its rows, and what was asked of the output.

A column follows from a field of the document: its name, its cell for machines and for people, its side. Only odd ones
have a function:

    COLUMNS: Columns[BalanceLine] = (
        *columns(BalanceLine, "line plan data.used_bytes expires_at reading_at=reading.at"),
        Column("status", lambda row: row.status, lambda row: say(row.status)),
    )
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from esimctl.documents.document import ABSENT, Document, key_of
from esimctl.documents.kinds import kinds
from esimctl.show.amounts import local, money, octets
from esimctl.show.terminal import Terminal
from esimctl.show.words import say
from esimctl.values.moments import instant

Row = TypeVar("Row", contravariant=True)


class Column(NamedTuple, Generic[Row]):
    """A column: its name for `--columns`, the cell for machines, and (where it differs) the cell for people."""

    name: str
    cell: Callable[[Row], object]
    person: Callable[[Row], object] | None = None
    right: bool = False
    shown: bool = True  #: part of the default table; `--columns` can ask for the others
    sheet: bool = False  #: part of CSV although not of the table: what a spreadsheet sorts and sums by
    priority: int | None = None  #: which column goes first where room is scarce: the highest; 0 never goes
    short: Sequence[Callable[[Row], object]] = ()  #: shorter cells for people, each shorter than the one before it
    cut: bool = False  #: free text, the only kind of cell that is cut where room is scarce


Columns: TypeAlias = Sequence[Column[Row]]


class View(NamedTuple):
    """How one kind of document is shown."""

    columns: Columns[Any] = ()
    rows: Callable[[Any], Iterable[Any]] | None = None
    person: Callable[[Any, Terminal], None] | None = None
    empty: str | None = None
    screen: Columns[Any] = ()  #: the columns of its list on a terminal, where they are other ones
    most: int = 1000  #: rows on a terminal unless `--all` is given
    showing: str = "Showing {shown} of {count} (--all)"  #: says that there are more


class OutputForm(NamedTuple):
    """What was asked of the output."""

    output: str
    columns: str | None = None
    header: bool | None = None
    limit: int | None = None


def heading(column: "Column[Any]") -> str:
    """A column's heading in the reader's language."""
    return (
        say(words).upper() if (words := column.name.removesuffix("_bytes").replace("_", " ").replace("-", " ")) else ""
    )


def columns(
    document: type[Document],
    paths: str,
    *,
    person: Callable[[Any], object] | None = None,
    shown: bool = True,
    sheet: bool = False,
) -> list[Column[Any]]:
    """The columns of some of a document's fields, in that order; `person` where people are told otherwise.

    A path is a key, or keys of parts with points between them; a column is called as the last of them, or as it says:
    `reading_at=reading.at`. Raises KeyError where there is no such field.
    """
    every = (_of_path(document, *path.rpartition("=")[::2], shown, sheet) for path in paths.split())
    return [column if person is None else column._replace(person=person) for column in every]


def _of_path(document: type[Document], name: str, path: str, shown: bool, sheet: bool) -> Column[Any]:
    keys, last = path.split("."), document
    for key in keys[:-1]:
        part = kinds(last)[key].document
        if part is None:
            raise KeyError(f"{key} of {path} is no part of {last.__name__}")
        last = part
    kind = kinds(last)[keys[-1]]
    attributes = [next(name for name in at.KEYS if key_of(name) == key) for at, key in _walk(document, keys)]

    def perhaps(row: Any) -> Any:
        given = getattr(row, attributes[0])
        return None if given is ABSENT else given

    def within(row: Any) -> Any:
        for attribute in attributes:
            row = getattr(row, attribute)
            if row is None or row is ABSENT:
                return None
        return row

    value: Callable[[Any], Any] = perhaps if len(attributes) == 1 else within
    if len(attributes) == 1 and attributes[0] in document.REQUIRED:
        value = attrgetter(attributes[0])
    cell, person = FOR_MACHINES.get(kind.name), FOR_PEOPLE.get(kind.name)
    return Column(
        name or keys[-1],
        value if cell is None else lambda row: None if (given := value(row)) is None else cell(given),
        None if person is None else lambda row: person(value(row)),
        kind.name in TO_THE_RIGHT,
        shown,
        sheet,
        last.COLUMNS.get(attributes[-1]),
        cut=kind.name in FREE,
    )


def _walk(document: type[Document], keys: Sequence[str]) -> Iterable[tuple[type[Document], str]]:
    for key in keys:
        yield document, key
        document = kinds(document)[key].document or document


def _words(value: Iterable[object]) -> str:
    return ",".join(map(str, value))


#: kind → its cell in TSV and CSV, where it is not the value itself
FOR_MACHINES: dict[str, Callable[[Any], object]] = {
    "instant": instant,
    "day": date.isoformat,
    "money": str,
    "rows": _words,
}

#: kind → its cell for a person, where it is not that of machines; they know what to say of None
FOR_PEOPLE: dict[str, Callable[[Any], object]] = {
    "octets": octets,
    "money": money,
    "instant": local,
    "word": lambda value: None if value is None else say(value),
}

FREE = frozenset({"prose", "sentence"})

TO_THE_RIGHT = frozenset({"octets", "money", "count", "seconds"})
