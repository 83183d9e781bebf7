"""Which devices take an eSIM, as far as makers and lists say: a table of our own, each row with its source (R-58)."""

import re
from collections.abc import Sequence
from functools import lru_cache

from esimctl.catalogue import shipped
from esimctl.values.record import record
from esimctl.values.tables import Table

ESIM = ("yes", "no", "variant")
KINDS = ("phone", "tablet", "watch")
GRADES = ("V", "S", "U", "own")


@record
class Device:
    """A model by its marketing name; `identifiers` are the maker's codes (`iPhone11,8`, `blueline`)."""

    id: str
    brand: str
    name: str
    esim: str
    kind: str
    aliases: tuple[str, ...]
    identifiers: tuple[str, ...]
    note: str | None
    source: str
    as_of: str
    grade: str

    @property
    def every_name(self) -> tuple[str, ...]:
        """Every way to write it."""
        return (self.name, f"{self.brand} {self.name}", *self.aliases, *self.identifiers)


@lru_cache(maxsize=1)
def devices() -> tuple[Device, ...]:
    """All rows, in the order of the file."""
    return tuple(Device(**shipped.fields(row)) for row in shipped.compiled("devices"))


def find(text: str, among: Sequence[Device] | None = None) -> Device | None:
    """The device of that name, alias or code; case and punctuation do not count, every letter and digit does."""
    folded = fold(text)
    rows = devices() if among is None else among
    return next((row for row in rows if any(fold(name) == folded for name in row.every_name)), None)


def fold(text: str) -> str:
    """A name in the form that is compared: `iPhone SE (2nd generation)` and `iphone se 2nd gen` are the same."""
    words = re.sub(r"\bgen\b", "generation", text.casefold().replace("+", " plus "))
    return re.sub(r"[^a-z0-9]+", "", words)


def read_device(name: str, row: Table) -> Device:
    """One row, read strictly; TableError names the key."""
    made = Device(
        id=name,
        brand=row.text("brand"),
        name=row.text("name"),
        esim=row.choice("esim", ESIM),
        kind=row.choice("kind", KINDS, "phone"),
        aliases=row.texts("aliases"),
        identifiers=row.texts("identifiers"),
        note=row.text("note", None),
        source=row.text("source"),
        as_of=row.day("as_of").isoformat(),
        grade=row.choice("grade", GRADES, "own"),
    )
    row.finish()
    return made
