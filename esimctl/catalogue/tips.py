"""How to make data last: sentences with their sources (R-101 to R-105)."""

from functools import lru_cache

from esimctl.catalogue import shipped
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
    return tuple(Tip(**row) for row in shipped.compiled("tips"))
