"""Bakong's open interface: whether a KHQR code has been paid. The National Bank answers with a token only (R-93, R-94).

Not found means not paid yet and nothing more. The bank is said to refuse addresses outside Cambodia (403).
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from esimctl.charging.money import EXPONENTS, Money
from esimctl.errors import Busy, CredentialsError, ProtocolViolation, Refused, Unreachable
from esimctl.malformed import Malformed, parsed
from esimctl.providers.addresses import Address
from esimctl.providers.client import Client
from esimctl.providers.protocol import Answer, Tier
from esimctl.providers.registry import Kind
from esimctl.providers.strict_json import decode
from esimctl.secrecy import remember
from esimctl.text import clean

HOST = "https://api-bakong.nbc.gov.kh"
PATH = "v1/check_transaction_by_md5"
#: whose credentials are looked for under this name
KIND = Kind("bakong", "", Tier.NOTHING, "the National Bank's payment check", fields=("token",), base_url=HOST)
NOT_FOUND, STATIC_CODE, FAILED, UNAUTHORISED = 1, 2, 3, 6
#: error codes that say of the token that it is none; the bank answers with either, as a status and in the body
UNAUTHORISED_CODES = frozenset({UNAUTHORISED, 401})
RENEW = "renew it at api-bakong.nbc.gov.kh, then: ESIMCTL_BAKONG_TOKEN"


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as the bank has it."""

    reference: str
    payer: str | None
    payee: str
    amount: Money


def paid(address: Address, token: str, md5: str, *, deadline: float = 20.0) -> Payment | None:
    """The payment of a code, None while there is none. Raises what stands in the way (3, 69, 75, 76, 77)."""
    client = Client()
    remember([token])
    answer = client.exchange(
        "POST",
        address.url(PATH),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        body=json.dumps({"md5": md5}),
        deadline=deadline,
        cap=65_536,
    )
    try:
        return parsed(lambda: _understood(_document(answer)))
    except Malformed as why:
        raise ProtocolViolation("Bakong's answer is not what was agreed", code="malformed") from why


def _document(answer: Answer) -> dict[str, Any]:
    if answer.status is None or answer.failure is not None:
        raise Unreachable("Bakong was not reached: {why}", code="unreachable", why=answer.failure or "no answer")
    if answer.status == 401:
        raise unauthorised()
    if answer.status == 403:
        raise Unreachable("Bakong refuses this address; it is said to answer inside Cambodia only", code="forbidden")
    if answer.status == 429:
        raise Busy("Bakong limits the rate; try again in a minute", code="rate_limited")
    try:
        document = decode(answer.body)
    except Malformed:
        document = None
    if (
        isinstance(document, dict)
        and document.get("responseCode") in (0, 1)
        and not isinstance(document["responseCode"], bool)
    ):
        return document  # what it says counts, also where the status is 400 or 404
    if answer.status != 200:
        raise Unreachable("Bakong answered {status}", code="server_error", status=answer.status)
    raise ProtocolViolation("Bakong's answer is not what was agreed", code="malformed")


def unauthorised() -> CredentialsError:
    """The token is none, or none any more: the bank lets it end after some months."""
    return CredentialsError("Bakong does not accept the token", hint=RENEW, code="unauthorized")


def _understood(document: dict[str, Any]) -> Payment | None:
    if document["responseCode"] == 0:
        return _payment(document.get("data"))
    code = document.get("errorCode")
    said = clean(str(document.get("responseMessage") or code), 200)
    if code == NOT_FOUND:
        return None
    if code in UNAUTHORISED_CODES:
        raise unauthorised()
    if code == FAILED:
        raise Refused("Bakong: the payment failed: {said}", code="payment_failed", said=said)
    if code == STATIC_CODE:
        raise Refused("Bakong cannot check a static code: {said}", code="static_code", said=said)
    raise Unreachable("Bakong cannot say: {said}", code="bakong_error", said=said)


def _payment(data: Any) -> Payment:
    if not isinstance(data, dict):
        raise ProtocolViolation("Bakong's answer is not what was agreed", code="malformed")
    payee, currency, reference = data.get("toAccountId"), data.get("currency"), data.get("hash")
    amount = _money(data.get("amount"), currency)
    if not isinstance(payee, str) or not isinstance(reference, str) or amount is None:
        raise ProtocolViolation("Bakong's answer is not what was agreed", code="malformed")
    payer = data.get("fromAccountId")
    return Payment(
        clean(reference, 128), clean(payer, 64) if isinstance(payer, str) else None, clean(payee, 64), amount
    )


def _money(amount: Any, currency: Any) -> Money | None:
    """Whole minor units; a number with more decimals than the currency has is none."""
    if currency not in ("KHR", "USD") or isinstance(amount, bool):
        return None
    found = re.fullmatch(r"([0-9]{1,13})(?:\.([0-9]{1,12}))?", str(amount), re.ASCII)
    digits = EXPONENTS[currency]
    if found is None or len((found[2] or "").rstrip("0")) > digits:
        return None
    return Money(int(found[1] + (found[2] or "")[:digits].ljust(digits, "0")), currency)


__all__ = ["HOST", "KIND", "Payment", "paid"]
