"""Simulations: what was expected and found, the story of the data, and plans side by side month by month."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from json import dumps
from typing import Any

from esimctl.show.amounts import flat_money, money, octets
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import english, say
from esimctl.values.moments import zone

#: What-ifs of the catalogue are counted on this wall clock; a scenario brings its own.
HOME = "Asia/Phnom_Penh"


def when(value: str | None, where: str = HOME) -> str:
    """An instant on the wall clock of the scenario, to the second only where there are any."""
    if value is None:
        return "-"
    moment = datetime.fromisoformat(value).astimezone(zone(where))
    return moment.strftime("%Y-%m-%d %H:%M:%S" if moment.second else "%Y-%m-%d %H:%M")


def compact(value: object) -> str:
    """Expectations in one cell."""
    return dumps(value, ensure_ascii=False, separators=(",", ":"))


CHECKS: tuple[Column[Any], ...] = (
    Column("event", lambda c: c["event"], right=True),
    Column("at", lambda c: c["at"], lambda c: when(c["at"], c["zone"])),
    Column("line", lambda c: c["line"]),
    Column("ok", lambda c: c["ok"], lambda c: say("holds") if c["ok"] else say("does not hold")),
    Column("expected", lambda c: compact(c["expected"]), lambda c: differing(c, "expected")),
    Column("actual", lambda c: compact(c["actual"]), lambda c: differing(c, "actual")),
)

BUCKETS: tuple[Column[Any], ...] = (
    Column("line", lambda b: b["line"]),
    Column("bucket", lambda b: b["id"]),
    Column("left", lambda b: b["remaining"], lambda b: octets(b["remaining"], unlimited=b["remaining"] is None), True),
    Column("of", lambda b: b["granted"], lambda b: octets(b["granted"], unlimited=b["granted"] is None), True),
    Column("until", lambda b: b["end"], lambda b: when(b["end"], b["zone"])),
    Column("state", lambda b: b["status"], lambda b: say(b["status"])),
)

MONTHS: tuple[Column[Any], ...] = (
    Column("plan", lambda m: m["plan"]),
    Column("month", lambda m: m["month"], right=True),
    Column("start", lambda m: m["start"], lambda m: when(m["start"])[:10]),
    Column(
        "granted_bytes",
        lambda m: m["granted_bytes"],
        lambda m: octets(m["granted_bytes"], unlimited=m["granted_bytes"] is None),
        True,
    ),
    Column("used_bytes", lambda m: m["used_bytes"], lambda m: octets(m["used_bytes"]), True),
    Column("carried_bytes", lambda m: m["carried_bytes"], lambda m: octets(m["carried_bytes"]), True),
    Column("lost_bytes", lambda m: m["lost_bytes"], lambda m: octets(m["lost_bytes"]), True),
    Column("out_of_bucket_bytes", lambda m: m["out_of_bucket_bytes"], lambda m: octets(m["out_of_bucket_bytes"]), True),
    Column("paid", flat_money("paid"), lambda m: money(m["paid"]), True),
)


def differing(check: Mapping[str, Any], side: str) -> str:
    """For people only what does not hold is spelled out."""
    if check["ok"]:
        return ""
    other = check["actual" if side == "expected" else "expected"]
    return compact({key: value for key, value in check[side].items() if other.get(key) != value})


def month_rows(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every month of every plan as a row."""
    for plan in data["plans"]:
        for row in plan["months"]:
            yield {"plan": plan["plan"], **row}


def story(data: Mapping[str, Any], terminal: Terminal) -> None:
    """The explanation, line by line, in the order in which it happened."""
    name = None
    for step in data.get("explanation", ()):
        if step["line"] != name:
            name = step["line"]
            terminal.write(f"\n{name}\n")
        terminal.write(f"  {when(step['at'], data['zone'])}  {say(step['template'], **step['params'])}\n")


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """The verdict, what does not hold, the story where it was asked for, and what is left at the end."""
    from esimctl.show.table import draw

    held = sum(1 for check in data["checks"] if check["ok"])
    verdict = say("every expectation holds") if data["passed"] else say("not every expectation holds")
    terminal.write(f"{say('{name}', name=data['name'])}: {verdict} ({held}/{len(data['checks'])})\n")
    if data["about"]:
        terminal.write(say("{about}", about=data["about"]) + "\n")
    failed = [{**check, "zone": data["zone"]} for check in data["checks"] if not check["ok"]]
    if failed:
        terminal.write("\n")
        draw(CHECKS, failed, terminal)
    story(data, terminal)
    owners = [(line["line"], line) for line in data["final"]["lines"]]
    owners += [(pool["pool"], pool) for pool in data["final"]["pools"]]
    rows = [{"line": name, "zone": data["zone"], **bucket} for name, owner in owners for bucket in owner["buckets"]]
    if rows:
        terminal.write("\n" + say("at the end, {at}:", at=when(data["final"]["as_of"], data["zone"])) + "\n")
        draw(BUCKETS, rows, terminal)


def side_by_side(data: Mapping[str, Any], terminal: Terminal) -> None:
    """Each plan month by month, then what all of it comes to."""
    from esimctl.show.table import draw

    draw(MONTHS, list(month_rows(data)), terminal)
    terminal.write("\n")
    for plan in data["plans"]:
        total = plan["total"]
        terminal.write(
            say(
                "{plan}: {used} used, {lost} lost, {missing} not covered, {paid} paid",
                plan=plan["plan"],
                used=octets(total["used_bytes"]),
                lost=octets(total["lost_bytes"]),
                missing=octets(total["out_of_bucket_bytes"]),
                paid=money(total["paid"]),
            )
            + "\n"
        )


STORY: tuple[Column[Any], ...] = (
    Column("at", lambda s: s["at"]),
    Column("line", lambda s: s["line"]),
    Column("reason", lambda s: s["reason"]),
    Column("text", lambda s: english(s["template"], **s["params"]), lambda s: say(s["template"], **s["params"])),
)

VIEWS = {
    "simulation": View(CHECKS, lambda data: data["checks"], person, "nothing was expected"),
    "story": View(STORY, lambda data: data["explanation"]),
    "what-if": View(MONTHS, month_rows, side_by_side),
}
