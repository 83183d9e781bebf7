"""The second factor: its state, and while it is being enrolled the code for a phone's camera."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """The state in words; the drawing comes first."""
    found = data["second_factor"]
    if found["uri"]:
        from esimctl.show.views.qr import draw

        draw(found["uri"], terminal)
        terminal.write(found["uri"] + "\n")
    text = "a second factor is enrolled" if found["enrolled"] else "no second factor is enrolled"
    if found["pending"]:
        text = "scan this with an authenticator, then give its code: esimctl profile second-factor confirm"
    terminal.write(say(text) + "\n")


COLUMNS = (
    Column("enrolled", lambda r: r["enrolled"]),
    Column("pending", lambda r: r["pending"]),
    Column("locked-until", lambda r: r["locked_until"]),
    Column("uri", lambda r: r["uri"]),
)
VIEWS = {"second-factor": View(COLUMNS, lambda data: [data["second_factor"]], person)}
