"""CSV by RFC 4180: CRLF, quotes, UTF-8; octets are integers, money decimal text, and no cell is run as a formula."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from esimctl.show.separated import csv_line

Row = Mapping[str, Any]


def amount(field: str, part: str) -> Callable[[Row], Any]:
    """One of the two parts of a money field."""
    return lambda row: None if row[field] is None else row[field][part]


def plain(field: str) -> Callable[[Row], Any]:
    """A field as it is; `charged` may be a word."""
    return lambda row: row[field]


#: header → cell; new columns are added at the end
COLUMNS: Mapping[str, Callable[[Row], Any]] = {
    **{name: plain(name) for name in ("id", "kind", "state", "charged", "line", "provider", "plan")},
    "price": amount("price", "amount"),
    "price_currency": amount("price", "currency"),
    "paid": amount("paid", "amount"),
    "paid_currency": amount("paid", "currency"),
    "refund": amount("refund", "amount"),
    "refund_currency": amount("refund", "currency"),
    **{
        name: plain(name)
        for name in (
            "promotion", "payment_method", "provider_order", "request_id", "data_bytes", "created_at", "settled_at",
            "refunded_at", "reason", "imported",
        )
    },
    "stated_at": lambda row: row.get("stated_at"),
    **{name: plain(name) for name in ("date", "month", "refund_date", "refund_month")},
    "play": plain("play_money"),
    "profile": plain("profile"),
}  # fmt: skip


def render(_head: Mapping[str, Any], rows: Iterable[Row]) -> Iterator[str]:
    """A header, then one record an order."""
    yield csv_line(list(COLUMNS))
    for row in rows:
        yield csv_line([cell(row) for cell in COLUMNS.values()])
