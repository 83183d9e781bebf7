"""Orders that were closed here and that the seller lists all the same: taken up again, whatever had closed them."""

from typing import TYPE_CHECKING, Any

from esimctl.actions.purchase.outcome import reopened_entry
from esimctl.actions.purchase.pursue import once
from esimctl.actions.settle.matching import BY_HAND, exists_after_all
from esimctl.actions.settle.strangers import REFUSED, taken_back
from esimctl.errors import EsimctlError

if TYPE_CHECKING:
    from esimctl.actions.books import Books
    from esimctl.actions.purchase.deadline import Deadline
    from esimctl.actions.settle.matching import Comparison, Match
    from esimctl.ledger.orders import OrderState


def reopen(books: "Books", compared: "Comparison", deadline: "Deadline") -> "list[OrderState]":
    """Reopen what the seller lists and we had closed, and settle it as far as it says; the orders as they then stand."""
    done = []
    for match in compared.matches:
        if not exists_after_all(match) or match.order.reason == BY_HAND:
            continue
        books.write(reopened_entry(match.order, match.theirs.provider_order), *unsaid(books, match))
        order = books.order(match.order.id)
        provider = compared.listing.provider
        try:
            if provider is not None and deadline.left > 1.0:
                order = once(books, order, provider, deadline)
        except EsimctlError:
            order = books.order(order.id)  # it stays open: the next run goes on with it
        match.order = order
        done.append(order)
    return done


def unsaid(books: "Books", match: "Match") -> list[dict[str, Any]]:
    """What an earlier comparison held against the order: charges for something refused are charges for it now."""
    return [
        taken_back(fact)
        for fact in books.ledger.foreign.values()
        if fact.data.get("order") == match.order.id and fact.data.get("reason") == REFUSED and fact.amount_minor
    ]


__all__ = ["reopen"]
