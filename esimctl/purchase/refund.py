"""Give an unused line back: settled, refunding, refunded, with a reason where the seller wants one."""

from typing import TYPE_CHECKING, NamedTuple

from esimctl.documents.offers import OrderDocument
from esimctl.documents.result import Result
from esimctl.errors import EsimctlError, Refused, UnknownOutcome, Unreachable, UsageError, reason_of
from esimctl.ledger.orders import BOUGHT, BY_HAND
from esimctl.profile.books import Books, open_books
from esimctl.profile.deadline import Deadline, undisturbed
from esimctl.profile.opened import unknown
from esimctl.providers.abilities import AsksWhy, Cancels
from esimctl.providers.protocol import Outcome, Verdict
from esimctl.purchase.document import order_document
from esimctl.purchase.matching import Comparison, total
from esimctl.purchase.reasons import in_words
from esimctl.purchase.sending import as_sent, unrecorded
from esimctl.values.money import Money
from esimctl.values.sentence import Raw, Sentence, either
from esimctl.values.text import is_clean, nearest
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session

LONGEST = 255  #: characters of a note


class Why(NamedTuple):
    """A reason in the seller's own word, and what the person adds to it."""

    reason: str
    note: str | None


def reasons(session: "Session", order: "OrderState") -> tuple[str, ...]:
    """The reasons that an order's seller takes; none where it does not ask."""
    seller = session.provider(order.provider)
    return seller.refund_reasons if isinstance(seller, AsksWhy) else ()


def stated(session: "Session", order: "OrderState", reason: str | None, note: str | None) -> Why | None:
    """What a person gave as the reason, in the seller's word; UsageError (2) where it is none of the seller's.

    An order that was asked for already keeps the reason that its books hold.
    """
    seller = session.provider(order.provider)
    if not isinstance(seller, AsksWhy):
        if reason is not None or note is not None:
            raise UsageError("{provider} does not ask for a reason", code="no_reasons", provider=Raw(order.provider))
        return None
    known = ", ".join(seller.refund_reasons)
    if reason is None and order.reason in seller.refund_reasons:
        reason = order.reason
    if reason is None:
        raise UsageError(
            "{provider} takes a line back for a reason that you state: --reason with one of {reasons}",
            code="reason_needed",
            provider=Raw(order.provider),
            reasons=Raw(known),
        )
    word = reason.strip().upper().replace("-", "_").replace(" ", "_")
    if word not in seller.refund_reasons:
        close = nearest(word, seller.refund_reasons)
        raise UsageError(
            "{provider} does not know the reason {reason!r}: {reasons}",
            hint="did you mean {near}?" if close else None,
            code="unknown_reason",
            provider=Raw(order.provider),
            reason=Raw(reason),
            reasons=Raw(known),
            near=either(close),
        )
    if note is not None and not is_clean(note, LONGEST):
        raise UsageError("--note takes one line of at most {most} characters", code="bad_note", most=LONGEST)
    if word in seller.reasons_with_note and not (note or "").strip():
        raise UsageError(
            "the reason {reason} needs words of your own: --note TEXT", code="note_needed", reason=Raw(word)
        )
    return Why(word, note)


BACK = frozenset({"cancelled", "canceled", "refunded", "voided"})


def refundable(session: "Session", order_id: str) -> "OrderState":
    """The order, if it can be asked for at all; UsageError (2) or Refused (3) says why not. Nothing is sent."""
    return checked(session, session.store.ledger_for_reading(), order_id)


def checked(session: "Session", ledger: "LedgerState", order_id: str) -> "OrderState":
    """A bought line of a provider that takes lines back; refunded ones pass, so that asking again is harmless."""
    order = ledger.order(order_id)
    if order is None:
        raise unknown("order", order_id, [known.id for known in ledger.all_orders()], "esimctl transactions list")
    if order.imported:
        raise UsageError(
            "order {id} was imported: only where it was made can it be given back",
            hint="esimctl transactions show {id}",
            code="imported_order",
            order=order_document(session, order),
            id=Raw(order.id),
        )
    if order.kind != "new" or order.state not in BOUGHT:
        raise UsageError(
            "only a bought line that was paid can be given back; order {id} is {kind}, {state}",
            hint="esimctl transactions audit",
            code="not_refundable",
            order=order_document(session, order),
            id=Raw(order.id),
            kind=Sentence(order.kind),
            state=Sentence(order.state),
        )
    if not isinstance(session.provider(order.provider), Cancels):
        raise Refused(
            "{provider} takes nothing back through its interface",
            hint="ask its support; what to tell them: esimctl transactions audit",
            code="no_refunds",
            order=order_document(session, order),
            provider=Raw(order.provider),
        )
    return order


def refund(
    session: "Session", order_id: str, reason: str | None = None, note: str | None = None, *, wait: float = 0.0
) -> "Result[OrderDocument]":
    """Journal the wish, ask the provider, journal what it says. An answer that was lost stays `refunding` (4).

    Asked again, such an order is asked for again: giving a line back twice gives it back once. What the provider has
    confirmed that it will look into is not asked for again.
    """
    deadline = Deadline.from_environment(session.environ)
    with open_books(session, f"refund {order_id}", wait) as books:
        order = checked(session, books.ledger, order_id)
        confirmed = f"refund:{order.id}" in books.ledger.acknowledged
        if order.state == "settled" or (order.state == "refunding" and not confirmed):
            order = ask_back(books, order, stated(session, order, reason, note), deadline)
        elif order.state == "refunded":
            forget_line(books, order)
        return concluded(session, order)


def ask_back(books: Books, order: "OrderState", why: Why | None, deadline: Deadline) -> "OrderState":
    """The one request, and what its answer makes of the order. From the record before it on, nothing exits 1 or 130."""
    try:
        outcome = send(books, order, why, deadline)
        after = books.order(order.id)
        if after.state == "refunded":
            forget_line(books, after)
    except BaseException as error:
        left = books.order(order.id)
        if left.state == "settled":
            raise  # the wish could not be journalled: nothing was sent
        if isinstance(error, OSError):
            unrecorded(left, error)
        raise UnknownOutcome(
            "interrupted after the refund of order {id} was asked for: {what}",
            hint="esimctl reconcile",
            code="interrupted_after_sending",
            order=order_document(books.session, left),
            id=Raw(order.id),
            what=reason_of(error),
        ) from error
    if after.state == "settled":
        kind: type[EsimctlError] = Unreachable if outcome.verdict is Verdict.NOT_SENT else Refused
        raise kind(
            "{provider} does not take order {id} back: {said}",
            code=outcome.reason or "refund_denied",
            order=order_document(books.session, after),
            provider=Raw(order.provider),
            id=Raw(order.id),
            said=Raw(outcome.message) if outcome.message else in_words(outcome.reason or "refused"),
        )
    return after


def send(books: Books, order: "OrderState", why: Why | None, deadline: Deadline) -> Outcome:
    """Journal the wish with its reason, ask once, journal the answer; signals wait until then."""
    session = books.session
    provider = session.provider(order.provider)
    with undisturbed():
        again = order.state == "refunding"
        if not again:
            reason = "requested" if why is None else why.reason
            books.write({"kind": "order.refunding", "order": order.id, "reason": reason})
        try:
            line, now = as_sent(order).wish.line, session.clock.now()
            if isinstance(provider, AsksWhy):
                assert why is not None
                outcome = provider.cancel(line, now, deadline=deadline.left, reason=why.reason, note=why.note)
            else:
                assert isinstance(provider, Cancels)
                outcome = provider.cancel(line, now, deadline=deadline.left)
        except Unreachable as error:
            outcome = Outcome(Verdict.NOT_SENT, error.code)
        except EsimctlError as error:
            outcome = Outcome(Verdict.AMBIGUOUS, error.code)
        if written := entries(order, outcome, again=again):
            books.write(*written)
    return outcome


def entries(order: "OrderState", outcome: Outcome, *, again: bool) -> list[dict[str, Toml]]:
    """What an answer makes of it; nothing where it stays open.

    A refusal of a second request proves nothing: the first may have been granted.
    """
    if outcome.verdict is Verdict.SETTLED:
        return refunded_entries(order, outcome.paid or order.counted)
    if outcome.verdict in (Verdict.REFUSED, Verdict.NOT_SENT) and not again:
        return [{"kind": "order.refund_denied", "order": order.id, "reason": outcome.reason or "refused"}]
    if outcome.verdict is Verdict.ACCEPTED:
        return [{"kind": "acknowledged", "what": f"refund:{order.id}", "reason": outcome.reason or "requested"}]
    return []


def refunded_entries(order: "OrderState", amount: Money) -> list[dict[str, Toml]]:
    """The money is back and the line is gone."""
    money: dict[str, Toml] = {"amount_minor": amount.minor, "currency": amount.currency}
    return [
        {"kind": "order.refunded", "order": order.id, **money},
        {"kind": "line.removed", "line": order.line, "reason": "refunded"},
    ]


def takes_line(ledger: "LedgerState", order: "OrderState") -> bool:
    """Whether a line went with the order that was given back: it came with it, and no other pack was bought since."""
    if order.kind != "new" or not order.given_back:
        return False
    later = [each for each in ledger.orders_of([order.line]) if each.seq > order.seq]
    return order.tier != BY_HAND or not any(each.settled_at and not each.given_back for each in later)


def forget_line(books: Books, order: "OrderState") -> bool:
    """A line that was given back is followed no longer; its history stays. Whether it was still in the profile."""
    session = books.session
    if session.lines.get(order.line, {}).get("order") != order.id:
        return False
    session.store.profile.remove_table("line", order.line)
    session.forget()
    return True


def settle_refunds(books: Books, compared: Comparison) -> None:
    """Refunds that were asked for and are in the provider's books by now."""
    for match in compared.matches:
        order, theirs = match.order, match.theirs
        if order.state != "refunding":
            continue
        taken = total(theirs.charges)
        if (theirs.status or "").lower() in BACK or (theirs.charges and not any(taken.values())):
            books.write(*refunded_entries(order, order.counted))
            forget_line(books, books.order(order.id))


def concluded(session: "Session", order: "OrderState") -> "Result[OrderDocument]":
    """The order as it stands; 4 while nobody knows whether the money comes back."""
    document = order_document(session, order)
    if order.state == "refunding":
        raise UnknownOutcome(
            "{provider} was asked to take order {id} back and has not confirmed it",
            hint="esimctl reconcile; if you see the money: esimctl transactions resolve {id} --not-charged",
            code="refund_unconfirmed",
            order=document,
            provider=Raw(order.provider),
            id=Raw(order.id),
        )
    return Result("order", OrderDocument(order=document))
