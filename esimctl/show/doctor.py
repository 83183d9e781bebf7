"""The doctor's rows: a line for each check, and below it what mends it."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.page import wrap
from esimctl.show.present import Column, View
from esimctl.show.terminal import Terminal
from esimctl.show.words import say
from esimctl.text import clean

COLUMNS = (
    Column("status", lambda r: r["status"], lambda r: say(r["status"])),
    Column("name", lambda r: r["name"]),
    Column("detail", lambda r: r["detail"]),
    Column("fix", lambda r: r["fix"]),
)

WIDE = 100_000  #: columns of a pipe

_COLOURS = {"ok": "32", "warn": "33", "fail": "31"}


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """`ok    home  /…`; the word says what the colour says."""
    width = max((len(row["name"]) for row in data["checks"]), default=0)
    for row in data["checks"]:
        word = f"{row['status']:4}"
        head = f"  {row['name']:{width}}  "
        detail = wrap(clean(row["detail"]), max((terminal.width or WIDE) - len(word + head), 20))
        if terminal.colour:
            word = f"\x1b[{_COLOURS[row['status']]}m{word}\x1b[0m"
        terminal.write(word + head + ("\n" + " " * (len(head) + 4)).join(detail) + "\n")
        if row["fix"]:
            terminal.tell(f"      -> {row['fix']}\n")
    failed = sum(row["status"] == "fail" for row in data["checks"])
    warned = sum(row["status"] == "warn" for row in data["checks"])
    terminal.tell(say("{failed} failures, {warned} warnings", failed=failed, warned=warned) + "\n")


VIEWS = {"doctor": View(COLUMNS, lambda data: data["checks"], person)}
