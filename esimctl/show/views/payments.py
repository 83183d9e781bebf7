"""Payment methods."""

from esimctl.show.view import Column, View
from esimctl.show.words import say

COLUMNS = (
    Column("name", lambda r: r["name"]),
    Column("kind", lambda r: r["kind"], lambda r: say(r["kind"])),
    Column("provider", lambda r: r["provider"]),
    Column("default", lambda r: r["default"]),
    Column("reference", lambda r: r["reference"]),
)
VIEWS = {
    "payments": View(COLUMNS, lambda data: data["payments"], None, "no payment methods"),
    "payment": View(COLUMNS, lambda data: [data["payment"]]),
}
