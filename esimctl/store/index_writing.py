"""How index.sqlite is written: what leaves the ledger, in one transaction with the ledger as it stands then."""

import json
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

from esimctl.ledger import said
from esimctl.ledger.archived import charges_overage
from esimctl.ledger.entries import Entry
from esimctl.ledger.facts import ReadingFact
from esimctl.ledger.fold import Ledger
from esimctl.ledger.invariants import audited_fold
from esimctl.ledger.kept import compact, ledger_to_plain, row_of
from esimctl.ledger.orders import OrderState
from esimctl.ledger.rows import micro
from esimctl.store.files import file_stamp, read_bytes, sync_folder
from esimctl.store.index import (
    FILE,
    FORMAT,
    MODULUS,
    TABLES,
    UNFINISHED,
    Origin,
    Row,
    connected,
    digest_of,
    drop,
    noted_in,
    read_index,
    sum_of,
    trusted,
    weight,
)
from esimctl.store.index_rows import IndexedFacts
from esimctl.store.journal import Journal
from esimctl.store.segments import Position
from esimctl.values.progress import Progress
from esimctl.values.record import as_dict
from esimctl.values.sentence import Sentence

RECENT: Final = 128  #: entries, by the earliest of whose instants it is said what meets no limit any more
_CLOCK: Final = b'kind = "clock.set"'
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

TableName = Literal["orders", "readings"]
_TABLES: Final[tuple[TableName, ...]] = ("orders", "readings")


class IndexNotWritten(OSError):
    """The index stays as it was: the disk refuses, somebody reads it for too long, or rows would be lost."""


def attach(ledger: Ledger, path: Path, journal: Journal) -> None:
    """Give a ledger what has left it: the index that has come as far, or else the journal up to where it stands."""
    as_of = ledger.next_seq

    def rebuild() -> Ledger:
        entries = Journal(journal.folder).load().entries
        return audited_fold(entry for entry in entries if said.number(entry, "seq") < as_of)[0]

    ledger.archive = IndexedFacts(path, as_of, rebuild)


def origin_at(journal: Journal, position: Position, before: Origin | None) -> Origin:
    """What is kept of the segments up to a position."""
    sealed = dict(before.sealed) if before is not None else {}
    for number in range(1, position.segment):
        if number not in sealed:
            sealed[number] = (file_stamp(journal.path(number)), digest_of(journal, number))
    return Origin(position, digest_of(journal, position.segment, position.length), sealed)


def write_index(path: Path, ledger: Ledger, before: Origin | None, origin: Origin, recent: list[datetime]) -> None:
    """Compact the ledger, and write what leaves it and what is left; `before` is None for an index that begins here.

    IndexNotWritten where that cannot be: what has left the ledger is then in the journal alone.
    """
    if isinstance(ledger.archive, IndexedFacts):
        ledger.archive.close()
    try:
        if before is None:
            drop(path)
            os.close(os.open(path, _CREATE, 0o600))
        with closing(connected(path, writing=True)) as database:
            database.execute("BEGIN IMMEDIATE")
            sums = _sums(database, before)
            if before is not None:
                for table in _TABLES:
                    _rename(database, sums, table, ledger, before)
            orders, readings = compact(ledger, min(recent[-RECENT:]))
            _put(database, sums, "orders", map(order_row, orders))
            _put(database, sums, "readings", map(reading_row, readings))
            _note(database, sums, ledger, origin)
            database.execute("COMMIT")
    except sqlite3.Error as error:
        raise IndexNotWritten(str(error)) from error


def order_row(order: OrderState) -> Row:
    """The row of an order."""
    settled = None if order.settled_at is None else micro(order.settled_at)
    stated = None if order.stated_at is None else micro(order.stated_at)
    return (
        order.seq, order.line, order.id, order.kind, order.plan, order.provider, order.state, order.request_id,
        order.key, order.provider_order, micro(order.created_at), settled, micro(order.changed_at), stated,
        int(order.imported), int(charges_overage(order)), row_of(order),
    )  # fmt: skip


def reading_row(fact: ReadingFact) -> Row:
    """The row of a reading."""
    return fact.seq, fact.line, micro(fact.read_at), row_of(fact)


def _sums(database: sqlite3.Connection, before: Origin | None) -> dict[str, int]:
    """How many rows there are and what they come to; of tables that are made now, nothing."""
    if before is None:
        for words in TABLES.split(";"):
            database.execute(words)
        return dict.fromkeys(("orders", "orders_sum", "readings", "readings_sum"), 0)
    told = noted_in(database)
    if int(told["seq"]) != before.position.next_seq:
        raise sqlite3.IntegrityError("it is not the index that was read")
    return {name: int(told[name]) for name in ("orders", "orders_sum", "readings", "readings_sum")}


def _rename(
    database: sqlite3.Connection, sums: dict[str, int], table: TableName, ledger: Ledger, before: Origin
) -> None:
    """Rows of lines that have another name since the last time are called so."""
    since = before.position.next_seq
    moved: list[tuple[str, int]] = []
    for old in sorted({old for seq, old, _ in ledger.renames if seq >= since}):
        new = ledger.renamed(since, old)
        for (seq,) in database.execute(f"SELECT seq FROM {table} WHERE line = ?", (old,)):  # noqa: S608
            moved.append((new, seq))
            sums[f"{table}_sum"] += weight((seq, new)) - weight((seq, old))
    database.executemany(f"UPDATE {table} SET line = ? WHERE seq = ?", moved)  # noqa: S608


def _put(database: sqlite3.Connection, sums: dict[str, int], table: TableName, rows: Iterable[Row]) -> None:
    """Insert rows in place of those that tell of the same: an order that came back is archived again."""
    same = "seq = ?" if table == "readings" else "seq = ? OR (id = ? AND imported = ?)"
    insert = f"INSERT INTO {table} VALUES ({','.join('?' * (4 if table == 'readings' else 17))})"  # noqa: S608
    for row in rows:
        try:
            database.execute(insert, row)
        except sqlite3.IntegrityError:
            told = (row[0],) if table == "readings" else (row[0], row[2], row[14])
            known = database.execute(f"SELECT * FROM {table} WHERE {same}", told).fetchall()  # noqa: S608
            database.execute(f"DELETE FROM {table} WHERE {same}", told)  # noqa: S608
            database.execute(insert, row)
            sums[table] -= len(known)
            sums[f"{table}_sum"] -= sum_of(known)
        sums[table] += 1
        sums[f"{table}_sum"] += sum_of([row])


def _note(database: sqlite3.Connection, sums: dict[str, int], ledger: Ledger, origin: Origin) -> None:
    """Write what the index says of itself, and the ledger; sqlite3.Error where a row is not there."""
    for table in _TABLES:
        if database.execute(f"SELECT count(*) FROM {table}").fetchone() != (sums[table],):  # noqa: S608
            raise sqlite3.IntegrityError("a row is not there that was written")
    told = {
        "format": FORMAT,
        "seq": ledger.next_seq,
        "position": json.dumps(as_dict(origin.position)),
        "prefix": origin.prefix,
        "sealed": json.dumps(origin.sealed),
        **{name: number % MODULUS if name.endswith("_sum") else number for name, number in sums.items()},
    }
    database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", [(key, str(told[key])) for key in told])
    body = json.dumps(ledger_to_plain(ledger), ensure_ascii=True, separators=(",", ":"))
    digest = sha256(body.encode()).hexdigest()
    database.execute("INSERT OR REPLACE INTO state VALUES ('ledger', ?, ?)", (body, digest))


def rebuild(folder: Path, journal: Journal, tell: Progress) -> None:
    """Make the index of a journal of many segments, one after the other: whoever is stopped goes on there.

    Only under the lock. Where something is wrong with the journal there is no index: who reads it all says what.
    """
    path, numbers = folder / UNFINISHED, journal.segments()
    last_clock = max((number for number in numbers if _CLOCK in read_bytes(journal.path(number))), default=0)
    kept = read_index(path)
    if kept is None or last_clock > kept.origin.position.segment or not trusted(kept.origin, journal):
        kept = None
    ledger, origin = (Ledger(), None) if kept is None else (kept.ledger, kept.origin)
    at = Position() if origin is None else origin.position
    recent: list[datetime] = []
    if origin is not None:
        attach(ledger, path, journal)
    for number in range(at.segment, numbers[-1]):
        loaded = journal.load(at, upto=number)
        ledger, findings = audited_fold(loaded.entries, ledger)
        if loaded.damage is not None or loaded.torn is not None or any(finding.blocking for finding in findings):
            drop(path)
            return
        at = loaded.position
        recent += times_of(loaded.entries)
        tell(Sentence("reading the journal"), number, numbers[-1])
        if number >= last_clock and recent:  # what a wrong clock has dated must not have left the ledger before
            after = origin_at(journal, at, origin)
            write_index(path, ledger, origin, after, recent)
            attach(ledger, path, journal)
            origin, recent = after, []
    if origin is not None:
        drop(folder / FILE)
        path.rename(folder / FILE)
        sync_folder(folder)


def times_of(entries: Iterable[Entry]) -> list[datetime]:
    """When entries were written."""
    return [said.instant(entry, "at") for entry in entries if "at" in entry]
