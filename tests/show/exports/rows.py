"""Rows of exports for tests, with whatever text somebody hostile could put into them."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from esimctl.documents.exported import CalendarEvent, MoneyMove
from esimctl.documents.orders import ExportDocument, OrderRow
from esimctl.values.money import Money
from esimctl.values.record import replace

#: texts that are commands somewhere: spreadsheets, HTML, terminals, account books, calendars, metrics
HOSTILE = (
    "=HYPERLINK(\"http://evil\",\"x\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "a,b;c", 'say "hi"',
    "two\nlines", "two\r\nEND:VEVENT\r\nBEGIN:VEVENT", "<script>alert(1)</script>", "\x1b[31mred\x1b[0m",
    "គម្រោង ១០ជីប៊ី", "套餐 📱👨‍👩‍👧",
    "x, evil:1, plan:other", "x ; plan: other", ") assets:evil  5 USD", "  (virtual)  ", '\\", evil="1', "a\\nb",
    "\u202eabc", "%2C", "'=1", "[2026/13/45]", "",
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=60),
    st.text(alphabet=list("=+-@,;:%\"'\\\r\n\t (){}|*!<>&#\x1b"), max_size=20),
)


def order(**changes: Any) -> OrderRow:
    """An order object as exports have it."""
    table = {
        "id": "261120-1a2b3c4d", "kind": "topup", "state": "settled", "charged": True, "retry_safe": False,
        "request_id": "r-1", "line": "phone", "provider": "sandbox", "plan": "demo-monthly-20gb",
        "price": Money(900, "USD"), "paid": Money(900, "USD"), "promotion": None, "payment_method": "sandbox-card",
        "provider_order": "SB-1", "created_at": datetime(2026, 11, 20, 2, tzinfo=UTC),
        "settled_at": datetime(2026, 11, 20, 2, 0, 1, tzinfo=UTC), "reason": None, "refund": None,
        "refunded_at": None, "imported": False, "play_money": False, "activation": None, "data_bytes": 20_000_000_000,
        "date": date(2026, 11, 20), "month": "2026-11", "refund_date": None, "refund_month": None,
        "profile": "default", **changes,
    }  # fmt: skip
    return OrderRow(**table)


def move(**changes: Any) -> MoneyMove:
    """A move of money as account books have it."""
    made = MoneyMove(
        move="payment", at=datetime(2026, 11, 20, 2, 0, 1, tzinfo=UTC), date=date(2026, 11, 20),
        id="261120-1a2b3c4d", kind="topup", provider_order="SB-1", provider="sandbox", method="sandbox-card",
        method_kind="credit-card", line="phone", plan="demo-monthly-20gb", reason=None, imported=False, play=False,
        money=Money(900, "USD"),
    )  # fmt: skip
    return replace(made, **changes)


def event(**changes: Any) -> CalendarEvent:
    """An event of a calendar."""
    made = CalendarEvent(
        kind="expiry", line="phone", uid="0123@esimctl", at=datetime(2026, 12, 20, 2, tzinfo=UTC), day=None,
        plan="demo-monthly-20gb", play=False, alarms=(1440,), sequence=3,
        stamp=datetime(2026, 11, 20, 2, tzinfo=UTC),
    )  # fmt: skip
    return replace(made, **changes)


HEAD = ExportDocument(
    as_of=datetime(2026, 11, 20, 2, tzinfo=UTC),
    profile="default",
    format="csv",
    since=None,
    until=None,
    line=None,
    records=0,
    path=None,
    content=None,
)
