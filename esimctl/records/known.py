"""What is known of purchases while others are taken over: looked up by id, by the provider's number, by amount.

It lies in a temporary database beside the program's memory: a million orders and a million rows cost no more of it than
a thousand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from esimctl.store.scratch import scratch
from esimctl.values.money import Money

if TYPE_CHECKING:
    import sqlite3

    from esimctl.ledger.facts import ForeignFact
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.records.file_rows import Record

NEAR: Final = timedelta(days=1)
FOREIGN: Final = "foreign:"
_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: whether something is compared by amount with what is to be taken over: never, an order, a record of one
NO, ORDER, RECORD = 0, 1, 2
_TABLE: Final = """
CREATE TABLE known (
    id TEXT, line TEXT, provider TEXT, number TEXT, money TEXT, refund TEXT, at INTEGER, comparable INTEGER
);
CREATE INDEX by_id ON known (id);
CREATE INDEX by_number ON known (number, provider) WHERE number IS NOT NULL;
CREATE INDEX by_amount ON known (line, money, at) WHERE comparable;
"""
_ADD: Final = "INSERT INTO known VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_BY_ID: Final = "SELECT id, money, refund FROM known WHERE id = ? ORDER BY rowid DESC LIMIT 1"
_BY_NUMBER: Final = "SELECT id, money, refund FROM known WHERE number = ? AND provider = ? ORDER BY rowid LIMIT 1"
#: the amount, the line and the day agree, and no number of a provider differs
_ALIKE: Final = """
SELECT id FROM known WHERE comparable AND line = ? AND money = ? AND at BETWEEN ? AND ?
    AND NOT (provider = ? AND number IS NOT NULL AND ?) ORDER BY at LIMIT 1
"""


#: a record that the file has itself: it was taken over from there before a stop, and its other rows are others
_OF_THE_FILE: Final = "UPDATE known SET comparable = ? WHERE id = ? AND comparable = ?"


class RowVerdict(NamedTuple):
    """What a row is: imported, duplicates or conflicts; why; the id of what it is like."""

    result: str
    reason: str | None = None
    like: str | None = None


class KnownRecords:
    """All orders, also imported ones, the charges of somebody else, and the rows that were taken since."""

    def __init__(self, database: "sqlite3.Connection") -> None:
        self._database = database

    def take_in(self, ledger: "LedgerState") -> None:
        """Remember what a ledger knows."""
        self._database.executemany(_ADD, (_of_order(order) for order in ledger.records()))
        self._database.executemany(_ADD, (_of_foreign(fact) for fact in ledger.foreign.values()))

    def judge(self, row: "Record") -> RowVerdict:
        """What a row is, beside everything that is remembered."""
        same, reason = self._one(_BY_ID, row.id), "id"
        if same is None and row.provider_order is not None:
            same, reason = self._one(_BY_NUMBER, row.provider_order, row.provider), "number"
        if same is not None:
            like, money, refund = same
            self._database.execute(_OF_THE_FILE, (NO, like, RECORD))
            agreed = money == _plain(row.counted) and (refund == _plain(row.refund) or like.startswith(FOREIGN))
            return (
                RowVerdict("duplicates", reason, like) if agreed else RowVerdict("conflicts", f"{reason}_differs", like)
            )
        at, day = _micro(row.paid_at), NEAR // _MICROSECOND
        numbered = row.provider_order is not None
        near = self._one(_ALIKE, row.line, _plain(row.counted), at - day, at + day, row.provider, numbered)
        return RowVerdict("imported") if near is None else RowVerdict("conflicts", "looks_alike", near[0])

    def add(self, row: "Record") -> None:
        """Remember a row by its names; rows of one file are not compared by amount with each other."""
        money, refund = _plain(row.counted), _plain(row.refund)
        row_of = (row.id, row.line, row.provider, row.provider_order, money, refund, _micro(row.paid_at), NO)
        self._database.execute(_ADD, row_of)

    def _one(self, question: str, *values: object) -> "tuple[str, ...] | None":
        found: tuple[str, ...] | None = self._database.execute(question, values).fetchone()
        return found


@contextmanager
def remembering() -> Iterator[KnownRecords]:
    """Nothing yet. NoRoom or OutputFailed (74) where the temporary folder takes no file."""
    with scratch(_TABLE) as database:
        yield KnownRecords(database)


def _of_order(order: "OrderState") -> tuple[object, ...]:
    at = _micro(order.settled_at or order.created_at)
    money, refund = _plain(order.counted), _plain(order.refund)
    comparable = NO if order.charged is False else RECORD if order.imported else ORDER
    return order.id, order.line, order.provider, order.provider_order, money, refund, at, comparable


def _of_foreign(fact: "ForeignFact") -> tuple[object, ...]:
    """A charge of somebody else: known by its number alone."""
    provider, number = fact.provider, fact.provider_order
    money = Money(fact.amount_minor or 0, fact.currency or "USD")
    return f"{FOREIGN}{provider}:{number}", "", provider, number, _plain(money), None, _micro(fact.at), NO


def _plain(money: Money | None) -> str | None:
    return None if money is None else f"{money.minor} {money.currency}"


def _micro(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
