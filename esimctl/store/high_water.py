"""How far the journal had come, noted outside the profile's folder: a folder that was rolled back shows by it.

The note is a hint, not a truth: it is not fsynced, and an older note only detects less.
"""

import os
from pathlib import Path

from esimctl.ledger.invariants import Finding
from esimctl.store.replace import make_folder, write_all


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


__all__ = ["forget_mark", "journal_gone", "read_mark", "write_mark"]
