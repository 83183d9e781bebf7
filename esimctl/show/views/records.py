"""What went into an export and what became of the rows of an import."""

from collections.abc import Iterator, Mapping
from heapq import merge
from typing import Any

from esimctl.show.amounts import local, money
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say
from esimctl.text import clean

#: what became of a row
HEADS: Mapping[str, str] = {
    "imported": "imported",
    "duplicates": "known already",
    "conflicts": "perhaps known already",
    "skipped": "left out",
    "refused": "refused",
}
EXPORT = (
    Column("path", lambda r: r["path"]),
    Column("format", lambda r: r["format"]),
    Column("records", lambda r: r["records"]),
)
IMPORT = (
    Column("row", lambda r: r["row"]),
    Column("result", lambda r: r["result"], lambda r: say(HEADS[r["result"]])),
    Column("order", lambda r: r.get("order")),
    Column("line", lambda r: r.get("line")),
    Column("amount", lambda r: flat(r.get("amount")), lambda r: money(r.get("amount")), right=True),
    Column("at", lambda r: r.get("at"), lambda r: local(r.get("at"))),
    Column("provider", lambda r: r.get("provider"), shown=False),
    Column("provider_order", lambda r: r.get("provider_order"), shown=False),
    Column("reason", lambda r: reason(r)),
    Column("like", lambda r: r.get("like")),
)


def flat(value: Mapping[str, str] | None) -> str | None:
    """Money as one word for machines."""
    return None if value is None else f"{value['amount']} {value['currency']}"


def reason(row: Mapping[str, Any]) -> str | None:
    """Why: a word, and for a refused row what is wrong with it."""
    return row["reason"] if not row.get("detail") else f"{row['reason']}: {row['detail']}"


def rows(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every row of the file with what became of it, in the order of the file."""

    def of(result: str) -> Iterator[Mapping[str, Any]]:
        return ({**row, "result": result} for row in data[result])

    yield from merge(*map(of, HEADS), key=lambda row: row["row"])


def exported(data: Mapping[str, Any], terminal: Terminal) -> None:
    """Where it is."""
    terminal.tell(say("{path}: {count} records", path=clean(data["path"] or "-"), count=data["records"]) + "\n")


def imported(data: Mapping[str, Any], terminal: Terminal) -> None:
    """A count of each, then the rows that want a look."""
    counts = ", ".join(f"{say(head)}: {len(data[result])}" for result, head in HEADS.items())
    terminal.tell(counts + (f"  ({say('nothing was written: --dry-run')})" if data["dry_run"] else "") + "\n")
    for row in rows(data):
        if row["result"] in ("conflicts", "refused"):
            like = f" ({clean(row['like'])})" if row.get("like") else ""
            place = say("row {number}", number=row["row"])
            terminal.tell(f"  {place}: {say(HEADS[row['result']])}: {clean(reason(row) or '')}{like}\n")


VIEWS = {
    "export": View(EXPORT, None, exported),
    "transactions-import": View(IMPORT, rows, imported),
}
