"""Whether the account itself says that an order was charged which nobody can find: asked before anything is repeated.

A list of movements settles it where a provider has one. A balance only can: every difference that a charge could
explain, alone or with a deposit or somebody else's order beside it, keeps the order open.
"""

from enum import Enum
from typing import TYPE_CHECKING

from esimctl.errors import EsimctlError
from esimctl.profile.books import Books
from esimctl.profile.deadline import Deadline
from esimctl.providers.abilities import CountsFiner, TellsMovements
from esimctl.purchase.foreign import NOT_OURS
from esimctl.values.money import Money

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.providers.protocol import Provider

OWN_CREDIT = "provider-balance"


class Purse(Enum):
    """What the account says of one order."""

    UNTOUCHED = "untouched"  #: nothing moved that is not explained
    MOVED = "moved"  #: a charge could explain how the balance differs
    SILENT = "silent"  #: there is no account to ask, or no balance from before the order
    UNASKED = "unasked"  #: there is one, and it does not answer now


def purse(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline) -> Purse:
    """Ask the account about an order that cannot be found. Only one that is paid from it can be told of by it."""
    before = order.wallet_before
    if order.method_kind != OWN_CREDIT or before is None:
        return Purse.SILENT
    now, left = books.session.clock.now(), max(1.0, deadline.left)
    try:
        moved = None
        if isinstance(provider, TellsMovements):
            moved = provider.movements(order.since, now, deadline=left)
        if moved is not None:
            return Purse.MOVED if unexplained(books, order, moved) else Purse.UNTOUCHED
        balance = provider.account_balance(now, deadline=left)
    except EsimctlError:
        return Purse.UNASKED
    if balance is None:
        return Purse.SILENT
    if balance.currency != before.currency:
        return Purse.MOVED
    others = [other for other in settled_since(books, order) if other.counted.currency == before.currency]
    fell = before.minor - balance.minor - sum(other.counted.minor for other in others)
    fell += returned_since(books, order) - taken_by_strangers(books, order)
    parts = len(others) if order.plan and isinstance(provider, CountsFiner) and provider.finer(order.plan) else 0
    return Purse.UNTOUCHED if abs(fell) <= min(parts, order.price.minor - 1) or fell == 0 else Purse.MOVED


def settled_since(books: Books, order: "OrderState") -> "list[OrderState]":
    """Our later orders that took from the same account."""
    return [
        other
        for other in books.ledger.orders.values()
        if other.provider == order.provider
        and other.method_kind == OWN_CREDIT
        and other.settled_at is not None
        and other.seq > order.seq
    ]


def returned_since(books: Books, order: "OrderState") -> int:
    """Minor units that came back to the account for other orders of ours."""
    return sum(
        other.refund.minor
        for other in books.ledger.orders.values()
        if other.provider == order.provider
        and other.refund is not None
        and other.refund.currency == order.price.currency
        and other.changed_at >= order.since
    )


def taken_by_strangers(books: Books, order: "OrderState") -> int:
    """Minor units that orders of somebody else took since, as far as the seller's list told what they cost."""
    return sum(
        fact.amount_minor
        for fact in books.ledger.foreign.values()
        if fact.provider == order.provider
        and fact.reason == NOT_OURS
        and fact.amount_minor
        and fact.currency == order.price.currency
        and fact.ordered_at is not None
        and fact.ordered_at >= order.since
    )


def unexplained(books: Books, order: "OrderState", moved: "tuple[Money, ...]") -> bool:
    """Whether a charge of the order's price stands among the movements that is of no other order of ours."""
    known = sum(1 for other in settled_since(books, order) if other.counted == order.price)
    return sum(1 for each in moved if each == Money(-order.price.minor, order.price.currency)) > known
