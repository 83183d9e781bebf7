"""When a line's data runs out, and which buckets will be wasted, from the readings in the journal."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from esimctl.actions.balance.consumption import daily_use, data_buckets
from esimctl.charging.moments import rfc3339, zone

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.charging.forecast import Forecast
    from esimctl.ledger.fold import Ledger
    from esimctl.providers.protocol import Reading


def forecast_document(session: "Session", ledger: "Ledger", name: str, reading: "Reading | None") -> dict[str, Any]:
    """The `forecast` object of a balance: always a range and the days it rests on, or why there is none."""
    told = foretell(session, ledger, name, reading)
    return {
        "runs_out_at": _instant(told.runs_out_at),
        "earliest": _instant(told.earliest),
        "latest": _instant(told.latest),
        "days_of_history": told.days_of_history,
        "reason": told.reason,
    }


def foretell(session: "Session", ledger: "Ledger", name: str, reading: "Reading | None") -> "Forecast":
    """The forecast of a line from its recent readings and the buckets that it has now, in burn order."""
    from esimctl.actions.balance.readings import reading_of
    from esimctl.charging.forecast import Forecast, Stock, forecast

    place = zone(session.zone)
    past = [reading_of(fact) for fact in ledger.readings.get(name, ())]
    if reading is not None and (not past or past[-1].at < reading.at):
        past.append(reading)
    history = daily_use(past, place, session.clock.now())
    if reading is None:
        return Forecast("none", len(history), reason="no reading yet")
    if reading.unlimited:
        return Forecast("none", len(history), reason="unlimited")
    stocks = [
        Stock(bucket.id, bucket.remaining or 0, bucket.end, bucket.start)
        for bucket in data_buckets(reading.buckets)
        if bucket.status == "active"
    ]
    if not stocks and reading.remaining_bytes is not None:
        stocks = [Stock("all", reading.remaining_bytes, reading.expires_at)]
    return forecast(history, stocks, session.clock.now(), place)


def _instant(value: datetime | None) -> str | None:
    return None if value is None else rfc3339(value.replace(microsecond=0))


__all__ = ["forecast_document", "foretell"]
