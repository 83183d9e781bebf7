"""Plans, promotions and carriers: lists, comparison, changes of the catalogue, one plan with its terms in full."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from esimctl.show.amounts import flat_money, minutes, money, month, octets, term
from esimctl.show.cards.policies import of_plan
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
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


COLUMNS: tuple[Column[Any], ...] = (
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


def _there(field: str, cell: Callable[[Any], object]) -> Callable[[Mapping[str, Any]], object]:
    return lambda row: None if row["in"] is None else cell(row["in"][field])


def _flat(value: Mapping[str, str] | None) -> str | None:
    return None if value is None else f"{value['amount']} {value['currency']}"


COMPARISON_COLUMNS: tuple[Column[Any], ...] = (
    Column("id", lambda r: r["id"]),
    Column("price", flat_money("price"), lambda r: money(r["price"]), right=True),
    Column("data_bytes", lambda r: "unlimited" if r["unlimited"] else r["data_bytes"], data_of, right=True),
    Column("validity", lambda r: r["validity"], lambda r: term(r["validity"])),
    Column("price_per_gb", flat_money("price_per_gb"), lambda r: money(r["price_per_gb"]), right=True),
    Column("price_per_day", flat_money("price_per_day"), lambda r: money(r["price_per_day"]), right=True),
    Column("rollover", lambda r: r["rollover"], of_plan),
    Column("overage", lambda r: r["overage"]),
    Column("example", lambda r: r["example"], lambda r: say("demo") if r["example"] else "-"),
    Column("in_price", _there("price", _flat), _there("price", money), right=True, shown=False),
    Column("in_price_per_gb", _there("price_per_gb", _flat), _there("price_per_gb", money), right=True, shown=False),
    Column("in_price_per_day", _there("price_per_day", _flat), _there("price_per_day", money), right=True, shown=False),
    Column("carrier", lambda r: r["carrier"], shown=False),
    Column("provider", lambda r: r["provider"], shown=False),
    Column("coverage", lambda r: "; ".join(r["coverage"]), shown=False),
)


def effect(row: Mapping[str, Any]) -> str:
    """`percent 20`, `add 3GB 15 days`."""
    inner = {key: value for key, value in row["effect"].items() if key != "kind"}
    flat = [item for value in inner.values() for item in (value.values() if isinstance(value, Mapping) else [value])]
    return " ".join([row["effect"]["kind"], *(str(item) for item in flat)])


PROMOTION_COLUMNS: tuple[Column[Any], ...] = (
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


def plain(value: Any) -> object:
    """A field of a plan in one cell."""
    if isinstance(value, Mapping):
        return f"{value['amount']} {value['currency']}"
    return ",".join(str(item) for item in value) if isinstance(value, list) else value


def readable(value: Any) -> object:
    """A field of a plan in one cell, money as people write it."""
    return money(value) if isinstance(value, Mapping) else plain(value)


CHANGE_COLUMNS: tuple[Column[Any], ...] = (
    Column("plan", lambda r: r["plan"]),
    Column("change", lambda r: r["change"], lambda r: say(r["change"])),
    Column("field", lambda r: r["field"]),
    Column("before", lambda r: plain(r["before"]), lambda r: readable(r["before"])),
    Column("after", lambda r: plain(r["after"]), lambda r: readable(r["after"])),
    Column("of", lambda r: r["of"], lambda r: say(r["of"])),
)


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


CARRIER_COLUMNS: tuple[Column[Any], ...] = (
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


VIEWS = {
    "plans": View(COLUMNS, lambda data: data["plans"], None, "no plan fits"),
    "plan": View(COLUMNS, lambda data: [data["plan"]], one),
    "comparison": View(COMPARISON_COLUMNS, lambda data: data["plans"], None, "no plan fits"),
    "promotions": View(PROMOTION_COLUMNS, lambda data: data["promotions"], None, "no promotion holds today"),
    "plan-changes": View(CHANGE_COLUMNS, lambda data: data["changes"], None, "nothing differs"),
    "import": View(CHANGE_COLUMNS, lambda data: data["changes"], None, "nothing differs"),
    "carriers": View(CARRIER_COLUMNS, rows, person, "no carrier of that name"),
}
