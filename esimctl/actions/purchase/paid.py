"""What an order really cost where the provider's answer does not say: what its balance or its list says.

A difference of balances proves something only while we hold the lock, no other order of ours came in between, and
not much time has passed. Where it is lower than the price, credit was paid in meanwhile; where it is higher, somebody
else may have ordered on the same account: both leave unknown what was paid.
"""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from esimctl.actions.books import Books
from esimctl.actions.purchase.deadline import Deadline
from esimctl.charging.money import Money
from esimctl.errors import EsimctlError
from esimctl.providers.abilities import CountsFiner, TellsCharge
from esimctl.providers.protocol import Order, Outcome, Verdict

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.providers.protocol import Provider

OWN_CREDIT = "provider-balance"
COMPARABLE = timedelta(minutes=10)  #: after which somebody may have paid credit in, or spent some
ASKING = 5.0  #: seconds at most


def with_paid(
    books: Books, order: "OrderState", sent: Order, provider: "Provider", outcome: Outcome, deadline: Deadline
) -> Outcome:
    """A settled outcome with what was paid, as far as the balance or the seller's list tells; unknown stays unknown."""
    if outcome.verdict is not Verdict.SETTLED or outcome.paid is not None:
        return outcome
    try:
        if isinstance(provider, TellsCharge) and provider.tells_charge:
            return replace(outcome, paid=listed(books, sent, provider, outcome, deadline))
        fell = fallen(books, order, provider, deadline) if comparable(books, order) else None
    except EsimctlError:
        return outcome
    finer = order.plan is not None and isinstance(provider, CountsFiner) and provider.finer(order.plan)
    if fell is None or fell.minor <= 0 or fell.minor < order.price.minor - finer:
        return outcome
    if fell.minor > order.price.minor and somebody_else(books, order, provider, deadline):
        return outcome
    return replace(outcome, paid=fell, rounded=finer)


def listed(books: Books, sent: Order, provider: "Provider", outcome: Outcome, deadline: Deadline) -> Money | None:
    """What the seller's own list says that this very order cost."""
    found = provider.look_up(sent, books.session.clock.now(), deadline=max(0.5, min(ASKING, deadline.left)))
    return found.paid if found.provider_order == outcome.provider_order else None


def comparable(books: Books, order: "OrderState") -> bool:
    """Whether a difference of balances can be this order's alone."""
    if order.method_kind != OWN_CREDIT or order.wallet_before is None:
        return False
    return books.now() - order.since <= COMPARABLE and alone(books, order)


def alone(books: Books, order: "OrderState") -> bool:
    """Whether no other order was sent to the same provider since this one was prepared."""
    return not any(
        other.id != order.id
        and other.provider == order.provider
        and other.last_attempt_at is not None
        and other.last_attempt_at >= order.since
        for other in books.ledger.all_orders()
    )


def fallen(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline) -> Money | None:
    """By how much the account's balance is lower than before the order; None where there is nothing to compare."""
    before = order.wallet_before
    after = provider.account_balance(books.session.clock.now(), deadline=max(0.5, min(ASKING, deadline.left)))
    if before is None or after is None or after.currency != before.currency:
        return None
    return Money(before.minor - after.minor, before.currency)


def somebody_else(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline) -> bool:
    """Whether the seller lists an order since then that is none of ours; no is also said where it cannot be asked."""
    since = (order.their_time or order.since) - timedelta(seconds=5)
    try:
        listed = provider.orders(since, books.session.clock.now(), deadline=max(0.5, min(ASKING, deadline.left)))
    except EsimctlError:
        return False
    ours = books.ledger.all_orders()
    names = {each.key for each in ours} | {each.provider_order for each in ours if each.provider_order is not None}
    return any(
        theirs.created_at is not None and theirs.created_at >= since and not {theirs.key, theirs.provider_order} & names
        for theirs in listed or ()
    )
