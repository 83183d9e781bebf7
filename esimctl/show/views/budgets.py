"""Budgets: what was spent of them this month, what is held by open orders, and where the month is heading."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.amounts import flat_money, money
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say


def sentence(row: Mapping[str, Any]) -> str:
    """One budget in a line: a line's own is named."""
    over = row["left"]["amount"].startswith("-")
    template = "budget: {spent} of {budget} spent this month, {left} left"
    if over:
        template = "budget: {spent} of {budget} spent this month, {over} too much"
    left = money({**row["left"], "amount": row["left"]["amount"].removeprefix("-")})
    said = say(template, spent=money(row["spent"]), budget=money(row["budget"]), left=left, over=left)
    if row["reserved"]["amount"].strip("0."):
        said += say(", {reserved} held by open orders", reserved=money(row["reserved"]))
    if row["expected"] is not None:
        said += say("; at this pace {expected} by the end of the month", expected=money(row["expected"]))
    said += "  SANDBOX" if row.get("play_money") else ""
    return f"{row['line']}: {said}" if row["line"] else said


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """One sentence a budget."""
    if not data["budgets"]:
        terminal.note(say("no budget is set: esimctl profile budget set 20USD/month"))
    for row in data["budgets"]:
        terminal.tell(sentence(row) + "\n")


COLUMNS = (
    Column("scope", lambda r: r["scope"]),
    Column("line", lambda r: r["line"]),
    Column("budget", flat_money("budget")),
    Column("spent", flat_money("spent")),
    Column("reserved", flat_money("reserved")),
    Column("left", flat_money("left")),
    Column("expected", flat_money("expected")),
    Column("from", lambda r: r["from"]),
    Column("until", lambda r: r["until"]),
    Column("play_money", lambda r: r["play_money"]),
)
VIEWS = {"budget": View(COLUMNS, lambda data: data["budgets"], person)}
