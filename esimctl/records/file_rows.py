"""Rows of a file of purchases: CSV with a header, or JSON lines of another esimctl, read strictly, row by row."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from esimctl.errors import UsageError
from esimctl.ledger.lives import IDENTITY
from esimctl.ledger.orders import BOUGHT, OPEN, TERMINAL
from esimctl.malformed import Malformed, parsed
from esimctl.store.paths import NAME
from esimctl.store.sheet import Sheet, check_sheet, read_sheet
from esimctl.values.as_typed import money_of
from esimctl.values.moments import MomentError
from esimctl.values.money import Money, MoneyError
from esimctl.values.record import record
from esimctl.values.sentence import Raw
from esimctl.values.text import LongText, clean
from esimctl.values.typed_days import instant_of

if TYPE_CHECKING:
    from datetime import tzinfo

KINDS: Final = ("new", "renew", "topup", "gift")
#: state as told → whether money moved; the others are open
CHARGED: Final = {**{state: state in BOUGHT for state in TERMINAL}, "planned": False}
#: other words for a column
ALIASES: Final = {
    "date": "created_at", "at": "created_at", "time": "created_at", "ordered_at": "created_at", "amount": "paid",
    "currency": "paid_currency", "method": "payment_method", "reference": "provider_order", "number": "provider_order",
    "order": "id", "play_money": "play",
}  # fmt: skip
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_OCTETS = re.compile(r"[0-9]{1,18}\Z", re.ASCII)
PLAY: Final = ("yes", "true", "no", "false")
BLANK: Final = "\ufeff \t\r\n"
FIRST: Final = 4096  #: characters of a file that tell its form
LONGEST: Final = 500  #: characters of a text that is kept
ELSEWHERE: Final = "elsewhere"  #: the payment method where none is told


class RowRefused(ValueError):
    """A row that cannot be: a word for it, and what is wrong."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = clean(detail, 200)


@record
class Record:
    """A purchase as a row tells it. `id` is the other program's, or made of the row's content."""

    row: int
    id: str
    kind: str
    state: str
    line: str
    provider: str
    method: str
    price: Money
    paid: Money | None
    refund: Money | None
    ordered_at: datetime
    paid_at: datetime
    refund_at: datetime | None
    plan: str | None
    provider_order: str | None
    promotion: str | None
    reason: str | None
    data_bytes: int | None
    play: bool  #: paid with play money

    @property
    def counted(self) -> Money:
        """What was paid, or the price while that is unknown."""
        return self.price if self.paid is None else self.paid


def rows(text: LongText, form: str | None) -> tuple[str, Iterator[tuple[int, Any]], Sheet | None]:
    """(csv or json, each row with its number in the file, the sheet); a row may be what was wrong with it (RowRefused).

    UsageError for a file that is neither, as a whole: it is read to its end once before a row is given.
    """
    if form not in (None, "csv", "json", "jsonl"):
        raise UsageError("there is no format {form!r}", hint="csv or json", code="unknown_format", form=Raw(form))
    begin = next((line for line in text.lines(FIRST) if line.strip(BLANK)), "").lstrip(BLANK)
    chosen = form or ("json" if begin[:1] in ("{", "[") else "csv")
    if chosen == "csv":
        check_sheet(text)
        sheet = read_sheet(text, ALIASES)
        return "csv", _sheet(sheet), sheet
    if next(_objects(text), None) is not None and all(map(_is_no_json, _objects(text))):
        raise UsageError("the file is neither CSV nor JSON lines", code="not_json")
    return "json", _objects(text), None


def _is_no_json(found: tuple[int, Any]) -> bool:
    return isinstance(found[1], RowRefused) and found[1].reason == "not_json"


def _sheet(sheet: Sheet) -> Iterator[tuple[int, Any]]:
    header = sheet.header
    if not {"created_at", "line", "provider"} <= set(header) or not {"paid", "price"} & set(header):
        raise UsageError(
            "the first line of a CSV file names its columns: created_at, line, provider, and paid or price",
            hint="created_at,line,provider,paid,paid_currency,provider_order",
            code="csv_header",
        )
    if len(set(header)) != len(header):
        raise UsageError("two columns of the file have one name", code="csv_header")
    for row in sheet.rows:
        yield row.number, row.cells if row.wrong is None else RowRefused("columns", str(row.wrong))


def _objects(text: LongText) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.lines(), 1):
        bare = line.lstrip(BLANK)
        if not bare or bare.isspace():
            continue
        try:
            table = parsed(json.loads, bare)
        except Malformed:
            yield number, RowRefused("not_json", "it is not a JSON object")
            continue
        many = isinstance(table, dict) and table.get("schema") == "esimctl.transactions/1"
        orders = table.get("transactions") if many else [table]
        for each in orders if isinstance(orders, list) else [None]:
            yield number, _order(each, many)


def _order(table: Any, bare: bool) -> Any:
    """The fields of an order object, flat as in CSV."""
    if not bare and (not isinstance(table, dict) or table.get("schema") != "esimctl.order/1"):
        return RowRefused("schema", "it is not an esimctl.order/1 document")
    order = table if bare else table.get("order")
    if not isinstance(order, dict):
        return RowRefused("schema", "it has no order")
    flat: dict[str, str] = {}
    for name, value in order.items():
        if name in ("price", "paid", "refund") and isinstance(value, dict):
            flat[name], flat[f"{name}_currency"] = str(value.get("amount")), str(value.get("currency"))
        elif isinstance(value, str) and value:
            flat[name] = value
        elif name == "data_bytes" and value is not None:
            flat[name] = str(value)
        elif name == "play_money" and value is True:
            flat["play"] = "yes"
    return flat


def record_of_row(number: int, told: Mapping[str, str], where: "tzinfo") -> Record:
    """A row's fields as a purchase; RowRefused says what is wrong."""
    price, paid = _money(told, "price"), _money(told, "paid")
    if price is None and paid is None:
        raise RowRefused("amount", "it has neither paid nor price")
    ordered = _instant(told, "created_at", where)
    if ordered is None:
        raise RowRefused("time", "created_at is missing")
    state = _one_of(told, "state", (*CHARGED, *OPEN), "settled")
    refund = _money(told, "refund")
    if (state == "refunded") != (refund is not None):
        raise RowRefused("refund", "what came back, and that it did, must both be told")
    ident = told.get("id", "")
    if ident and not _ID.match(ident):
        raise RowRefused("id", f"{ident!r:.60} cannot be the id of an order")
    settled = _instant(told, "settled_at", where) or ordered
    made = Record(
        row=number, id=ident or _digest(told), kind=_one_of(told, "kind", KINDS, "topup"), state=state,
        line=_line(told), provider=_name(told, "provider"), method=_name(told, "payment_method", ELSEWHERE),
        price=price or paid or Money.zero("USD"), paid=paid, refund=refund, ordered_at=ordered, paid_at=settled,
        refund_at=(_instant(told, "refunded_at", where) or settled) if refund else None,
        plan=_text(told, "plan"), provider_order=_text(told, "provider_order"), promotion=_text(told, "promotion"),
        reason=_text(told, "reason"), data_bytes=_octets(told), play=_one_of(told, "play", PLAY, "no") in PLAY[:2],
    )  # fmt: skip
    if made.paid_at < ordered or (made.refund_at is not None and made.refund_at < made.paid_at):
        raise RowRefused("time", "it was paid before it was ordered, or came back before it was paid")
    return made


def _digest(told: Mapping[str, str]) -> str:
    """An id made of the content: the same row has the same one in every file."""
    content = "\n".join(f"{name}={told[name]}" for name in sorted(told))
    return f"imp-{sha256(content.encode('utf-8', 'replace')).hexdigest()[:24]}"


def _money(told: Mapping[str, str], field: str) -> Money | None:
    if field not in told:
        return None
    currency = told.get(f"{field}_currency") or told.get("paid_currency") or told.get("price_currency") or ""
    text = told[field] if not currency or told[field].endswith(currency) else f"{told[field]} {currency}"
    try:
        return money_of(text)
    except MoneyError as why:
        raise RowRefused("amount", f"{field}: {why}") from None


def _instant(told: Mapping[str, str], field: str, where: "tzinfo") -> datetime | None:
    if field not in told:
        return None
    try:
        return instant_of(told[field], where)
    except MomentError as why:
        raise RowRefused("time", f"{field}: {why}") from None


def _octets(told: Mapping[str, str]) -> int | None:
    """The data of the pack, in octets; unknown where nothing is told, as an export does for unlimited."""
    text = told.get("data_bytes")
    if text is not None and not _OCTETS.match(text):
        raise RowRefused("data_bytes", f"data_bytes is a whole number of octets, not {text!r:.60}")
    return None if text is None else int(text)


def _one_of(told: Mapping[str, str], field: str, words: tuple[str, ...], default: str) -> str:
    word = told.get(field, default)
    if word not in words:
        raise RowRefused(field, f"there is no {field} {word!r:.60}")
    return word


def _line(told: Mapping[str, str]) -> str:
    """The line by its name; of one that had lost its name when it was written, by its identity."""
    return told["line"] if IDENTITY.match(told.get("line", "")) else _name(told, "line")


def _name(told: Mapping[str, str], field: str, default: str = "") -> str:
    name = told.get(field, default)
    if not NAME.match(name):
        raise RowRefused(field, f"{name!r:.60} cannot be a name" if name else f"{field} is missing")
    return name


def _text(told: Mapping[str, str], field: str) -> str | None:
    return clean(told[field], LONGEST) if field in told else None
