"""Which clock a profile's books are kept by: the real one, or the rehearsal clock of ESIMCTL_NOW; never by both.

The file `clock` holds the word, written when the profile is made. A profile that is older than the file is judged by
its journal: the real clock writes fractions of a second, ESIMCTL_NOW stands on a whole one. One entry with a fraction
is enough for the real clock; entries without any make a rehearsal; where there is no entry nobody knows yet, and the
first command that writes decides.

Nothing is written by a real clock that cannot be right: one that stands before this program was made, or before the
first entry of the journal.
"""

import os
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from esimctl.errors import OwnRules
from esimctl.store.files import read_bytes, replace
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw

REAL: Final = "real"
REHEARSAL: Final = "rehearsal"
FILE: Final = "clock"
#: this program did not exist before: a machine that says so has lost its time. Moved on with every release
BUILT: Final = datetime(2026, 11, 1, tzinfo=UTC)
CLOCK_SLACK: Final = timedelta(minutes=5)  #: a clock may be behind so far without a word
_WRITTEN: Final = regex(rb"^at = \d{4}-\d\d-\d\d[ Tt]\d\d:\d\d:\d\d(\.\d+)?", re.MULTILINE)
_HEAD: Final = 4096  #: octets in which the time of a segment's first record stands


def kept_by(folder: Path) -> str | None:
    """REAL or REHEARSAL; None where nothing has been written yet."""
    try:
        word = read_bytes(folder / FILE, 4096).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        word = ""
    return word if word in (REAL, REHEARSAL) else _by_journal(folder / "journal")


def keep_by(folder: Path, clock: str) -> None:
    """Write the word down, unless it stands there."""
    if not (folder / FILE).exists():
        replace(folder / FILE, f"{clock}\n".encode())


def is_timely(now: datetime) -> bool:
    """Whether a real clock stands where one could stand since this program was made."""
    return now >= BUILT - CLOCK_SLACK


def first_written(folder: Path) -> datetime | None:
    """The time of the first record in a folder of segments, None where there is none that can be read."""
    try:
        fd = os.open(folder / "000001.toml", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = _WRITTEN.search(os.read(fd, _HEAD))
    except OSError:
        return None
    finally:
        os.close(fd)
    if found is not None:
        with suppress(ValueError):
            return datetime.fromisoformat(found[0][5:].decode("ascii")).replace(tzinfo=UTC)
    return None


def untimely(now: datetime, first: datetime | None = None) -> OwnRules:
    """What a clock that cannot be right is answered with: it stands before the release, or before the first entry."""
    stands = f"{now:%Y-%m-%d %H:%M} UTC"
    if first is None:
        return OwnRules(
            "the clock of this machine says {now}, before this program was made: nothing is written",
            hint="set the clock, then: esimctl doctor --clock",
            code="clock",
            now=Raw(stands),
        )
    return OwnRules(
        "the clock of this machine says {now}, before the first entry of the journal, {first}: nothing is written",
        hint="set the clock, then: esimctl doctor --clock",
        code="clock",
        now=Raw(stands),
        first=Raw(f"{first:%Y-%m-%d %H:%M} UTC"),
    )


def refusal(name: str, kept: str) -> OwnRules:
    """What a profile that is kept by the other clock answers to whoever would write, with the way out."""
    if kept == REHEARSAL:
        return OwnRules(
            "profile {name} is a rehearsal: its books go by ESIMCTL_NOW, not by the real clock",
            hint="set ESIMCTL_NOW, or use another profile: --profile NAME",
            code="rehearsal_profile",
            name=Raw(name),
        )
    return OwnRules(
        "profile {name} is kept by the real clock: with ESIMCTL_NOW it is read, and nothing is written",
        hint="esimctl profile create NAME --rehearsal",
        code="real_profile",
        name=Raw(name),
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
