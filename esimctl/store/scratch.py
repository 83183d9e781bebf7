"""A temporary database beside the program's memory, for what may be a million; SQLite ends it with the program.

Nothing of ours is kept in it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from esimctl.errors import NoRoom, OutputFailed
from esimctl.values.sentence import Raw

CACHE: Final = 24 << 10  #: KiB of it that are held in memory
_SETTINGS: Final = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -{CACHE};
"""


@contextmanager
def scratch(tables: str) -> Iterator[sqlite3.Connection]:
    """One with these tables. NoRoom or OutputFailed (74) where the temporary folder takes no file."""
    database = sqlite3.connect("", isolation_level=None)
    try:
        database.executescript(_SETTINGS + tables)
        database.execute("BEGIN")  # once and for all: it is thrown away at the end
        yield database
    except sqlite3.Error as error:
        kind = NoRoom if error.sqlite_errorcode == sqlite3.SQLITE_FULL else OutputFailed
        raise kind("the temporary folder takes no file: {why}", code="temporary_failed", why=Raw(str(error))) from error
    finally:
        database.close()


class Digests:
    """Names of contents, 32 hexadecimal digits each: which were seen before."""

    TABLE: Final = "CREATE TABLE digests (name BLOB PRIMARY KEY) WITHOUT ROWID;"

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def add(self, digest: str) -> None:
        """One more."""
        self._database.execute("INSERT OR IGNORE INTO digests VALUES (?)", (bytes.fromhex(digest),))

    def __contains__(self, digest: str) -> bool:
        found = self._database.execute("SELECT 1 FROM digests WHERE name = ?", (bytes.fromhex(digest),))
        return found.fetchone() is not None
