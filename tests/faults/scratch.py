"""Places to break things in: folders in memory that go away, copies of a prepared home."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 2 << 30  #: bytes that the folders of a session take at most


def memory() -> Path | None:
    """A folder of a file system in memory on which programs run, and where there is room; None without one."""
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return None
    there = os.statvfs(MEMORY)
    roomy = there.f_bavail * there.f_frsize >= ROOM
    return MEMORY if roomy and not there.f_flag & os.ST_NOEXEC else None


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder in memory where there is such a thing: faults there do not wait for a disk."""
    place = Path(tempfile.mkdtemp(prefix="esimctl-faults-", dir=memory()))
    place.chmod(0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def renew(target: Path, template: Path) -> Path:
    """`target` becomes a copy of `template`, with its modes and links as they are."""
    if target.exists():
        for path in (target, *(path for path in target.rglob("*") if path.is_dir() and not path.is_symlink())):
            path.chmod(0o700)
        shutil.rmtree(target)
    shutil.copytree(template, target, symlinks=True)
    return target


__all__ = ["memory", "renew", "scratch"]
