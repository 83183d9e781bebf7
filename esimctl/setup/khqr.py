"""A seller's KHQR code, looked at before anybody pays it.

esimctl is no merchant and pays nothing: a code only ever pays whom it names, never a carrier.
"""

from typing import TYPE_CHECKING

from esimctl.documents.result import Result
from esimctl.documents.tracking import KhqrDocument, KhqrPart, PayeePart
from esimctl.errors import OwnRules, Refused, UsageError
from esimctl.profile.opened import unknown
from esimctl.providers.khqr import Khqr, KhqrError, decode, key
from esimctl.store.output_file import hand_out
from esimctl.values.moments import instant
from esimctl.values.money import Money
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.profile.opened import Session


def show(
    session: "Session", text: str, *, amount: Money | None = None, payee: str | None = None
) -> "Result[KhqrDocument]":
    """Who would be paid, how much, for what and until when. Refused where the code or the amount is not right."""
    code = read(text)
    expected = None if payee is None else _account(session, payee)
    refuse_wrong(session, code, amount, expected)
    result = Result("khqr", document(code, text))
    result.note(
        "it pays {name} in {city} and nobody else; esimctl cannot pay it for you",
        name=Raw(code.name),
        city=Raw(code.city),
    )
    return result


def read(text: str) -> Khqr:
    """The code in a text; what is none is wrong usage and shows nothing of it."""
    try:
        return decode(text)
    except KhqrError as why:
        raise UsageError("{why}; do not pay it", code="bad_khqr", why=why.said) from None


def refuse_wrong(session: "Session", code: Khqr, amount: Money | None, expected: str | None) -> None:
    """An expired code, another amount or another payee than expected; the sentence begins with who would be paid."""
    who = f"{code.name}, {code.city} ({code.account})"
    if code.expires is not None and code.expires <= session.clock.now():
        raise Refused(
            "{who}: the code expired at {at}; do not pay it",
            code="khqr_expired",
            who=Raw(who),
            at=Raw(instant(code.expires)),
        )
    if amount is not None and code.amount is not None and code.amount != amount:
        raise OwnRules(
            "{who}: the code asks for {asked}, not for {amount}; do not pay it",
            code="khqr_amount_differs", who=Raw(who), asked=Raw(str(code.amount)), amount=Raw(str(amount)),
        )  # fmt: skip
    if amount is not None and code.currency != amount.currency:
        raise OwnRules(
            "{who}: the code is in {asked}, not in {currency}; do not pay it",
            code="khqr_amount_differs", who=Raw(who), asked=Raw(code.currency), currency=Raw(amount.currency),
        )  # fmt: skip
    if expected is not None and code.account != expected:
        raise OwnRules(
            "{who}: that is not {account}; do not pay it",
            code="khqr_payee_differs",
            who=Raw(who),
            account=Raw(expected),
        )


def document(code: Khqr, text: str) -> KhqrDocument:
    """A code as the public document has it. Nobody has said that it was paid."""
    payee = PayeePart(
        name=code.name, city=code.city, account=code.account, merchant_id=code.merchant_id, bank=code.bank,
        name_km=code.name_km, city_km=code.city_km,
    )  # fmt: skip
    shown = KhqrPart(
        state="shown",
        payee=payee,
        amount=code.amount,
        currency=code.currency,
        bill=code.bill,
        purpose=code.purpose,
        dynamic=code.dynamic,
        created_at=code.created,
        expires_at=code.expires,
        md5=key(text),
        payload=text.strip(),
        confirmed_by=None,
        reference=None,
    )
    return KhqrDocument(khqr=shown)


def _account(session: "Session", payee: str) -> str:
    """The account that a person expects to pay: given as such, or under its name in the profile."""
    if "@" in payee:
        return payee
    known = session.section("payee")
    if payee not in known:
        raise unknown("payee", payee, list(known), "esimctl payments khqr show CODE --payee ID@BANK")
    return str(known[payee].get("account", ""))


def hand_picture(path: str, data: bytes) -> None:
    """Write a picture to the file that a person named."""
    hand_out(path, data)
