"""From an answer to the journal: what an outcome makes of an order, and what the person is told of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from esimctl.documents.offers import OrderDocument
from esimctl.documents.orders import OrderRow
from esimctl.documents.result import Result
from esimctl.errors import (
    Busy,
    ConfigurationError,
    CredentialsError,
    Damaged,
    EsimctlError,
    ExitCode,
    OwnRules,
    ProtocolViolation,
    Refused,
    UnknownOutcome,
    Unreachable,
)
from esimctl.ledger import postings
from esimctl.ledger.orders import BOUGHT
from esimctl.market.on_offer import COUNTER, kind_of
from esimctl.profile.books import Books
from esimctl.profile.codes import keep_codes
from esimctl.providers.protocol import Goods, Outcome, Tier, Verdict
from esimctl.purchase.document import order_document
from esimctl.purchase.foreign import ours_after_all
from esimctl.purchase.reasons import in_words
from esimctl.values.sentence import Param, Raw, Sentence
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session

#: reason of a rejected order → the class (and so the exit code) of the failure; all others are Refused
FAILURES: dict[str, type[EsimctlError]] = {
    "unauthorized": CredentialsError,
    "tls": ProtocolViolation,
    "redirected": ProtocolViolation,
    "unreachable": Unreachable,
    "not_sent": Unreachable,
    "price_changed": OwnRules,
    "key_conflict": Damaged,
    "own_pace": Busy,
    "rate_limited": Busy,
    "timeout": Unreachable,
    "connection_lost": Unreachable,
    "server_error": Unreachable,
    "malformed": ProtocolViolation,
    "configuration": ConfigurationError,
}

#: reasons of an open order that was looked for in vain so far
HELD = frozenset({"absent_once", "absent_but_paid", "absent_after_limit"})


def record(books: Books, order: "OrderState", outcome: Outcome, *, sure: bool = True) -> "OrderState":
    """Journal what an outcome makes of an order, secrets into the vault first; returns the order as it then stands.

    `sure` says that every earlier attempt is known to have come to nothing: a definite refusal of this one settles the
    order only then.
    """
    if outcome.goods is not None and outcome.goods.lpa:
        keep_codes(books.session, books.ledger, order, secrets_of(outcome.goods))
    known = ours_after_all(books.ledger, order.provider, outcome.provider_order)
    books.write(*entries_for(order, outcome, sure=sure), *known)
    after = books.order(order.id)
    if after.state == "settled":
        keep_line(books, after)
    return after


def secrets_of(goods: Goods) -> dict[str, str]:
    """What the vault keeps of a delivery."""
    kept = {"lpa": goods.lpa, "confirmation_code": goods.confirmation_code, "iccid": goods.iccid}
    return {name: value for name, value in kept.items() if value}


def entries_for(order: "OrderState", outcome: Outcome, *, sure: bool = True) -> list[dict[str, Toml]]:
    """The entries that an outcome adds to an order, by its verdict."""
    goods = outcome.goods
    delivered = (
        {}
        if goods is None
        else {
            "iccid": goods.iccid,
            "reference": goods.reference,
            "msisdn": goods.msisdn,
            "use_by": goods.use_by,
            "expires_at": goods.expires_at,
        }
    )
    facts = {"order": order.id, "provider_order": outcome.provider_order, **delivered}
    match outcome.verdict:
        case Verdict.SETTLED if lacks_goods(order, outcome):
            # charged, but there is nothing to hand out yet: it stays open until there is
            return [{"kind": "order.accepted", **facts, "charged": True, "reason": "goods_missing"}]
        case Verdict.SETTLED:
            return settled_entries(order, outcome, facts)
        case Verdict.ACCEPTED:
            return [{"kind": "order.accepted", **facts, "charged": outcome.charged, "reason": outcome.reason}]
        case Verdict.REFUSED | Verdict.NOT_SENT if sure or answers_for_key(order, outcome):
            reason = outcome.reason or ("not_sent" if outcome.verdict is Verdict.NOT_SENT else "refused")
            return [rejected_entry(order, reason, outcome.message)]
        case _:
            return [
                {
                    "kind": "order.unknown",
                    "order": order.id,
                    "reason": outcome.reason or outcome.verdict.value,
                    "charged": outcome.charged,
                    "message": outcome.message,
                    "provider_order": outcome.provider_order,
                }
            ]


def lacks_goods(order: "OrderState", outcome: Outcome) -> bool:
    """Whether a new line was charged, but not delivered; who bought it at a counter holds it in the hand."""
    delivered = order.iccid is not None or (outcome.goods is not None and outcome.goods.iccid is not None)
    return order.kind == "new" and not delivered and outcome.confirmed_by == "provider"


def answers_for_key(order: "OrderState", outcome: Outcome) -> bool:
    """Whether a refusal speaks of the key, and so of every attempt made with it."""
    return outcome.verdict is Verdict.REFUSED and order.tier == Tier.KEYED and outcome.reason != "unauthorized"


def settled_entries(order: "OrderState", outcome: Outcome, facts: Mapping[str, Toml]) -> list[dict[str, Toml]]:
    """The order is paid and delivered; a new line is born in the same write."""
    paid = outcome.paid
    entries: list[dict[str, Toml]] = [
        {
            "kind": "order.settled",
            **facts,
            "paid_minor": None if paid is None else paid.minor,
            "paid_currency": None if paid is None else paid.currency,
            "discrepancy": outcome.mismatch or differing_price(order, outcome),
            "confirmed_by": outcome.confirmed_by,
            "postings": postings.settled(order.id, order.line, order.provider, order.method, order.price, paid),
        }
    ]
    if order.kind == "new":
        entries.append({"kind": "line.added", "line": order.line, "provider": order.provider, "order": order.id})
    return entries


def differing_price(order: "OrderState", outcome: Outcome) -> str | None:
    """A discrepancy when something else was charged than was quoted."""
    paid, price = outcome.paid, order.price
    if paid is None or paid == price:
        return None
    if outcome.rounded and (paid.minor + 1, paid.currency) == (price.minor, price.currency):
        return None
    return f"charged {outcome.paid} instead of {order.price}"


def rejected_entry(order: "OrderState", reason: str, message: str | None = None) -> dict[str, Toml]:
    """The order came to nothing; its reservation is released."""
    return {
        "kind": "order.rejected",
        "order": order.id,
        "reason": reason,
        "message": message,
        "postings": postings.void(order.id, order.provider, order.method, order.price),
    }


def cancelled_entry(order: "OrderState", reason: str) -> dict[str, Toml]:
    """The order was never sent; its reservation is released."""
    return {
        "kind": "order.cancelled",
        "order": order.id,
        "reason": reason,
        "postings": postings.void(order.id, order.provider, order.method, order.price),
    }


def reopened_entry(order: "OrderState", number: str | None) -> dict[str, Toml]:
    """The seller lists an order that was closed here: its price is held again, and what became of it is asked."""
    return {
        "kind": "order.reopened",
        "order": order.id,
        "reason": "exists_after_all",
        "charged": True,
        "provider_order": number,
        "postings": postings.prepared(order.id, order.provider, order.method, order.price),
    }


def keep_line(books: Books, order: "OrderState") -> None:
    """Put a settled order's line into the profile; recovery does it again if it is missing there."""
    session = books.session
    present = session.lines.get(order.line)
    wanted: dict[str, str | None] = {}
    if order.kind == "new" and present is None:
        if removed(books, order.line):
            return
        wanted = {
            "provider": order.provider,
            "plan": order.plan,
            "carrier": carrier_of(session, order),
            "iccid": order.iccid,
            "reference": order.reference,
            "msisdn": order.msisdn,
            "order": order.id,
        }
    elif present is not None and order.kind == "renew" and order.plan not in (None, present.get("plan")):
        wanted = {"plan": order.plan}
    wanted = {key: value for key, value in wanted.items() if value is not None}
    if wanted:
        session.store.profile.set_table("line", order.line, wanted, durable=False)
        session.forget()


def carrier_of(session: "Session", order: "OrderState") -> str | None:
    """The carrier of the plan that was bought, None where no list names it any more."""
    from esimctl.market.plans import plan_by_id

    try:
        return None if order.plan is None else plan_by_id(session, order.plan, provider=order.provider).carrier
    except EsimctlError:
        return None


def removed(books: Books, line: str) -> bool:
    """Whether the person has taken a line out of the profile since it was born."""
    fact = books.ledger.lines.get(line)
    return fact is not None and fact.removed_at is not None


def conclude(
    session: "Session", order: "OrderState", *, no_wait: bool = False, reveal: bool = True
) -> "Result[OrderDocument]":
    """What a purchase ends with: its document and exit code, or the failure that carries the document.

    It looks at the order alone, so that the same `--request-id` gives the same document and code again.
    """
    document = order_document(session, order, reveal=reveal)
    if order.state in BOUGHT:
        code = ExitCode.UNKNOWN_OUTCOME if order.discrepancy else ExitCode.DONE
        result = Result("order", OrderDocument(order=document), code, next=next_command(session, order))
        if order.discrepancy:
            result.note("settled, but not as ordered: {what}", what=Raw(order.discrepancy))
            result.failure = UnknownOutcome(
                "settled, but not as ordered: {what}",
                hint="esimctl transactions show {id}",
                code="not_as_ordered",
                retry_safe=False,
                order=document,
                what=Raw(order.discrepancy),
                id=Raw(order.id),
            )
        code_is_ours = reveal and order.state == "settled" and kind_of(session, order.provider) != COUNTER
        if code_is_ours and document.activation and document.activation.lpa is None:
            result.note("the activation code cannot be shown now: esimctl lines qr {line}", line=Raw(order.line))
        return result
    if order.state == "accepted" and order.charged and no_wait:
        return Result("order", OrderDocument(order=document), next="esimctl reconcile")
    raise failure(order, document)


def next_command(session: "Session", order: "OrderState") -> str:
    """What to type after a purchase: look at the line, or tell what a line from a counter holds."""
    if order.kind == "new" and kind_of(session, order.provider) == COUNTER:
        return f"esimctl usage record {order.line} --remaining 4.2GB"
    return f"esimctl balance {order.line}"


def failure(order: "OrderState", document: OrderRow) -> EsimctlError:
    """The failure that an order's state stands for."""
    coded = in_words(order.reason) if order.reason else Sentence(order.state)
    said: Param = Raw(order.message) if order.message else coded
    if order.state == "rejected":
        kind = FAILURES.get(order.reason or "", Refused)
        return kind(
            "{provider} did not take order {id}: {said}; nothing was charged",
            hint="esimctl transactions show {id}",
            code=order.reason or "refused",
            order=document,
            id=Raw(order.id),
            provider=Raw(order.provider),
            said=said,
        )
    if order.state == "cancelled":
        return OwnRules(
            "order {id} was never sent: {said}; nothing was charged",
            hint="order again, with another --request-id if you gave one",
            code="cancelled",
            order=document,
            id=Raw(order.id),
            said=said,
        )
    if order.reason == "rate_limited":
        return Busy(
            "{provider} limits the rate; order {id} stays open and is looked up before anything is sent again",
            hint="esimctl reconcile",
            code="rate_limited",
            retry_safe=False,
            order=document,
            id=Raw(order.id),
            provider=Raw(order.provider),
        )
    if order.state == "accepted":
        return UnknownOutcome(
            "{provider} has taken order {id}, but has not confirmed it yet",
            hint="esimctl reconcile",
            code="accepted_unconfirmed",
            order=document,
            id=Raw(order.id),
            provider=Raw(order.provider),
        )
    if order.state == "manual":
        return UnknownOutcome(
            "only a person can decide order {id}: look into the account at {provider}",
            hint="esimctl transactions resolve {id} --charged PROVIDER_ORDER | --not-charged",
            code="needs_a_person",
            order=document,
            id=Raw(order.id),
            provider=Raw(order.provider),
        )
    if order.reason in HELD:
        return UnknownOutcome(
            "order {id} was not found at {provider}, which proves nothing yet: {price} are held for it until it is"
            " found, or was looked for in vain for a day",
            hint="esimctl reconcile",
            code="unknown_outcome",
            order=document,
            id=Raw(order.id),
            provider=Raw(order.provider),
            price=Raw(str(order.price)),
        )
    return UnknownOutcome(
        "nobody knows yet whether order {id} was charged: {said}",
        hint="esimctl reconcile",
        code="unknown_outcome",
        order=document,
        id=Raw(order.id),
        said=said,
    )
