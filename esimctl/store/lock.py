"""One writer at a time: flock on a file that is never deleted or renamed. It ends with its holder, however that ends.

There is no other kind of lock to fall back to: without flock no money is spent.
"""

import errno
import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from esimctl.errors import Busy, ConfigurationError, EsimctlError, ExitCode
from esimctl.store.files import check_plain, read_bytes, write_all
from esimctl.values.sentence import Raw

#: how a run ends that may have left something to do
_HALF_DONE: Final = (ExitCode.UNKNOWN_OUTCOME, ExitCode.OUTPUT_FAILED)
_PAUSE: Final = 0.02  #: seconds between two looks at a held lock


class Lock:
    """A held lock. Its descriptor is not inherited, so no child can keep it."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._signed = os.fstat(fd).st_size  #: of the holder's name; what is noted stands behind it

    def note(self, text: str) -> None:
        """Write a line behind the holder's name, for whoever finds that this run was killed."""
        try:
            os.lseek(self._fd, 0, os.SEEK_END)
            write_all(self._fd, f"{text}\n".encode())
        except OSError:  # a full disk: nobody will know more than that there was a run
            return

    def release(self, *, done: bool = True, noted: bool = False) -> None:
        """Give it up; harmless when repeated. The file is empty then: what stands in it later was left by a kill.

        A run that could not end its work (`done` is false) leaves its name, without notes: it has said what happened.
        Where a disk stopped it in the middle its notes stay (`noted`), as after a kill.
        """
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            try:
                if done or not noted:
                    os.ftruncate(fd, 0 if done else self._signed)
            except OSError:  # a disk that fails: the next run looks for nothing
                pass
            finally:
                os.close(fd)


def acquire(path: Path, wait: float, *, now: datetime | None = None, purpose: str = "") -> Lock:
    """Take the lock within `wait` seconds (0: at once or not at all), else Busy (75) naming the holder.

    `now` and `purpose` are written into the file for the message to others; they decide nothing.
    """
    deadline = time.monotonic() + wait
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            check_plain(fd, path)
            if _try(fd, path) and _is_still(fd, path):
                _sign(fd, now, purpose)
                return Lock(fd)
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
        if time.monotonic() >= deadline:
            raise Busy(
                "another esimctl is at work here ({holder})",
                hint="try again, or wait for it with --wait 30s",
                code="locked",
                holder=Raw(holder(path) or "it did not say who it is"),
            )
        time.sleep(min(_PAUSE, max(0.0, deadline - time.monotonic())))


def check_usable(path: Path) -> None:
    """ConfigurationError (78) or OSError where a file could never be locked; one that is held is as it should be."""
    fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        check_plain(fd, path)
        _try(fd, path)
    finally:
        os.close(fd)


@contextmanager
def locked(path: Path, wait: float, *, now: datetime | None = None, purpose: str = "") -> Iterator[Lock]:
    """`acquire` for a with statement."""
    lock = acquire(path, wait, now=now, purpose=purpose)
    done = stopped = False
    try:
        yield lock
        done = True
    except EsimctlError as error:
        done = error.exit_code not in _HALF_DONE
        stopped = isinstance(error.__cause__, OSError)
        raise
    finally:
        lock.release(done=done, noted=stopped)


def is_held(path: Path) -> bool:
    """Whether somebody holds it now; nothing is written."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in (errno.EWOULDBLOCK, errno.EACCES)
    finally:
        os.close(fd)
    return False


def holder(path: Path) -> str | None:
    """Who held the lock last, for messages: `pid 123, buy, since …`."""
    try:
        text = read_bytes(path).decode("utf-8", "replace")[:300].strip().partition("\n")[0]
    except OSError:
        return None
    return "".join(c for c in text if c.isprintable()) or None


def noted(path: Path) -> str:
    """What the last holder wrote down with `note`, as far as it did; empty where it gave the lock up."""
    try:
        return read_bytes(path).decode("utf-8", "replace")[:1000].partition("\n")[2]
    except OSError:
        return ""


def _try(fd: int, path: Path) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        if error.errno in (errno.ENOSYS, errno.ENOTSUP, errno.EINVAL, errno.ENOLCK, errno.EBADF):
            raise ConfigurationError(
                "the file system of {path} has no locks, and without a lock nothing is spent",
                hint="keep ESIMCTL_HOME on a local disk",
                code="no_locks",
                path=Raw(str(path)),
            ) from error
        raise
    return True


def _is_still(fd: int, path: Path) -> bool:
    """Somebody may have deleted or replaced the file between our opening and locking it."""
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    ours = os.fstat(fd)
    return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)


def _sign(fd: int, now: datetime | None, purpose: str) -> None:
    words = [f"pid {os.getpid()}", purpose or Path(sys.argv[0]).name, f"since {now.isoformat()}" if now else ""]
    line = ", ".join(word for word in words if word)
    try:
        os.ftruncate(fd, 0)
        os.lseek(fd, 0, os.SEEK_SET)
        write_all(fd, f"{line}\n".encode(errors="replace"))
    except OSError:  # a full disk: the lock holds all the same
        return
