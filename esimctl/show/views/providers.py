"""Providers and what became of checking them."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say


def _credentials(row: Mapping[str, Any]) -> str:
    if not row["needs_credentials"]:
        return "-"
    return row["credentials"] or say("missing")


COLUMNS = (
    Column("name", lambda r: r["name"]),
    Column("kind", lambda r: r["kind"]),
    Column("tier", lambda r: r["tier"]),
    Column("credentials", lambda r: r["credentials"], _credentials),
    Column("lines", lambda r: len(r["lines"]), right=True),
    Column("payment_methods", lambda r: ",".join(r["payment_methods"])),
    Column("base_url", lambda r: r["base_url"], shown=False),
    Column("not_trusted", lambda r: ",".join(each["key"] for each in r["not_trusted"]), shown=False),
    Column("about", lambda r: r["about"], shown=False),
    Column("experimental", lambda r: r["experimental"], shown=False),
)
CHECKS = (
    Column("provider", lambda r: r["provider"]),
    Column("check", lambda r: r["name"], lambda r: say(r["name"])),
    Column("ok", lambda r: r["ok"]),
    Column("detail", lambda r: r["detail"]),
    Column("fix", lambda r: r["fix"]),
)


def checked(data: Mapping[str, Any], terminal: Terminal) -> None:
    """The rows as a table, then the lines that could be adopted."""
    from esimctl.show.table import draw

    draw(CHECKS, data["checks"], terminal)
    for line in data.get("lines", ()):
        terminal.write(line["adopt"] + "\n")


def rows(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What programs get: the answers, and after them a row of its own for every line that could be adopted."""
    lines = [{**line, "name": "line", "ok": True, "detail": line["iccid"], "fix": line["adopt"]}
             for line in data.get("lines", ())]  # fmt: skip
    return [*data["checks"], *lines]


VIEWS = {
    "providers": View(COLUMNS, lambda data: data["providers"], None, "no providers"),
    "provider": View(COLUMNS, lambda data: [data["provider"]]),
    "providers-check": View(CHECKS, rows, checked),
}
