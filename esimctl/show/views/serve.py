"""Where a served interface listens: one line."""

from esimctl.show.present import Column, View

COLUMNS = (Column("api", lambda r: r["api"]), Column("base_url", lambda r: r["base_url"]))

VIEWS = {
    "sandbox-serve": View(COLUMNS, None, lambda data, terminal: terminal.tell(f"{data['api']}: {data['base_url']}\n")),
}
