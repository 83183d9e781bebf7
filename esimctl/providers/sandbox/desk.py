"""Where an order is executed: once for each key, all of it in one transaction, or refused with a reason.

The same key with the same bytes gets the same answer again; the same key with other bytes is refused.
"""

import json
import sqlite3
from datetime import datetime, timedelta, tzinfo
from json import loads

from esimctl.catalogue.plans import DEMO
from esimctl.malformed import Malformed
from esimctl.providers.lpa import ActivationCode, make_iccid
from esimctl.providers.protocol import Outcome, Verdict
from esimctl.providers.sandbox import faults, meter, stock
from esimctl.providers.sandbox.answers import decode, maybe_word, refusal, word
from esimctl.providers.sandbox.books import moment, ticks
from esimctl.providers.sandbox.stock import NotOffered, OperatorStock, PricedPlan, write
from esimctl.providers.strict_json import Json, JsonObject
from esimctl.values.moments import rfc3339
from esimctl.values.money import Money, MoneyError
from esimctl.values.record import fields, record
from esimctl.values.sentence import Param, Raw, SaidError
from esimctl.values.toml import Toml

KINDS = ("new", "renew", "topup")


class Refusal(SaidError):
    """An order that is refused, definitely: nothing was charged."""

    def __init__(self, reason: str, template: str, **params: Param) -> None:
        super().__init__(template, **params)
        self.reason = reason


def _money(told: JsonObject) -> Money:
    return Money.parse(f"{word(told, 'amount')} {word(told, 'currency')}")


#: Where the activation codes point to: a name that is reserved for examples and resolves nowhere.
HOST = "smdp.sandbox.example"

#: 89 for telecommunications, 855 for Cambodia, an issuer that nobody has.
ISSUER = "8985599"

#: A number range of no carrier.
NUMBERS = "+85520"

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def deliver(
    database: sqlite3.Connection,
    zone: tzinfo,
    form: "OrderForm",
    offer: "PricedPlan | None",
    now: datetime,
    ready_at: datetime,
) -> tuple[str, dict[str, Json]]:
    """Write the order's events; the line, and the part of the answer that names the goods."""
    iccid = form.iccid
    delivered: dict[str, str] = {}
    if form.kind == "new":
        assert offer is not None
        iccid = _new_line(database, offer, now, ready_at)
        delivered = dict(zip(("msisdn", "lpa"), activation(database, iccid), strict=True))
    assert iccid is not None
    _events(database, iccid, form, offer, now, ready_at)
    use_by, expires_at = meter.dates(database, zone, iccid, ready_at)
    return iccid, {
        "iccid": iccid,
        **delivered,
        "use_by": None if use_by is None else rfc3339(use_by),
        "expires_at": None if expires_at is None else rfc3339(expires_at),
    }


def activation(database: sqlite3.Connection, iccid: str) -> tuple[str, str]:
    """The number and the activation code of a line."""
    msisdn, matching_id = database.execute("SELECT msisdn, matching_id FROM line WHERE iccid = ?", (iccid,)).fetchone()
    return msisdn, ActivationCode(HOST, matching_id).text


def _events(
    database: sqlite3.Connection,
    iccid: str,
    form: "OrderForm",
    offer: "PricedPlan | None",
    now: datetime,
    ready_at: datetime,
) -> None:
    if offer is None:
        assert form.amount is not None
        money: dict[str, Toml] = {"minor": form.amount.minor, "currency": form.amount.currency}
        stock.write(database, iccid, ready_at, now, {"verb": "credit", **money})
        return
    pack: dict[str, Toml] = {"plan": offer.plan.id, "terms": dict(offer.terms)}
    match form.kind:
        case "new":
            stock.write(database, iccid, ready_at, now, {"verb": "purchase", **pack})
        case "renew":
            later = {"completes": ticks(ready_at)} if ready_at > now else {}
            stock.write(database, iccid, now, now, {"verb": "renew", **later, **pack})
            database.execute("UPDATE line SET plan = ? WHERE iccid = ?", (offer.plan.id, iccid))
        case _:
            stock.write(database, iccid, ready_at, now, {"verb": "topup", **pack})
    if offer.gift is not None:
        given = {"verb": "topup", "plan": form.promotion, "terms": dict(offer.gift)}
        stock.write(database, iccid, ready_at, now, given)


def _new_line(database: sqlite3.Connection, offer: "PricedPlan", now: datetime, ready_at: datetime) -> str:
    """A line of its own: ICCID, number and matching id are drawn until none of them is taken."""
    import secrets

    while True:
        iccid = make_iccid(ISSUER, secrets.randbelow(10**11))
        number = NUMBERS + f"{secrets.randbelow(10**7):07d}"
        groups = ("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
        row = (iccid, number, "-".join(groups), offer.plan.carrier, offer.plan.id, ticks(now), ticks(ready_at))
        try:
            database.execute("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        except sqlite3.IntegrityError:
            continue
        return iccid


@record
class OrderForm:
    """An order as it arrives, with every field of its type."""

    key: str
    kind: str
    plan: str | None
    amount: Money | None
    iccid: str | None
    method: str
    method_kind: str
    confirmed: bool
    promotion: str | None
    price: Money

    @classmethod
    def read(cls, body: str) -> "OrderForm":
        """The bytes of an order; raises Refusal."""
        try:
            told = decode(body.encode()).only(fields(cls))
            confirmed = told.flag("confirmed")
            if confirmed is None:
                raise told.wrong("confirmed", "is missing")
            form = cls(
                key=word(told, "key"),
                kind=word(told, "kind"),
                plan=maybe_word(told, "plan"),
                amount=_money(told.inner("amount")) if told.has("amount") else None,
                iccid=maybe_word(told, "iccid"),
                method=word(told, "method"),
                method_kind=word(told, "method_kind"),
                confirmed=confirmed,
                promotion=maybe_word(told, "promotion"),
                price=_money(told.inner("price")),
            )
        except (Malformed, MoneyError) as why:
            raise Refusal("bad_request", "the order cannot be read") from why
        named = form.plan is not None or form.kind == "renew"  # a renewal without a plan is with the line's own
        if form.kind not in KINDS or named is (form.amount is not None):
            raise Refusal("bad_request", "an order is for a plan or for an amount")
        return form


#: How long an activation takes when the fault `slow-activation` is armed, by the operator's clock.
SLOW = timedelta(seconds=20)

#: Methods by name or kind: what they do.
DECLINED = "sandbox-declined"

CONFIRMED = "sandbox-confirm"

#: The kind of a method that draws on the account's own credit.
ACCOUNT = "provider-balance"

MAIN_BALANCE = "main-balance"

Answered = tuple[int, dict[str, Json]]


def take(database: sqlite3.Connection, stock: OperatorStock, body: str, now: datetime) -> Answered:
    """Execute an order, or find it executed; returns status and document."""
    try:
        form = OrderForm.read(body)
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


def offered(database: sqlite3.Connection, stock: OperatorStock, form: OrderForm, now: datetime) -> PricedPlan | None:
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
        raise Refusal(
            "plan_not_for_line", "{plan} is not for a line of {carrier}", plan=Raw(plan.id), carrier=Raw(carrier)
        )
    return stock.offer(form.kind, plan, form.promotion, now)


def _struck(database: sqlite3.Connection) -> None:
    if faults.strikes(database, "out-of-stock"):
        raise Refusal("out_of_stock", "this plan is out of stock")
    if faults.strikes(database, "decline"):
        raise Refusal("declined", "the payment was declined")


def _execute(database: sqlite3.Connection, stock: OperatorStock, form: OrderForm, body: str, now: datetime) -> Answered:
    offer = offered(database, stock, form, now)
    price = form.amount if offer is None else offer.price
    assert price is not None
    if price != form.price:
        raise Refusal("price_changed", "the price is {price}", price=price)
    _pay(database, stock, form, price, now)
    ready_at = now + SLOW if faults.strikes(database, "slow-activation") else now
    number = _keep(database, form, body, (200, {}), now, ready_at)
    times = 2 if faults.strikes(database, "duplicate-charge") else 1
    for _ in range(times):
        row = (number, price.minor, price.currency, form.method, ticks(now))
        database.execute("INSERT INTO charge (purchase, minor, currency, method, at) VALUES (?, ?, ?, ?, ?)", row)
        if form.method_kind == ACCOUNT:
            database.execute("UPDATE wallet SET minor = minor - ? WHERE currency = ?", (price.minor, price.currency))
    iccid, delivered = deliver(database, stock.zone, form, offer, now, ready_at)
    impossible = meter.refused(database, stock.zone, iccid, ready_at)
    if impossible is not None:
        raise Refusal("not_possible", "{why}", why=Raw(impossible))
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
        (json.dumps(document), iccid, document["plan"], number),
    )
    answered = found(database, form.key, now)
    assert answered is not None
    return answered


def _pay(database: sqlite3.Connection, stock: OperatorStock, form: OrderForm, price: Money, now: datetime) -> None:
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


def _from_main_balance(
    database: sqlite3.Connection, stock: OperatorStock, form: OrderForm, price: Money, now: datetime
) -> None:
    """The line pays from what it holds, and from nothing else."""
    held = None
    if form.iccid is not None and form.amount is None:
        held = meter.engine(database, stock.zone, (form.iccid,), now).state().line(form.iccid).main_balance
    if form.iccid is None or held is None or held.currency != price.currency or held < price:
        raise Refusal("insufficient_funds", "the main balance is too low")
    write(database, form.iccid, now, now, {"verb": "debit", "minor": price.minor, "currency": price.currency})


def _keep(
    database: sqlite3.Connection, form: OrderForm, body: str, answered: Answered, now: datetime, ready_at: datetime
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
