"""Orders that were closed here and that the seller lists all the same: taken up again, whatever had closed them."""

from typing import TYPE_CHECKING

from esimctl.errors import EsimctlError
from esimctl.ledger.orders import CLOSED
from esimctl.providers.protocol import Verdict
from esimctl.purchase.account_balance import open_wallet, wallet
from esimctl.purchase.foreign import REFUSED, taken_back
from esimctl.purchase.matching import BY_HAND, OWN_CREDIT, came_to_nothing, exists_after_all
from esimctl.purchase.outcome import record, reopened_entry
from esimctl.purchase.pursue import once
from esimctl.purchase.sending import as_sent
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.books import Books
    from esimctl.profile.deadline import Deadline
    from esimctl.purchase.matching import Comparison, Match

#: open, and nobody knows whether the seller has it
UNSURE = frozenset({"attempted", "unknown", "manual"})


def reopen(books: "Books", compared: "Comparison", deadline: "Deadline") -> "list[OrderState]":
    """Reopen what the seller lists and we had closed, settle it as far as it says; the orders as they are then."""
    done = []
    for match in compared.matches:
        number = match.theirs.provider_order
        if exists_after_all(match) and match.order.reason != BY_HAND:
            books.write(reopened_entry(match.order, number), *unsaid(books, match))
            done.append(match.order.id)
        elif overlooked(match):
            books.write(listed_entry(match.order, number))
        else:
            continue
        match.order = books.order(match.order.id)
        try:
            if compared.listing.provider is not None and deadline.left > 1.0:
                match.order = once(books, match.order, compared.listing.provider, deadline)
        except EsimctlError:
            match.order = books.order(match.order.id)  # it stays open: the next run goes on with it
    return [books.order(name) for name in done]


def reopen_unlisted(books: "Books", compared: "Comparison", deadline: "Deadline") -> "list[OrderState]":
    """Where the account holds less than the books say: closed orders that no list would show are looked up once more.

    An order after which the same was bought for its line is left alone: what is found could be that one.
    """
    provider, balance = compared.listing.provider, compared.listing.balance
    if provider is None or balance is None:
        return []
    if provider.name not in books.ledger.assertions:
        open_wallet(books, provider.name, balance)
    matched = {match.order.id for match in compared.matches}
    missing = wallet(books.session, books.ledger, provider.name, balance.currency).minor - balance.minor
    if missing <= 0:
        return []
    done: list[OrderState] = []
    bought: set[tuple[str, str | None]] = set()  # lines and plans of orders that came later
    for order in reversed(books.ledger.all_orders()):
        later = (order.line, order.plan) in bought
        if order.attempts:
            bought.add((order.line, order.plan))
        if later or order.id in matched or not could_be_missing(order, provider.name, missing) or deadline.left <= 1.0:
            continue
        found = provider.look_up(as_sent(order, books), books.session.clock.now(), deadline=deadline.left)
        if found.verdict is Verdict.SETTLED:
            books.write(reopened_entry(order, found.provider_order))
            done.append(record(books, books.order(order.id), found))
            missing -= done[-1].counted.minor
    return done


def could_be_missing(order: "OrderState", provider: str, missing: int) -> bool:
    """Whether the money that an account lacks can have gone for an order that is closed here."""
    if order.provider != provider or order.method_kind != OWN_CREDIT or order.kind not in {"topup", "renew"}:
        return False
    closed = order.state in CLOSED and order.reason != BY_HAND and order.attempts > 0
    return closed and order.price.minor <= missing


def overlooked(match: "Match") -> bool:
    """Whether the seller lists an order that nobody could find when it was looked up."""
    return match.order.state in UNSURE and not came_to_nothing(match.theirs)


def listed_entry(order: "OrderState", number: str) -> dict[str, Toml]:
    """An open order stands in the seller's list under this number."""
    return {
        "kind": "order.accepted", "order": order.id, "provider_order": number, "charged": True, "reason": "listed",
    }  # fmt: skip


def unsaid(books: "Books", match: "Match") -> list[dict[str, Toml]]:
    """What an earlier comparison held against the order: charges for something refused are charges for it now."""
    return [
        taken_back(fact)
        for fact in books.ledger.foreign.values()
        if fact.order == match.order.id and fact.reason == REFUSED and fact.amount_minor
    ]
