"""Airalo's answers: orders, lists, usage, and what its codes mean.

A 422 can be definite (a documented code, a parameter that is invalid) or the opposite (53: something unexpected).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP

from esimctl.malformed import Malformed, if_told
from esimctl.providers.airalo.catalogue import MEGABYTE, cents
from esimctl.providers.lpa import code_in
from esimctl.providers.protocol import Goods, LineRef, Outcome, OutgoingOrder, ProviderOrder, Reading, Verdict
from esimctl.providers.reseller import line_at, other_package, package_of, plan_of
from esimctl.providers.strict_json import JsonObject, read_object
from esimctl.providers.verdicts import Meaning, allocating, ambiguous, by_status, meant, refused
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


def refusal(status: int, said: JsonObject) -> Outcome:
    """A 4xx with its body."""
    code, reason, meta, fields = said.integer("code"), said.maybe_text("reason"), said.maybe("meta"), said.maybe("data")
    message = None if meta is None else meta.maybe_text("message")
    if code is not None:
        return meant(CODES.get(code, Meaning("unexpected_refusal", definite=False)), reason)
    if status == 422 and message == INVALID and fields:
        said_of = "; ".join(f"{key}: {value}" for key, value in fields.texts())
        return refused("plan_unknown" if "package_id" in fields else "bad_request", said_of)
    return by_status(status, reason or message)


def outcome_of(order: OutgoingOrder, status: int, body: bytes) -> Outcome:
    """An answer to an order whose status decides nothing."""
    if status >= 400:
        return refusal(status, read_object(body))
    data = read_object(body).inner("data")
    described = data.maybe_text("description", 300) or ""
    if LABEL in described and order.key not in described:
        return ambiguous("other_order")
    return delivered(order, data)


def found_order(order: OutgoingOrder, row: JsonObject, more: int = 0) -> Outcome:
    """A listed order: it was delivered, or its status says that it came to nothing."""
    nothing = came_to_nothing(row)
    return delivered(order, row, more) if nothing is None else refused(nothing)


def delivered(order: OutgoingOrder, data: JsonObject, more: int = 0) -> Outcome:
    """An order as Airalo describes it, whichever question brought it. `more` orders of the same mark are a finding."""
    number_of, mismatch = data.id_of("id"), other_package(order, data.identifier("package_id"))
    quantity = data.integer("quantity")
    if quantity not in (None, 1):
        mismatch = f"{quantity} were delivered instead of one"
    if more:
        mismatch = f"{more + 1} orders were made instead of one"
    paid = paid_for(data)
    if order.wish.kind != "new":
        return Outcome(Verdict.SETTLED, provider_order=number_of, charged=True, paid=paid, mismatch=mismatch)
    goods = next((found for found in map(goods_of, data.rows("sims")) if found is not None), None)
    if goods is None:
        return allocating(number_of, paid)
    return Outcome(Verdict.SETTLED, provider_order=number_of, charged=True, paid=paid, goods=goods, mismatch=mismatch)


def paid_for(data: JsonObject) -> Money | None:
    """What was really taken; None where the answer tells only a retail price."""
    currency = data.maybe_text("currency") or "USD"
    amount = told = data.number("total_amount_paid")
    if amount is None:
        each = data.number("unit_paid_price")
        each = data.number("net_price") if each is None else each
        amount = None if each is None else each * (data.integer("quantity") or 1)
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


def goods_of(sim: JsonObject) -> Goods | None:
    """An eSIM with its code; None while either is missing. `lpa` there is the server's name alone."""
    text, host, matching = sim.exact("qrcode"), sim.exact("lpa"), sim.exact("matching_id")
    if text is None and host is not None and matching is not None:
        text = f"LPA:1${host}${matching}"
    iccid, lpa = sim.iccid("iccid"), code_in(text)
    if iccid is None or lpa is None:
        return None
    return Goods(
        iccid=iccid,
        reference=sim.identifier("id"),
        msisdn=sim.maybe_text("msisdn"),
        lpa=lpa,
        confirmation_code=sim.exact("confirmation_code"),
    )


def refund_asked(body: bytes) -> Outcome:
    """A request that was taken has a number; the vendor's samples of a 202 hold refusals, too."""
    said = read_object(body)
    data, meta = said.maybe("data"), said.maybe("meta")
    if data is not None and data.identifier("refund_id") is not None:
        return Outcome(Verdict.ACCEPTED, "refund_requested")
    return ambiguous("no_refund_number", None if meta is None else if_told(meta.maybe_text, "message"))


def marked(order: OutgoingOrder, listed: Sequence[JsonObject]) -> list[JsonObject]:
    """The listed orders that carry this order's mark."""
    return [row for row in listed if order.key in (row.maybe_text("description", 300) or "")]


def status_of(row: JsonObject) -> str | None:
    """The word for an order's status, however it is wrapped; None where it tells none."""
    status = row.maybe("status")
    word = if_told(row.maybe_text, "status") if status is None else if_told(status.maybe_text, "slug")
    return None if word is None else word.lower().replace("-", "_")


def came_to_nothing(row: JsonObject) -> str | None:
    """`failed`, `refunded` or `canceled` where an order's status says so."""
    word = status_of(row)
    return word if word in NOTHING else None


def unmarked_topup(order: OutgoingOrder, row: JsonObject, since: datetime | None) -> bool | None:
    """Whether a listed order is this top-up although its description was replaced by the vendor's own.

    None where it can be, but no date tells: it has none, or nobody knows when by their clock it was sent.
    """
    if (
        row.identifier("package_id") != package_of(order)
        or LABEL in (row.maybe_text("description", 300) or "")
        or row.identifier("id") in order.others
    ):
        return False
    made = if_told(row.instant, "created_at")
    return None if made is None or since is None else made >= since


def same_package(order: OutgoingOrder, row: JsonObject) -> bool:
    """Whether a listed order is for the same package."""
    return row.identifier("package_id") == package_of(order)


def in_history(order: OutgoingOrder, row: JsonObject, since: datetime | None) -> bool | None:
    """Whether a row of a line's package history is this top-up; None where it does not tell when it was bought.

    When a package began is no such date: one that was bought long before may begin just now.
    """
    package = row.part("package")
    if package.identifier("id") != package_of(order) or row.identifier("id") in order.others:
        return False
    at = if_told(row.instant, "created_at")
    return None if at is None or since is None else at >= since


def reading_of(data: JsonObject, now: datetime, *, unlimited_plan: bool) -> Reading:
    """What is left; the zeros of an unlimited plan say nothing. The vendor's figures are up to 20 minutes old."""
    raw = data.telling("status", "total", "remaining", "is_unlimited").maybe_text("status", 40)
    status = STATUS.get((raw or "").upper(), "unknown")
    granted, left = data.number("total"), data.number("remaining")
    unlimited = bool(data.flag("is_unlimited")) or (unlimited_plan and not granted)
    minutes = data.integer("remaining_voice")
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
        expires_at=if_told(data.instant, "expired_at"),
        raw_status=raw,
    )


def listed_order(row: JsonObject, provider: str) -> ProviderOrder | None:
    """A row of the order list for reconciliation."""
    number_of = row.identifier("id")
    if number_of is None:
        return None
    described = row.maybe_text("description", 300) or ""
    topup, nothing, status = row.maybe_text("type") == "topup", came_to_nothing(row), status_of(row)
    paid = None if nothing or status == PARTLY else paid_for(row)
    sims = row.rows("sims")
    return ProviderOrder(
        provider_order=number_of,
        key=described.removeprefix(LABEL) if described.startswith(LABEL) else None,
        kind="topup" if topup else "new",
        plan=f"{provider}/{row.identifier('package_id')}",
        iccid=sims[0].card("iccid") if sims else None,
        charges=() if paid is None else (paid,),
        delivered=None if not sims and not topup else nothing is None,
        created_at=if_told(row.instant, "created_at"),
        status=nothing or (PARTLY if status == PARTLY else None),
    )


def line_of(row: JsonObject, provider: str) -> LineRef | None:
    """An eSIM of the account, None for one that is used up for good."""
    iccid, order = row.iccid("iccid"), row.maybe("simable")
    if iccid is None or row.flag("recycled"):
        return None
    return line_at(
        provider,
        iccid,
        reference=row.identifier("id"),
        msisdn=row.maybe_text("msisdn"),
        plan=None if order is None else plan_of(provider, order.identifier("package_id")),
    )
