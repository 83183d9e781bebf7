"""Where an order is executed: once for each key, all of it in one transaction, or refused with a reason.

The same key with the same bytes gets the same answer again; the same key with other bytes is refused.
"""

import json
import sqlite3
from datetime import datetime, timedelta
from typing import Any

from esimctl.catalogue.plans import DEMO
from esimctl.charging.moments import rfc3339
from esimctl.charging.money import Money
from esimctl.providers.sandbox import faults, goods, meter
from esimctl.providers.sandbox.answers import refusal
from esimctl.providers.sandbox.books import moment, ticks
from esimctl.providers.sandbox.goods import Form, Refusal
from esimctl.providers.sandbox.stock import NotOffered, Offer, Stock
from esimctl.providers.sandbox.story import write

#: How long an activation takes when the fault `slow-activation` is armed, by the operator's clock.
SLOW = timedelta(seconds=20)

#: Methods by name or kind: what they do.
DECLINED = "sandbox-declined"

CONFIRMED = "sandbox-confirm"

#: The kind of a method that draws on the account's own credit.
ACCOUNT = "provider-balance"

MAIN_BALANCE = "main-balance"

Answered = tuple[int, dict[str, Any]]


def take(database: sqlite3.Connection, stock: Stock, body: str, now: datetime) -> Answered:
    """Execute an order, or find it executed; returns status and document."""
    try:
        form = Form.read(body)
    except Refusal as why:
        return refusal(why.reason, str(why))
    row = database.execute("SELECT body FROM purchase WHERE key = ?", (form.key,)).fetchone()
    if row is not None:
        if row[0] != body:
            return refusal("key_conflict", "this key was used for another order")
        answered = found(database, form.key, now)
        assert answered is not None
        return answered
    try:
        _struck(database)
        database.execute("SAVEPOINT execution")
        try:
            return _execute(database, stock, form, body, now)
        except (Refusal, NotOffered):
            database.execute("ROLLBACK TO execution")
            raise
    except (Refusal, NotOffered) as why:
        status, document = refusal(why.reason, str(why))
        _keep(database, form, body, (status, document), now, now)
        return status, document


def found(database: sqlite3.Connection, key: str, now: datetime) -> Answered | None:
    """The answer to an order as it stands now: taken, and settled once its goods are ready. None if there is none."""
    row = database.execute("SELECT status, answer, ready_at FROM purchase WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    status, document, ready_at = row[0], json.loads(row[1]), moment(row[2])
    if status == 200 and now < ready_at:
        kept = {name: document[name] for name in ("order", "key", "plan", "iccid", "charge") if name in document}
        return 202, {**kept, "status": "processing", "ready_at": rfc3339(ready_at)}
    return status, document


def offered(database: sqlite3.Connection, stock: Stock, form: Form, now: datetime) -> Offer | None:
    """What the order is for and its price; None for money on the main balance. Raises Refusal and NotOffered."""
    carrier, wanted = None, form.plan
    if form.kind != "new":
        row = database.execute("SELECT carrier, plan FROM line WHERE iccid = ?", (form.iccid,)).fetchone()
        if row is None:
            raise Refusal("line_unknown", "this operator has no such line")
        carrier, wanted = row[0], form.plan or row[1]
    if form.amount is not None:
        if form.kind != "topup" or form.amount.minor <= 0:
            raise Refusal("bad_request", "money goes on the main balance of a line, by a top-up")
        return None
    plan = stock.plan(wanted)
    if plan is None:
        raise Refusal("plan_unknown", "this operator does not sell that plan")
    if carrier is not None and plan.carrier not in (carrier, DEMO):
        raise Refusal("plan_not_for_line", f"{plan.id} is not for a line of {carrier}")
    return stock.offer(form.kind, plan, form.promotion, now)


def _struck(database: sqlite3.Connection) -> None:
    if faults.strikes(database, "out-of-stock"):
        raise Refusal("out_of_stock", "this plan is out of stock")
    if faults.strikes(database, "decline"):
        raise Refusal("declined", "the payment was declined")


def _execute(database: sqlite3.Connection, stock: Stock, form: Form, body: str, now: datetime) -> Answered:
    offer = offered(database, stock, form, now)
    price = form.amount if offer is None else offer.price
    assert price is not None
    if price != form.price:
        raise Refusal("price_changed", f"the price is {price}")
    _pay(database, stock, form, price, now)
    ready_at = now + SLOW if faults.strikes(database, "slow-activation") else now
    number = _keep(database, form, body, (200, {}), now, ready_at)
    times = 2 if faults.strikes(database, "duplicate-charge") else 1
    for _ in range(times):
        row = (number, price.minor, price.currency, form.method, ticks(now))
        database.execute("INSERT INTO charge (purchase, minor, currency, method, at) VALUES (?, ?, ?, ?, ?)", row)
        if form.method_kind == ACCOUNT:
            database.execute("UPDATE wallet SET minor = minor - ? WHERE currency = ?", (price.minor, price.currency))
    delivered = goods.deliver(database, stock.zone, form, offer, now, ready_at)
    impossible = meter.refused(database, stock.zone, delivered["iccid"], ready_at)
    if impossible is not None:
        raise Refusal("not_possible", impossible)
    document = {
        "order": order_number(number),
        "key": form.key,
        "status": "done",
        "plan": None if offer is None else offer.plan.id,
        "charge": price.as_json(),
        **delivered,
    }
    database.execute(
        "UPDATE purchase SET answer = ?, iccid = ?, plan = ? WHERE number = ?",
        (json.dumps(document), delivered["iccid"], document["plan"], number),
    )
    answered = found(database, form.key, now)
    assert answered is not None
    return answered


def _pay(database: sqlite3.Connection, stock: Stock, form: Form, price: Money, now: datetime) -> None:
    """The payment method says yes, no, or wants a person; an account with a balance must have enough."""
    names = {form.method, form.method_kind}
    if DECLINED in names:
        raise Refusal("declined", "the payment was declined")
    if CONFIRMED in names and not form.confirmed:
        raise Refusal("authentication_required", "this payment must be confirmed by its owner")
    if form.method_kind == MAIN_BALANCE:
        _from_main_balance(database, stock, form, price, now)
    if form.method_kind == ACCOUNT:
        row = database.execute("SELECT minor FROM wallet WHERE currency = ?", (price.currency,)).fetchone()
        if row is not None and row[0] < price.minor:
            raise Refusal("insufficient_funds", "the account's balance is too low")


def _from_main_balance(database: sqlite3.Connection, stock: Stock, form: Form, price: Money, now: datetime) -> None:
    """The line pays from what it holds, and from nothing else."""
    held = None
    if form.iccid is not None and form.amount is None:
        held = meter.engine(database, stock.zone, (form.iccid,), now).state().line(form.iccid).main_balance
    if form.iccid is None or held is None or held.currency != price.currency or held < price:
        raise Refusal("insufficient_funds", "the main balance is too low")
    write(database, form.iccid, now, now, {"verb": "debit", "minor": price.minor, "currency": price.currency})


def _keep(
    database: sqlite3.Connection, form: Form, body: str, answered: Answered, now: datetime, ready_at: datetime
) -> int:
    cursor = database.execute(
        "INSERT INTO purchase (key, body, kind, plan, iccid, status, answer, created_at, ready_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            form.key,
            body,
            form.kind,
            form.plan,
            form.iccid,
            answered[0],
            json.dumps(answered[1]),
            ticks(now),
            ticks(ready_at),
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def gift_body(key: str, iccid: str, to: str, octets: int) -> str:
    """A gift as the books keep it, to be compared with another of the same key."""
    return json.dumps({"key": key, "kind": "gift", "iccid": iccid, "to": to, "octets": octets}, sort_keys=True)


def keep_gift(database: sqlite3.Connection, key: str, body: str, iccid: str, now: datetime) -> int:
    """Number a gift like an order; nothing is charged for it."""
    cursor = database.execute(
        "INSERT INTO purchase (key, body, kind, iccid, status, answer, created_at, ready_at)"
        " VALUES (?, ?, 'gift', ?, 200, '{}', ?, ?)",
        (key, body, iccid, ticks(now), ticks(now)),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def order_number(number: int) -> str:
    """How the operator writes the number of an order."""
    return f"SB-{number:06d}"
