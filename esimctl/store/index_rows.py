"""What is asked of the rows of index.sqlite, one at a time and decoded only when somebody wants them.

Where the file cannot be read any more, or somebody has written it since, the journal is folded and answers instead.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from weakref import finalize

from esimctl.ledger.archived import NamedField, OrderField, OrderQuery, first_of_each
from esimctl.ledger.facts import ReadingFact
from esimctl.ledger.kept import order_from_row, reading_from_row
from esimctl.ledger.orders import OrderState
from esimctl.ledger.rows import micro
from esimctl.ledger.state import LedgerState
from esimctl.store.index import connected

AT_ONCE: Final = 64  #: rows that are fetched together

Values = list[int | str]


class Outdated(sqlite3.Error):
    """Somebody has written the index since the ledger was read from it."""


class IndexedFacts:
    """The archive of a ledger that was read from an index; see `ledger.archived.ArchivedFacts`."""

    def __init__(self, path: Path, as_of: int, rebuild: Callable[[], LedgerState]) -> None:
        self.as_of = as_of
        self._path = path
        self._rebuild = rebuild

    @cached_property
    def _database(self) -> sqlite3.Connection:
        database = connected(self._path)
        finalize(self, database.close)  # whoever holds the ledger holds it open
        return database

    @cached_property
    def _whole(self) -> LedgerState:
        """The ledger at that entry, from the journal."""
        return self._rebuild()

    def close(self) -> None:
        """Let the file go, before it is written; whoever is in the middle of a walk goes on with the journal."""
        if "_database" in self.__dict__:
            self._database.close()
            del self.__dict__["_database"]

    def find(self, field: OrderField, value: str, provider: str | None = None) -> OrderState | None:
        """See `ArchivedFacts`."""
        where = [f"WHERE {field} = ?"] if provider is None else [f"WHERE {field} = ? AND provider = ?"]
        values = [value] if provider is None else [value, provider]
        try:
            rows = list(self._rows(_ORDERS, *where, "ORDER BY imported, seq DESC LIMIT 1", values=values))
        except (sqlite3.Error, OSError):
            found = [order for order in self._whole.records() if getattr(order, field) == value]
            mine = [order for order in found if provider in (None, order.provider)]
            return min(mine, key=lambda order: (order.imported, -order.seq), default=None)
        return order_from_row(*rows[0][1:]) if rows else None

    def orders(self, query: OrderQuery) -> Iterator[OrderState]:
        """See `ArchivedFacts`."""
        last = 0
        where, values = where_of(query)
        try:
            for seq, line, row in self._rows(_ORDERS, where, "ORDER BY seq", values=values):
                yield order_from_row(line, row)
                last = seq
        except (sqlite3.Error, OSError):
            yield from (order for order in self._whole.select(query) if order.seq > last)

    def names(self, field: NamedField, query: OrderQuery, besides: Collection[int] = ()) -> dict[str, int]:
        """See `ArchivedFacts`."""
        where, values = where_of(query)
        out = f"{'AND' if where else 'WHERE'} {_none_of(besides)} AND {field} IS NOT NULL GROUP BY {field}"
        try:
            return dict(self._rows("SELECT", field, ", min(seq) FROM orders", where, out, values=values))
        except (sqlite3.Error, OSError):
            return first_of_each(field, (order for order in self._whole.select(query) if order.seq not in besides))

    def readings(self, lines: Collection[str] | None = None) -> Iterator[ReadingFact]:
        """See `ArchivedFacts`."""
        last, values = 0, sorted(lines or ())
        where = "" if lines is None else f"WHERE line IN ({_marks(values)})"
        try:
            for seq, line, row in self._rows(_READINGS, where, "ORDER BY seq", values=values):
                yield reading_from_row(line, row)
                last = seq
        except (sqlite3.Error, OSError):
            for fact in sorted(self._whole.every_reading(), key=lambda fact: fact.seq):
                if fact.seq > last and (lines is None or fact.line in lines):
                    yield fact

    def readings_since(self, since: datetime, undone: Collection[int] = ()) -> Iterator[ReadingFact]:
        """See `ArchivedFacts`."""
        start, left = micro(since), _none_of(undone)
        told: list[tuple[int, str, str]] = []
        try:
            for (name,) in list(self._rows(_LINES, values=[])):
                told += self._rows(_READINGS, "WHERE line = ? AND at >= ? AND", left, values=[name, start])
                last = "ORDER BY at DESC, seq DESC LIMIT 1"
                told += self._rows(_READINGS, "WHERE line = ? AND at < ? AND", left, last, values=[name, start])
        except (sqlite3.Error, OSError):
            for facts in self._whole.readings_since(since).values():
                yield from (fact for fact in facts if fact.seq not in undone)
            return
        yield from (reading_from_row(line, row) for _, line, row in told)

    def _rows(self, *words: str, values: Sequence[int | str]) -> Iterator[tuple[Any, ...]]:
        """Rows as they are fetched; Outdated where the index is not the one that the ledger was read from.

        While a statement is under way nobody can write: the look at its first rows counts for all of them.
        """
        with closing(self._database.execute(" ".join(words), values)) as cursor:
            rows = cursor.fetchmany(AT_ONCE)
            told = self._database.execute("SELECT value FROM meta WHERE key = 'seq'").fetchone()
            if told != (str(self.as_of),):
                raise Outdated
            while rows:
                yield from rows
                rows = cursor.fetchmany(AT_ONCE)


_ORDERS: Final = "SELECT seq, line, row FROM orders"
_READINGS: Final = "SELECT seq, line, row FROM readings"
#: every line that has readings, one look into the index for each
_LINES: Final = (
    "WITH RECURSIVE each (line) AS (SELECT min(line) FROM readings UNION ALL SELECT"
    " (SELECT min(line) FROM readings WHERE line > each.line) FROM each WHERE each.line IS NOT NULL)"
    " SELECT line FROM each WHERE line IS NOT NULL"
)


def where_of(query: OrderQuery) -> tuple[str, Values]:
    """A query as the condition of a SELECT, empty for every order, and its values."""
    found = [*_plain(query), *_timed(query)]
    where = f"WHERE {' AND '.join(part for part, _ in found)}" if found else ""
    return where, [value for _, values in found for value in values]


def _plain(query: OrderQuery) -> Iterator[tuple[str, Values]]:
    if query.lines is not None:
        yield f"line IN ({_marks(query.lines)})", [*sorted(query.lines)]
    if query.own:
        yield "NOT imported", []
    if query.states is not None:
        yield f"state IN ({_marks(query.states)})", [*sorted(query.states)]
    if query.kind is not None:
        yield "kind = ?", [query.kind]
    if query.provider is not None:
        yield "provider = ?", [query.provider]
    if query.numbers is not None:
        yield f"provider_order IN ({_marks(query.numbers)})", [*sorted(query.numbers)]
    if query.charging:
        yield "charging", []
    if query.misdated:
        yield "stated IS NOT NULL", []


def _timed(query: OrderQuery) -> Iterator[tuple[str, Values]]:
    """An order is dated twice where a clock was taken back, and one of the two is enough."""
    first = None if query.since is None else micro(query.since)
    last = None if query.until is None else micro(query.until)
    if first is not None and last is not None:
        yield "(created >= ? AND created < ? OR stated >= ? AND stated < ?)", [first, last, first, last]
    elif first is not None:
        yield "(created >= ? OR stated >= ?)", [first, first]
    elif last is not None:
        yield "(created < ? OR stated < ?)", [last, last]
    if query.moved_since is not None:
        yield "(created >= ? OR settled >= ? OR changed >= ? OR stated >= ?)", [micro(query.moved_since)] * 4


def _none_of(numbers: Collection[int]) -> str:
    return f"seq NOT IN ({','.join(map(str, sorted(numbers)))})"


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))
