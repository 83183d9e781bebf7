"""What uniting two copies of a profile came to."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say

COLUMNS = (
    Column("path", lambda r: r["path"]),
    Column("taken", lambda r: r["taken"], right=True),
    Column("orders", lambda r: ",".join(r["orders"])),
    Column("added", lambda r: ",".join(r["added"]), shown=False),
    Column("disabled", lambda r: ",".join(r["disabled"]), shown=False),
    Column("kept", lambda r: ",".join(r["kept"]), shown=False),
    Column("moved_to", lambda r: ",".join(r["moved_to"]), shown=False),
)


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """A line for each thing that came, and none where nothing did."""
    if not data["nothing"]:
        terminal.write(say("{count} entries of {source}", count=data["taken"], source=data["source"]) + "\n")
    if data["orders"]:
        terminal.write(say("orders: {orders}", orders=", ".join(data["orders"])) + "\n")
    if data["added"]:
        terminal.write(say("in profile.toml: {added}", added=", ".join(data["added"])) + "\n")
    if data["codes"]:
        terminal.write(say("activation codes of {lines}", lines=", ".join(data["codes"])) + "\n")
    if data["moved_to"]:
        terminal.write(say("the copy is kept in {path}", path=", ".join(data["moved_to"])) + "\n")


VIEWS = {"merge": View(COLUMNS, None, person)}
