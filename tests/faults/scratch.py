"""Places to break things in: folders in memory that go away, copies of a prepared home."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder in memory where there is such a thing: faults there do not wait for a disk."""
    base = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
    place = Path(tempfile.mkdtemp(prefix="esimctl-faults-", dir=base))
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


__all__ = ["renew", "scratch"]
