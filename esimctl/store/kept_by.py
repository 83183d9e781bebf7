"""Which clock a profile's books are kept by: the real one, or the rehearsal clock of ESIMCTL_NOW; never by both.

The file `clock` holds the word, written when the profile is made. A profile that is older than the file is judged by
its journal: the real clock writes fractions of a second, ESIMCTL_NOW stands on a whole one. One entry with a fraction
is enough for the real clock; entries without any make a rehearsal; where there is no entry nobody knows yet, and the
first command that writes decides.
"""

import re
from pathlib import Path
from typing import Final

from esimctl.errors import OwnRules
from esimctl.store.replace import read_bytes

REAL: Final = "real"
REHEARSAL: Final = "rehearsal"
FILE: Final = "clock"
_WRITTEN: Final = re.compile(rb"^at = \d{4}-\d\d-\d\d[ Tt]\d\d:\d\d:\d\d(\.\d+)?", re.MULTILINE)


def kept_by(folder: Path) -> str | None:
    """REAL or REHEARSAL; None where nothing has been written yet."""
    try:
        word = read_bytes(folder / FILE, 4096).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        word = ""
    return word if word in (REAL, REHEARSAL) else _by_journal(folder / "journal")


def keep_by(folder: Path, clock: str) -> None:
    """Write the word down, unless it stands there."""
    from esimctl.store.replace import replace

    if not (folder / FILE).exists():
        replace(folder / FILE, f"{clock}\n".encode())


def refusal(name: str, kept: str) -> OwnRules:
    """What a profile that is kept by the other clock answers to whoever would write, with the way out."""
    if kept == REHEARSAL:
        return OwnRules(
            "profile {name} is a rehearsal: its books go by ESIMCTL_NOW, not by the real clock",
            hint="set ESIMCTL_NOW, or use another profile: --profile NAME",
            code="rehearsal_profile",
            name=name,
        )
    return OwnRules(
        "profile {name} is kept by the real clock: with ESIMCTL_NOW it is read, and nothing is written",
        hint="esimctl profile create NAME --rehearsal",
        code="real_profile",
        name=name,
    )


def _by_journal(folder: Path) -> str | None:
    found = None
    for segment in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        try:
            data = read_bytes(segment)
        except OSError:
            continue
        for written in _WRITTEN.finditer(data):
            if written[1]:
                return REAL
            found = REHEARSAL
    return found


__all__ = ["REAL", "REHEARSAL", "keep_by", "kept_by", "refusal"]
