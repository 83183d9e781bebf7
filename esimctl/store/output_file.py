"""Files that a person asked for by name: pictures, exports, pages, backups. Written whole or not at all."""

import os
from collections.abc import Iterable
from pathlib import Path

from esimctl.errors import NoRoom, OutputFailed, UsageError, is_no_room
from esimctl.store.files import begin, sweep, sync_folder
from esimctl.store.paths import person_path
from esimctl.values.sentence import Raw, Sentence


def target_of(path: str) -> Path:
    """The place that a person named for a file. UsageError (2) where no file can stand there, as in a folder's."""
    target = person_path(path)
    if not path or path.endswith("/") or target.name in ("", ".."):
        raise UsageError("{path!r} is not the name of a file", hint="name a file", code="not_a_file", path=Raw(path))
    try:
        if target.is_dir():
            raise UsageError(
                "{path} is a folder", hint="name a file in it: {path}/NAME", code="not_a_file", path=Raw(str(target))
            )
        if target.exists() and not target.is_file():
            raise OutputFailed("cannot write {path}: it is not a file", code="file_failed", path=Raw(str(target)))
    except ValueError:  # a NUL, half of a surrogate pair
        raise UsageError(
            "{path!r} is not the name of a file", hint="name a file", code="not_a_file", path=Raw(path)
        ) from None
    return target


def hand_out(path: str, data: bytes) -> None:
    """Write bytes to the person's file, readable by them alone; see `hand_out_stream` for what can go wrong."""
    hand_out_stream(path, (data,))


def hand_out_stream(path: str, pieces: Iterable[bytes], *, mode: int = 0o600) -> None:
    """Write a file piece by piece: beside it, fsync, rename, so that whoever reads it sees the old or the new one.

    `mode` holds whatever the umask. What a killed run left of ours in that folder is taken away first. UsageError (2)
    for a folder or what is no name; NoRoom (74) on a full disk and OutputFailed (74) say why it could not be written.
    """
    target = target_of(path)
    sweep(target.parent)
    try:
        fd, temporary = begin(target)
        try:
            with os.fdopen(fd, "wb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
                temporary.rename(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(target.parent)
    except OSError as error:
        kind = NoRoom if is_no_room(error) else OutputFailed
        why = Raw(error.strerror) if error.strerror else Sentence("it failed")
        code = "disk_full" if kind is NoRoom else "file_failed"
        raise kind("cannot write {path}: {why}", code=code, path=Raw(str(target)), why=why) from None
