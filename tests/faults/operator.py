"""The embedded operator's books as an auditor reads them: straight from the file, with no code of the program's."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sale:
    """An order that the operator executed, with every charge in minor units."""

    number: str
    key: str
    kind: str
    charges: tuple[tuple[int, str], ...]
    back: tuple[tuple[int, str], ...]  #: what was given back, as positive amounts
    iccid: str | None
    lpa: str | None


def sales(home: Path) -> list[Sale]:
    """Everything that was charged, oldest first. A hot journal of a killed transaction is rolled back by opening."""
    path = home / "sandbox" / "books.sqlite3"
    if not path.exists():
        return []
    database = sqlite3.connect(path)
    try:
        if database.execute("PRAGMA user_version").fetchone() == (0,):
            return []
        charges: dict[int, list[tuple[int, str]]] = {}
        for purchase, minor, currency in database.execute("SELECT purchase, minor, currency FROM charge"):
            charges.setdefault(purchase, []).append((minor, currency))
        found = []
        for number, key, kind, answer in database.execute("SELECT number, key, kind, answer FROM purchase ORDER BY 1"):
            if number in charges:
                told = json.loads(answer)
                taken = tuple(charge for charge in charges[number] if charge[0] >= 0)
                back = tuple((-minor, currency) for minor, currency in charges[number] if minor < 0)
                found.append(Sale(f"SB-{number:06d}", key, kind, taken, back, told.get("iccid"), told.get("lpa")))
        return found
    finally:
        database.close()


__all__ = ["Sale", "sales"]
