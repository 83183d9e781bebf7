"""What a stopped run leaves standing, told at a glance: whoever opens the profile next finishes it.

A restored profile that waits until the old one has made room, a change of several files, a lock that was not given up.
"""

from contextlib import suppress
from pathlib import Path


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


def unpacked_restore(folder: Path) -> Path:
    """The new folder while a backup is still unpacked into it."""
    return folder.with_name(f".{folder.name}.restoring")


def forget_restore(folder: Path) -> None:
    """Take away what a restore left that was stopped before anything was in its place. Under the profile's lock."""
    from shutil import rmtree

    for left in (unpacked_restore(folder), waiting_restore(folder)):
        if left.is_dir() and not left.is_symlink():
            rmtree(left, ignore_errors=True)


def finish_restore(folder: Path) -> None:
    """Put a waiting folder in its place if nothing stands there. Another process may be faster: that is as good."""
    if not folder.exists():
        with suppress(FileNotFoundError):
            waiting_restore(folder).rename(folder)


__all__ = ["finish_restore", "forget_restore", "left_undone", "unfinished", "unpacked_restore", "waiting_restore"]
