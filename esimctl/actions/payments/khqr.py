"""KHQR payments: a seller's code looked at before anybody pays, a code drawn for a payee of one's own, paid or not.

esimctl is no merchant and pays nothing: a code only ever pays whom it names, never a carrier. «Paid» is said by the
bank, or by the person, and it is written down who said it.
"""

import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from esimctl.actions.books import open_books
from esimctl.actions.purchase.gates import check_whole
from esimctl.actions.purchase.intent import check_name
from esimctl.actions.purchase.order_document import instant
from esimctl.actions.result import Result
from esimctl.actions.session import unknown
from esimctl.charging.money import Money
from esimctl.errors import CredentialsError, ExitCode, OwnRules, Refused, UnknownOutcome, UsageError
from esimctl.providers.khqr import Khqr, KhqrError, decode, encode, key
from esimctl.providers.khqr import check as well_formed

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.providers.bakong import Payment

LONGEST_LIFE = timedelta(minutes=10)
BANK = "bakong"


def show(session: "Session", text: str, *, amount: Money | None = None, payee: str | None = None) -> Result:
    """Who would be paid, how much, for what and until when. Refused where the code or the amount is not right."""
    code = read(text)
    expected = None if payee is None else _payee(session, payee)
    refuse_wrong(session, code, amount, expected)
    result = Result("khqr", {"khqr": document(code, text, state(session, code))})
    result.note(
        "it pays {name} in {city} and nobody else; esimctl cannot pay it for you", name=code.name, city=code.city
    )
    return result


def read(text: str) -> Khqr:
    """The code in a text; what is none is wrong usage and shows nothing of it."""
    try:
        return decode(text)
    except KhqrError as why:
        raise UsageError("{why}; do not pay it", code="bad_khqr", why=str(why)) from None


def refuse_wrong(session: "Session", code: Khqr, amount: Money | None, expected: Khqr | None) -> None:
    """An expired code, another amount or another payee than expected; the sentence begins with who would be paid."""
    who = f"{code.name}, {code.city} ({code.account})"
    if code.expires is not None and code.expires <= session.clock.now():
        raise Refused(
            "{who}: the code expired at {at}; do not pay it", code="khqr_expired", who=who, at=instant(code.expires)
        )
    if amount is not None and code.amount is not None and code.amount != amount:
        raise OwnRules(
            "{who}: the code asks for {asked}, not for {amount}; do not pay it",
            code="khqr_amount_differs", who=who, asked=str(code.amount), amount=str(amount),
        )  # fmt: skip
    if amount is not None and code.currency != amount.currency:
        raise OwnRules(
            "{who}: the code is in {asked}, not in {currency}; do not pay it",
            code="khqr_amount_differs", who=who, asked=code.currency, currency=amount.currency,
        )  # fmt: skip
    if expected is not None and code.account != expected.account:
        raise OwnRules(
            "{who}: that is not {account}; do not pay it", code="khqr_payee_differs", who=who, account=expected.account
        )


def state(session: "Session", code: Khqr) -> str:
    """shown, or expired: whether it was paid only the bank or the person can say."""
    return "expired" if code.expires is not None and code.expires <= session.clock.now() else "shown"


def document(code: Khqr, text: str, word: str) -> dict[str, Any]:
    """A code as the public document has it; `md5` is the bank's name for its payment."""
    return {
        "state": word,
        "payee": {
            "name": code.name, "city": code.city, "account": code.account, "merchant_id": code.merchant_id,
            "bank": code.bank, "name_km": code.name_km, "city_km": code.city_km,
        },
        "amount": None if code.amount is None else code.amount.as_json(),
        "currency": code.currency,
        "bill": code.bill,
        "purpose": code.purpose,
        "dynamic": code.dynamic,
        "created_at": instant(code.created),
        "expires_at": instant(code.expires),
        "md5": key(text),
        "payload": text.strip(),
        "confirmed_by": None,
        "reference": None,
    }  # fmt: skip


def add_payee(
    session: "Session", name: str, account: str, shown: str, city: str, merchant_id: str | None, bank: str | None
) -> Result:
    """Set up whom codes are drawn for: a family pot, a shop, a reseller; never built in."""
    check_name(name, "payee")
    table = {"account": account, "name": shown, "city": city, "merchant_id": merchant_id, "bank": bank}
    _khqr(table)
    with open_books(session, f"payments khqr payee {name}"):
        session.store.profile.set_table("payee", name, {k: v for k, v in table.items() if v is not None})
        session.forget()
    return Result("payee", {"payee": {"name": name, **{k: v for k, v in table.items() if k != "name"}, "shown": shown}})


def _khqr(table: dict[str, Any]) -> Khqr:
    """A payee's code without an amount; UsageError where it could not be written."""
    try:
        code = Khqr(
            account=str(table.get("account", "")), name=str(table.get("name", "")), city=str(table.get("city", "")),
            currency="USD", dynamic=False, merchant=table.get("merchant_id") is not None,
            merchant_id=table.get("merchant_id"), bank=table.get("bank"),
        )  # fmt: skip
        well_formed(code)
        encode(code)
    except KhqrError as why:
        raise UsageError("{why}", code="bad_payee", why=str(why)) from None
    return code


def _payee(session: "Session", name: str) -> Khqr:
    table = session.section("payee").get(name)
    if table is None:
        raise unknown(
            "payee", name, list(session.section("payee")), "esimctl payments khqr payee NAME --account ID@BANK"
        )
    return _khqr(table)


def make(session: "Session", payee: str, amount: Money, *, bill: str | None, minutes: int) -> Result:
    """Draw a code for a payee with an amount, a bill number of its own and a short life; written down by its MD5."""
    life = timedelta(minutes=minutes)
    if not timedelta() < life <= LONGEST_LIFE:
        raise UsageError("a code lives one to ten minutes", code="bad_life")
    if amount.currency not in ("KHR", "USD"):
        raise UsageError("a code is in KHR or USD", code="bad_currency")
    now = session.clock.now().replace(microsecond=0)
    code = replace(
        _payee(session, payee), currency=amount.currency, amount=amount, dynamic=True, created=now, expires=now + life,
        bill=bill or f"E{now:%y%m%d%H%M%S}{os.urandom(3).hex().upper()}",
    )  # fmt: skip
    try:
        text = encode(code)
    except KhqrError as why:
        raise UsageError("{why}", code="bad_khqr", why=str(why)) from None
    shown = document(code, text, "shown")
    with open_books(session, "payments khqr make") as books:
        check_whole(session, books.ledger)
        books.write(note("made", shown, payee=payee))
    result = Result("khqr", {"khqr": shown})
    result.note("it pays {name} in {city}, whom you set up, and no carrier", name=code.name, city=code.city)
    result.note("afterwards: esimctl payments khqr check CODE, or with --paid REFERENCE by your own word")
    return result


def note(what: str, shown: dict[str, Any], **more: object) -> dict[str, Any]:
    """The journal's line of a code: what happened, the bank's name for it, its bill and amount."""
    amount = shown["amount"]
    said = None if amount is None else f"{amount['amount']} {amount['currency']}"
    facts = {"md5": shown["md5"], "bill": shown["bill"], "amount": said, "account": shown["payee"]["account"], **more}
    return {"kind": "note", "text": f"khqr {what}", **facts}


def check(session: "Session", text: str, *, said: str | None) -> Result:
    """Whether a code was paid: by the bank's check, or by the person's word with a reference (`said`)."""
    code = read(text)
    shown = document(code, text, state(session, code))
    if said is not None:
        return confirmed(session, shown, "user", said)
    if not code.dynamic:
        raise UsageError(
            "the bank cannot check a static code", hint="--paid REFERENCE says it yourself", code="static_code"
        )
    payment = ask(session, shown["md5"])
    if payment is None:
        return not_yet(code, shown)
    if payment.amount != code.amount or payment.payee != code.account:
        raise UnknownOutcome(
            "the bank has a payment of {amount} to {payee} for this code, which asks for {asked} to {account}",
            code="khqr_payment_differs", amount=str(payment.amount), payee=payment.payee, asked=str(code.amount),
            account=code.account,
        )  # fmt: skip
    return confirmed(session, shown, BANK, payment.reference)


def ask(session: "Session", md5: str) -> "Payment | None":
    """The bank's word; without a token nothing can be verified, and that is said."""
    from esimctl.actions.accounts.secrets import credentials
    from esimctl.providers.addresses import address_of
    from esimctl.providers.bakong import HOST, KIND, paid

    settings = session.section("provider").get(BANK, {})
    address = address_of(BANK, BANK, "BASE_URL", HOST, session.environ, settings)
    try:
        _, secrets = credentials(session, BANK, KIND)
    except CredentialsError as why:
        raise CredentialsError(
            "nobody can verify it here: Bakong's check needs a token",
            hint="set ESIMCTL_BAKONG_TOKEN, or say it yourself: --paid REFERENCE",
            code="credentials_missing",
        ) from why
    return paid(address, secrets["token"], md5)


def not_yet(code: Khqr, shown: dict[str, Any]) -> Result:
    """Not found means not paid yet; once the code has expired it will not be paid any more."""
    shown["state"] = "expired" if shown["state"] == "expired" else "awaiting"
    result = Result("khqr", {"khqr": shown}, ExitCode.ATTENTION)
    if shown["state"] == "expired":
        result.note("the bank has no payment, and the code expired at {at}", at=instant(code.expires))
    else:
        result.note("the bank has no payment yet; ask again before {at}", at=instant(code.expires))
    return result


def confirmed(session: "Session", shown: dict[str, Any], by: str, reference: str) -> Result:
    """Paid, and who says so."""
    shown |= {"state": "paid", "confirmed_by": by, "reference": reference or None}
    with open_books(session, "payments khqr check") as books:
        books.write(note("paid", shown, confirmed_by=by, reference=reference))
    result = Result("khqr", {"khqr": shown})
    if by == "user":
        result.note("written down as paid by your word; nobody has verified it")
    return result


__all__ = ["add_payee", "check", "make", "show"]
