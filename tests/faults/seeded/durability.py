"""Bugs of writing: what is said to be on the disk is not, or not whole."""

import os
import stat
from pathlib import Path
from typing import Any

from tests.faults.seeded import bug
from tests.faults.seeded.hunts import cutting, failing, killing, linting, modelling, shortening


class _Os:
    """`os` for one module, with an fsync that forgets some."""

    def __init__(self, *, files: bool, folders: bool) -> None:
        self.files, self.folders = files, folders

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def fsync(self, fd: int) -> None:
        if self.folders if stat.S_ISDIR(os.fstat(fd).st_mode) else self.files:
            os.fsync(fd)


def _forget(*modules: Any, files: bool, folders: bool) -> None:
    for module in modules:
        module.os = _Os(files=files, folders=folders)


@bug(cutting("ext4", "topup"))
def journal_not_fsynced() -> None:
    """Entries are written and not fsynced: a power cut after the sending loses the intent."""
    from esimctl.store import journal

    _forget(journal, files=False, folders=False)


@bug(linting("topup"))
def nothing_fsynced() -> None:
    """No fsync anywhere."""
    from esimctl.store import files as replace
    from esimctl.store import journal

    _forget(journal, replace, files=False, folders=False)


@bug(modelling("topup"))
def intent_may_be_lost() -> None:
    """The same as `journal-not-fsynced`, found without any disk, by the states that would be legal."""
    from esimctl.store import journal

    _forget(journal, files=False, folders=False)


@bug(cutting("xfs", "payments-add"))
def temporary_not_fsynced() -> None:
    """Written beside and renamed without fsync: an empty profile after a power cut, but not on default ext4."""
    from esimctl.store import files as replace

    _forget(replace, files=False, folders=True)


@bug(linting("first-buy"))
def folder_not_fsynced() -> None:
    """A new segment's name is not durable when the order is sent."""
    from esimctl.store import files as replace

    _forget(replace, files=True, folders=False)


@bug(killing("payments-add"))
def truncate_and_write() -> None:
    """The profile is emptied and written anew in its place."""
    from esimctl.store import files as replace

    def truncating(path: Path, data: bytes, *, mode: int = 0o600, directory: bool = True) -> None:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        os.write(fd, data)
        os.fsync(fd)
        os.close(fd)

    replace.replace = truncating


@bug(killing("payments-add"))
def open_to_others() -> None:
    """New files are made readable for everybody first and closed later."""
    from esimctl.store import files as replace

    real = replace.replace

    def loose(path: Path, data: bytes, *, mode: int = 0o600, directory: bool = True) -> None:
        old = os.umask(0)
        try:
            real(path, data, mode=0o644, directory=directory)
        finally:
            os.umask(old)
        path.chmod(mode)

    replace.replace = loose


@bug(failing("topup", "ENOSPC", "EIO"))
def write_failure_swallowed() -> None:
    """A disk that refuses an entry is taken for one that has it: exit 0 and nothing recorded."""
    from esimctl.store import journal

    real = journal.Journal.write

    def write(self: Any, prepared: Any) -> None:
        try:
            real(self, prepared)
        except journal.JournalNotWritten:
            self.position, self.poisoned = prepared.after, False

    journal.Journal.write = write  # type: ignore[method-assign]


@bug(shortening)
def short_write_ignored() -> None:
    """What os.write took is not looked at."""
    from esimctl.store import files as replace
    from esimctl.store import journal

    def once(fd: int, data: bytes) -> None:
        replace.os.write(fd, data)

    journal.write_all = replace.write_all = once  # type: ignore[attr-defined]


@bug(killing("migrate"))
def migrates_in_place() -> None:
    """The old journal goes before the new one stands."""
    from esimctl.store import folder, migrate
    from esimctl.store.journal import Journal

    def in_place(place: Path, begins: Any = lambda: None) -> bool:
        old = Journal(place / "journal")
        if migrate.schema_of(old) == migrate.SCHEMA:
            return False
        begins()
        loaded = migrate.read_old(old)
        for number in old.segments():
            old.path(number).unlink()
        new = Journal(place / "journal")
        new.load()
        for entry in loaded.entries:
            new.append([entry])
        return True

    migrate.migrate = in_place
    del folder


@bug(killing("restore"))
def restore_leaves_a_gap() -> None:
    """Between the old profile and the restored one there is none, and nobody finishes what was begun."""
    from esimctl.store import folder, profile_folder

    for module in (folder, profile_folder):
        module.finish_restore = lambda _folder: None  # type: ignore[attr-defined]
