"""`usage forecast`: when the data runs out, what will lapse unused, and whether the pace is right (R-50, R-104)."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from esimctl.catalogue.tips import tips as known_tips
from esimctl.charging.forecast import BURN_ALERTS, LEAST_DAYS, Forecast, burning_fast, pace, paced_exhaustion
from esimctl.documents.document import ABSENT
from esimctl.documents.result import Result
from esimctl.documents.usage import BurnAlertPart, ForecastDocument, PacePart, WasteRow, WeekdaysPart
from esimctl.usage.history import NEAR, named
from esimctl.usage.kept import data_buckets
from esimctl.usage.readings import fresh_balance
from esimctl.usage.run_out import foretell
from esimctl.usage.use import UseHistory, history, points
from esimctl.values.moments import instant
from esimctl.values.record import record
from esimctl.values.sentence import Raw
from esimctl.values.windows import DAYS

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Reading

#: a term younger than this has no pace: what was used in an hour says nothing of a month
LEAST_TERM: Final = timedelta(days=LEAST_DAYS)
#: readings closer together than this foretell nothing, and raise no alarm
LEAST_APART: Final = timedelta(hours=6)
LONGEST: Final = max(long for _, long, _ in BURN_ALERTS)


@record
class Term:
    """The running term as far as it is known: its ends, and octets granted and used in it."""

    start: datetime | None = None
    end: datetime | None = None
    granted: int | None = None
    used: int | None = None

    @property
    def length(self) -> timedelta | None:
        return None if self.start is None or self.end is None else self.end - self.start


def usage_forecast(
    session: "Session", line: str, *, refresh: bool | None = None, tips: bool = False
) -> "Result[ForecastDocument]":
    """The forecast of a line; the provider is asked first where its reading is old. `tips` brings how to save data."""
    line = named(session, line)
    session.line(line)
    fresh = fresh_balance(session, [line], refresh=refresh)
    (document,), (use, reading) = fresh.lines, fresh.known[line]
    term = term_of(fresh.ledger, line, reading)
    told = foretell(session, use, reading, term.end)
    past = history(use, session)
    waste, now = waste_rows(reading, told), session.clock.now()
    forecast = ForecastDocument(
        as_of=now,
        line=line,
        method=told.method,
        days_of_history=told.days_of_history,
        spread_days=sum(1 for day in past if use.days[day].gap > NEAR),
        reason=told.reason,
        runs_out_at=told.runs_out_at,
        earliest=told.earliest,
        latest=told.latest,
        mean_per_day_bytes=mean(past),
        weekday_bytes=WeekdaysPart(**{DAYS[day]: octets for day, octets in told.means.items()}) if told.means else None,
        remaining_bytes=document.data.remaining_bytes,
        restricted_bytes=document.data.restricted_bytes,
        term_ends_at=term.end,
        leftover_bytes=told.leftover if told.method != "none" else None,
        waste=waste,
        wasted_bytes=sum(told.waste.values()) if told.method != "none" else None,
        allowed_per_day_bytes=None if document.reading.stale else allowed(document.data.judged_bytes, term, now),
        pace=pace_part(term, reading, now),
        alert=alert_part(use, term, reading),
        reading=document.reading,
        tips=[tip.text for tip in known_tips()] if tips else ABSENT,
    )
    result = Result("forecast", forecast)
    result.notes.extend(fresh.notes)
    if document.reading.stale:
        result.note(
            "the last reading is from {at}: the forecast goes on from there; newer: {command}",
            at=Raw(instant(None if reading is None else reading.at) or "-"),
            command=Raw(f"esimctl balance {line} --refresh"),
        )
    if any(row.wasted_bytes and row.category == "rollover" for row in waste):
        result.note("carried data will lapse: use it first, or give it away with esimctl lines gift")
    return result


def term_of(ledger: "Ledger", line: str, reading: "Reading | None") -> Term:
    """The term by the reading's own buckets, or from the last purchase of a plan where it tells none."""
    if reading is None or reading.unlimited:
        return Term(end=None if reading is None else reading.expires_at)
    granted = reading.granted_bytes
    used = reading.used_bytes
    if granted is not None and reading.remaining_bytes is not None:
        used = granted - reading.remaining_bytes
    bases = [
        one
        for one in data_buckets(reading.buckets)
        if one.category == "base" and one.start is not None and one.start <= reading.at and one.end is not None
    ]
    if bases:
        running = max(bases, key=lambda one: one.start or reading.at)
        return Term(running.start, running.end, granted, used)
    starts = [
        order.settled_at
        for order in ledger.orders.values()
        if order.line == line and order.kind in {"new", "renew"} and order.settled_at is not None
    ]
    fact = ledger.lines.get(line)
    born = None if fact is None else fact.begun
    return Term(max(starts, default=born), reading.expires_at, granted, used)


def mean(days: "dict[Any, int]") -> int | None:
    """Octets a day, over all whole days that are known."""
    return sum(days.values()) // len(days) if days else None


def waste_rows(reading: "Reading | None", told: Forecast) -> list[WasteRow]:
    """Bucket by bucket, what will end unused (FC-05), in burn order."""
    known = {} if reading is None else {bucket.id: bucket for bucket in reading.buckets}
    rows = []
    for name, octets in told.waste.items():
        bucket = known.get(name)
        end = bucket.end if bucket is not None else None if reading is None else reading.expires_at
        rows.append(
            WasteRow(
                bucket=name,
                category=None if bucket is None else bucket.category,
                ends_at=end,
                remaining_bytes=octets if bucket is None else bucket.remaining,
                wasted_bytes=octets,
            )
        )
    return rows


def allowed(left_bytes: int | None, term: Term, now: datetime) -> int | None:
    """Octets for each day that is left of the term; a part of a day counts as such, the last day as a whole."""
    if left_bytes is None or term.end is None or term.end <= now:
        return None
    left = max(term.end - now, timedelta(days=1))
    return left_bytes * 86_400 // int(left.total_seconds())


def pace_part(term: Term, reading: "Reading | None", now: datetime) -> PacePart | None:
    """How many times the even pace the term's data is being used, and when it would be gone like that.

    None in the first three days of a term. What would be gone before `now` was not used like that.
    """
    if reading is None or term.start is None or term.length is None or term.granted is None or term.used is None:
        return None
    if reading.at - term.start < LEAST_TERM:
        return None
    ratio = pace(term.used, term.granted, reading.at - term.start, term.length)
    if ratio is None:
        return None
    gone = paced_exhaustion(term.start, term.length, ratio)
    return PacePart(
        ratio=decimal(ratio),
        from_=term.start,
        to=term.end,
        granted_bytes=term.granted,
        used_bytes=term.used,
        runs_out_at=gone if gone is not None and term.end is not None and now < gone < term.end else None,
    )


def alert_part(use: UseHistory, term: Term, reading: "Reading | None") -> BurnAlertPart | None:
    """The window in which data is being used abnormally fast, both of its lengths; None while all is well."""
    if reading is None or term.length is None or not term.granted or too_close(use):
        return None
    seen = list(points(use, reading.at - LONGEST))
    window = burning_fast(seen, reading.at, term.granted, term.length)
    for factor, long, short in BURN_ALERTS:
        if long == window:
            used = sum(octets for at, octets in seen if reading.at - long < at <= reading.at)
            return BurnAlertPart(
                factor=decimal(factor),
                window_seconds=int(long.total_seconds()),
                short_window_seconds=int(short.total_seconds()),
                used_bytes=used,
            )
    return None


def too_close(use: UseHistory) -> bool:
    """Whether all that is known are readings within a few hours; what a provider wrote down of each use is enough."""
    since, until = min((span.start for span in use.spans), default=None), use.until
    return use.source != "records" and (since is None or until is None or until - since < LEAST_APART)


def decimal(value: Fraction) -> str:
    """A ratio as text with two decimals at most: documents hold no floating point."""
    hundredths = int(value * 100 + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
