"""Airalo's other price model and its other way to write numbers: no net price, a discount; figures as texts."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.vendors.airalo_rows import RETAIL

#: what leads from the retail price back to what the partner pays
PRICING: dict[str, Any] = {"model": "discount_pricing", "discount_percentage": 100 - 100 / RETAIL}
FIGURES = frozenset({
    "price", "net_price", "amount", "day", "validity", "quantity", "discount_percentage", "discount_amount",
    "unit_paid_price", "total_amount_paid", "is_unlimited", "rechargeability", "install_window_days",
})  # fmt: skip


def discounted(told: Any) -> Any:
    """A document without net prices; an order tells what was paid instead."""
    if isinstance(told, list):
        return [discounted(each) for each in told]
    if not isinstance(told, Mapping):
        return told
    found = {key: discounted(value) for key, value in told.items()}
    net = found.get("net_price")
    if net is None:
        return found
    if "pricing_model" not in found:
        return {**found, "net_price": None}
    del found["net_price"]
    each, count = Decimal(net), int(found["quantity"])
    retail = Decimal(found["price"])
    return {
        **found,
        "pricing_model": PRICING["model"],
        "discount_percentage": PRICING["discount_percentage"],
        "discount_amount": retail - each,
        "unit_paid_price": each,
        "total_amount_paid": each * count,
    }


def as_texts(told: Any) -> Any:
    """A document whose figures are texts, its flags 1 and 0."""
    if isinstance(told, list):
        return [as_texts(each) for each in told]
    if not isinstance(told, Mapping):
        return told
    return {key: _text(value) if key in FIGURES else as_texts(value) for key, value in told.items()}


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return as_texts(value) if value is None or isinstance(value, str | list | Mapping) else str(value)


__all__ = ["PRICING", "as_texts", "discounted"]
