"""The operator's answers as bytes, and what they mean: it is read as strictly as a stranger's.

What is not known to be definite is ambiguous: an answer that cannot be read may follow a charge.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from esimctl.catalogue import renamed
from esimctl.malformed import Malformed
from esimctl.providers.lpa import ActivationCode, ActivationCodeError
from esimctl.providers.protocol import Answer, Goods, Outcome, OutgoingOrder, Verdict
from esimctl.providers.strict_json import Json, JsonObject, read_object
from esimctl.values.moments import MomentError, parse_instant, zone
from esimctl.values.money import Money, MoneyError
from esimctl.values.text import clean

#: Refusals and their status, as an operator on the web would send them. Every one is definite: nothing was charged.
REFUSALS = {
    "declined": 402,
    "insufficient_funds": 402,
    "authentication_required": 403,
    "plan_unknown": 404,
    "line_unknown": 404,
    "out_of_stock": 409,
    "price_changed": 409,
    "key_conflict": 409,
}
UNPROCESSABLE = 422
LONGEST_BODY = 1 << 20


def refusal(reason: str, message: str) -> tuple[int, dict[str, Json]]:
    """The status and document of a refusal."""
    return REFUSALS.get(reason, UNPROCESSABLE), {"error": reason, "message": message}


def encode(document: Mapping[str, Json]) -> bytes:
    """A document as it goes over the wire."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def decode(body: bytes) -> JsonObject:
    """A JSON object read strictly, at most a mebibyte of it; Malformed in every other case."""
    if len(body) > LONGEST_BODY:
        raise Malformed("the answer is too long")
    return read_object(body)


def interpret(order: OutgoingOrder, answer: Answer) -> Outcome:
    """An answer to an order in common words. Pure."""
    if answer.status is None:
        verdict = Verdict.AMBIGUOUS if answer.sent else Verdict.NOT_SENT
        return Outcome(verdict, answer.failure or "no_answer", charged=None if answer.sent else False)
    if answer.status == 429:
        return Outcome(Verdict.BUSY, "rate_limited", charged=None, retry_after=_seconds(answer.headers))
    if answer.status >= 500:
        return Outcome(Verdict.AMBIGUOUS, "server_error", charged=None)
    if answer.status in (200, 202):
        try:
            return _taken(order, decode(answer.body), settled=answer.status == 200)
        except (Malformed, MoneyError, MomentError, ActivationCodeError):
            return Outcome(Verdict.AMBIGUOUS, "malformed", charged=None)
    return _refused_outcome(answer)


def _refused_outcome(answer: Answer) -> Outcome:
    """Definite only if status and reason fit each other."""
    try:
        document = decode(answer.body)
        reason, message = word(document, "error"), document.exact("message")
    except Malformed:
        return Outcome(Verdict.AMBIGUOUS, "malformed", charged=None)
    if REFUSALS.get(reason, UNPROCESSABLE) != answer.status:
        return Outcome(Verdict.AMBIGUOUS, "malformed", charged=None)
    return Outcome(Verdict.REFUSED, clean(reason, 60), message=message and clean(message), charged=False)


def _taken(order: OutgoingOrder, document: JsonObject, *, settled: bool) -> Outcome:
    charge = document.inner("charge")
    paid = Money.parse(f"{word(charge, 'amount')} {word(charge, 'currency')}")
    return Outcome(
        verdict=Verdict.SETTLED if settled else Verdict.ACCEPTED,
        provider_order=word(document, "order"),
        charged=True,
        paid=paid,
        goods=_goods(document),
        mismatch=_mismatch(order, document, paid),
    )


def _goods(document: JsonObject) -> Goods:
    lpa = maybe_word(document, "lpa")
    if lpa is not None:
        lpa = ActivationCode.parse(lpa).text
    return Goods(
        iccid=maybe_word(document, "iccid"),
        msisdn=maybe_word(document, "msisdn"),
        lpa=lpa,
        use_by=_instant(document, "use_by"),
        expires_at=_instant(document, "expires_at"),
    )


def _mismatch(order: OutgoingOrder, document: JsonObject, paid: Money) -> str | None:
    """What differs from the order, in one sentence; another price, plan, line or key."""
    wish = order.wish
    if paid != order.price:
        return f"{paid} was charged instead of {order.price}"
    for what, wanted, got in (
        ("plan", wish.plan, maybe_word(document, "plan")),
        ("line", wish.line.iccid if wish.kind != "new" else None, maybe_word(document, "iccid")),
        ("key", order.key, maybe_word(document, "key")),
    ):
        if what == "plan" and renamed.present("plan", wanted or "") == renamed.present("plan", got or ""):
            continue  # ordered under an id that was given up since
        if wanted is not None and got is not None and wanted != got:
            return f"the {what} is {clean(got, 80)} instead of {wanted}"
    return None


def word(document: JsonObject, key: str) -> str:
    """A text of at most 300 characters with nothing in it that would be cleaned; Malformed for all else."""
    value = document.exact(key)
    if value is None or len(value) > 300 or clean(value) != value:
        raise document.wrong(key, "is not a text")
    return value


def maybe_word(document: JsonObject, key: str) -> str | None:
    """A text as `word` reads it; None where nothing stands there."""
    return word(document, key) if document.has(key) else None


def _instant(document: JsonObject, key: str) -> datetime | None:
    value = maybe_word(document, key)
    return None if value is None else parse_instant(value, zone("UTC"))


def _seconds(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 6 else None
