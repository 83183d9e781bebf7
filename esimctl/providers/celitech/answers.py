"""Celitech's answers: purchases, eSIMs, consumption.

In a purchase `activationCode` is a picture; the code that a phone reads is `manualActivationCode`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from esimctl.malformed import Malformed
from esimctl.providers.celitech.catalogue import UNLIMITED
from esimctl.providers.lpa import ActivationCode, ActivationCodeError, plain_iccid, same_iccid, valid_iccid
from esimctl.providers.protocol import Goods, LineRef, Outcome, OutgoingOrder, ProviderOrder, Reading, Verdict
from esimctl.providers.strict_json import (
    card,
    decode,
    epoch_if_told,
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
from esimctl.providers.verdicts import Meaning, ambiguous, by_status, meant
from esimctl.values.money import Money

#: status → what it means for an order under our key
CODES: Mapping[int, Meaning] = {
    409: Meaning("in_progress", definite=False),  # the first sending of this key is still at work
}
ACTIVE, DELETED = "ACTIVE", "DELETED"
WAITING = frozenset({"RELEASED", "DOWNLOADED", "INSTALLED"})  #: profiles that no network has seen yet


def outcome_of(order: OutgoingOrder, status: int, body: bytes) -> Outcome:
    """An answer to an order whose status decides nothing."""
    try:
        document = decode(body)
        if status >= 400:
            message = maybe_text(document, "message") if isinstance(document, dict) else None
            return meant(CODES[status], message) if status in CODES else by_status(status, message)
        found = rows(document if isinstance(document, list) else [document], "the purchases")
        if not found:
            raise Malformed("no purchase")
        return _taken(order, found)
    except Malformed:
        return ambiguous("malformed") if status < 400 else by_status(status)


def _taken(order: OutgoingOrder, found: Sequence[Mapping[str, Any]]) -> Outcome:
    purchase, profile = table(found[0].get("purchase"), "purchase"), table(found[0].get("profile"), "profile")
    number_of = identifier(purchase, "id")
    if number_of is None:
        raise Malformed("no id")
    mismatch = f"{len(found)} eSIMs were delivered instead of one" if len(found) > 1 else None
    code = identifier(purchase, "packageId")
    if code is not None and code != package_of(order):
        mismatch = f"package {code} was delivered instead of {package_of(order)}"
    if order.wish.kind != "new":
        told = card(profile, "iccid")
        if told is not None and not same_iccid(told, order.wish.line.iccid):
            mismatch = "the top-up went to another line"
        return Outcome(Verdict.SETTLED, provider_order=number_of, charged=True, mismatch=mismatch)
    goods = goods_of(profile, number_of)
    if goods is None:
        return Outcome(Verdict.ACCEPTED, "allocating", provider_order=number_of, charged=True)
    return Outcome(Verdict.SETTLED, provider_order=number_of, charged=True, goods=goods, mismatch=mismatch)


def package_of(order: OutgoingOrder) -> str:
    """Celitech's own id of what was ordered."""
    return (order.wish.plan or "").partition("/")[2]


def goods_of(profile: Mapping[str, Any], purchase: str) -> Goods | None:
    """An eSIM with its code; None while either is missing."""
    iccid = card(profile, "iccid")
    lpa = code_in(profile.get("manualActivationCode")) or code_in(profile.get("activationCode"))
    if iccid is None or lpa is None or not valid_iccid(iccid):
        return None
    return Goods(iccid=iccid, reference=purchase, lpa=lpa)


def code_in(value: object) -> str | None:
    """The activation code that a field holds; None for a picture, for nothing and for anything else."""
    try:
        return ActivationCode.parse(value).text if isinstance(value, str) and value else None
    except ActivationCodeError:
        return None


def listed(order: OutgoingOrder, found: Sequence[Mapping[str, Any]]) -> Outcome | None:
    """An order among listed purchases, without its goods; None where none carries our reference."""
    mine = [row for row in found if maybe_text(row, "referenceId", 300) == order.key]
    mine = mine or [row for row in found if order.provider_order is not None and row.get("id") == order.provider_order]
    if not mine:
        return None
    number_of = identifier(mine[0], "id")
    if number_of is None:
        raise Malformed("no id")
    package = table(mine[0].get("package") or {}, "package")
    mismatch = f"{len(mine)} purchases were made instead of one" if len(mine) > 1 else None
    code = identifier(package, "id")
    if code is not None and code != package_of(order):
        mismatch = f"package {code} was delivered instead of {package_of(order)}"
    iccid = card(table(mine[0].get("esim") or {}, "esim"), "iccid")
    return Outcome(
        Verdict.SETTLED,
        provider_order=number_of,
        charged=True,
        paid=price_of(mine[0]),
        goods=Goods(iccid=iccid, reference=number_of) if iccid is not None else None,
        mismatch=mismatch,
    )


def price_of(row: Mapping[str, Any]) -> Money | None:
    """What a purchase cost, as the vendor lists it."""
    cents = integer(table(row.get("package") or {}, "package"), "priceInCents")
    return None if cents is None else Money(cents, "USD")


def ends_at(row: Mapping[str, Any]) -> datetime | None:
    """When a purchase ends: an instant, or the end of its last day."""
    exact = epoch_if_told(row, "endTime")
    if exact is not None:
        return exact
    day = instant_if_told(row, "endDate")
    return None if day is None else day if "T" in str(row["endDate"]) else day + timedelta(days=1)


def starts_at(row: Mapping[str, Any]) -> datetime | None:
    """When a purchase begins, where that is told."""
    return epoch_if_told(row, "startTime") or instant_if_told(row, "startDate")


def lasting(found: Sequence[Mapping[str, Any]], now: datetime) -> list[Mapping[str, Any]]:
    """The purchases of a line that have not ended; the last one where all have."""
    ends = [(ends_at(row), row) for row in found]
    open_ones = [row for end, row in ends if end is None or end > now]
    return open_ones or [row for _, row in ends[-1:]]


def profile_of(esim: Mapping[str, Any]) -> str | None:
    """What became of the profile: RELEASED, DOWNLOADED, INSTALLED, ENABLED, DELETED or ERROR."""
    word = text_if_told(esim, "status", 40)
    return None if word is None else word.upper()


def reading_of(
    counted: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], now: datetime, esim: Mapping[str, Any] | None = None
) -> Reading:
    """What is left on a line: the sum over its purchases, each with its consumption. A deleted profile has nothing."""
    left: int | None = 0
    granted: int | None = 0
    unlimited, online = False, None
    for purchase, consumption in counted:
        telling(consumption, "dataUsageRemainingInBytes", "status")
        package = table(purchase.get("package") or {}, "package")
        size, rest = number(package, "dataLimitInGB"), number(consumption, "dataUsageRemainingInBytes")
        state = text_if_told(consumption, "status", 40)
        online = state if online is None or state == ACTIVE else online
        if size == UNLIMITED or rest == UNLIMITED:
            unlimited = True
            continue
        whole = integer(package, "dataLimitInBytes")
        granted = None if granted is None or whole is None else granted + whole
        left = None if left is None or rest is None else left + max(0, int(rest))
    ends = [ends_at(purchase) for purchase, _ in counted]
    last = max((end for end in ends if end is not None), default=None)
    known = not unlimited and granted is not None and left is not None
    used = max(0, (granted or 0) - (left or 0)) if known else None
    profile = profile_of(esim or {})
    begun = bool(used) or any(start is not None and start <= now for start in (starts_at(row) for row, _ in counted))
    status = status_of(profile, begun=begun or online == ACTIVE)
    if last is not None and last <= now:
        status = "expired"
    rest_of_it = 0 if status == "closed" else None if unlimited else left
    return Reading(
        at=now,
        status=status,
        granted_bytes=None if unlimited else granted,
        used_bytes=used,
        remaining_bytes=rest_of_it,
        available_bytes=rest_of_it,
        unlimited=unlimited and status != "closed",
        expires_at=last,
        raw_status=", ".join(word for word in (profile, online) if word) or None,
    )


def status_of(profile: str | None, *, begun: bool) -> str:
    """The common word. NOT_ACTIVE is no part of it: a phone that is switched off has not given its plan back."""
    if profile == DELETED:
        return "closed"
    if begun or profile == "ENABLED":
        return "active"
    return "pending" if profile in WAITING else "unknown"


def listed_order(row: Mapping[str, Any], provider: str) -> ProviderOrder | None:
    """A purchase for reconciliation."""
    number_of = identifier(row, "id")
    if number_of is None:
        return None
    package, price = table(row.get("package") or {}, "package"), price_of(row)
    kind = (maybe_text(row, "purchaseType") or "").lower()
    code = identifier(package, "id")
    return ProviderOrder(
        provider_order=number_of,
        key=maybe_text(row, "referenceId", 300),
        kind="topup" if "top" in kind else "new" if kind else None,
        plan=None if code is None else f"{provider}/{code}",
        iccid=card(table(row.get("esim") or {}, "esim"), "iccid"),
        charges=() if price is None else (price,),
        delivered=True,
        created_at=instant_if_told(row, "createdDate") or epoch_if_told(row, "createdAt"),
    )


def line_of(row: Mapping[str, Any], provider: str) -> LineRef | None:
    """The eSIM of a purchase."""
    iccid = card(table(row.get("esim") or {}, "esim"), "iccid")
    if iccid is None or not valid_iccid(iccid):
        return None
    code = identifier(table(row.get("package") or {}, "package"), "id")
    return LineRef(
        f"{provider}-{plain_iccid(iccid)[-4:].lower()}"[:32],
        iccid=iccid,
        reference=identifier(row, "id"),
        plan=None if code is None else f"{provider}/{code}",
    )
