"""When a line's data runs out, and which buckets will be wasted, from what is known of its use."""

from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.documents.balance import RunOutPart
from esimctl.usage.kept import data_buckets
from esimctl.usage.use import UseHistory, history
from esimctl.values.moments import zone
from esimctl.values.record import replace

if TYPE_CHECKING:
    from esimctl.charging.forecast import DatedStock, Forecast
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Reading


#: why a forecast by an old reading has no date any more
GONE = "by now it should be used up: read it again"
#: why a line that has used something without ever being granted anything has no date
METERED = "pay per use: there is no pack that could run out"


def run_out(session: "Session", use: UseHistory, reading: "Reading | None") -> RunOutPart:
    """The forecast of a balance: always a range and the days it rests on, or why there is none."""
    told = foretell(session, use, reading)
    return RunOutPart(
        runs_out_at=told.runs_out_at,
        earliest=told.earliest,
        latest=told.latest,
        days_of_history=told.days_of_history,
        reason=told.reason,
    )


def foretell(
    session: "Session", use: UseHistory, reading: "Reading | None", term_end: datetime | None = None
) -> "Forecast":
    """The forecast of a line from its recent use and the buckets that it has now, in burn order."""
    from esimctl.charging.forecast import Forecast, forecast

    past = history(use, session)
    if reading is None:
        return Forecast("none", len(past), reason="no reading yet")
    if reading.unlimited:
        return Forecast("none", len(past), reason="unlimited")
    if reading.used_bytes and reading.granted_bytes == 0 and not reading.buckets:
        return Forecast("none", len(past), reason=METERED)
    now = session.clock.now()
    start = min(now, reading.at)  # what was left then has been used since, as it was before
    return not_before(now, forecast(past, stocks(reading), start, zone(session.zone), term_end))


def not_before(now: datetime, told: "Forecast") -> "Forecast":
    """A forecast whose dates lie ahead: one that should have come true already has no date, and says so."""
    if told.runs_out_at is None:
        return told
    if told.runs_out_at <= now:
        return replace(told, runs_out_at=None, earliest=None, latest=None, reason=GONE)
    earliest = told.earliest if told.earliest is None else max(told.earliest, now)
    return replace(told, earliest=earliest)


def stocks(reading: "Reading") -> "list[DatedStock]":
    """The buckets that can be used at any hour, in burn order; one for all where only the sum is known.

    Windows and single apps count where there is nothing else: at which hours a line is used nobody knows.
    """
    from esimctl.charging.forecast import DatedStock

    active = [bucket for bucket in data_buckets(reading.buckets) if bucket.status == "active"]
    anytime = [bucket for bucket in active if bucket.window is None and bucket.purpose is None]
    found = [DatedStock(bucket.id, bucket.remaining or 0, bucket.end, bucket.start) for bucket in anytime or active]
    if not found and reading.remaining_bytes is not None:
        found = [DatedStock("all", reading.remaining_bytes, reading.expires_at)]
    return found
