"""Carriers: one row a fact, and for a person a page for each."""

from collections.abc import Iterator, Mapping
from typing import Any

from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say


def rows(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """One row for each fact of each carrier."""
    for carrier in data["carriers"]:
        for fact in carrier["facts"]:
            yield {**fact, "carrier": carrier["id"], "name": carrier["name"]}


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """Every carrier with its other names, then what is known of it and who says so."""
    put = terminal.tell
    for number, carrier in enumerate(data["carriers"]):
        others = ", ".join([*carrier["names"].values(), *carrier["aliases"]])
        put(("\n" if number else "") + f"{carrier['id']}  {carrier['name']}  {carrier['home_country'] or ''}\n")
        if others:
            put("  " + say("also: {names}", names=others) + "\n")
        if carrier["former"]:
            put("  " + say("formerly: {names}", names=", ".join(carrier["former"])) + "\n")
        if carrier["roaming"]:
            put("  " + say("in Cambodia its lines roam") + "\n")
        for fact in carrier["facts"]:
            note = f" ({fact['note']})" if fact["note"] else ""
            age = fact["as_of"] or say("undated")
            age += " " + say("(old)") if fact["stale"] and fact["as_of"] else ""
            put(f"  {fact['topic']}: {', '.join(fact['values'])}{note}  [{fact['grade']}, {age}, {fact['source']}]\n")


COLUMNS = (
    Column("carrier", lambda r: r["carrier"]),
    Column("topic", lambda r: r["topic"]),
    Column("values", lambda r: ",".join(r["values"])),
    Column("note", lambda r: r["note"]),
    Column("grade", lambda r: r["grade"]),
    Column("as_of", lambda r: r["as_of"]),
    Column("stale", lambda r: r["stale"], shown=False),
    Column("source", lambda r: r["source"]),
    Column("name", lambda r: r["name"], shown=False),
)

VIEWS = {"carriers": View(COLUMNS, rows, person, "no carrier of that name")}
