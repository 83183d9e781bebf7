"""A command whose answer is one sentence."""

from esimctl.show.view import Column, View
from esimctl.show.words import say

VIEWS = {
    "message": View(
        (Column("text", lambda r: r["text"]),), None, lambda data, terminal: terminal.tell(say(data["text"]) + "\n")
    )
}
