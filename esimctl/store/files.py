"""Files of ours replaced as a whole, also across a power cut; their temporary names; their fingerprints by metadata."""

import errno
import fcntl
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from esimctl.values.regex import regex

_NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_LOOK: Final = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK

_OURS: Final = regex(r"\..+\.esimctl-\d+-[0-9a-f]{12}\.tmp\Z", re.DOTALL)

_EARLIER: Final = regex(r"\..+\.\d+-[0-9a-f]{12}\.tmp\Z", re.DOTALL)  #: as earlier versions called theirs

_SHOWN: Final = 40  #: characters of the file's own name in that of its temporary one: 255 octets are all there is


def begin(path: Path, mode: int = 0o600) -> tuple[int, Path]:
    """A new empty file beside `path`, and its descriptor; it is locked until that is closed. Rename before closing."""
    while True:
        name = f".{path.name[:_SHOWN]}.esimctl-{os.getpid()}-{os.urandom(6).hex()}.tmp"
        temporary = path.with_name(name)
        fd = os.open(temporary, _NEW, mode)
        try:
            with suppress(OSError):  # a file system without locks: whoever sweeps cannot lock it either, and leaves it
                fcntl.flock(fd, fcntl.LOCK_EX)
            if os.fstat(fd).st_nlink:  # nobody has swept it between the two calls
                return fd, temporary
        except BaseException:
            os.close(fd)
            temporary.unlink(missing_ok=True)
            raise
        os.close(fd)


def sweep(folder: Path, *, earlier: bool = False) -> int:
    """Take away our temporary files in a folder whose writer is gone. How many.

    `earlier` also takes those of earlier versions, which have no lock: only in a profile, under its own. A folder that
    cannot be read, and a file that cannot be taken away, are left as they are.
    """
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.name[0] == "." and entry.name.endswith(".tmp")]
    except OSError:
        return 0
    ours = [name for name in names if _OURS.match(name) or (earlier and _EARLIER.match(name))]
    return sum(_take_away(folder / name) for name in ours)


def _take_away(path: Path) -> bool:
    try:
        fd = os.open(path, _LOOK)
    except OSError:
        return False
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            return False
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except OSError:  # somebody is writing it
        return False
    finally:
        os.close(fd)
    return True


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


def file_stamp(path: Path | str) -> str:
    """Size, time of change in nanoseconds and inode of a file, in hexadecimal; `-` for none."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return "-"
    return f"{status.st_size:x}.{status.st_mtime_ns:x}.{status.st_ino:x}"


def journal_stamp(folder: Path) -> str:
    """The stamps of a journal's segments: equal means that nothing was appended or touched."""
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - no Path for each name
    except FileNotFoundError:
        return ""
    numbered = [name for name in names if name.endswith(".toml") and name[:-5].isdigit()]
    return "|".join(f"{int(name[:-5])}:{file_stamp(folder / name)}" for name in numbered)
