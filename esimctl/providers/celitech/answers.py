"""Celitech's answers: purchases, eSIMs, consumption.

In a purchase `activationCode` is a picture; the code that a phone reads is `manualActivationCode`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from esimctl.malformed import Malformed, if_told
from esimctl.providers.celitech.catalogue import UNLIMITED
from esimctl.providers.lpa import code_in, same_iccid, valid_iccid
from esimctl.providers.protocol import Goods, LineRef, Outcome, OutgoingOrder, ProviderOrder, Reading, Verdict
from esimctl.providers.reseller import line_at, other_package, plan_of
from esimctl.providers.strict_json import JsonObject, as_objects, decode
from esimctl.providers.verdicts import Meaning, allocating, by_status, meant
from esimctl.values.money import Money

#: status → what it means for an order under our key
CODES: Mapping[int, Meaning] = {
    409: Meaning("in_progress", definite=False),  # the first sending of this key is still at work
}
ACTIVE, DELETED = "ACTIVE", "DELETED"
WAITING = frozenset({"RELEASED", "DOWNLOADED", "INSTALLED"})  #: profiles that no network has seen yet


def outcome_of(order: OutgoingOrder, status: int, body: bytes) -> Outcome:
    """An answer to an order whose status decides nothing."""
    document = decode(body)
    if status >= 400:
        message = JsonObject(document).maybe_text("message") if isinstance(document, dict) else None
        return meant(CODES[status], message) if status in CODES else by_status(status, message)
    found = as_objects(document if isinstance(document, list) else [document], "the purchases")
    if not found:
        raise Malformed("no purchase")
    return _taken(order, found)


def _taken(order: OutgoingOrder, found: Sequence[JsonObject]) -> Outcome:
    purchase, profile = found[0].inner("purchase"), found[0].inner("profile")
    number_of, mismatch = purchase.id_of("id"), other_package(order, purchase.identifier("packageId"))
    if mismatch is None and len(found) > 1:
        mismatch = f"{len(found)} eSIMs were delivered instead of one"
    if order.wish.kind != "new":
        told = profile.card("iccid")
        if told is not None and not same_iccid(told, order.wish.line.iccid):
            mismatch = "the top-up went to another line"
        return Outcome(Verdict.SETTLED, provider_order=number_of, charged=True, mismatch=mismatch)
    goods = goods_of(profile, number_of)
    if goods is None:
        return allocating(number_of)
    return Outcome(Verdict.SETTLED, provider_order=number_of, charged=True, goods=goods, mismatch=mismatch)


def goods_of(profile: JsonObject, purchase: str, iccid: str | None = None) -> Goods | None:
    """An eSIM with its code; None while either is missing. `iccid` is that by which it was asked for."""
    iccid = profile.card("iccid") if iccid is None else iccid
    lpa = code_in(profile.exact("manualActivationCode")) or code_in(profile.exact("activationCode"))
    if iccid is None or lpa is None or not valid_iccid(iccid):
        return None
    return Goods(iccid=iccid, reference=purchase, lpa=lpa)


def listed(order: OutgoingOrder, found: Sequence[JsonObject]) -> Outcome | None:
    """An order among listed purchases, without its goods; None where none carries our reference."""
    mine = [row for row in found if row.maybe_text("referenceId", 300) == order.key]
    number = order.provider_order
    mine = mine or [row for row in found if number is not None and row.exact("id") == number]
    if not mine:
        return None
    number_of, mismatch = mine[0].id_of("id"), other_package(order, mine[0].part("package").identifier("id"))
    if mismatch is None and len(mine) > 1:
        mismatch = f"{len(mine)} purchases were made instead of one"
    iccid = mine[0].part("esim").card("iccid")
    return Outcome(
        Verdict.SETTLED,
        provider_order=number_of,
        charged=True,
        paid=price_of(mine[0]),
        goods=Goods(iccid=iccid, reference=number_of) if iccid is not None else None,
        mismatch=mismatch,
    )


def price_of(row: JsonObject) -> Money | None:
    """What a purchase cost, as the vendor lists it."""
    cents = row.part("package").integer("priceInCents")
    return None if cents is None else Money(cents, "USD")


def ends_at(row: JsonObject) -> datetime | None:
    """When a purchase ends: an instant, or the end of its last day."""
    exact = if_told(row.epoch, "endTime")
    if exact is not None:
        return exact
    day = if_told(row.instant, "endDate")
    return None if day is None else day if "T" in (row.exact("endDate") or "") else day + timedelta(days=1)


def starts_at(row: JsonObject) -> datetime | None:
    """When a purchase begins, where that is told."""
    return if_told(row.epoch, "startTime") or if_told(row.instant, "startDate")


def lasting(found: Sequence[JsonObject], now: datetime) -> list[JsonObject]:
    """The purchases of a line that have not ended; the last one where all have."""
    ends = [(ends_at(row), row) for row in found]
    open_ones = [row for end, row in ends if end is None or end > now]
    return open_ones or [row for _, row in ends[-1:]]


def profile_of(esim: JsonObject) -> str | None:
    """What became of the profile: RELEASED, DOWNLOADED, INSTALLED, ENABLED, DELETED or ERROR."""
    word = if_told(esim.maybe_text, "status", 40)
    return None if word is None else word.upper()


def reading_of(counted: Sequence[tuple[JsonObject, JsonObject]], now: datetime, esim: JsonObject) -> Reading:
    """What is left on a line: the sum over its purchases, each with its consumption. A deleted profile has nothing."""
    left: int | None = 0
    granted: int | None = 0
    unlimited, online = False, None
    for purchase, consumption in counted:
        consumption.telling("dataUsageRemainingInBytes", "status")
        package = purchase.part("package")
        size, rest = package.number("dataLimitInGB"), consumption.number("dataUsageRemainingInBytes")
        state = if_told(consumption.maybe_text, "status", 40)
        online = state if online is None or state == ACTIVE else online
        if size == UNLIMITED or rest == UNLIMITED:
            unlimited = True
            continue
        whole = package.integer("dataLimitInBytes")
        granted = None if granted is None or whole is None else granted + whole
        left = None if left is None or rest is None else left + max(0, int(rest))
    ends = [ends_at(purchase) for purchase, _ in counted]
    last = max((end for end in ends if end is not None), default=None)
    known = not unlimited and granted is not None and left is not None
    used = max(0, (granted or 0) - (left or 0)) if known else None
    profile = profile_of(esim)
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


def listed_order(row: JsonObject, provider: str) -> ProviderOrder | None:
    """A purchase for reconciliation."""
    number_of = row.identifier("id")
    if number_of is None:
        return None
    price = price_of(row)
    kind = (row.maybe_text("purchaseType") or "").lower()
    return ProviderOrder(
        provider_order=number_of,
        key=row.maybe_text("referenceId", 300),
        kind="topup" if "top" in kind else "new" if kind else None,
        plan=plan_of(provider, row.part("package").identifier("id")),
        iccid=row.part("esim").card("iccid"),
        charges=() if price is None else (price,),
        delivered=True,
        created_at=if_told(row.instant, "createdDate") or if_told(row.epoch, "createdAt"),
    )


def line_of(row: JsonObject, provider: str) -> LineRef | None:
    """The eSIM of a purchase."""
    iccid = row.part("esim").iccid("iccid")
    if iccid is None:
        return None
    plan = plan_of(provider, row.part("package").identifier("id"))
    return line_at(provider, iccid, reference=row.identifier("id"), plan=plan)
