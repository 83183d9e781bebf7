"""What changed in the catalogue: one row a change."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.amounts import money
from esimctl.show.view import Column, View
from esimctl.show.words import say


def plain(value: Any) -> object:
    """A field of a plan in one cell."""
    if isinstance(value, Mapping):
        return f"{value['amount']} {value['currency']}"
    return ",".join(str(item) for item in value) if isinstance(value, list) else value


def readable(value: Any) -> object:
    """A field of a plan in one cell, money as people write it."""
    return money(value) if isinstance(value, Mapping) else plain(value)


COLUMNS = (
    Column("plan", lambda r: r["plan"]),
    Column("change", lambda r: r["change"], lambda r: say(r["change"])),
    Column("field", lambda r: r["field"]),
    Column("before", lambda r: plain(r["before"]), lambda r: readable(r["before"])),
    Column("after", lambda r: plain(r["after"]), lambda r: readable(r["after"])),
    Column("of", lambda r: r["of"], lambda r: say(r["of"])),
)

VIEWS = {
    "plan-changes": View(COLUMNS, lambda data: data["changes"], None, "nothing differs"),
    "import": View(COLUMNS, lambda data: data["changes"], None, "nothing differs"),
}
