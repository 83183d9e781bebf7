"""Where a restored profile waits until the old one has made room; who opens it next finishes a stopped restore."""

from contextlib import suppress
from pathlib import Path


def waiting_restore(folder: Path) -> Path:
    """The whole new folder, before it takes the profile's place."""
    return folder.with_name(f".{folder.name}.restored")


def finish_restore(folder: Path) -> None:
    """Put a waiting folder in its place if nothing stands there. Another process may be faster: that is as good."""
    if not folder.exists():
        with suppress(FileNotFoundError):
            waiting_restore(folder).rename(folder)


__all__ = ["finish_restore", "waiting_restore"]
