"""Findings of `check`: one line in all for people and pipes, or the line that plugins of monitors print."""

from collections.abc import Callable, Mapping
from typing import Any

from esimctl.show.amounts import octets
from esimctl.show.present import Column, View
from esimctl.show.terminal import Terminal
from esimctl.show.words import english, say, spoken
from esimctl.text import clean


def summary(data: Mapping[str, Any], speak: Callable[..., str] = english) -> str:
    """What needs attention, lines and then money, and why; in English for programs; empty when there is nothing."""
    found = []
    for row in data["lines"]:
        if not row["ok"]:
            words = ", ".join(speak(FINDINGS.get(word, word)) for word in row["attention"])
            left = octets(row["remaining_bytes"], speak=speak)
            found.append(speak("{line}: {words} ({left} left)", line=row["line"], words=words, left=left))
    found += [
        str(each["text"] if speak is english else spoken(each["said"], each["text"])) for each in data["findings"]
    ]
    return "; ".join(found)


#: finding → what it is called in one or two words
FINDINGS = {
    "low_data": "low data",
    "expiring": "expires soon",
    "expired": "has expired",
    "stale_reading": "stale reading",
    "order_open": "order open",
    "rollover_at_risk": "rollover at risk",
    "exhausted": "used up",
}


def plugin_line(data: Mapping[str, Any]) -> str:
    """`WARNING - text | perfdata` as plugin guidelines have it; labels are quoted, unknown figures left out."""
    text = summary(data) or english("{count} lines, nothing to do", count=len(data["lines"]))
    figures = " ".join(
        f"'{row['line']}'={row['remaining_bytes']}B" for row in data["lines"] if row["remaining_bytes"] is not None
    )
    line = f"{data['plugin']['state']} - {clean(text, 2000).replace('|', '/')}"
    return f"{line} | {figures}" if figures else line


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """One line, or nothing."""
    text = summary(data, say)
    if text:
        terminal.tell(text + "\n")


COLUMNS = (Column("findings", lambda r: r["text"]),)
DETAIL = (
    *COLUMNS,
    Column("line", lambda r: r["line"], shown=False),
    Column("attention", lambda r: ",".join(r["attention"]), shown=False),
    Column("remaining", lambda r: r["remaining_bytes"], shown=False),
    Column("expires", lambda r: r["expires_at"], shown=False),
)


def rows(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """One row in all: scripts that mail what is printed get one line."""
    text = summary(data)
    if not text:
        return []
    bad = [row for row in data["lines"] if not row["ok"]]
    words = [word for row in bad for word in row["attention"]]
    words += [each["kind"] for each in data["findings"]]
    first = bad[0] if bad else {"line": data["findings"][0]["line"], "remaining_bytes": None, "expires_at": None}
    return [{**first, "text": text, "attention": words}]


VIEWS = {"check": View(DETAIL, rows, person)}
