"""Payment methods, profiles, providers, budgets."""

from collections.abc import Mapping
from typing import Any

from esimctl.documents.setup import BudgetDocument, BudgetRow
from esimctl.show.amounts import money
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say

PAYMENT_COLUMNS: tuple[Column[Any], ...] = (
    Column("name", lambda r: r["name"]),
    Column("kind", lambda r: r["kind"], lambda r: say(r["kind"])),
    Column("provider", lambda r: r["provider"]),
    Column("default", lambda r: r["default"]),
    Column("reference", lambda r: r["reference"]),
)

PROFILE_COLUMNS: tuple[Column[Any], ...] = (
    Column("name", lambda r: r["name"]),
    Column("active", lambda r: r["active"]),
    Column("path", lambda r: r["path"]),
    Column("rehearsal", lambda r: r["rehearsal"]),
)


def _credentials(row: Mapping[str, Any]) -> str:
    if not row["needs_credentials"]:
        return "-"
    return row["credentials"] or say("missing")


COLUMNS: tuple[Column[Any], ...] = (
    Column("name", lambda r: r["name"]),
    Column("kind", lambda r: r["kind"]),
    Column("tier", lambda r: r["tier"]),
    Column("credentials", lambda r: r["credentials"], _credentials),
    Column("lines", lambda r: len(r["lines"]), right=True),
    Column("payment_methods", lambda r: ",".join(r["payment_methods"])),
    Column("base_url", lambda r: r["base_url"], shown=False),
    Column("not_trusted", lambda r: ",".join(each["key"] for each in r["not_trusted"]), shown=False),
    Column("about", lambda r: r["about"], shown=False),
    Column("experimental", lambda r: r["experimental"], shown=False),
)

CHECKS: tuple[Column[Any], ...] = (
    Column("provider", lambda r: r["provider"]),
    Column("check", lambda r: r["name"], lambda r: say(r["name"])),
    Column("ok", lambda r: r["ok"]),
    Column("detail", lambda r: r["detail"]),
    Column("fix", lambda r: r["fix"]),
)


def checked(data: Mapping[str, Any], terminal: Terminal) -> None:
    """The rows as a table, then the lines that could be adopted."""
    from esimctl.show.table import draw

    draw(CHECKS, data["checks"], terminal)
    for line in data.get("lines", ()):
        terminal.write(line["adopt"] + "\n")


def rows(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What programs get: the answers, and after them a row of its own for every line that could be adopted."""
    lines = [{**line, "name": "line", "ok": True, "detail": line["iccid"], "fix": line["adopt"]}
             for line in data.get("lines", ())]  # fmt: skip
    return [*data["checks"], *lines]


def sentence(row: BudgetRow) -> str:
    """One budget in a line: a line's own is named."""
    template = "budget: {spent} of {budget} spent this month, {left} left"
    left = money(row.left)
    if row.left.minor < 0:
        template, left = "budget: {spent} of {budget} spent this month, {over} too much", money(-row.left)
    said = say(template, spent=money(row.spent), budget=money(row.budget), left=left, over=left)
    if row.reserved:
        said += say(", {reserved} held by open orders", reserved=money(row.reserved))
    if row.expected is not None:
        said += say("; at this pace {expected} by the end of the month", expected=money(row.expected))
    said += "  SANDBOX" if row.play_money else ""
    return f"{row.line}: {said}" if row.line else said


def person(data: BudgetDocument, terminal: Terminal) -> None:
    """One sentence a budget."""
    if not data.budgets:
        terminal.note(say("no budget is set: esimctl profile budget set 20USD/month"))
    for row in data.budgets:
        terminal.tell(sentence(row) + "\n")


BUDGET_COLUMNS: Columns[BudgetRow] = columns(
    BudgetRow, "scope line budget spent reserved left expected from until play_money"
)


VIEWS = {
    "payments": View(PAYMENT_COLUMNS, lambda data: data["payments"], None, "no payment methods"),
    "payment": View(PAYMENT_COLUMNS, lambda data: [data["payment"]]),
    "profiles": View(PROFILE_COLUMNS, lambda data: data["profiles"]),
    "profile": View(
        (Column("path", lambda r: r["path"]), Column("name", lambda r: r["name"], shown=False)),
        None,
        lambda data, terminal: terminal.write(f"{data['path']}\n"),
    ),
    "providers": View(COLUMNS, lambda data: data["providers"], None, "no providers"),
    "provider": View(COLUMNS, lambda data: [data["provider"]]),
    "providers-check": View(CHECKS, rows, checked),
    "budget": View(BUDGET_COLUMNS, lambda data: data.budgets, person),
    "message": View(
        (Column("text", lambda r: r["text"]),), None, lambda data, terminal: terminal.tell(say(data["text"]) + "\n")
    ),
}
