"""What an hour of this or that takes, and how to save data: figures and tips with their sources (R-101 to R-105)."""

from dataclasses import dataclass
from functools import lru_cache

from esimctl.catalogue import shipped
from esimctl.catalogue.validate import Row
from esimctl.charging.volume import parse_octets


@dataclass(frozen=True, slots=True)
class Use:
    """An activity with the octets that an hour of it takes."""

    id: str
    name: str
    per_hour: int
    source: str
    as_of: str
    grade: str

    def octets(self, seconds: int) -> int:
        """Octets of so many seconds, rounded up."""
        return -(-self.per_hour * seconds // 3600)


@dataclass(frozen=True, slots=True)
class Tip:
    """A sentence that helps to save data."""

    id: str
    text: str
    source: str


@lru_cache(maxsize=1)
def uses() -> dict[str, Use]:
    """All activities by id."""
    found = {}
    for name, content in shipped.table("uses.toml")["use"].items():
        row = Row("uses.toml", f"use.{name}", content)
        octets = parse_octets(row.text("per_hour"))
        day = row.day("as_of").isoformat()
        found[name] = Use(name, row.text("name"), octets, row.text("source"), day, row.choice("grade", ("V", "S", "U")))
        row.finish()
    return found


@lru_cache(maxsize=1)
def tips() -> tuple[Tip, ...]:
    """All tips, in the order of the file."""
    rows = (
        (name, Row("tips.toml", f"tip.{name}", content)) for name, content in shipped.table("tips.toml")["tip"].items()
    )
    return tuple(Tip(name, row.text("text"), row.text("source")) for name, row in rows)


__all__ = ["Tip", "Use", "tips", "uses"]
