"""A `--request-id` that is given again: its order once more, or a refusal. Nothing is bought a second time."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from esimctl.documents.result import Result
from esimctl.errors import UsageError
from esimctl.profile.books import Books
from esimctl.profile.deadline import Deadline
from esimctl.purchase.document import order_document
from esimctl.purchase.gates import not_paused, payment_confirmed, reconciled, room_on_disk, within_max_price
from esimctl.purchase.intent import make_offer
from esimctl.purchase.offer import Intent, Offer
from esimctl.purchase.outcome import cancelled_entry, conclude
from esimctl.purchase.pursue import RETRY_HORIZON, once
from esimctl.purchase.said_again import parameters
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, commas

if TYPE_CHECKING:
    from esimctl.documents.offers import OrderDocument
    from esimctl.ledger.orders import OrderState

CarryOut = Callable[[Books, "OrderState", Offer, Deadline], "Result[OrderDocument]"]


def again(
    books: Books, intent: Intent, earlier: "OrderState", deadline: Deadline, carry_out: CarryOut
) -> "Result[OrderDocument]":
    """The earlier order's document and code, nothing sent; an open order is settled first if it can be.

    One that was prepared and never left is sent now, with its stored bytes: the run that prepared it was stopped.
    """
    session = books.session
    asked = parameters(books.ledger, intent, earlier)
    differing = [name for name, (now, then) in asked.items() if now not in (None, then)]
    if differing:
        raise UsageError(
            "--request-id {id} was used for another purchase: {differing} differ; nothing was sent",
            hint="esimctl transactions show {earlier}",
            code="request_id_conflict",
            id=Raw(earlier.request_id),
            differing=commas(differing),
            earlier=Raw(earlier.id),
            order=order_document(session, earlier),
        )
    if earlier.state == "prepared" and not books.ledger.must_reconcile:
        offer = offer_again(books, intent, earlier, deadline)
        if offer is not None:
            return carry_out(books, earlier, offer, deadline)
        earlier = books.order(earlier.id)
    if earlier.open and earlier.state != "manual":
        earlier = once(books, earlier, session.provider(earlier.provider), deadline)
    return conclude(session, earlier, no_wait=intent.no_wait)


def offer_again(books: Books, intent: Intent, earlier: "OrderState", deadline: Deadline) -> Offer | None:
    """The offer that the order was prepared from, if it still holds; None when it is too old or has another price.

    Its money is reserved already, so the limits have seen it; the other gates are passed again.
    """
    now = books.now()
    wanted = replace(intent, line=earlier.line, plan=earlier.plan, provider=earlier.provider, method=earlier.method)
    offer = make_offer(books.session, wanted, books.ledger, deadline=min(30.0, deadline.left))
    if now - earlier.since >= RETRY_HORIZON or offer.quote.price != earlier.price:
        books.write(cancelled_entry(earlier, "never_sent"))
        return None
    for gate in (not_paused, reconciled, within_max_price, payment_confirmed):
        gate(books.session, books.ledger, offer)
    room_on_disk(books)
    return offer
