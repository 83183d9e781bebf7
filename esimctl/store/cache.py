"""Small files that may vanish at any time: tokens that expire, copies of price lists, the pace of requests.

Each is private (0600), replaced as a whole or changed under a lock of its own. None is a reason for a command to fail.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from esimctl.store.files import make_folder, replace, write_all
from esimctl.store.paths import open_private
from esimctl.values.regex import regex

MOST_BYTES: Final = 16 << 20
_NAME: Final = regex(r"[a-z0-9][a-z0-9_-]{0,40}(?:\.[a-z]{2,8})?\Z")


class Cache:
    """A folder of such files; it is made when the first of them is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str) -> bytes | None:
        """The file's content, None where there is none. CredentialsError (77) when it is open to others."""
        try:
            fd = open_private(self._path(name))
        except (FileNotFoundError, NotADirectoryError):
            return None
        with os.fdopen(fd, "rb") as file:
            return file.read(MOST_BYTES)

    def write(self, name: str, data: bytes) -> bool:
        """Replace the file. Whether that was possible."""
        try:
            make_folder(self.folder)
            replace(self._path(name), data, directory=False)
        except OSError:
            return False
        return True

    def remove(self, name: str) -> None:
        """Take the file away, if there is one."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError:
            return

    def change(self, name: str, edit: Callable[[bytes], bytes]) -> bool:
        """Read, edit and write a file while no other process does. Whether that was possible; not made durable."""
        try:
            make_folder(self.folder)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            fd = os.open(self._path(name), flags, 0o600)
        except OSError:
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            after = edit(os.read(fd, MOST_BYTES))
            os.lseek(fd, 0, os.SEEK_SET)
            os.ftruncate(fd, 0)
            write_all(fd, after)
        except OSError:
            return False
        finally:
            os.close(fd)
        return True

    def _path(self, name: str) -> Path:
        if not _NAME.match(name):
            raise ValueError(f"not the name of a cached file: {name!r}")
        return self.folder / name
