"""The doctor's rows: a line for each check, and below it what mends it."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.page import wrap
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say
from esimctl.text import clean

#: check → what it is about
NAMES = {
    "program": "the program",
    "home": "where it is kept",
    "profile": "the profile",
    "journal": "the journal",
    "modes": "file modes",
    "file_system": "file system",
    "room": "room on disk",
    "clock": "the clock",
    "zone": "the zone",
    "language": "the language",
    "completion": "completion script",
    "schedule": "the schedule",
    "secrets": "the credentials",
    "open_orders": "open orders",
    "rule": "a rule",
    "target": "a target of alerts",
    "seed": "the seed",
    "lock": "the lock",
}


#: whole sentences among details and fixes; what holds figures, paths and commands is the same in every language
WHOLE = (
    "as esimctl wrote it", "closed to others", "every frame, sum and transition holds",
    "not written yet: the first command that writes makes it", "nothing is spent before a clean reconcile",
    "all spending is paused", "ESIMCTL_NOW is set: a rehearsal",
    "ESIMCTL_NOW is set, but this profile is kept by the real clock: it is only read", "set ESIMCTL_NOW",
    "this profile is a rehearsal: it refuses the real clock", "cannot be told", "there is no rule to run",
    "a schedule would stand still with ESIMCTL_NOW", "neither ESIMCTL_HOME nor HOME is set",
    "ESIMCTL_HOME is not an absolute path: cron begins elsewhere", "nothing is installed that would run the rules",
    "the lock can be taken and the folder written", "fits the journal", "does not fit the journal",
    "there is no profile yet", "there is no journal yet", "set the clock of this machine",
    "unset ESIMCTL_NOW", "make room: an order needs some to be recorded", "set ESIMCTL_HOME in the crontab",
    "pip install tzdata, or correct settings.zone",
)  # fmt: skip


def said(text: str) -> str:
    """A detail or a fix in the reader's language, as far as it is a sentence."""
    return say(text) if text in WHOLE else text


def name(row: Mapping[str, Any]) -> str:
    """A check's name in the reader's language; one without a phrase is called as in JSON."""
    return say(NAMES[row["name"]]) if row["name"] in NAMES else str(row["name"])


COLUMNS = (
    Column("status", lambda r: r["status"], lambda r: say(r["status"])),
    Column("name", lambda r: r["name"], lambda r: name(r)),
    Column("detail", lambda r: r["detail"], lambda r: said(r["detail"])),
    Column("fix", lambda r: r["fix"], lambda r: said(r["fix"] or "")),
)

WIDE = 100_000  #: columns of a pipe

_COLOURS = {"ok": "32", "warn": "33", "fail": "31"}


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """`ok    home: /…`; the word says what the colour says, and stands first, since only it has to align."""
    width = terminal.width or WIDE
    for row in data["checks"]:
        word = f"{row['status']:4}"
        text = wrap(f"{name(row)}: {clean(said(row['detail']))}", max(width - 8, 20))
        if terminal.colour:
            word = f"\x1b[{_COLOURS[row['status']]}m{word}\x1b[0m"
        terminal.write(f"{word}  " + "\n        ".join(text) + "\n")
        if row["fix"]:
            terminal.tell(f"      -> {said(row['fix'])}\n")
    failed = sum(row["status"] == "fail" for row in data["checks"])
    warned = sum(row["status"] == "warn" for row in data["checks"])
    terminal.tell(say("{failed} failures, {warned} warnings", failed=failed, warned=warned) + "\n")


VIEWS = {"doctor": View(COLUMNS, lambda data: data["checks"], person)}
