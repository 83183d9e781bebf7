"""`[settings.reminders]` of the profile: what is worth a word, and when a person wants to hear it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any, Final

from esimctl.charging.moments import Duration, MomentError, parse_duration
from esimctl.charging.money import Money, MoneyError
from esimctl.errors import ConfigurationError

_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
_HOURS: Final = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)\Z")

STALE_AFTER: Final = Duration(days=1)


@dataclass(frozen=True, slots=True)
class Reminders:
    """What is announced. The percentages are those that the regulator has operators announce: 90 and 100 % used."""

    used_percent: tuple[int, ...] = (90, 100)
    expiry_days: tuple[int, ...] = (7, 3, 1)
    low_balance: Money | None = None
    stale_after: Duration = STALE_AFTER
    quiet: tuple[time, time] | None = None
    digest: time | None = None
    morning: time | None = None
    monthly: bool = False
    each: bool = False  #: one message for each alert, not one for all of a run


def read_reminders(settings: Mapping[str, Any]) -> Reminders:
    """The settings of a profile; ConfigurationError (78) names the key that cannot be read."""
    table = settings.get("reminders", {})
    read: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _READERS:
            raise _wrong(key, f"unknown; there are: {', '.join(_READERS)}")
        try:
            read[key] = _READERS[key](value)
        except (ValueError, TypeError, MoneyError, MomentError) as error:
            raise _wrong(key, str(error)) from None
    return Reminders(**read)


def is_quiet(hours: tuple[time, time] | None, now: datetime, where: tzinfo) -> bool:
    """Whether `now` lies in the quiet hours, which may span midnight; half-open."""
    if hours is None:
        return False
    begin, end = hours
    at = now.astimezone(where).time()
    return begin <= at < end if begin <= end else at >= begin or at < end


def last_clock(at: time, now: datetime, where: tzinfo) -> datetime:
    """The newest instant, not after `now`, at which the wall clock there showed `at`."""
    local = now.astimezone(where)
    today = datetime.combine(local.date(), at, where)
    if today > local:
        today = datetime.combine(local.date() - timedelta(days=1), at, where)
    return today


def clock(text: Any) -> time:
    """`07:30` as a time of day."""
    found = _CLOCK.match(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("must be a time of day, such as 07:30")
    return time(int(found[1]), int(found[2]))


def hours(text: Any) -> tuple[time, time]:
    """`22:00-07:00` as two times of day."""
    found = _HOURS.match(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("must be two times of day, such as 22:00-07:00")
    return clock(found[1]), clock(found[2])


def _numbers(most: int) -> Any:
    def read(value: Any) -> tuple[int, ...]:
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, int) and not isinstance(item, bool) and 0 < item <= most for item in values):
            raise ValueError(f"must be whole numbers from 1 to {most}")
        return tuple(values)

    return read


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


_READERS: Final[Mapping[str, Any]] = {
    "used_percent": _numbers(100),
    "expiry_days": _numbers(366),
    "low_balance": Money.parse,
    "stale_after": parse_duration,
    "quiet": hours,
    "digest": clock,
    "morning": clock,
    "monthly": _flag,
    "each": _flag,
}


def _wrong(key: str, what: str) -> ConfigurationError:
    return ConfigurationError(
        "profile.toml: settings.reminders.{key}: {what}",
        hint="esimctl autotopup reminders --help",
        code="bad_reminder",
        key=key,
        what=what,
    )
