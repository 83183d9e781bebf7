"""Double entry in integer minor units: what each step of an order moves between accounts. Every list sums to zero.

Accounts: `wallet:<provider>:<method>`, `reserved:<order>`, `spend:<line>`, `fees`, `refunds`, `discrepancy`.
"""

from collections.abc import Iterable, Mapping

from esimctl.ledger.orders import OrderState
from esimctl.ledger.said import (
    number,
    text,
    text_or_none,
)
from esimctl.values.money import Money
from esimctl.values.toml import Toml

Posting = dict[str, str | int]  #: account, currency, minor


def prepared(order: str, provider: str, method: str, price: Money) -> list[Posting]:
    """The price is set aside from the wallet for the order."""
    return _moved(price.minor, price.currency, wallet(provider, method), f"reserved:{order}")


def settled(
    order: str, line: str, provider: str, method: str, price: Money, paid: Money | None, fee: Money | None = None
) -> list[Posting]:
    """What was really paid is posted and the rest of the reservation released.

    An unknown payment counts as the price until `corrected` says better, so that no limit is passed by not knowing.
    """
    spent = price if paid is None else paid
    postings = _moved(price.minor, price.currency, f"reserved:{order}", wallet(provider, method))
    postings += _moved(spent.minor, spent.currency, wallet(provider, method), f"spend:{line}")
    if fee is not None:
        postings += _moved(fee.minor, fee.currency, wallet(provider, method), "fees")
    return summed(postings)


def void(order: str, provider: str, method: str, price: Money) -> list[Posting]:
    """The whole reservation goes back: rejected or cancelled."""
    return _moved(price.minor, price.currency, f"reserved:{order}", wallet(provider, method))


def refunded(provider: str, method: str, amount: Money) -> list[Posting]:
    """Money came back; what was spent stays spent, the refund stands beside it."""
    return _moved(amount.minor, amount.currency, "refunds", wallet(provider, method))


def corrected(line: str, provider: str, method: str, counted: Money, paid: Money) -> list[Posting]:
    """The payment turned out to be `paid` where `counted` had been posted."""
    postings = _moved(counted.minor, counted.currency, f"spend:{line}", wallet(provider, method))
    return summed(postings + _moved(paid.minor, paid.currency, wallet(provider, method), f"spend:{line}"))


def differing(provider: str, method: str, missing: Money) -> list[Posting]:
    """A balance at the provider that is lower than the books by `missing` (higher, when that is negative)."""
    return _moved(missing.minor, missing.currency, wallet(provider, method), "discrepancy")


def wallet(provider: str, method: str) -> str:
    """The account of a payment method."""
    return f"wallet:{provider}:{method}"


def summed(postings: Iterable[Mapping[str, Toml]]) -> list[Posting]:
    """One posting an account and currency, in order of first appearance, without zeros."""
    totals: dict[tuple[str, str], int] = {}
    for posting in postings:
        place = (text(posting, "account"), text(posting, "currency"))
        totals[place] = totals.get(place, 0) + number(posting, "minor")
    return [{"account": a, "currency": c, "minor": minor} for (a, c), minor in totals.items() if minor]


def imbalance(postings: Iterable[Mapping[str, Toml]]) -> dict[str, int]:
    """currency → sum, only where a sum is not zero."""
    totals: dict[str, int] = {}
    for posting in postings:
        currency = text(posting, "currency")
        totals[currency] = totals.get(currency, 0) + number(posting, "minor")
    return {currency: total for currency, total in totals.items() if total}


def _moved(minor: int, currency: str, source: str, target: str) -> list[Posting]:
    if minor == 0:
        return []
    return [
        {"account": source, "currency": currency, "minor": -minor},
        {"account": target, "currency": currency, "minor": minor},
    ]


def due(order: OrderState | None, entry: Mapping[str, Toml]) -> list[Posting] | None:
    """The postings of this entry; None for kinds that move no money. `order` is None for `order.prepared` alone."""
    kind = text(entry, "kind")
    if kind == "order.prepared":
        price = Money(number(entry, "price_minor"), text(entry, "currency"))
        return prepared(text(entry, "order"), text(entry, "provider"), text(entry, "method"), price)
    if order is None or kind not in _DUE:
        return None
    return _DUE[kind](order, entry)


def _settled(order: OrderState, entry: Mapping[str, Toml]) -> list[Posting]:
    paid = _money(entry, "paid_minor", text_or_none(entry, "paid_currency") or order.price.currency)
    fee = _money(entry, "fee_minor", text_or_none(entry, "fee_currency") or order.price.currency)
    return settled(order.id, order.line, order.provider, order.method, order.price, paid, fee)


def _void(order: OrderState, _entry: Mapping[str, Toml]) -> list[Posting]:
    return void(order.id, order.provider, order.method, order.price)


def _held(order: OrderState, _entry: Mapping[str, Toml]) -> list[Posting]:
    return prepared(order.id, order.provider, order.method, order.price)


def _refunded(order: OrderState, entry: Mapping[str, Toml]) -> list[Posting]:
    return refunded(order.provider, order.method, Money(number(entry, "amount_minor"), text(entry, "currency")))


def _paid(order: OrderState, entry: Mapping[str, Toml]) -> list[Posting]:
    paid = Money(number(entry, "paid_minor"), text(entry, "paid_currency"))
    return corrected(order.line, order.provider, order.method, order.counted, paid)


def _money(entry: Mapping[str, Toml], field: str, currency: str) -> Money | None:
    return Money(number(entry, field), currency) if field in entry else None


_DUE = {
    "order.settled": _settled,
    "order.rejected": _void,
    "order.cancelled": _void,
    "order.reopened": _held,
    "order.refunded": _refunded,
    "order.paid": _paid,
}
