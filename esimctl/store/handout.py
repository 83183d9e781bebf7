"""Files that a person asked for by name: pictures, exports. Written whole or not at all."""

from pathlib import Path

from esimctl.errors import OutputFailed
from esimctl.store.replace import replace


def hand_out(path: str, data: bytes) -> None:
    """Write bytes to the person's file, readable by them alone; OutputFailed (74) says why it could not be."""
    target = Path(path).expanduser()
    try:
        replace(target, data, mode=0o600)
    except OSError as error:
        raise OutputFailed("cannot write {path}: {why}", path=str(target), why=error.strerror or "failed") from None


__all__ = ["hand_out"]
