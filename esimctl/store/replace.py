"""Replace a file as a whole: a reader sees the old bytes or the new ones, also after a power cut."""

import errno
import os
import stat
from pathlib import Path
from typing import Final

from esimctl.store.temporary import begin

MOST_BYTES: Final = 512 << 20  #: of any file of ours


def replace(path: Path, data: bytes, *, mode: int = 0o600, directory: bool = True) -> None:
    """Write beside, fsync, rename, fsync the folder. OSError leaves the old file as it was and no temporary one.

    `directory=False` leaves the folder to the file system: for derived files, whose old version does no harm.
    """
    fd, temporary = begin(path, mode)
    try:
        try:
            write_all(fd, data)
            os.fsync(fd)
            temporary.rename(path)
        finally:
            os.close(fd)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if directory:
        sync_folder(path.parent)


def write_all(fd: int, data: bytes) -> None:
    """os.write may take less than it is given; nothing is lost by that."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_folder(folder: Path) -> None:
    """A folder of mode 0700 and every missing one above it, each durable in its parent."""
    if folder.is_dir():
        return
    if not folder.parent.exists():
        make_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:  # another process was first
        if not folder.is_dir():
            raise
    sync_folder(folder.parent)


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """The whole of a file of ours, never through a symbolic link and without waiting for anybody to write into it.

    FileNotFoundError when there is none; PermissionError where it is no plain file or holds more than `most` octets.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        check_plain(fd, path)  # first: Python would name a folder by the number of its descriptor
        file = os.fdopen(fd, "rb")
    except OSError:
        os.close(fd)
        raise
    with file:
        data = file.read(most + 1)
    if len(data) > most:
        raise PermissionError(errno.EPERM, f"it holds more than the {most} octets that it may", str(path))
    return data


def check_plain(fd: int, path: Path) -> None:
    """PermissionError where what was opened is a pipe, a device, a socket or a folder."""
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise PermissionError(errno.EPERM, "it is not a plain file", str(path))
