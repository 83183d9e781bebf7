"""What an order delivers: a new line with its activation code, or an event on the line it is for."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from esimctl.charging.moments import rfc3339
from esimctl.charging.money import Money, MoneyError
from esimctl.malformed import Malformed
from esimctl.providers.lpa import ActivationCode, make_iccid
from esimctl.providers.sandbox import meter, story
from esimctl.providers.sandbox.answers import decode
from esimctl.providers.sandbox.books import ticks

if TYPE_CHECKING:
    from esimctl.providers.sandbox.stock import Offer

KINDS = ("new", "renew", "topup")


class Refusal(ValueError):
    """An order that is refused, definitely: nothing was charged."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def _money(table: Mapping[str, str]) -> Money:
    return Money.parse(f"{table['amount']} {table['currency']}")


#: Where the activation codes point to: a name that is reserved for examples and resolves nowhere.
HOST = "smdp.sandbox.example"

#: 89 for telecommunications, 855 for Cambodia, an issuer that nobody has.
ISSUER = "8985599"

#: A number range of no carrier.
NUMBERS = "+85520"

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def deliver(
    database: sqlite3.Connection, zone: tzinfo, form: "Form", offer: "Offer | None", now: datetime, ready_at: datetime
) -> dict[str, Any]:
    """Write the order's events and return the part of the answer that names the goods."""
    iccid = form.iccid
    delivered: dict[str, Any] = {}
    if form.kind == "new":
        assert offer is not None
        iccid = _new_line(database, offer, now, ready_at)
        delivered = dict(zip(("msisdn", "lpa"), activation(database, iccid), strict=True))
    assert iccid is not None
    _events(database, iccid, form, offer, now, ready_at)
    use_by, expires_at = meter.dates(database, zone, iccid, ready_at)
    return {
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
    database: sqlite3.Connection, iccid: str, form: "Form", offer: "Offer | None", now: datetime, ready_at: datetime
) -> None:
    if offer is None:
        assert form.amount is not None
        money = {"minor": form.amount.minor, "currency": form.amount.currency}
        story.write(database, iccid, ready_at, now, {"verb": "credit", **money})
        return
    pack = {"plan": offer.plan.id, "terms": dict(offer.terms)}
    match form.kind:
        case "new":
            story.write(database, iccid, ready_at, now, {"verb": "purchase", **pack})
        case "renew":
            later = {"completes": ticks(ready_at)} if ready_at > now else {}
            story.write(database, iccid, now, now, {"verb": "renew", **later, **pack})
            database.execute("UPDATE line SET plan = ? WHERE iccid = ?", (offer.plan.id, iccid))
        case _:
            story.write(database, iccid, ready_at, now, {"verb": "topup", **pack})
    if offer.gift is not None:
        given = {"verb": "topup", "plan": form.promotion, "terms": dict(offer.gift)}
        story.write(database, iccid, ready_at, now, given)


def _new_line(database: sqlite3.Connection, offer: "Offer", now: datetime, ready_at: datetime) -> str:
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


@dataclass(frozen=True, slots=True)
class Form:
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
    def read(cls, body: str) -> "Form":
        """The bytes of an order; raises Refusal."""
        try:
            table = decode(body.encode())
            amount = table["amount"]
            form = cls(
                **{**table, "amount": None if amount is None else _money(amount), "price": _money(table["price"])}
            )
        except (Malformed, MoneyError, KeyError, TypeError, ValueError) as why:
            raise Refusal("bad_request", "the order cannot be read") from why
        words = (form.key, form.kind, form.method, form.method_kind)
        maybe = (form.plan, form.iccid, form.promotion)
        if not all(isinstance(word, str) for word in words) or form.confirmed not in (True, False):
            raise Refusal("bad_request", "the order cannot be read")
        if not all(word is None or isinstance(word, str) for word in maybe):
            raise Refusal("bad_request", "the order cannot be read")
        named = form.plan is not None or form.kind == "renew"  # a renewal without a plan is with the line's own
        if form.kind not in KINDS or named is (form.amount is not None):
            raise Refusal("bad_request", "an order is for a plan or for an amount")
        return form
