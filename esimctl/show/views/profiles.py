"""Profiles."""

from esimctl.show.view import Column, View

COLUMNS = (
    Column("name", lambda r: r["name"]),
    Column("active", lambda r: r["active"]),
    Column("path", lambda r: r["path"]),
    Column("rehearsal", lambda r: r["rehearsal"]),
)
VIEWS = {
    "profiles": View(COLUMNS, lambda data: data["profiles"]),
    "profile": View(
        (Column("path", lambda r: r["path"]), Column("name", lambda r: r["name"], shown=False)), None,
        lambda data, terminal: terminal.write(f"{data['path']}\n"),
    ),
}  # fmt: skip
