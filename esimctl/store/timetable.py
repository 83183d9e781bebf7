"""Unit files of schedulers, in the person's own folders: written whole, read, and taken away without a trace.

A change takes several steps, some of them a scheduler's own; what is to be there when it is stopped in between stands
in a note beside the files until its end, so that whoever comes after a kill can put it back.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from esimctl.store.files import make_folder, read_bytes, replace, sweep
from esimctl.store.lock import acquire
from esimctl.values.toml import Toml

MODE: Final = 0o644  #: they hold no secret, and schedulers refuse files that others cannot read


def read_unit(path: Path) -> str | None:
    """The file's text, None where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def write_unit(path: Path, text: str) -> bool:
    """Write it where it differs; whether it did."""
    if read_unit(path) == text:
        return False
    make_folder(path.parent)
    sweep(path.parent)
    replace(path, text.encode(), mode=MODE)
    return True


def remove_unit(path: Path, upto: Path) -> bool:
    """Take it away, and the folders above it below `upto` that are empty then; whether there was one."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    remove_folder(path.parent, upto)
    return True


def remove_folder(folder: Path, upto: Path) -> None:
    """Take a folder away if it is empty, and those above it below `upto` that are empty then."""
    while upto in folder.parents and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


class Change:
    """A change of the unit files that begin with `name`, by one process at a time."""

    def __init__(self, folder: Path, name: str, upto: Path) -> None:
        self.folder = folder
        self.upto = upto
        self._note = folder / f".{name}.before"
        self._lock = folder / f".{name}.lock"

    def kept(self) -> dict[str, Toml] | None:
        """What is to be there again, as `begin` was given it, where a change goes on or was stopped; else None."""
        try:
            kept = json.loads(read_bytes(self._note))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}

    @property
    def left(self) -> bool:
        """Whether one goes on or was stopped."""
        return self._note.exists() or self._lock.exists()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others out. Busy (75) where another is at it; nothing of it is left in the folder."""
        make_folder(self.folder)
        lock = acquire(self._lock, 0.0, purpose="schedule")
        try:
            yield
        finally:
            with suppress(OSError):
                self._lock.unlink()
            lock.release()
            remove_folder(self.folder, self.upto)

    def begin(self, before: Mapping[str, Toml]) -> None:
        """Keep it, before anything is changed."""
        replace(self._note, json.dumps(dict(before)).encode(), mode=0o600)

    def end(self) -> None:
        """All is done, or put back."""
        self._note.unlink(missing_ok=True)
