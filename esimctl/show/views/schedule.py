"""What is installed in the schedulers of this machine."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.amounts import local
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """The text that is installed, and when it ran."""
    for row in data["schedules"]:
        terminal.write(f"{row['kind']}\n")
        if row["text"]:
            terminal.write(row["text"].rstrip("\n") + "\n")
        if row["installed"] is None:
            terminal.write(say("whether it is installed cannot be told") + "\n")
        elif not row["text"]:
            terminal.write(say("removed") + "\n")
        last = row["last_run"]
        if last is not None:
            ended = (
                say("never")
                if last["began_at"] is None
                else say("{at}, exit {code}", at=local(last["began_at"]), code=last["exit_code"])
            )
            terminal.write(say("last run: {last}", last=ended) + "\n")
            terminal.write(say("next run: {next}", next=row["next_run"] or say("unknown")) + "\n")


COLUMNS = (
    Column("kind", lambda r: r["kind"]),
    Column("installed", lambda r: r["installed"]),
    Column("last", lambda r: (r["last_run"] or {}).get("began_at")),
    Column("exit", lambda r: (r["last_run"] or {}).get("exit_code")),
    Column("next", lambda r: r["next_run"]),
    Column("text", lambda r: r["text"]),
    Column("enabled", lambda r: r["enabled"]),
)
VIEWS = {"schedule": View(COLUMNS, lambda data: data["schedules"], person, "nothing is installed")}
