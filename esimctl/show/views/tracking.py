"""What was read off a phone: one reading, all of an import, a pattern that was taught."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.amounts import flat_money, local, money, octets
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say

COLUMNS = (
    Column("line", lambda r: r["line"]),
    Column("at", lambda r: r["at"], lambda r: local(r["at"])),
    Column("state", lambda r: r["state"], lambda r: say(r["state"])),
    Column("remaining_bytes", lambda r: r["remaining_bytes"], lambda r: octets(r["remaining_bytes"]), right=True),
    Column("main_balance", flat_money("main_balance"), lambda r: money(r["main_balance"]), right=True),
    Column("expires_at", lambda r: r["expires_at"], lambda r: local(r["expires_at"])),
    Column("adjusted_bytes", lambda r: r["adjusted_bytes"], lambda r: octets(r["adjusted_bytes"]), right=True),
    Column("findings", lambda r: ",".join(r["findings"])),
    Column("pattern", lambda r: r["pattern"], shown=False),
    Column("source", lambda r: r["source"], shown=False),
    Column("modelled_bytes", lambda r: r["modelled_bytes"], shown=False),
    Column("granted_bytes", lambda r: r["granted_bytes"], shown=False),
    Column("text", lambda r: r["text"], shown=False),
)
PATTERN = (
    Column("name", lambda r: r["name"]),
    Column("carrier", lambda r: r["carrier"]),
    Column("places", lambda r: ",".join(r["places"])),
    Column("template", lambda r: r["template"]),
)


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """One reading, in a sentence."""
    reading = data["reading"]
    terminal.tell(
        say(
            "{line}: {state}, {left} left as of {time}",
            line=reading["line"],
            state=say(reading["state"]),
            left=octets(reading["remaining_bytes"]),
            time=local(reading["at"]),
        )
        + "\n"
    )


SHARING = (
    Column("what", lambda r: r["what"], lambda r: say(r["what"])),
    Column("line", lambda r: r["line"]),
    Column("with", lambda r: r["with"]),
    Column("bytes", lambda r: r["bytes"], lambda r: octets(r["bytes"]) if r["bytes"] is not None else "", right=True),
)

VIEWS = {
    "reading": View(COLUMNS, lambda data: [data["reading"]], person),
    "usage-import": View(COLUMNS, lambda data: data["readings"], None, "nothing was read"),
    "sharing": View(SHARING, lambda data: [data["sharing"]], None),
    "pattern": View(PATTERN, lambda data: [data["pattern"]], None),
    "patterns": View(PATTERN, lambda data: data["patterns"], None, "no pattern of yours yet"),
}
