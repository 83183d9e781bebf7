"""How far the journal had come, noted outside the profile's folder: a folder that was rolled back shows by it.

The note is a hint, not a truth: it is not fsynced, and an older note only detects less.
"""

import os
from pathlib import Path

from esimctl.ledger.invariants import Finding
from esimctl.store.replace import make_folder, write_all
from esimctl.store.segments import Position, Segments


def read_mark(home: Path, name: str) -> tuple[int, str] | None:
    """(sequence number, hash) of the last record known, None where nothing sensible is noted."""
    try:
        seq, digest = (home / "high-water" / name).read_text(encoding="ascii").split()
        return int(seq), digest
    except (OSError, ValueError):
        return None


def journal_gone(home: Path, name: str, next_seq: int) -> Finding | None:
    """What is wrong where nothing of a journal can be read that is known to have held something: never an empty past.

    A journal that is merely shorter than it was is no finding: it says itself that it was rolled back.
    """
    mark = read_mark(home, name)
    if mark is None or mark[0] < 1 or next_seq > 1:
        return None
    return Finding("journal_gone", None, f"it is gone, although {mark[0]} entries were in it")


def went_another_way(mark: tuple[int, str] | None, journal: Segments, position: Position) -> bool:
    """Whether the last record that is known here is not in the journal: rolled back, or replaced by another's.

    Where others have written behind it (a folder that two machines carry), its own hash must still stand in its place.
    """
    if mark is None or mark[0] < 1:
        return False
    seq, digest = mark
    last = position.next_seq - 1
    if last == seq:
        return position.last_hash != digest
    return last < seq or digest not in journal.digests_of(seq)


def replaced() -> Finding:
    """What is wrong where the journal is not the one that was written here; the next run that writes says so in it."""
    return Finding(
        "journal_replaced", None,
        "entries that were written here are not in it: nothing is spent before a clean reconcile", blocking=False,
    )  # fmt: skip


def write_mark(home: Path, name: str, seq: int, digest: str) -> None:
    """Note it; a failure is of no consequence."""
    try:
        make_folder(home / "high-water")
        path = home / "high-water" / name
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            write_all(fd, f"{seq:018d} {digest}\n".encode())
        finally:
            os.close(fd)
    except OSError:
        return


def forget_mark(home: Path, name: str) -> None:
    """Take the note away, with the profile."""
    (home / "high-water" / name).unlink(missing_ok=True)


__all__ = ["forget_mark", "journal_gone", "read_mark", "replaced", "went_another_way", "write_mark"]
