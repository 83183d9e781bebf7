"""A backup or a restored profile: where it is."""

from esimctl.show.view import Column, View

COLUMNS = (
    Column("path", lambda r: r["path"]),
    Column("name", lambda r: r["name"], shown=False),
    Column("made_at", lambda r: r["made_at"], shown=False),
    Column("entries", lambda r: r["entries"], shown=False),
    Column("with_vault", lambda r: r["with_vault"], shown=False),
)
VIEWS = {
    "backup": View(COLUMNS, None, lambda data, terminal: terminal.write(f"{data['path']}\n")),
    "restore": View(COLUMNS, None, lambda data, terminal: terminal.write(f"{data['path']}\n")),
}
