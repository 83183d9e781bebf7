"""Devices: an answer with its reason."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say

ANSWER = (
    Column("model", lambda r: r["model"]),
    Column("answer", lambda r: r["answer"]),
    Column("reason", lambda r: r["reason"]),
    Column("source", lambda r: r["source"]),
    Column("as_of", lambda r: r["as_of"]),
    Column("eid", lambda r: r["eid"], shown=False),
)


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """The answer first, then why, then how to make sure."""
    device = data["device"]
    terminal.tell(f"{device['model']}: {say(device['answer'])}\n{device['reason']}\n")
    if device["source"]:
        terminal.tell(say("source: {source} ({as_of})", source=device["source"], as_of=device["as_of"] or "-") + "\n")
    if device["answer"] != "no":
        terminal.tell(say(device["check"]) + "\n")


VIEWS = {"device": View(ANSWER, lambda data: [data["device"]], person)}
