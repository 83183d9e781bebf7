"""Findings of `check`: one line in all for people and pipes, or the line that plugins of monitors print."""

from collections.abc import Callable, Mapping
from typing import Any

from esimctl.show.amounts import local, money, octets
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import english, say, spoken
from esimctl.values.text import clean


def summary(data: Mapping[str, Any], speak: Callable[..., str] = english) -> str:
    """What needs attention, lines and then money, and why; in English for programs; empty when there is nothing."""
    found = []
    doubted = {each["order"] for each in data["findings"]}
    for row in data["lines"]:
        if not row["ok"]:
            words = ", ".join(speak(FINDINGS.get(word, word)) for word in row["attention"])
            template = (
                "{line}: {words} ({left}, worked out)" if row["source"] == "modelled" else "{line}: {words} ({left})"
            )
            found.append(speak(template, line=row["line"], words=words, left=left(row, speak)))
    found += [
        speak("{line}: order {order} is not settled, {price} are held", **{**row, "price": money(row["price"])})
        for row in data["orders"]
        if row["order"] not in doubted
    ]
    found += [
        str(each["text"] if speak is english else spoken(each["said"], each["text"]))
        for each in (*data["findings"], *data.get("rules", ()))
    ]
    return "; ".join(found)


def left(row: Mapping[str, Any], speak: Callable[..., str]) -> str:
    """What is left now, what is left apart from it, and until when it must be renewed where that saves something."""
    now = octets(row["remaining_bytes"], unlimited=row["unlimited"], speak=speak)
    said = [speak("{volume} left", volume=now)]
    if row["restricted_bytes"] or row["restricted_unlimited"]:
        more = octets(row["restricted_bytes"], unlimited=row["restricted_unlimited"], speak=speak)
        said.append(speak("{volume} more in its hours, apps or later", volume=more))
    if "rollover_at_risk" in row["attention"]:
        said.append(speak("renew by {date}", date=local(row["renew_by"])))
    return ", ".join(said)


#: finding → what it is called in one or two words
FINDINGS = {
    "low_data": "low data",
    "expiring": "expires soon",
    "expired": "has expired",
    "stale_reading": "stale reading",
    "order_open": "order open",
    "rollover_at_risk": "rollover at risk",
    "exhausted": "used up",
    "end_unseen": "renewed: is the new end to be seen?",
}


def plugin_line(data: Mapping[str, Any]) -> str:
    """`WARNING - text | perfdata` as plugin guidelines have it; labels are quoted, unknown figures left out."""
    text = summary(data) or english("{count} lines, nothing to do", count=len(data["lines"]))
    figures = " ".join(
        f"'{row['line']}'={row['judged_bytes']}B" for row in data["lines"] if row["judged_bytes"] is not None
    )
    line = f"{data['plugin']['state']} - {clean(text, 2000).replace('|', '/')}"
    return f"{line} | {figures}" if figures else line


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """One line, or nothing."""
    text = summary(data, say)
    if text:
        terminal.tell(text + "\n")


#: a line that may not be there yet, but for which money is held
HELD = {"attention": ["order_open"], "remaining_bytes": None, "expires_at": None}

COLUMNS: tuple[Column[Any], ...] = (Column("findings", lambda r: r["text"]),)
DETAIL: tuple[Column[Any], ...] = (
    *COLUMNS,
    Column("line", lambda r: r["line"], shown=False),
    Column("attention", lambda r: ",".join(r["attention"]), shown=False),
    Column("remaining", lambda r: r["remaining_bytes"], shown=False),
    Column("expires", lambda r: r["expires_at"], shown=False),
    Column("restricted", lambda r: r["restricted_bytes"], shown=False),
    Column("renew_by", lambda r: r["renew_by"], shown=False),
)


def rows(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """One row in all: scripts that mail what is printed get one line."""
    text = summary(data)
    if not text:
        return []
    bad = [row for row in data["lines"] if not row["ok"]]
    bad += [HELD | {"line": row["line"]} for row in data.get("orders", ())]
    bad += [HELD | {"line": row["line"], "attention": ["rule_overdue"]} for row in data.get("rules", ())]
    words = [word for row in bad for word in row["attention"]]
    words += [each["kind"] for each in data["findings"]]
    first = bad[0] if bad else {"line": data["findings"][0]["line"], "remaining_bytes": None, "expires_at": None}
    return [{**first, "text": text, "attention": words}]


VIEWS = {"check": View(DETAIL, rows, person)}
