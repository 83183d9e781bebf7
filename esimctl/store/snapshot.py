"""snapshot.json: what the journal came to up to a position, so that reading does not grow with history. Derived.

It is believed only if its own hash fits, every sealed segment is the file it was (by metadata, else by hash), and the
segment in use still begins with the same bytes. Otherwise the journal is read from its first record.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from esimctl.ledger.fold import Ledger
from esimctl.ledger.kept import ledger_from_plain, ledger_to_plain
from esimctl.store.archive import Extent
from esimctl.store.files import file_stamp, read_bytes, replace
from esimctl.store.journal import Journal
from esimctl.store.segments import Position
from esimctl.values.record import as_dict, record

FORMAT: Final = 4


@record(frozen=False)
class Snapshot:
    """A ledger at a position. `sealed` maps a segment's number to its stamp and SHA-256."""

    ledger: Ledger
    position: Position
    prefix: str  #: SHA-256 of the first `position.length` bytes of the segment in use
    sealed: dict[int, tuple[str, str]]
    orders: Extent
    imported: Extent
    readings: Extent


def read_snapshot(path: Path) -> Snapshot | None:
    """None for anything that is not exactly what was written."""
    try:
        digest, _, body = read_bytes(path).partition(b"\n")
        if digest != sha256(body).hexdigest().encode():
            return None
        table = json.loads(body)
        if table["format"] != FORMAT:
            return None
        return Snapshot(
            ledger=ledger_from_plain(table["ledger"]),
            position=Position(**table["position"]),
            prefix=table["prefix"],
            sealed={int(number): (stamp, digest) for number, (stamp, digest) in table["sealed"].items()},
            orders=Extent(*table["orders"]),
            imported=Extent(*table["imported"]),
            readings=Extent(*table["readings"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Replace it. The folder is not fsynced: an older snapshot does no harm."""
    table: dict[str, Any] = {
        "format": FORMAT,
        "position": as_dict(snapshot.position),
        "prefix": snapshot.prefix,
        "sealed": {str(number): list(kept) for number, kept in snapshot.sealed.items()},
        "orders": list(snapshot.orders),
        "imported": list(snapshot.imported),
        "readings": list(snapshot.readings),
        "ledger": ledger_to_plain(snapshot.ledger),
    }
    body = json.dumps(table, ensure_ascii=True, separators=(",", ":")).encode()
    replace(path, sha256(body).hexdigest().encode() + b"\n" + body, directory=False)


def still_true(snapshot: Snapshot, journal: Journal) -> bool:
    """Whether the segments are those that the snapshot was made from."""
    if journal.segments()[: snapshot.position.segment] != list(range(1, snapshot.position.segment + 1)):
        return False
    for number in range(1, snapshot.position.segment):
        if number not in snapshot.sealed:
            return False
        stamp, digest = snapshot.sealed[number]
        now = file_stamp(journal.path(number))
        if now != stamp:
            if _digest(journal, number) != digest:
                return False
            snapshot.sealed[number] = (now, digest)  # copied or touched, but the same
    return _digest(journal, snapshot.position.segment, snapshot.position.length) == snapshot.prefix


def seal_of(journal: Journal, number: int) -> tuple[str, str]:
    """What `sealed` keeps of a segment."""
    return file_stamp(journal.path(number)), _digest(journal, number)


def prefix_of(journal: Journal, position: Position) -> str:
    """What `prefix` keeps."""
    return _digest(journal, position.segment, position.length)


def _digest(journal: Journal, number: int, length: int | None = None) -> str:
    try:
        return sha256(read_bytes(journal.path(number))[:length]).hexdigest()
    except FileNotFoundError:
        return ""
