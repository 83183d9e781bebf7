"""The doctor's rows: a line for each check, and below it what mends it."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.page import wrap
from esimctl.show.present import Column, View
from esimctl.show.terminal import Terminal
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
}


def name(row: Mapping[str, Any]) -> str:
    """A check's name in the reader's language; one without a phrase is called as in JSON."""
    return say(NAMES[row["name"]]) if row["name"] in NAMES else str(row["name"])


COLUMNS = (
    Column("status", lambda r: r["status"], lambda r: say(r["status"])),
    Column("name", lambda r: r["name"], lambda r: name(r)),
    Column("detail", lambda r: r["detail"], lambda r: say(r["detail"])),
    Column("fix", lambda r: r["fix"]),
)

WIDE = 100_000  #: columns of a pipe

_COLOURS = {"ok": "32", "warn": "33", "fail": "31"}


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """`ok    home: /…`; the word says what the colour says, and stands first, since only it has to align."""
    width = terminal.width or WIDE
    for row in data["checks"]:
        word = f"{row['status']:4}"
        text = wrap(f"{name(row)}: {clean(say(row['detail']))}", max(width - 6, 20))
        if terminal.colour:
            word = f"\x1b[{_COLOURS[row['status']]}m{word}\x1b[0m"
        terminal.write(f"{word}  " + "\n        ".join(text) + "\n")
        if row["fix"]:
            terminal.tell(f"      -> {say(row['fix'])}\n")
    failed = sum(row["status"] == "fail" for row in data["checks"])
    warned = sum(row["status"] == "warn" for row in data["checks"])
    terminal.tell(say("{failed} failures, {warned} warnings", failed=failed, warned=warned) + "\n")


VIEWS = {"doctor": View(COLUMNS, lambda data: data["checks"], person)}
