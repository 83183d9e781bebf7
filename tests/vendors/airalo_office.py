"""What a partner does at Airalo beside buying: notifications, vouchers, brands, rates. Nothing is ever sent from here.

The shapes of voucher, rate and notification answers are those of the vendor's SDK examples; no account has confirmed
them. What is kept is kept as long as the server runs.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from tests.vendors.airalo_rows import stamp
from tests.vendors.calls import Call, Reply, count_of, text_of

OK = {"message": "success"}
#: what can be told to a partner → the field that says where to
NOTICES = {
    "webhook_low_data": "webhook_url", "webhook_credit_limit": "webhook_url", "async_orders": "webhook_url",
    "email_low_data": "contact_point", "email_credit_limit": "contact_point",
}  # fmt: skip
EVENTS = ("low_data_notification", "credit_limit_notification", "async_order_notification")
LEVELS = {"low_data_notification": {"data_75", "data_90", "expire_1", "expire_3"}}
REASONS = frozenset(
    {
        "INSTALLATION_FAILURE", "NO_COVERAGE", "APN_FAILURE", "TRIP_CANCELLATION", "INTERMITTENT_CONNECTION",
        "BLOCKED_NETWORK", "CHANGE_OF_PLAN", "DELETED_ESIM", "EARLY_EXPIRY", "HOTSPOT_NOT_WORKING", "IMSI_CHANGE",
        "INCOMPATIBLE_DEVICE", "LOCKED_DEVICE", "NO_VOICE_TEXT_SERVICES", "OVERCHARGED", "SLOW_SPEED",
        "TOP_UP_PACKAGE_FAILURE", "UNKNOWN_CHARGES", "WRONG_PURCHASE", "UNABLE_TO_ACCESS_APPS", "SERVICE_DEGRADATION",
        "QR_ISSUE_PARTNERS", "OTHERS",
    }
)  # fmt: skip
#: play rates of one US dollar
RATES = {"AUD": "1.5300", "CNY": "7.1000", "EUR": "0.9200", "GBP": "0.7900", "KHR": "4000.0000", "THB": "34.0000"}
MOST_VALUE, MOST_VOUCHERS, MOST_REFUNDS = 100_000, 100, 5


def invalid(field: str, text: str) -> Reply:
    """A parameter that is refused."""
    return Reply(422, {"data": {field: text}, "meta": {"message": "the parameter is invalid"}})


class Office:
    """The partner's own settings. `sells` says whether a package of that id can be ordered."""

    def __init__(self, sells: Callable[[str], bool]) -> None:
        self._sells = sells
        self._notices: dict[str, dict[str, Any]] = {}
        self._vouchers = 0
        self.brands: dict[str, str | None] = {}  #: ICCID → the brand it was given

    def asked(self, call: Call, parts: list[str], now: datetime) -> Reply | None:
        """A question by GET; None where it is none of these."""
        match parts:
            case ["finance", "exchange-rates"]:
                return _rates(call, now)
            case ["notifications", "opt-in"]:
                kept = self._notices.get(call.query.get("type", ""))
                return Reply(200, {"data": {"notification": kept}, "meta": OK})
            case ["compatible-devices"]:
                row = {"model": "iPhone15,4", "os": "ios", "brand": "Apple", "name": "iPhone 15"}
                return Reply(200, {"data": [row]})
        return None

    def told(self, parts: list[str], fields: Mapping[str, Any], now: datetime) -> Reply | None:
        """Something by POST that is no order; None where it is none of these."""
        match parts:
            case ["refund"]:
                return _refund(fields, now)
            case ["voucher", "airmoney"]:
                return self._voucher(fields, now)
            case ["voucher", "esim"]:
                return self._esim_vouchers(fields)
            case ["notifications", "opt-in"]:
                return self._opt_in(fields)
            case ["notifications", "opt-out"]:
                known = self._notices.pop(text_of(fields, "type") or "", None)
                return invalid("type", "The selected type is invalid.") if known is None else Reply(204, b"")
            case ["simulator", "webhook"]:
                return _simulated(fields)
        return None

    def branded(self, iccid: str, fields: Mapping[str, Any], row: Mapping[str, Any]) -> Reply:
        """Another brand for an eSIM, or none."""
        self.brands[iccid] = text_of(fields, "brand_settings_name")
        return Reply(200, {"data": self.with_brand(row), "meta": OK})

    def with_brand(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """An eSIM's row with the brand that it has now."""
        iccid = str(row.get("iccid"))
        return {**row, "brand_settings_name": self.brands[iccid]} if iccid in self.brands else dict(row)

    def _opt_in(self, fields: Mapping[str, Any]) -> Reply:
        kind = text_of(fields, "type") or ""
        if kind not in NOTICES:
            return invalid("type", "The selected type is invalid.")
        where = text_of(fields, NOTICES[kind], 1000)
        if where is None or (NOTICES[kind] == "webhook_url" and not where.startswith(("https://", "http://"))):
            return invalid(NOTICES[kind], f"The {NOTICES[kind].replace('_', ' ')} field is required.")
        levels = fields.get("levels")
        more = {"levels": levels} if isinstance(levels, list) else {}
        self._notices[kind] = {"type": kind, NOTICES[kind]: where, **more}
        return Reply(200, {"data": {"notification": self._notices[kind]}, "meta": OK})

    def _voucher(self, fields: Mapping[str, Any], now: datetime) -> Reply:
        amount, quantity = count_of(fields, "amount", MOST_VALUE), count_of(fields, "quantity", MOST_VOUCHERS)
        limit, code = count_of(fields, "usage_limit", MOST_VALUE), fields.get("voucher_code")
        if "amount" not in fields or amount is None:
            return invalid("amount", f"The amount must be between 1 and {MOST_VALUE}.")
        if quantity is None:
            return invalid("quantity", f"The quantity must be between 1 and {MOST_VOUCHERS}.")
        if limit is None:
            return invalid("usage_limit", f"The usage limit must be between 1 and {MOST_VALUE}.")
        if code is not None and (text_of(fields, "voucher_code") is None or quantity > 1):
            return invalid("voucher_code", "The voucher code is too long, or stands for more than one voucher.")
        self._vouchers += 1
        data = {
            "id": self._vouchers,
            "code": code or secrets.token_hex(4).upper(),
            "usage_limit": limit,
            "amount": amount,
            "is_paid": fields.get("is_paid") is True,
            "created_at": stamp(now),
        }
        return Reply(200, {"data": data, "meta": OK})

    def _esim_vouchers(self, fields: Mapping[str, Any]) -> Reply:
        wanted = fields.get("vouchers")
        if not isinstance(wanted, list) or not wanted or not all(isinstance(each, dict) for each in wanted):
            return invalid("vouchers", "The vouchers field is required.")
        made = []
        for each in wanted:
            name, quantity = text_of(each, "package_id"), count_of(each, "quantity", MOST_VOUCHERS)
            if name is None or not self._sells(name):
                return invalid("package_id", "The selected package is invalid.")
            if quantity is None:
                return invalid("quantity", f"The quantity must be between 1 and {MOST_VOUCHERS}.")
            codes = [secrets.token_hex(4).upper() for _ in range(quantity)]
            made.append({"package_id": name, "codes": codes, "booking_reference": each.get("booking_reference")})
        return Reply(200, {"data": made, "meta": OK})


def _rates(call: Call, now: datetime) -> Reply:
    """Rates of a day, play ones."""
    day, wanted = call.query.get("date", f"{now:%Y-%m-%d}"), call.query.get("to", "")
    try:
        date.fromisoformat(day)
    except ValueError:
        return invalid("date", "The date does not match the format Y-m-d.")
    if wanted and not re.fullmatch(r"[A-Za-z]{3}(,[A-Za-z]{3})*", wanted):
        return invalid("to", "The to format is invalid.")
    names = wanted.upper().split(",") if wanted else list(RATES)
    rates = [{"from": "USD", "mid": RATES[name], "to": name} for name in names if name in RATES]
    return Reply(200, {"data": {"date": day, "rates": rates}, "meta": OK})


def _simulated(fields: Mapping[str, Any]) -> Reply:
    """A webhook that is asked for: taken note of, for nothing leaves this machine."""
    event, level = text_of(fields, "event") or "", fields.get("type")
    if event not in EVENTS:
        return invalid("event", "The selected event is invalid.")
    if event in LEVELS and level not in LEVELS[event]:
        return invalid("type", "The selected type is invalid.")
    return Reply(200, {"success": "Notification sent"})


def _refund(fields: Mapping[str, Any], now: datetime) -> Reply:
    """Taken note of, and never done by itself: people there decide."""
    iccids, reason = fields.get("iccids"), text_of(fields, "reason") or ""
    iccids = [iccids] if isinstance(iccids, str) else iccids  # a form has no lists
    if not isinstance(iccids, list) or not 0 < len(iccids) <= MOST_REFUNDS:
        return invalid("iccids", f"The iccids must have between 1 and {MOST_REFUNDS} items.")
    if reason not in REASONS:
        return invalid("reason", "The selected reason is invalid.")
    if reason == "OTHERS" and text_of(fields, "notes") is None:
        return invalid("notes", "The notes field is required when reason is OTHERS.")
    return Reply(202, {"data": {"refund_id": secrets.token_hex(8), "created_at": stamp(now)}, "meta": OK})


__all__ = ["REASONS", "Office", "invalid"]
