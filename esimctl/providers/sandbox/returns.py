"""A line that nothing has happened to since it was bought can be given back: its price returns where it came from."""

import sqlite3
from datetime import datetime
from json import loads

from esimctl.charging.money import Money
from esimctl.providers.protocol import Outcome, Verdict
from esimctl.providers.sandbox.books import ticks
from esimctl.providers.sandbox.desk import ACCOUNT


def take_back(database: sqlite3.Connection, iccid: str | None, now: datetime) -> Outcome:
    """The money back for a line, once however often it is asked; refused when the line has been used."""
    row = database.execute(
        "SELECT number, body FROM purchase WHERE iccid = ? AND kind = 'new' AND status = 200", (iccid,)
    ).fetchone()
    if row is None:
        return Outcome(Verdict.REFUSED, "line_unknown", "this operator has no such line", charged=True)
    number, body = row
    charges = database.execute("SELECT minor, currency, method FROM charge WHERE purchase = ?", (number,)).fetchall()
    price = Money(charges[0][0], charges[0][1])
    if any(minor < 0 for minor, _, _ in charges):
        return Outcome(Verdict.SETTLED, "cancelled", charged=False, paid=price)
    if used(database, iccid):
        return Outcome(Verdict.REFUSED, "already_used", "the line has been used", charged=True)
    for minor, currency, method in charges:
        database.execute(
            "INSERT INTO charge (purchase, minor, currency, method, at) VALUES (?, ?, ?, ?, ?)",
            (number, -minor, currency, method, ticks(now)),
        )
        if loads(body)["method_kind"] == ACCOUNT:
            database.execute("UPDATE wallet SET minor = minor + ? WHERE currency = ?", (minor, currency))
    database.execute("DELETE FROM event WHERE iccid = ?", (iccid,))
    database.execute("DELETE FROM line WHERE iccid = ?", (iccid,))
    return Outcome(Verdict.SETTLED, "cancelled", charged=False, paid=price)


def used(database: sqlite3.Connection, iccid: str | None) -> bool:
    """Whether anything happened to a line but its purchase and what came with it."""
    events = database.execute("SELECT content FROM event WHERE iccid = ? OR other = ?", (iccid, iccid)).fetchall()
    orders = database.execute("SELECT count(*) FROM purchase WHERE iccid = ? AND status = 200", (iccid,)).fetchone()
    return orders[0] > 1 or any(loads(content)["verb"] not in ("purchase", "topup") for (content,) in events)
