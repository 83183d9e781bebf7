"""Instants, durations and boundaries: UTC outside, calendar arithmetic in the line's zone.

A local wall time that a clock change skips means the instant as far past the gap; one that happens twice, the first.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, SaidError


class MomentError(SaidError):
    """A text that is not an instant, a duration or a zone, or one outside the years that are counted."""


class Duration(NamedTuple):
    """Calendar months, calendar days and seconds; durations people write have one of them only."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    def __str__(self) -> str:
        parts = [f"{self.months} month" + "s" * (self.months != 1)] if self.months else []
        if self.days:
            parts.append(f"{self.days} day" + "s" * (self.days != 1))
        if self.seconds or not parts:
            parts.append(f"{self.seconds}s")
        return " ".join(parts)


_DURATION = regex(r"([0-9]{1,9}) ?([A-Za-z]+)", re.ASCII)

_UNITS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), (0, 0, 1)),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), (0, 0, 60)),
    **dict.fromkeys(("h", "hour", "hours"), (0, 0, 3600)),
    **dict.fromkeys(("d", "day", "days"), (0, 1, 0)),
    **dict.fromkeys(("w", "week", "weeks"), (0, 7, 0)),
    **dict.fromkeys(("month", "months"), (1, 0, 0)),
    **dict.fromkeys(("y", "year", "years"), (12, 0, 0)),
}

_MOST = Duration(months=1200, days=36_600, seconds=3_162_240_000)

_INSTANT = regex(
    r"(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)([Zz]|[+-]\d{2}:\d{2})?)?",
    re.ASCII,
)

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

LATEST = datetime(2300, 1, 1, tzinfo=UTC)

LATEST_CLOCK = datetime(2200, 1, 1, tzinfo=UTC)  #: what a clock or a first day may say: it leaves a century for terms


def parse_duration(text: str) -> Duration:
    """Read `12h`, `7d`, `3 months`, `30 days`, `1 year`, `90s`, `15min`; at most a hundred years."""
    span = _duration(text) if isinstance(text, str) else None
    if span is None:
        raise MomentError("{text} is not a duration like '12h', '7 days' or '3 months'", text=Raw(f"{text!r:.60}"))
    if span.months > _MOST.months or span.days > _MOST.days or span.seconds > _MOST.seconds:
        raise MomentError("{text} is longer than a hundred years", text=Raw(f"{text!r:.60}"))
    return span


@lru_cache(maxsize=256)
def _duration(text: str) -> Duration | None:
    """A market has a few lengths, and asks for each of them with every plan."""
    found = _DURATION.fullmatch(text.strip())
    unit = _UNITS.get(found[2].lower()) if found else None
    if found is None or unit is None:
        return None
    months, days, seconds = (int(found[1]) * part for part in unit)
    return Duration(months, days, seconds)


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """The zone of that IANA name, from the system or else from the tzdata package; raises MomentError."""
    from zoneinfo import ZoneInfo

    if name in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError) as wrong:
        raise MomentError("unknown time zone {name}", name=Raw(f"{name!r:.60}")) from wrong


def to_utc(local: datetime, where: tzinfo) -> datetime:
    """An instant from a wall-clock time of that zone, or from an aware time of any zone."""
    try:
        moment = (local.replace(tzinfo=where) if local.tzinfo is None else local).astimezone(UTC)
    except (OverflowError, ValueError) as wrong:
        raise MomentError("{local} is not in the years 1970 to 2299", local=local) from wrong
    if not EARLIEST <= moment < LATEST:
        raise MomentError("{local} is not in the years 1970 to 2299", local=local)
    return moment


def parse_instant(text: str, where: tzinfo) -> datetime:
    """Read RFC 3339, a local time without an offset, or `YYYY-MM-DD` (its local midnight) as an instant in UTC."""
    found = _INSTANT.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise MomentError(
            "{text} is not a time like 2026-01-31, 2026-01-31T08:00 or 2026-01-31T01:00:00Z", text=Raw(f"{text!r:.60}")
        )
    day, clock, offset = found.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{clock or '00:00'}{(offset or '').upper()}")
    except ValueError as wrong:
        raise MomentError("{text} is not a date of the calendar", text=Raw(f"{text!r:.60}")) from wrong
    return to_utc(local, where)


def parse_day(text: str) -> date:
    """Read `2026-01-31` as a date from which a century of terms can be counted; raises MomentError."""
    try:
        day = date.fromisoformat(text)
    except ValueError as wrong:
        raise MomentError("{text} is not a date like 2026-01-31", text=Raw(f"{text!r:.60}")) from wrong
    if not EARLIEST.date() < day < LATEST_CLOCK.date():
        raise MomentError("{text} is not in the years 1970 to 2199", text=Raw(f"{text:.60}"))
    return day


def rfc3339(moment: datetime) -> str:
    """`2026-01-31T01:00:00Z`, with microseconds only where there are any."""
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat().removesuffix("+00:00") + "Z"


def plus_months(day: date, months: int) -> date:
    """That day of a later month, clamped to that month's length."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = _month_length(year, month + 1)
    return date(year, month + 1, min(day.day, last))


def _month_length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def boundary(anchor: datetime, step: Duration, n: int, where: tzinfo) -> datetime:
    """The n-th boundary, always counted from the anchor at its local wall-clock time, so month ends never drift.

    Seconds are real time; 31 January plus one month is the end of February, plus two is 31 March.
    """
    if not step.months and not step.days:
        return anchor + timedelta(seconds=step.seconds * n)
    local = anchor.astimezone(where)
    try:
        day = plus_months(local.date(), step.months * n) + timedelta(days=step.days * n)
    except (OverflowError, ValueError) as wrong:
        raise MomentError("a boundary beyond the years that are counted") from wrong
    moment = datetime.combine(day, local.time(), where).astimezone(UTC)
    return moment + timedelta(seconds=step.seconds * n) if step.seconds else moment


def later(moment: datetime, step: Duration, where: tzinfo) -> datetime:
    """One duration after an instant."""
    return boundary(moment, step, 1, where)


def midnight_before(moment: datetime, where: tzinfo) -> datetime:
    """The last local midnight that is not after the instant."""
    return datetime.combine(moment.astimezone(where).date(), time(), where).astimezone(UTC)


def month_start(moment: datetime, months: int, where: tzinfo) -> datetime:
    """The first local instant of the month that many months after the instant's own."""
    first = plus_months(moment.astimezone(where).date().replace(day=1), months)
    return datetime.combine(first, time(), where).astimezone(UTC)


def instant(value: "datetime | None") -> str | None:
    """An instant as RFC 3339 UTC with Z, to the second; unknown is null."""
    if value is None:
        return None
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat()[:19] + "Z"
