"""What happened to lines, between the books (JSON) and the engine (values): one table of verbs.

The terms of a purchase are kept with it as they were (R-116): a newer catalogue changes no past.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from esimctl.charging.events import (
    Credit,
    Debit,
    Event,
    Gift,
    Install,
    Leave,
    Purchase,
    Renew,
    Restate,
    Share,
    Topup,
    Use,
)
from esimctl.charging.money import Money
from esimctl.charging.restating import worked_in
from esimctl.charging.terms import Terms, terms_from_table
from esimctl.charging.volume import UNLIMITED
from esimctl.providers.sandbox.books import moment, ticks


def write(
    database: sqlite3.Connection,
    iccid: str,
    at: datetime,
    now: datetime,
    content: Mapping[str, Any],
    other: str | None = None,
) -> None:
    """Put one event into the books: what counts at `at` and became known at `now`; `other` is the other line."""
    row = (iccid, other, ticks(at), ticks(now), json.dumps(content, ensure_ascii=False))
    database.execute("INSERT INTO event (iccid, other, at, recorded_at, content) VALUES (?, ?, ?, ?, ?)", row)


def company(database: sqlite3.Connection, lines: Iterable[str]) -> tuple[str, ...]:
    """Lines and all that gifts and sharing tie to them: they are worked out together."""
    ahead = list(lines)
    found = set(ahead)
    while ahead:
        one = ahead.pop()
        rows = database.execute(
            "SELECT other FROM event WHERE iccid = ? AND other IS NOT NULL"
            " UNION SELECT iccid FROM event WHERE other = ?",
            (one, one),
        )
        for (name,) in rows.fetchall():
            if name not in found:
                found.add(name)
                ahead.append(name)
    return tuple(sorted(found))


def read(database: sqlite3.Connection, lines: Iterable[str], until: datetime, newest: int | None = None) -> list[Event]:
    """The events of some lines up to an instant (and up to a number), oldest first, as the engine takes them."""
    names = tuple(lines)
    rows = database.execute(
        f"SELECT number, iccid, other, at, content FROM event WHERE iccid IN ({', '.join('?' * len(names))})"  # noqa: S608
        " AND at <= ? AND number <= ? ORDER BY at, number",
        (*names, ticks(until), 2**62 if newest is None else newest),
    )
    known: dict[str, Terms] = {}
    return worked_in(
        (number, _event(iccid, other, moment(at), json.loads(content), known))
        for number, iccid, other, at, content in rows
    )


def _event(line: str, other: str | None, at: datetime, content: Mapping[str, Any], known: dict[str, Terms]) -> Event:
    match content["verb"]:
        case "use":
            dated = content.get("dated")
            return Use(at, line, content["octets"], None if dated is None else moment(dated))
        case "purchase":
            return Purchase(at, line, _terms(content, known))
        case "install":
            return Install(at, line)
        case "renew":
            completes = content.get("completes")
            return Renew(at, line, _terms(content, known), None if completes is None else moment(completes))
        case "topup":
            return Topup(at, line, _terms(content, known))
        case "credit" | "debit" as verb:
            return (Credit if verb == "credit" else Debit)(at, line, Money(content["minor"], content["currency"]))
        case "gift":
            return Gift(at, line, str(other), content["octets"])
        case "share":
            cap = content["cap"]
            return Share(at, line, str(other), UNLIMITED if cap is None else cap)
        case "restate":
            return Restate(at, line, content["changed"], content["said"])
        case verb:
            assert verb == "leave", verb
            return Leave(at, line, str(other))


def _terms(content: Mapping[str, Any], known: dict[str, Terms]) -> Terms:
    """The terms of a purchase; the same table is read once."""
    key = json.dumps(content["terms"], sort_keys=True) + content["plan"]
    if key not in known:
        known[key] = terms_from_table(content["plan"], content["terms"])
    return known[key]
