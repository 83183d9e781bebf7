"""Files that a person asked for by name: pictures, exports. Written whole or not at all."""

import os
from collections.abc import Iterable

from esimctl.errors import OutputFailed
from esimctl.store.paths import person_path
from esimctl.store.replace import TEMPORARY, sync_folder


def hand_out(path: str, data: bytes) -> None:
    """Write bytes to the person's file, readable by them alone; OutputFailed (74) says why it could not be."""
    hand_out_stream(path, (data,))


def hand_out_stream(path: str, pieces: Iterable[bytes], *, mode: int = 0o600) -> None:
    """Write a file piece by piece: beside it, fsync, rename, so that whoever reads it sees the old or the new one.

    What exists there and is no file (a device, a folder) is refused, never replaced. `mode` holds whatever the umask.
    """
    target = person_path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{os.urandom(6).hex()}{TEMPORARY}")
    try:
        if target.exists() and not target.is_file():
            raise OutputFailed("cannot write {path}: it is not a file", path=str(target))
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
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
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "the name is not one of a file"
        raise OutputFailed("cannot write {path}: {why}", path=str(target), why=why) from None


__all__ = ["hand_out", "hand_out_stream"]
