"""Purchases that a person's word books: one that a stop left half written is finished from its own words, once."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from esimctl.actions.books import Books, open_books
from esimctl.actions.purchase.deadline import Deadline
from esimctl.actions.purchase.intent import Offer
from esimctl.actions.purchase.pursue import FINISHED, settle_open
from esimctl.errors import UsageError
from esimctl.providers.abilities import OnWord

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState

SECONDS: Final = 20.0  #: for what stopped runs left
A_DAY: Final = timedelta(days=1)


def finish(session: "Session", offer: Offer) -> "OrderState | None":
    """Finish what a stopped run of the same kind left open; the order, if it is the very one that is asked for now."""
    if not _left_open(session.store.ledger_for_reading(), offer):
        return None
    with open_books(session, f"{offer.intent.kind} {offer.wish.line.name}", offer.intent.lock_wait) as books:
        left = _left_open(books.ledger, offer)
        settle_open(books, Deadline(SECONDS))
        return next((order for order in _settled(books, left) if same(order, offer)), None)


def _left_open(ledger: "Ledger", offer: Offer) -> list[str]:
    if not isinstance(offer.provider, OnWord):
        return []
    orders = ledger.open_orders()
    return [order.id for order in orders if order.provider == offer.provider.name and order.state == "attempted"]


def _settled(books: Books, ids: list[str]) -> "list[OrderState]":
    return [order for order in map(books.order, ids) if order.state == "settled"]


def same(order: "OrderState", offer: Offer) -> bool:
    """Whether an order is what is asked for: line, plan or money, price, and what was said of the receipt."""
    wish, said = offer.wish, json.loads(order.request).get("paid")
    return (
        (order.kind, order.line, order.plan, order.amount, order.provider, order.price)
        == (wish.kind, wish.line.name, wish.plan, wish.amount, offer.provider.name, offer.quote.price)
    ) and (offer.intent.paid in (None, "", said))


def finished_lately(ledger: "Ledger", offer: Offer, now: datetime) -> "OrderState | None":
    """The same purchase, if a stopped run began it and another command finished it within a day."""
    if not isinstance(offer.provider, OnWord):
        return None
    for order in ledger.orders.values():
        lately = order.settled_at is not None and now - order.settled_at < A_DAY
        if lately and order.reason == FINISHED and order.state == "settled" and same(order, offer):
            return order
    return None


def not_twice(session: "Session", ledger: "Ledger", offer: Offer) -> None:
    """A stopped purchase that another command has finished is not booked once more without a word that it is meant."""
    earlier = None if offer.intent.again else finished_lately(ledger, offer, session.clock.now())
    if earlier is not None:
        raise UsageError(
            "order {id} on {line} is the same: it was begun by a run that was stopped, and is finished by now; nothing"
            " was booked once more",
            hint="--again books it once more; esimctl transactions show {id}",
            code="finished_already",
            id=earlier.id,
            line=earlier.line,
        )


__all__ = ["finish", "finished_lately", "not_twice", "same"]
