"""Promotions as rows."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.view import Column, View
from esimctl.show.words import say


def effect(row: Mapping[str, Any]) -> str:
    """`percent 20`, `add 3GB 15 days`."""
    inner = {key: value for key, value in row["effect"].items() if key != "kind"}
    flat = [item for value in inner.values() for item in (value.values() if isinstance(value, Mapping) else [value])]
    return " ".join([row["effect"]["kind"], *(str(item) for item in flat)])


COLUMNS = (
    Column("id", lambda r: r["id"]),
    Column("effect", effect),
    Column("from", lambda r: r["from"]),
    Column("until", lambda r: r["until"]),
    Column("eligible", lambda r: r["eligible"], lambda r: say(r["eligible"])),
    Column("orders", lambda r: ",".join(r["orders"])),
    Column("for", lambda r: ",".join([*r["plans"], *r["carriers"]])),
    Column("name", lambda r: r["name"]),
    Column("holds", lambda r: r["holds"], shown=False),
    Column("example", lambda r: r["example"], lambda r: say("demo") if r["example"] else "-"),
    Column("source", lambda r: r["source"], shown=False),
    Column("grade", lambda r: r["grade"], shown=False),
    Column("seen", lambda r: r["seen"], shown=False),
    Column("retrieved", lambda r: r["retrieved"], shown=False),
    Column("as_of", lambda r: r["as_of"], shown=False),
)

VIEWS = {"promotions": View(COLUMNS, lambda data: data["promotions"], None, "no promotion holds today")}
