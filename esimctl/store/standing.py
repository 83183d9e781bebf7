"""What a stopped run leaves standing, told at a glance: whoever opens the profile next finishes it.

A restored profile that waits until the old one has made room, a change of several files, a lock that was not given up.
"""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from esimctl.errors import Busy
from esimctl.store.files import read_bytes

REPLACED: Final = "replaced"  #: a file of a restored profile: the name of the profile that holds what stood there


def kept_name(folder: Path, now: datetime) -> str:
    """A free name for a profile that makes room, one that commands open."""
    number = 1
    while True:
        ending = f"-before-{now:%Y%m%d}" + (f"-{number}" if number > 1 else "")
        name = folder.name[: 32 - len(ending)] + ending
        if not folder.with_name(name).exists():
            return name
        number += 1


def waiting_restore(folder: Path) -> Path:
    """The whole new folder, before it takes the profile's place."""
    return folder.with_name(f".{folder.name}.restored")


def unfinished(folder: Path) -> Path:
    """The file that says what is still to be done; see `store.changes`."""
    return folder / "unfinished.toml"


def left_undone(folder: Path) -> bool:
    """Whether a run has not ended its work in a profile: it is at it, it was killed, or the disk refused. Two looks."""
    try:
        if (folder / "lock").lstat().st_size:
            return True
        unfinished(folder).lstat()
    except OSError:
        return False
    return True


def restoring(folder: Path) -> Path:
    """The new folder while it is filled, under a lock of its own."""
    return folder.with_name(f".{folder.name}.restoring")


def finish_restore(folder: Path) -> None:
    """Put a waiting folder in its place if nothing stands there, and pause what it replaces. Another process may be
    faster: that is as good."""
    if folder.exists():
        return
    waiting = waiting_restore(folder)
    if waiting.exists():
        with suppress(FileNotFoundError, NotADirectoryError, ValueError):  # what is no name of ours is left alone
            kept = folder.with_name(read_bytes(waiting / REPLACED, 4096).decode("ascii").strip())
            (kept / "paused").touch(mode=0o600)
    with suppress(FileNotFoundError):
        waiting.rename(folder)


def clear_restoring(folder: Path, *, ours: bool = False) -> None:
    """Sweep what a killed restore left beside a profile. `ours`: we are the ones who filled it, and it came to nothing.

    A folder that another process is filling just now is let alone.
    """
    left = restoring(folder)
    if not left.exists():
        return
    from shutil import rmtree

    from esimctl.store.lock import acquire

    if not ours:
        try:
            acquire(left / "lock", 0.0).release()
        except Busy:
            return
    rmtree(left, ignore_errors=True)


def clear_waiting(folder: Path) -> None:
    """Take away a waiting folder that did not come to its place; only under the lock of the profile that does."""
    waiting = waiting_restore(folder)
    if waiting.exists():
        from shutil import rmtree

        rmtree(waiting, ignore_errors=True)
