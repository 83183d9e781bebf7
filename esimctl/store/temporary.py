"""Temporary files of ours: a name that nobody else gives, a lock that ends with its writer, and how they are swept.

A file is written beside its place and renamed. Where the writer is killed in between, the next command that works in
that folder takes the file away: it knows it by its name, and that nobody writes it any more by its lock. What synced
folders, editors and other programs lay there is never touched.
"""

import fcntl
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

_NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOK: Final = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_OURS: Final = re.compile(r"\..+\.esimctl-\d+-[0-9a-f]{12}\.tmp\Z", re.DOTALL)
_EARLIER: Final = re.compile(r"\..+\.\d+-[0-9a-f]{12}\.tmp\Z", re.DOTALL)  #: as earlier versions called theirs
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
