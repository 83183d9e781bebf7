"""CSV by RFC 4180: CRLF, quotes, UTF-8; octets are integers, money decimal text, and no cell is run as a formula."""

from collections.abc import Iterable, Iterator
from typing import Final

from esimctl.documents.orders import ExportDocument, OrderRow
from esimctl.show.separated import csv_line
from esimctl.show.view import Column, Columns, columns


def amount(name: str, field: str, part: str) -> Column[OrderRow]:
    """One of the two parts of a money field."""

    def cell(row: OrderRow) -> object:
        money = getattr(row, field)
        return None if money is None else getattr(money, part)

    return Column(name, cell)


#: new columns are added at the end
COLUMNS: Final[Columns[OrderRow]] = (
    *columns(OrderRow, "id kind state charged line provider plan"),
    amount("price", "price", "amount"),
    amount("price_currency", "price", "currency"),
    amount("paid", "paid", "amount"),
    amount("paid_currency", "paid", "currency"),
    amount("refund", "refund", "amount"),
    amount("refund_currency", "refund", "currency"),
    *columns(OrderRow, "promotion payment_method provider_order request_id data_bytes created_at settled_at"),
    *columns(OrderRow, "refunded_at reason imported stated_at date month refund_date refund_month play=play_money"),
    *columns(OrderRow, "profile"),
)


def render(_head: ExportDocument, rows: Iterable[OrderRow]) -> Iterator[str]:
    """A header, then one record an order."""
    cells = [column.cell for column in COLUMNS]
    yield csv_line([column.name for column in COLUMNS])
    for row in rows:
        yield csv_line([cell(row) for cell in cells])
