"""Unit files of schedulers, in the person's own folders: written whole, read, and taken away without a trace."""

from pathlib import Path
from typing import Final

from esimctl.store.replace import make_folder, replace
from esimctl.store.temporary import sweep

MODE: Final = 0o644  #: they hold no secret, and schedulers refuse files that others cannot read


def read_unit(path: Path) -> str | None:
    """The file's text, None where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def write_unit(path: Path, text: str) -> bool:
    """Write it where it differs; whether it did."""
    if read_unit(path) == text:
        return False
    make_folder(path.parent)
    sweep(path.parent)
    replace(path, text.encode(), mode=MODE)
    return True


def remove_unit(path: Path, upto: Path) -> bool:
    """Take it away, and the folders above it below `upto` that are empty then; whether there was one."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    remove_folder(path.parent, upto)
    return True


def remove_folder(folder: Path, upto: Path) -> None:
    """Take a folder away if it is empty, and those above it below `upto` that are empty then."""
    while upto in folder.parents and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


__all__ = ["read_unit", "remove_folder", "remove_unit", "write_unit"]
