"""What every table of a scenario file is read with: its step, its instants, and the reason for an unknown name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from esimctl.charging.moments import MomentError, to_utc
from esimctl.charging.setup import LineSetup, PoolSetup
from esimctl.charging.tables import Table, kind_of
from esimctl.charging.terms import Terms

MOST_YEARS = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the file: its number there (from 1), what happens or is expected, and whether it must be refused."""

    number: int
    at: datetime
    line: str | None
    pool: str | None
    event: Any = None
    expect: Mapping[str, Any] | None = None
    refused: bool = False


@dataclass(slots=True)
class Reading:
    """What is known of a file while it is being read."""

    zone: tzinfo
    start: datetime
    base: int
    plans: dict[str, Terms]
    lines: dict[str, LineSetup]
    pools: dict[str, PoolSetup]

    def instant(self, table: Table, key: str, default: datetime | None = None) -> datetime:
        """A date or time of the table, local to the scenario's zone where it has no offset, in UTC."""
        if default is not None and not table.has(key):
            return default
        return read_instant(table, key, self.zone)


def read_instant(table: Table, key: str, where: tzinfo) -> datetime:
    """The instant under a key; a date alone is its local midnight."""
    value = table.raw(key)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - local to the zone below
    if not isinstance(value, datetime):
        raise table.wrong(key, f"must be a date or time, not {kind_of(value)}")
    try:
        return to_utc(value, where)
    except MomentError as wrong:
        raise table.wrong(key, str(wrong)) from None


def unknown(kind: str, name: str, known: Mapping[str, Any]) -> str:
    """The reason for a name that nobody has, with the nearest one."""
    from difflib import get_close_matches

    near = get_close_matches(name[:64], list(known)[:200], n=1)
    return f"unknown {kind} {name!r:.42}" + (f", did you mean {near[0]!r}?" if near else "")
