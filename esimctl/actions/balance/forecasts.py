"""When a line's data runs out, and which buckets will be wasted, from what is known of its use."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from esimctl.actions.balance.consumption import data_buckets
from esimctl.actions.balance.use import Use, history
from esimctl.charging.moments import rfc3339, zone

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.charging.forecast import Forecast, Stock
    from esimctl.providers.protocol import Reading


def forecast_document(session: "Session", use: Use, reading: "Reading | None") -> dict[str, Any]:
    """The `forecast` object of a balance: always a range and the days it rests on, or why there is none."""
    told = foretell(session, use, reading)
    return {
        "runs_out_at": _instant(told.runs_out_at),
        "earliest": _instant(told.earliest),
        "latest": _instant(told.latest),
        "days_of_history": told.days_of_history,
        "reason": told.reason,
    }


def foretell(session: "Session", use: Use, reading: "Reading | None", term_end: datetime | None = None) -> "Forecast":
    """The forecast of a line from its recent use and the buckets that it has now, in burn order."""
    from esimctl.charging.forecast import Forecast, forecast

    past = history(use, session)
    if reading is None:
        return Forecast("none", len(past), reason="no reading yet")
    if reading.unlimited:
        return Forecast("none", len(past), reason="unlimited")
    start = min(session.clock.now(), reading.at)  # what was left then has been used since, as it was before
    return forecast(past, stocks(reading), start, zone(session.zone), term_end)


def stocks(reading: "Reading") -> "list[Stock]":
    """The buckets that can be used at any hour, in burn order; one for all where only the sum is known.

    Windows and single apps count where there is nothing else: at which hours a line is used nobody knows.
    """
    from esimctl.charging.forecast import Stock

    active = [bucket for bucket in data_buckets(reading.buckets) if bucket.status == "active"]
    anytime = [bucket for bucket in active if bucket.window is None and bucket.purpose is None]
    found = [Stock(bucket.id, bucket.remaining or 0, bucket.end, bucket.start) for bucket in anytime or active]
    if not found and reading.remaining_bytes is not None:
        found = [Stock("all", reading.remaining_bytes, reading.expires_at)]
    return found


def _instant(value: datetime | None) -> str | None:
    return None if value is None else rfc3339(value.replace(microsecond=0))


__all__ = ["forecast_document", "foretell", "stocks"]
