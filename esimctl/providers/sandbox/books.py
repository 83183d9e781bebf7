"""The operator's own books: one SQLite file under `ESIMCTL_HOME/sandbox/`, its own lock, safe against a kill anywhere.

Every change is one immediate transaction with a rollback journal and full synchronisation: it happened or it did not.
Reading creates nothing: without a file there are empty books. Instants are whole microseconds since 1970, UTC.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from esimctl.errors import Busy, ConfigurationError, CredentialsError, Damaged
from esimctl.values.sentence import Raw

#: Raised by one whenever the tables change; newer books are left alone.
SCHEMA = 1

_TABLES = """
CREATE TABLE line (
    iccid TEXT PRIMARY KEY, msisdn TEXT NOT NULL UNIQUE, matching_id TEXT NOT NULL UNIQUE,
    carrier TEXT NOT NULL, plan TEXT NOT NULL, created_at INTEGER NOT NULL, ready_at INTEGER NOT NULL
) STRICT;
CREATE TABLE purchase (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
    kind TEXT NOT NULL, plan TEXT, iccid TEXT, status INTEGER NOT NULL, answer TEXT NOT NULL,
    created_at INTEGER NOT NULL, ready_at INTEGER NOT NULL
) STRICT;
CREATE TABLE charge (
    number INTEGER PRIMARY KEY AUTOINCREMENT, purchase INTEGER NOT NULL REFERENCES purchase (number),
    minor INTEGER NOT NULL, currency TEXT NOT NULL, method TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE TABLE event (
    number INTEGER PRIMARY KEY AUTOINCREMENT, iccid TEXT NOT NULL, other TEXT, at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL, content TEXT NOT NULL
) STRICT;
CREATE INDEX event_of_line ON event (iccid);
CREATE INDEX event_of_other ON event (other) WHERE other IS NOT NULL;
CREATE TABLE fault (
    kind TEXT PRIMARY KEY, times INTEGER NOT NULL, mark INTEGER NOT NULL, struck TEXT, struck_at INTEGER
) STRICT;
CREATE TABLE wallet (currency TEXT PRIMARY KEY, minor INTEGER NOT NULL) STRICT;
"""

#: What the file system refuses, as SQLite says it: all else is wrong with the books themselves.
_NO_ACCESS = (
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_AUTH,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def ticks(moment: datetime) -> int:
    """An instant as the books keep it."""
    return (moment - _EPOCH) // _TICK


def moment(ticks: int) -> datetime:
    """An instant from the books."""
    return _EPOCH + ticks * _TICK


class OperatorBooks:
    """The file and its lock. A connection lives for one transaction only, so a fork or a kill leaves nothing behind."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "sandbox"
        self.path = self.folder / "books.sqlite3"

    @contextmanager
    def reading(self, wait: float = 5.0) -> Iterator[sqlite3.Connection]:
        """The books as they are; empty ones where no file exists. Nothing is created or changed."""
        with _said_plainly(self.path):
            there = self.path.exists()
            database = self._open(wait) if there else sqlite3.connect(":memory:", isolation_level=None)
            try:
                database.execute("BEGIN")
                self._prepare(database)
                yield database
            finally:
                database.close()

    @contextmanager
    def writing(self, wait: float = 5.0) -> Iterator[sqlite3.Connection]:
        """The books for one change, all of it or nothing; others wait, at most `wait` seconds (then Busy)."""
        with _said_plainly(self.path):
            self._create_file()
            database = self._open(wait)
            try:
                database.execute("BEGIN IMMEDIATE")
                self._prepare(database)
                yield database
                database.execute("COMMIT")
            finally:
                database.close()

    def reset(self) -> None:
        """Forget everything, also where the file cannot be read any more."""
        if not self.path.exists():
            return
        try:
            with self.writing() as database:
                if _shape(database) != _shape_of_new_books():
                    raise _damaged(self.path, "the tables are not those of this version")
                for name in reversed(_shape(database)):
                    if name.startswith("CREATE TABLE "):
                        table = name.split()[2]
                        database.execute(f"DELETE FROM {table}")  # noqa: S608 (names of our own tables)
        except (Damaged, ConfigurationError):
            for name in (self.path.name, self.path.name + "-journal"):
                (self.folder / name).unlink(missing_ok=True)

    def _create_file(self) -> None:
        self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        os.close(handle)

    def _open(self, wait: float) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=max(wait, 0.0), isolation_level=None)
        try:
            database.execute("PRAGMA synchronous = FULL")
            database.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            database.close()
            raise
        return database

    def _prepare(self, database: sqlite3.Connection) -> None:
        """Inside a transaction: make the tables once, refuse books of a newer version."""
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA:
            raise ConfigurationError(
                "the sandbox's books {path} were written by a newer version",
                hint="update esimctl, or forget the books: esimctl sandbox reset --yes",
                code="schema_too_new",
                path=Raw(str(self.path)),
            )
        if version == 0:
            _make_tables(database)


def _make_tables(database: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";"):
        database.execute(statement)
    # Books that are begun anew must not repeat an order number that a profile has in its journal.
    first = int.from_bytes(os.urandom(4)) % 900_000
    database.execute("INSERT INTO sqlite_sequence VALUES ('purchase', ?)", (first,))
    database.execute(f"PRAGMA user_version = {SCHEMA}")


def _shape(database: sqlite3.Connection) -> list[str]:
    """How our tables were made, in the order of their making."""
    query = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    return [sql for (sql,) in database.execute(query)]


def _shape_of_new_books() -> list[str]:
    database = sqlite3.connect(":memory:", isolation_level=None)
    try:
        _make_tables(database)
        return _shape(database)
    finally:
        database.close()


@contextmanager
def _said_plainly(path: Path) -> Iterator[None]:
    """SQLite's and the system's complaints in the program's own words."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except sqlite3.DatabaseError as why:
        code = getattr(why, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Busy("the sandbox's books are in use by another run", hint="try again", code="sandbox_busy") from why
        raise _closed(path, str(why)) if code in _NO_ACCESS else _damaged(path, str(why)) from why
    except OSError as why:
        raise _closed(path, why.strerror or str(why)) from why


def _damaged(path: Path, why: str) -> Damaged:
    return Damaged(
        "the sandbox's books {path} are damaged: {why}",
        hint="forget them: esimctl sandbox reset --yes",
        code="sandbox_damaged",
        path=Raw(str(path)),
        why=Raw(why),
    )


def _closed(path: Path, why: str) -> CredentialsError:
    return CredentialsError(
        "the sandbox's books {path} cannot be written: {why}",
        hint="give yourself the right to write there: chmod u+rwX {folder}",
        code="sandbox_unwritable",
        path=Raw(str(path)),
        folder=Raw(str(path.parent)),
        why=Raw(why),
    )
