"""The vendor's envelope, codes and words for states, and what they mean here.

Business errors come with status 200 and `success: false`; `success` may be a text, `errorMsg` may be `errorMessage`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from esimctl.malformed import Malformed, if_told
from esimctl.providers.esim_access.catalogue import DAILY
from esimctl.providers.lpa import code_in, same_iccid
from esimctl.providers.protocol import (
    Goods,
    LineRef,
    Outcome,
    OutgoingOrder,
    ProviderOrder,
    Reading,
    ReadingBucket,
    Verdict,
)
from esimctl.providers.reseller import line_at, plan_of
from esimctl.providers.strict_json import JsonObject, read_object
from esimctl.providers.verdicts import Meaning, allocating, ambiguous, meant, refused
from esimctl.values.record import record, replace

#: code → what it means for an order. What is not here decides nothing.
CODES: Mapping[str, Meaning] = {
    "000001": Meaning("server_error", definite=False),
    "000101": Meaning("unauthorized"),
    **{f"00010{digit}": Meaning("bad_request") for digit in range(2, 8)},
    "101001": Meaning("unauthorized"),  # timestamp expired: our clock is wrong
    "101002": Meaning("unauthorized"),  # address blocked
    "101003": Meaning("unauthorized"),  # signature
    "200002": Meaning("not_allowed_now"),
    "200005": Meaning("price_changed"),
    "200006": Meaning("price_changed"),
    "200007": Meaning("insufficient_funds"),
    "200008": Meaning("bad_request"),
    "200009": Meaning("bad_request"),
    "200010": Meaning("allocating", definite=False),
    "200011": Meaning("out_of_stock"),
    "310241": Meaning("plan_unknown"),
    "310243": Meaning("plan_unknown"),
    "310272": Meaning("order_unknown", definite=False),
    "310402": Meaning("exists", definite=False, exists=True),  # duplicate transactionId
    "310403": Meaning("line_unknown"),
    "900001": Meaning("busy", definite=False),
}
ALLOCATING, NO_SUCH_ORDER = "200010", "310272"
#: how every code about the access code, its signature or its address begins, and every one about parameters
CREDENTIALS, PARAMETERS = ("1010", "401"), "4000"
UNKNOWN_REFERENCES = range(310201, 310252)  #: a package, line or order that it does not have, whichever of them

PENDING = frozenset({"CREATE", "PAYING", "PAID", "GETTING_RESOURCE"})
GONE = frozenset({"CANCEL", "CANCELED", "CANCELLED", "REVOKE", "REVOKED", "DELETED"})
CANCELLED = frozenset({"CANCEL", "CANCELED", "CANCELLED"})
STATUS = {
    **dict.fromkeys(PENDING, "pending"),
    "GOT_RESOURCE": "pending",
    "IN_USE": "active",
    "USED_UP": "active",
    "USED_EXPIRED": "expired",
    "UNUSED_EXPIRED": "expired",
    "SUSPENDED": "suspended",
    **dict.fromkeys(GONE, "closed"),
}


#: under which a row of `packageList` may carry a number: ours, or one of the vendor's
NUMBERS = ("transactionId", "topUpEsimTranNo", "esimTranNo")
ROUNDING = timedelta(seconds=2)  #: of times that the vendor writes to the second


@record
class Envelope:
    """What every answer is wrapped in. `code` is None where the vendor says 0 or nothing."""

    ok: bool
    code: str | None
    message: str | None
    answer: JsonObject

    @property
    def obj(self) -> JsonObject:
        """What lies in it; Malformed where nothing does."""
        return self.answer.inner("obj")

    @property
    def rows(self) -> list[JsonObject]:
        """The eSIMs in it: a list that must be there, though it be null; what is not said is not an empty list."""
        return listed(self.obj, "esimList")


def listed(obj: JsonObject, key: str) -> list[JsonObject]:
    """The rows of a list that must be there, though it be null; Malformed without it."""
    if key not in obj:
        raise obj.wrong(key, "is missing")
    return obj.rows(key)


def envelope(answer: JsonObject) -> Envelope:
    """Unwrap an answer; Malformed where it is none."""
    ok = answer.flag("success")
    if ok is None:
        raise Malformed("success is missing")
    code = answer.maybe_text("errorCode", 20)
    if code is not None and code.isdigit():
        code = None if int(code) == 0 else code.zfill(6)
    message = answer.maybe_text("errorMsg") or answer.maybe_text("errorMessage")
    return Envelope(ok and code is None, code, message, answer)


def meaning_of(code: str | None) -> Meaning | None:
    """What a code means, also one that only its family is known of; None decides nothing."""
    known = CODES.get(code or "")
    if known is not None or code is None or not code.isdigit():
        return known
    if code.startswith(CREDENTIALS):
        return Meaning("unauthorized")
    if code.startswith(PARAMETERS):
        return Meaning("bad_request")
    return Meaning("reference_unknown") if int(code) in UNKNOWN_REFERENCES else None


def refuses_form(code: str | None) -> bool:
    """Whether a question was refused for how it was put, or for a reason that no table knows."""
    meaning = meaning_of(code)
    return code is not None and (meaning is None or meaning.reason == "bad_request")


def outcome_of(order: OutgoingOrder, status: int, body: bytes) -> Outcome:
    """An answer to an order whose status decides nothing."""
    said = envelope(read_object(body))
    if not said.ok:
        return meant(meaning_of(said.code) or Meaning("unexpected_refusal", definite=False), said.message)
    return ambiguous("malformed") if status >= 300 else _taken(order, said.obj)


def _taken(order: OutgoingOrder, obj: JsonObject) -> Outcome:
    """A success: for a new eSIM with the order's number, for a top-up where it names our line or our reference.

    The transactionId that comes back may be one of the vendor's own; it is kept as the number then.
    """
    echoed = obj.identifier("transactionId")
    if order.wish.kind == "new":
        return allocating(obj.id_of("orderNo"))
    iccid, ours = obj.card("iccid"), order.wish.line.iccid
    number = echoed or obj.identifier("topUpEsimTranNo")
    if iccid is None and number is None:
        raise Malformed("neither transactionId nor iccid")
    if echoed != order.key and not same_iccid(iccid, ours):
        return replace(ambiguous("other_order"), provider_order=number)
    other = None not in (iccid, ours) and not same_iccid(iccid, ours)
    return Outcome(
        Verdict.SETTLED,
        provider_order=number or order.key,
        charged=True,
        goods=Goods(iccid=order.wish.line.iccid, expires_at=if_told(obj.instant, "expiredTime")),
        mismatch="the top-up went to another line" if other else None,
    )


def found_order(order: OutgoingOrder, mine: Sequence[JsonObject], code: str, slug: str | None) -> Outcome:
    """The eSIMs of one order as `esim/query` lists them: at least one."""
    first = mine[0]
    number, state = first.identifier("orderNo") or order.provider_order, first.maybe_text("esimStatus") or ""
    if state.upper() in CANCELLED:
        return refused("cancelled")
    lpa, iccid = code_of(first), first.iccid("iccid")
    if state.upper() in PENDING or lpa is None or iccid is None:
        return allocating(number)
    packages = {row.maybe_text(key) for row in first.rows("packageList") for key in ("packageCode", "slug")}
    mismatch = None
    if packages - {None} and not packages & {code, slug or code}:
        mismatch = "another package was delivered than ordered"
    elif len(mine) > 1:
        mismatch = f"{len(mine)} eSIMs were delivered instead of one"
    ends, waits = if_told(first.instant, "expiredTime"), STATUS.get(state.upper()) == "pending"
    goods = Goods(
        iccid=iccid,
        reference=first.identifier("esimTranNo"),
        msisdn=first.maybe_text("msisdn"),
        lpa=lpa,
        use_by=ends if waits else None,
        expires_at=None if waits else ends,
    )
    return Outcome(Verdict.SETTLED, provider_order=number, charged=True, goods=goods, mismatch=mismatch)


def topup_in(order: OutgoingOrder, entry: JsonObject, code: str, sent: datetime, octets: int | None) -> bool:
    """Whether a line has this top-up, by the proofs in their order.

    A row with our reference; a row with the vendor's own number; a row with the code that was made when it was sent
    (`sent`, by the vendor's clock) or later; the line's total, grown by the pack since it was read before.
    """
    mine = {order.key, order.provider_order} - {None}
    listed = [(row, {row.identifier(key) for key in NUMBERS}) for row in entry.rows("packageList")]
    if any(numbers & mine for _, numbers in listed):
        return True
    total, before = entry.integer("totalVolume"), order.granted_before
    grown = None if total is None or before is None or not octets else total >= before + octets
    for row, numbers in listed:
        made = if_told(row.instant, "createTime")
        if row.maybe_text("packageCode") != code or made is None or numbers & order.others:
            continue
        new = order.packs_before is None or len(listed) > order.packs_before
        if made >= sent or (made >= sent - ROUNDING and new):
            return True
    return bool(grown)


def code_of(entry: JsonObject) -> str | None:
    """The activation code, None where there is none yet or what stands there is not one."""
    return code_in(entry.exact("ac"))


def line_of(entry: JsonObject, provider: str) -> LineRef | None:
    """A line of the account, None for an eSIM that is not there yet or no more."""
    iccid = entry.iccid("iccid")
    if iccid is None or is_deleted(entry) or (entry.maybe_text("esimStatus") or "").upper() in GONE:
        return None
    return line_at(
        provider,
        iccid,
        reference=entry.identifier("esimTranNo"),
        msisdn=entry.maybe_text("msisdn"),
        plan=base_plan(entry, provider),
    )


def base_plan(entry: JsonObject, provider: str) -> str | None:
    """The plan that an eSIM was bought with."""
    listed = [(if_told(row.instant, "createTime"), row.identifier("packageCode")) for row in entry.rows("packageList")]
    dated = [at for at, _ in listed if at is not None]
    first = min(dated) if len(dated) == len(listed) and dated else None
    base = next((code for at, code in listed if code and at == first), None) if first else None
    base = base or next((code for _, code in listed if code), None)  # what was bought first stands first
    return plan_of(provider, base)


def listed_order(number: str, entry: JsonObject, provider: str) -> ProviderOrder:
    """An order for a new eSIM as reconciliation sees it; what was charged is in no list."""
    status = (entry.maybe_text("esimStatus", 40) or "").lower()
    made = [if_told(row.instant, "createTime") for row in entry.rows("packageList")]
    return ProviderOrder(
        provider_order=number,
        key=entry.identifier("transactionId"),
        kind="new",
        plan=base_plan(entry, provider),
        iccid=entry.iccid("iccid"),
        charges=(),
        delivered=code_of(entry) is not None,
        created_at=min((at for at in made if at is not None), default=None),
        status="cancelled" if status.upper() in CANCELLED else status or None,
    )


def belongs(entry: JsonObject, line: LineRef) -> bool:
    """Whether an entry is this line: by the vendor's own number, for ICCIDs are used again there."""
    if line.reference is not None:
        return entry.identifier("esimTranNo") == line.reference
    return same_iccid(line.iccid, entry.card("iccid"))


def is_deleted(entry: JsonObject) -> bool:
    """Whether the profile was deleted from its device: the plan may still run, but nobody can use it."""
    return (entry.maybe_text("smdpStatus") or "").upper() == "DELETED"


def goods_of(entries: Sequence[JsonObject], line: LineRef) -> Goods | None:
    """The eSIM of a line with its code; the newest entry counts."""
    for entry in reversed(entries):
        if belongs(entry, line):
            return Goods(iccid=entry.iccid("iccid"), reference=entry.identifier("esimTranNo"), lpa=code_of(entry))
    return None


def reading_of(entry: JsonObject, now: datetime) -> Reading:
    """What is left, from an entry of `esim/query`. Figures lag behind by two to three hours at the vendor.

    Of a plan with a volume a day nobody says how much of today's is left: unknown, not nothing.
    """
    raw = entry.telling("esimStatus", "totalVolume", "orderUsage").maybe_text("esimStatus", 40)
    status = STATUS.get((raw or "").upper(), "unknown")
    if (raw or "").upper() == "GOT_RESOURCE" and (entry.maybe_text("smdpStatus") or "").upper() == "ENABLED":
        status = "active"
    if is_deleted(entry):
        status = "closed"
    kind = entry.integer("dataType")
    unlimited, daily = kind == 4, kind in DAILY
    granted, used = entry.integer("totalVolume"), entry.integer("orderUsage")
    granted = None if daily else granted
    left = None if granted is None or used is None else max(0, granted - used)
    if (raw or "").upper() == "USED_UP" and not daily:
        left = 0
    ends = if_told(entry.instant, "expiredTime")
    begun = if_told(entry.instant, "activateTime") or if_told(entry.instant, "installationTime")
    return Reading(
        at=now,
        status=status,
        granted_bytes=granted,
        used_bytes=used,
        remaining_bytes=left,
        available_bytes=left,
        unlimited=unlimited,
        use_by=ends if status == "pending" else None,
        expires_at=ends,
        buckets=()
        if begun is None  # nothing runs yet: a bucket has a beginning
        else (
            ReadingBucket(
                id=entry.identifier("esimTranNo") or "data",
                category="base",
                usage_type="data",
                granted=granted,
                remaining=left,
                start=begun,
                end=ends,
                status="expired" if status in {"expired", "closed"} else "active",
                unlimited=unlimited,
            ),
        ),
        raw_status=raw,
    )
