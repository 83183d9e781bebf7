"""Plans: rows in a pipe, a table on a terminal, one plan with its terms in full."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.amounts import flat_money, minutes, money, month, octets, term
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.views.rollover import of_plan
from esimctl.show.words import say


def data_of(row: Mapping[str, Any]) -> str:
    """The allowance, `-` for a plan that has none."""
    if row["data_bytes"] is None and not row["unlimited"]:
        return say("unknown") if row["allowance"] == "unknown" else "-"
    return octets(row["data_bytes"], unlimited=row["unlimited"])


def dated(row: Mapping[str, Any]) -> str:
    """How fresh a row is: the day on which its source said so, or that it is undated and when it was read.

    What is undated is never called fresh; what is made up has no age.
    """
    if row["example"]:
        return say("made up")
    if row["seen"] is not None:
        return str(row["seen"]) + (" " + say("(old)") if row["stale"] else "")
    return say("undated, read in {month}", month=month(row["retrieved"])) if row["retrieved"] else say("undated")


def sourced(row: Mapping[str, Any]) -> str:
    """Where a row's figures come from, how good that is, and how fresh."""
    if row["example"]:
        return say("made up for the embedded operator: nobody sells it")
    return say("source: {source} [{grade}] ({dated})", source=row["source"], grade=row["grade"], dated=dated(row))


COLUMNS = (
    Column("id", lambda r: r["id"]),
    Column("price", flat_money("price"), lambda r: money(r["price"]), right=True),
    Column("data_bytes", lambda r: "unlimited" if r["unlimited"] else r["data_bytes"], data_of, right=True),
    Column("validity", lambda r: r["validity"], lambda r: term(r["validity"])),
    Column("rollover", lambda r: r["rollover"], of_plan),
    Column("price_per_gb", flat_money("price_per_gb"), lambda r: money(r["price_per_gb"]), right=True),
    Column("as_of", lambda r: r["as_of"], lambda r: dated(r)),
    Column("name", lambda r: r["name"]),
    Column("example", lambda r: r["example"], lambda r: say("demo") if r["example"] else "-"),
    Column("grade", lambda r: r["grade"], shown=False),
    Column("seen", lambda r: r["seen"], lambda r: dated(r), shown=False),
    Column("retrieved", lambda r: r["retrieved"], shown=False),
    Column("dial", lambda r: r["dial"], shown=False),
    Column("carrier", lambda r: r["carrier"], shown=False),
    Column("provider", lambda r: r["provider"], shown=False),
    Column("countries", lambda r: ",".join(r["countries"]), shown=False),
    Column("clock", lambda r: r["clock"], shown=False),
    Column("billing", lambda r: r["billing"], shown=False),
    Column("kind", lambda r: r["kind"], shown=False),
    Column("overage", lambda r: r["overage"], shown=False),
    Column("shareable", lambda r: r["shareable"], shown=False),
    Column("allowance", lambda r: r["allowance"], lambda r: say(r["allowance"]), shown=False),
    Column("price_per_day", flat_money("price_per_day"), lambda r: money(r["price_per_day"]), right=True, shown=False),
    Column("promotions", lambda r: ",".join(r["promotions"]), shown=False),
    Column("rollover_claim", lambda r: r["rollover_claim"], shown=False),
    Column("rollover_by", lambda r: r["rollover_by"], shown=False),
    Column("source", lambda r: r["source"], shown=False),
    Column("stale", lambda r: r["stale"], shown=False),
)


def _said(value: Any) -> str:
    """A field for a person: words with commas, `mode=carry max=40GB` for a table, unknown as `-`."""
    if isinstance(value, Mapping):
        return " ".join(f"{key}={_said(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_said(inner) for inner in value) or "-"
    if isinstance(value, bool):
        return say("yes" if value else "no")
    return "-" if value is None else str(value)


def disputed(plan: Mapping[str, Any]) -> str:
    """What a disputed rollover is counted as, and where everybody's word stands."""
    return say(
        "rollover is disputed and counted as {mode}: esimctl policy show {carrier}/{id} rollover",
        mode=say(plan["rollover_counted"]),
        carrier=plan["carrier"],
        id=plan["id"],
    )


def one(data: Mapping[str, Any], terminal: Terminal) -> None:
    """One plan: every field, then the terms as they count."""
    plan = data["plan"]
    put = terminal.tell
    put(f"{plan['id']}  {plan['name']}\n")
    put(f"{money(plan['price'])}  {data_of(plan)}  {term(plan['validity'])}  {of_plan(plan)}\n")
    if plan["rollover"] == "disputed":
        put(disputed(plan) + "\n")
    if plan["allowance"] == "fair-use":
        put(say("fair use: after that it goes on, but slower") + "\n")
    if plan["price_per_gb"] or plan["price_per_day"]:
        each = {"gb": money(plan["price_per_gb"]), "day": money(plan["price_per_day"])}
        put(say("a GB: {gb}; a day: {day}", **each) + "\n")
    if plan["voice_seconds"]:
        put(say("calls: {minutes}", minutes=minutes(plan["voice_seconds"])) + "\n")
    if plan["dial"]:
        put(say("dial on the line's phone to buy it: {value}", value=plan["dial"]) + "\n")
    for note in plan["notes"]:
        put(f"{note}\n")
    put("\n")
    for key in ("carrier", "provider", "countries", "billing", "clock", "overage", "shareable", "promotions"):
        value = plan[key]
        put(f"{say(key)}: {_said(value)}\n")
    put("\n" + say("terms:") + "\n")
    for key, value in plan.get("terms", {}).items():
        put(f"  {key} = {_said(value)}\n")
    put("\n" + sourced(plan) + "\n")


VIEWS = {
    "plans": View(COLUMNS, lambda data: data["plans"], None, "no plan fits"),
    "plan": View(COLUMNS, lambda data: [data["plan"]], one),
}
