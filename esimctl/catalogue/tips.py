"""How to make data last: sentences with their sources (R-101 to R-105)."""

from functools import lru_cache

from esimctl.catalogue import shipped
from esimctl.values.checking import TableRow
from esimctl.values.record import record


@record
class Tip:
    """A sentence that helps to save data."""

    id: str
    text: str
    source: str


@lru_cache(maxsize=1)
def tips() -> tuple[Tip, ...]:
    """All tips, in the order of the file."""
    rows = (
        (name, TableRow("tips.toml", f"tip.{name}", content))
        for name, content in shipped.table("tips.toml")["tip"].items()
    )
    return tuple(Tip(name, row.text("text"), row.text("source")) for name, row in rows)
