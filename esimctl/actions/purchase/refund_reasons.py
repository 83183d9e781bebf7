"""Why a line goes back: some sellers ask, and take only a reason of their own list. It is the person's word alone."""

from typing import TYPE_CHECKING, NamedTuple

from esimctl.errors import UsageError, nearest
from esimctl.providers.abilities import AsksWhy
from esimctl.text import is_clean

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.ledger.orders import OrderState

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
            raise UsageError("{provider} does not ask for a reason", code="no_reasons", provider=order.provider)
        return None
    known = ", ".join(seller.refund_reasons)
    if reason is None and order.reason in seller.refund_reasons:
        reason = order.reason
    if reason is None:
        raise UsageError(
            "{provider} takes a line back for a reason that you state: --reason with one of {reasons}",
            code="reason_needed",
            provider=order.provider,
            reasons=known,
        )
    word = reason.strip().upper().replace("-", "_").replace(" ", "_")
    if word not in seller.refund_reasons:
        close = nearest(word, seller.refund_reasons)
        raise UsageError(
            "{provider} does not know the reason {reason!r}: {reasons}",
            hint="did you mean {near}?" if close else None,
            code="unknown_reason",
            provider=order.provider,
            reason=reason,
            reasons=known,
            near=" or ".join(close),
        )
    if note is not None and not is_clean(note, LONGEST):
        raise UsageError("--note takes one line of at most {most} characters", code="bad_note", most=LONGEST)
    if word in seller.reasons_with_note and not (note or "").strip():
        raise UsageError("the reason {reason} needs words of your own: --note TEXT", code="note_needed", reason=word)
    return Why(word, note)
