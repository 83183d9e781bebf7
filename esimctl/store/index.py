"""index.sqlite: what the journal came to up to a position, with every order and reading that left the ledger. Derived.

Written under the profile's lock alone; readers open it read-only and fold in memory what lies behind it. It may be
deleted at any time. `trusted` says of which journal it is, `whole` that no row of it is lost.
"""

import json
import os
import sqlite3
import stat
from collections.abc import Iterable, Mapping
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Final

from esimctl.ledger.fold import Ledger
from esimctl.ledger.kept import ledger_from_plain
from esimctl.store.files import file_stamp, read_bytes, replace, sync_folder
from esimctl.store.segments import Position, Segments
from esimctl.values.record import record

FILE: Final = "index.sqlite"
UNFINISHED: Final = "index.sqlite.new"  #: one that is being built, segment by segment
CHECKED: Final = "index.checked"  #: since which start of the machine it was looked through, and how it was left
FORMAT: Final = 3
#: seconds: so long a commit of somebody else may take
PATIENCE: Final = 2.0
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
MODULUS: Final = 1 << 128

TABLES: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE state (name TEXT PRIMARY KEY, body TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;
CREATE TABLE orders (
    seq INTEGER PRIMARY KEY, line TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, plan TEXT,
    provider TEXT NOT NULL, state TEXT NOT NULL, request_id TEXT NOT NULL, key TEXT NOT NULL, provider_order TEXT,
    created INTEGER NOT NULL, settled INTEGER, changed INTEGER NOT NULL, stated INTEGER, imported INTEGER NOT NULL,
    charging INTEGER NOT NULL, row TEXT NOT NULL, UNIQUE (id, imported)
) STRICT;
CREATE INDEX order_of_line ON orders (line, seq);
CREATE INDEX order_of_plan ON orders (line, plan);
CREATE INDEX order_of_term ON orders (line, settled);
CREATE INDEX order_of_request ON orders (request_id);
CREATE INDEX order_of_key ON orders (key);
CREATE INDEX order_of_provider ON orders (provider, provider_order);
CREATE INDEX order_of_number ON orders (provider_order) WHERE provider_order IS NOT NULL;
CREATE INDEX order_created ON orders (created);
CREATE INDEX order_settled ON orders (settled) WHERE settled IS NOT NULL;
CREATE INDEX order_changed ON orders (changed);
CREATE INDEX order_misdated ON orders (stated) WHERE stated IS NOT NULL;
CREATE INDEX order_by_kind ON orders (kind, state);
CREATE INDEX order_charging ON orders (line) WHERE charging;
CREATE TABLE readings (seq INTEGER PRIMARY KEY, line TEXT NOT NULL, at INTEGER NOT NULL, row TEXT NOT NULL) STRICT;
CREATE INDEX reading_of_line ON readings (line, at, seq);
"""

Row = tuple[int | str | None, ...]


@record
class Origin:
    """Of which journal an index is. `sealed` maps a segment's number to its stamp and SHA-256."""

    position: Position
    prefix: str  #: SHA-256 of the first `position.length` octets of the segment in use
    sealed: dict[int, tuple[str, str]]


@record
class Indexed:
    """A ledger as it was kept, without its archive."""

    ledger: Ledger
    origin: Origin


def read_index(path: Path) -> Indexed | None:
    """What was kept; None for anything that is not exactly what was written, or cannot be read at this moment."""
    try:
        with closing(connected(path)) as database, database:
            database.execute("BEGIN")
            origin = origin_of(noted_in(database))
            body, digest = database.execute("SELECT body, sha256 FROM state WHERE name = 'ledger'").fetchone()
        if sha256(body.encode()).hexdigest() != digest:
            return None
        ledger = ledger_from_plain(json.loads(body))
        return Indexed(ledger, origin) if origin.position.next_seq == ledger.next_seq else None
    except (sqlite3.Error, OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def read_origin(path: Path) -> Origin | None:
    """Of which journal an index is; None for one that cannot be read."""
    try:
        with closing(connected(path)) as database:
            return origin_of(noted_in(database))
    except (sqlite3.Error, OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def noted_in(database: sqlite3.Connection) -> dict[str, str]:
    """What an index says of itself."""
    return dict(database.execute("SELECT key, value FROM meta"))


def origin_of(told: Mapping[str, str]) -> Origin:
    """What an index says of itself, read. ValueError, KeyError or TypeError for what this version has not written."""
    if int(told["format"]) != FORMAT:
        raise ValueError(told["format"])
    sealed = {int(number): (stamp, seal) for number, (stamp, seal) in json.loads(told["sealed"]).items()}
    position = Position(**json.loads(told["position"]))
    if position.next_seq != int(told["seq"]):
        raise ValueError(told["seq"])
    return Origin(position, told["prefix"], sealed)


def connected(path: Path, *, writing: bool = False) -> sqlite3.Connection:
    """A connection that begins no transaction of its own; sqlite3.Error or OSError where there is none to be had."""
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise FileNotFoundError(path)
    address = f"{path.absolute().as_uri()}?mode={'rw' if writing else 'ro'}"
    return sqlite3.connect(address, timeout=PATIENCE, uri=True, isolation_level=None, check_same_thread=False)


def trusted(origin: Origin, journal: Segments) -> bool:
    """Whether the segments are those that an index was made from."""
    at = origin.position
    if journal.segments()[: at.segment] != list(range(1, at.segment + 1)):
        return False
    for number in range(1, at.segment):
        stamp, digest = origin.sealed.get(number, ("", ""))
        now = file_stamp(journal.path(number))
        if now != stamp:
            if digest_of(journal, number) != digest:
                return False
            origin.sealed[number] = (now, digest)  # copied or touched, but the same
    return digest_of(journal, at.segment, at.length) == origin.prefix


def digest_of(journal: Segments, number: int, length: int | None = None) -> str:
    """SHA-256 of a segment, or of its first octets; empty where there is none."""
    try:
        return sha256(read_bytes(journal.path(number))[:length]).hexdigest()
    except FileNotFoundError:
        return ""


def whole(folder: Path) -> bool:
    """Whether every row that was ever written is there, and every index finds it: asked before anything is spent.

    All of it is read once for each start of the machine, and whenever the file is not as its last writer left it.
    Only under the lock: a change that was cut off is taken back here.
    """
    path = folder / FILE
    if not path.exists():
        return True
    try:
        with closing(connected(path, writing=True)) as database, database:
            database.execute("BEGIN")
            told = noted_in(database)
            if not _as_many(database, told):
                return False
            if _checked(folder) == _left(path):
                return True
            if not sound(database, told):
                return False
    except (sqlite3.Error, OSError, ValueError, KeyError):
        return False
    note_checked(folder)
    return True


def rows_hold(path: Path) -> bool:
    """Whether an index, where there is one, has every row that was written; nothing is changed."""
    if not path.exists():
        return True
    try:
        with closing(connected(path)) as database, database:
            database.execute("BEGIN")
            told = noted_in(database)
            return _as_many(database, told) and sound(database, told)
    except (sqlite3.Error, OSError, ValueError, KeyError):
        return False


def sound(database: sqlite3.Connection, told: dict[str, str]) -> bool:
    """Whether pages and indexes fit each other and the rows come to the sums that were kept beside them."""
    if database.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        return False
    return all(
        int(told[f"{table}_sum"]) == sum_of(database.execute(f"SELECT * FROM {table}"))  # noqa: S608 - our own tables
        for table in ("orders", "readings")
    )


def _as_many(database: sqlite3.Connection, told: dict[str, str]) -> bool:
    return all(
        int(told[table]) == database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
        for table in ("orders", "readings")
    )


def sum_of(rows: Iterable[Row]) -> int:
    """A sum over rows in which none can be missing, changed or there twice without its being another one."""
    return sum(weight(row[:2]) + weight((row[0], *row[2:])) for row in rows) % MODULUS


def weight(values: Row) -> int:
    """What one part of a row adds to the sum: its number with its line, or with all the rest."""
    return int.from_bytes(sha256(repr(values).encode()).digest()[:16], "big")


def note_checked(folder: Path) -> None:
    """Note that the index is whole as it lies there. Where that cannot be noted, it is looked through again."""
    try:
        replace(folder / CHECKED, _left(folder / FILE), directory=False)
    except OSError:
        return


def _checked(folder: Path) -> bytes | None:
    try:
        return read_bytes(folder / CHECKED)
    except OSError:
        return None


def _left(path: Path) -> bytes:
    try:
        boot = _BOOT.read_text("ascii").strip()
    except OSError:  # no Linux: looked through by every run that writes
        boot = os.urandom(8).hex()
    return f"{boot} {file_stamp(path)}\n".encode()


def drop(path: Path) -> None:
    """Take an index away: the file first, lest what it has half written be taken for whole without its own journal."""
    if path.exists() or path.is_symlink():
        path.unlink()
        sync_folder(path.parent)
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)


def forget(folder: Path) -> None:
    """Take every index of a profile away: the journal is about to be another, or what it dated is dated anew."""
    for name in (FILE, UNFINISHED):
        drop(folder / name)
