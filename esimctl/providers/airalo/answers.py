"""Airalo's answers: orders, lists, usage, and what its codes mean.

A 422 can be definite (a documented code, a parameter that is invalid) or the opposite (53: something unexpected).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP
from typing import Any

from esimctl.malformed import Malformed
from esimctl.providers.airalo.catalogue import MEGABYTE, cents
from esimctl.providers.lpa import ActivationCode, ActivationCodeError, plain_iccid, valid_iccid
from esimctl.providers.protocol import Goods, LineRef, Outcome, OutgoingOrder, ProviderOrder, Reading, Verdict
from esimctl.providers.strict_json import (
    card,
    decode,
    flag,
    identifier,
    instant_if_told,
    integer,
    maybe_text,
    number,
    rows,
    table,
    telling,
    text_if_told,
)
from esimctl.providers.verdicts import Meaning, ambiguous, by_status, meant, refused
from esimctl.values.money import EXPONENTS, Money

CODES: Mapping[int, Meaning] = {
    11: Meaning("insufficient_funds"),
    13: Meaning("maintenance"),  # may be tried later
    14: Meaning("bad_checksum"),
    23: Meaning("topup_disabled"),
    33: Meaning("out_of_stock"),
    34: Meaning("out_of_stock"),
    43: Meaning("bad_request"),
    53: Meaning("unexpected_refusal", definite=False),
    73: Meaning("line_recycled"),
    89: Meaning("unauthorized"),  # an address that the account does not allow
}
NOTHING = frozenset({"failed", "refunded", "canceled", "cancelled"})
PARTLY = "partially_refunded"  #: it was carried out; how much came back no answer tells
INVALID = "the parameter is invalid"
LABEL = "esimctl "

STATUS = {
    "NOT_ACTIVE": "pending",
    "ACTIVE": "active",
    "FINISHED": "active",
    "EXPIRED": "expired",
    "RECYCLED": "closed",
}


def label(order: OutgoingOrder) -> str:
    """What stands in `description`: the mark by which an order is found again."""
    return LABEL + order.key


def package_of(order: OutgoingOrder) -> str:
    """Airalo's own id of what was ordered."""
    return (order.wish.plan or "").partition("/")[2]


def refusal(status: int, body: bytes) -> Outcome:
    """A 4xx with its body."""
    try:
        said = table(decode(body))
        code, reason = integer(said, "code"), maybe_text(said, "reason")
        meta = said.get("meta")
        message = maybe_text(meta, "message") if isinstance(meta, dict) else None
        fields = said.get("data")
    except Malformed:
        return by_status(status)
    if code is not None:
        return meant(CODES.get(code, Meaning("unexpected_refusal", definite=False)), reason)
    if status == 422 and message == INVALID and isinstance(fields, dict) and fields:
        said_of = "; ".join(f"{key}: {value}" for key, value in fields.items() if isinstance(value, str))
        return refused("plan_unknown" if "package_id" in fields else "bad_request", said_of)
    return by_status(status, reason or message)


def outcome_of(order: OutgoingOrder, status: int, body: bytes) -> Outcome:
    """An answer to an order whose status decides nothing."""
    if status >= 400:
        return refusal(status, body)
    try:
        data = table(table(decode(body)).get("data"), "data")
        described = maybe_text(data, "description", 300) or ""
        if LABEL in described and order.key not in described:
            return ambiguous("other_order")
        return delivered(order, data)
    except Malformed:
        return ambiguous("malformed")


def delivered(order: OutgoingOrder, data: Mapping[str, Any], more: int = 0) -> Outcome:
    """An order as Airalo describes it, whichever question brought it. `more` orders of the same mark are a finding."""
    number_of = identifier(data, "id")
    if number_of is None:
        raise Malformed("no id")
    code = identifier(data, "package_id")
    mismatch = None
    if code is not None and code != package_of(order):
        mismatch = f"package {code} was delivered instead of {package_of(order)}"
    quantity = integer(data, "quantity")
    if quantity not in (None, 1):
        mismatch = f"{quantity} were delivered instead of one"
    if more:
        mismatch = f"{more + 1} orders were made instead of one"
    paid = paid_for(data)
    if order.wish.kind != "new":
        return Outcome(Verdict.SETTLED, provider_order=number_of, charged=True, paid=paid, mismatch=mismatch)
    goods = next((found for found in map(goods_of, rows(data.get("sims"), "sims")) if found is not None), None)
    if goods is None:
        return Outcome(Verdict.ACCEPTED, "allocating", provider_order=number_of, charged=True, paid=paid)
    return Outcome(Verdict.SETTLED, provider_order=number_of, charged=True, paid=paid, goods=goods, mismatch=mismatch)


def paid_for(data: Mapping[str, Any]) -> Money | None:
    """What was really taken; None where the answer tells only a retail price."""
    currency = maybe_text(data, "currency") or "USD"
    amount = told = number(data, "total_amount_paid")
    if amount is None:
        each = number(data, "unit_paid_price")
        each = number(data, "net_price") if each is None else each
        amount = None if each is None else each * (integer(data, "quantity") or 1)
    if amount is None:
        return None
    if currency not in EXPONENTS or amount < 0:
        raise Malformed("a currency that is not known")
    if currency == "USD":  # a discount may leave parts of a cent: rounded as in the price list
        return cents(amount, ROUND_CEILING if told is None else ROUND_HALF_UP)
    minor = amount.scaleb(EXPONENTS[currency])
    if minor != minor.to_integral_value():
        raise Malformed("an amount with too many decimals")
    return Money(int(minor), currency)


def goods_of(sim: Mapping[str, Any]) -> Goods | None:
    """An eSIM with its code; None while either is missing. `lpa` there is the server's name alone."""
    iccid, text = card(sim, "iccid"), sim.get("qrcode")
    host, matching = sim.get("lpa"), sim.get("matching_id")
    if not isinstance(text, str) and isinstance(host, str) and isinstance(matching, str):
        text = f"LPA:1${host}${matching}"
    try:
        lpa = ActivationCode.parse(text).text if isinstance(text, str) and text else None
    except ActivationCodeError:
        lpa = None
    if iccid is None or not valid_iccid(iccid) or lpa is None:
        return None
    code = sim.get("confirmation_code")
    return Goods(
        iccid=iccid,
        reference=identifier(sim, "id"),
        msisdn=maybe_text(sim, "msisdn"),
        lpa=lpa,
        confirmation_code=code if isinstance(code, str) and code else None,
    )


def refund_asked(body: bytes) -> Outcome:
    """A request that was taken has a number; the vendor's samples of a 202 hold refusals, too."""
    try:
        said = table(decode(body))
        data, meta = said.get("data"), said.get("meta")
        if isinstance(data, dict) and identifier(data, "refund_id") is not None:
            return Outcome(Verdict.ACCEPTED, "refund_requested")
        return ambiguous("no_refund_number", text_if_told(meta, "message") if isinstance(meta, dict) else None)
    except Malformed:
        return ambiguous("malformed")


def marked(order: OutgoingOrder, listed: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The listed orders that carry this order's mark."""
    return [row for row in listed if order.key in (maybe_text(row, "description", 300) or "")]


def status_of(row: Mapping[str, Any]) -> str | None:
    """The word for an order's status, however it is wrapped; None where it tells none."""
    status = row.get("status")
    word = text_if_told(status, "slug") if isinstance(status, dict) else text_if_told(row, "status")
    return None if word is None else word.lower().replace("-", "_")


def came_to_nothing(row: Mapping[str, Any]) -> str | None:
    """`failed`, `refunded` or `canceled` where an order's status says so."""
    word = status_of(row)
    return word if word in NOTHING else None


def unmarked_topup(order: OutgoingOrder, row: Mapping[str, Any], since: datetime | None) -> bool | None:
    """Whether a listed order is this top-up although its description was replaced by the vendor's own.

    None where it can be, but no date tells: it has none, or nobody knows when by their clock it was sent.
    """
    if (
        identifier(row, "package_id") != package_of(order)
        or LABEL in (maybe_text(row, "description", 300) or "")
        or identifier(row, "id") in order.others
    ):
        return False
    made = instant_if_told(row, "created_at")
    return None if made is None or since is None else made >= since


def same_package(order: OutgoingOrder, row: Mapping[str, Any]) -> bool:
    """Whether a listed order is for the same package."""
    return identifier(row, "package_id") == package_of(order)


def in_history(order: OutgoingOrder, row: Mapping[str, Any], since: datetime | None) -> bool | None:
    """Whether a row of a line's package history is this top-up; None where it does not tell when it was bought.

    When a package began is no such date: one that was bought long before may begin just now.
    """
    package = table(row.get("package") or {}, "package")
    if identifier(package, "id") != package_of(order) or identifier(row, "id") in order.others:
        return False
    at = instant_if_told(row, "created_at")
    return None if at is None or since is None else at >= since


def reading_of(data: Mapping[str, Any], now: datetime, *, unlimited_plan: bool) -> Reading:
    """What is left; the zeros of an unlimited plan say nothing. The vendor's figures are up to 20 minutes old."""
    telling(data, "status", "total", "remaining", "is_unlimited")
    raw = maybe_text(data, "status", 40)
    status = STATUS.get((raw or "").upper(), "unknown")
    granted, left = number(data, "total"), number(data, "remaining")
    unlimited = bool(flag(data, "is_unlimited")) or (unlimited_plan and not granted)
    minutes = integer(data, "remaining_voice")
    whole = None if granted is None or unlimited else int(granted * MEGABYTE)
    rest = None if left is None or unlimited else max(0, int(left * MEGABYTE))
    return Reading(
        at=now,
        status=status,
        granted_bytes=whole,
        used_bytes=None if whole is None or rest is None else max(0, whole - rest),
        remaining_bytes=rest,
        available_bytes=rest,
        unlimited=unlimited,
        voice_seconds=minutes * 60 if minutes else None,
        expires_at=instant_if_told(data, "expired_at"),
        raw_status=raw,
    )


def listed_order(row: Mapping[str, Any], provider: str) -> ProviderOrder | None:
    """A row of the order list for reconciliation."""
    number_of = identifier(row, "id")
    if number_of is None:
        return None
    described = maybe_text(row, "description", 300) or ""
    topup, nothing, status = maybe_text(row, "type") == "topup", came_to_nothing(row), status_of(row)
    paid = None if nothing or status == PARTLY else paid_for(row)
    sims = rows(row.get("sims"), "sims")
    return ProviderOrder(
        provider_order=number_of,
        key=described.removeprefix(LABEL) if described.startswith(LABEL) else None,
        kind="topup" if topup else "new",
        plan=f"{provider}/{identifier(row, 'package_id')}",
        iccid=card(sims[0], "iccid") if sims else None,
        charges=() if paid is None else (paid,),
        delivered=None if not sims and not topup else nothing is None,
        created_at=instant_if_told(row, "created_at"),
        status=nothing or (PARTLY if status == PARTLY else None),
    )


def line_of(row: Mapping[str, Any], provider: str) -> LineRef | None:
    """An eSIM of the account, None for one that is used up for good."""
    iccid = card(row, "iccid")
    if iccid is None or not valid_iccid(iccid) or flag(row, "recycled"):
        return None
    order = row.get("simable")
    code = identifier(order, "package_id") if isinstance(order, dict) else None
    return LineRef(
        f"{provider}-{plain_iccid(iccid)[-4:].lower()}"[:32],
        iccid=iccid,
        reference=identifier(row, "id"),
        msisdn=maybe_text(row, "msisdn"),
        plan=None if code is None else f"{provider}/{code}",
    )
