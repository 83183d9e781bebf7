"""Fingerprints of files by their metadata alone: whether something derived from them can still be trusted.

A module of its own, with nothing to import: `balance` reads the kept numbers by it and never loads the journal.
"""

import os
from pathlib import Path


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
