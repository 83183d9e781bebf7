"""The postings that an entry of an order owes, derived from the order as it stands before the entry."""

from collections.abc import Mapping
from typing import Any

from esimctl.charging.money import Money
from esimctl.ledger import postings
from esimctl.ledger.orders import OrderState
from esimctl.ledger.postings import Posting


def due(order: OrderState | None, entry: Mapping[str, Any]) -> list[Posting] | None:
    """The postings of this entry; None for kinds that move no money. `order` is None for `order.prepared` alone."""
    kind = entry["kind"]
    if kind == "order.prepared":
        price = Money(entry["price_minor"], entry["currency"])
        return postings.prepared(entry["order"], entry["provider"], entry["method"], price)
    if order is None or kind not in _DUE:
        return None
    return _DUE[kind](order, entry)


def _settled(order: OrderState, entry: Mapping[str, Any]) -> list[Posting]:
    paid = _money(entry, "paid_minor", entry.get("paid_currency", order.price.currency))
    fee = _money(entry, "fee_minor", entry.get("fee_currency", order.price.currency))
    return postings.settled(order.id, order.line, order.provider, order.method, order.price, paid, fee)


def _void(order: OrderState, _entry: Mapping[str, Any]) -> list[Posting]:
    return postings.void(order.id, order.provider, order.method, order.price)


def _held(order: OrderState, _entry: Mapping[str, Any]) -> list[Posting]:
    return postings.prepared(order.id, order.provider, order.method, order.price)


def _refunded(order: OrderState, entry: Mapping[str, Any]) -> list[Posting]:
    return postings.refunded(order.provider, order.method, Money(entry["amount_minor"], entry["currency"]))


def _paid(order: OrderState, entry: Mapping[str, Any]) -> list[Posting]:
    paid = Money(entry["paid_minor"], entry["paid_currency"])
    return postings.corrected(order.line, order.provider, order.method, order.counted, paid)


def _money(entry: Mapping[str, Any], field: str, currency: str) -> Money | None:
    return Money(entry[field], currency) if field in entry else None


_DUE = {
    "order.settled": _settled,
    "order.rejected": _void,
    "order.cancelled": _void,
    "order.reopened": _held,
    "order.refunded": _refunded,
    "order.paid": _paid,
}
