"""Dates and times as people read them: `Tue 1 Dec 08:00 · in 4 days`, always in this order, never UTC or seconds."""

from datetime import date, datetime, timedelta

from esimctl.show.reader import reader
from esimctl.show.words import say

#: every month with a day of it
DAYS_OF_MONTHS = (
    "{day} Jan", "{day} Feb", "{day} Mar", "{day} Apr", "{day} May", "{day} Jun", "{day} Jul", "{day} Aug", "{day} Sep",
    "{day} Oct", "{day} Nov", "{day} Dec",
)  # fmt: skip

#: every day of the week with its date, Monday first
DAYS_OF_WEEKS = ("Mon {day}", "Tue {day}", "Wed {day}", "Thu {day}", "Fri {day}", "Sat {day}", "Sun {day}")

#: unit → its sentence for one and for many
SPANS = {
    "minute": ("{count} minute", "{count} minutes"),
    "hour": ("{count} hour", "{count} hours"),
    "day": ("{count} day", "{count} days"),
    "month": ("{count} month", "{count} months"),
    "year": ("{count} year", "{count} years"),
}


def day(value: date, *, week: bool = False) -> str:
    """`1 Dec`, `Tue 1 Dec`; the year where it is not this one."""
    said = say(DAYS_OF_MONTHS[value.month - 1], day=value.day)
    now = reader().now
    if now is None or value.year != reader().here(now).year:
        said = say("{day} {year}", day=said, year=f"{value.year:04}")
    return say(DAYS_OF_WEEKS[value.weekday()], day=said) if week else said


def moment(value: datetime | None, *, week: bool = False) -> str:
    """`1 Dec 08:00`, `Tue 1 Dec 08:00`; the offset where the profile's zone is not the machine's."""
    if value is None:
        return "-"
    here = reader().here(value)
    clock = here.strftime("%H:%M %z" if reader().abroad else "%H:%M")
    return f"{day(here.date(), week=week)} {clock}"


def moment_from_now(value: datetime | None) -> str:
    """`Tue 1 Dec 08:00 · in 4 days`."""
    return "-" if value is None else _beside(moment(value, week=True), value)


def day_from_now(value: datetime | None) -> str:
    """`18 Dec · in 20 days`, as lists have it."""
    return "-" if value is None else _beside(only_day(value), value)


def only_day(value: datetime | None) -> str:
    """`18 Dec`: the short form of `day_from_now`."""
    return "-" if value is None else day(reader().here(value).date())


def _beside(said: str, value: datetime) -> str:
    return said if reader().now is None else f"{said} · {from_now(value)}"


def from_now(value: datetime) -> str:
    """`in 4 days`, `tomorrow`, `in 20 minutes`, `3 hours ago`: days by the calendar, less by the clock."""
    now = reader().now or value
    days = (reader().here(value).date() - reader().here(now).date()).days
    if abs(value - now) < timedelta(minutes=1):
        return say("now")
    if days == 0 or abs(value - now) < timedelta(hours=6):
        length = span(abs(value - now))
    elif abs(days) == 1:
        return say("tomorrow") if days > 0 else say("yesterday")
    else:
        length = span(timedelta(days=abs(days)))
    return say("in {span}", span=length) if value > now else say("{span} ago", span=length)


def span(length: timedelta) -> str:
    """A length of time in its largest unit: `12 hours`, `4 days`, `3 months`."""
    minutes = int(length.total_seconds()) // 60
    days = minutes // (24 * 60)
    if days >= 730:
        return counted(days // 365, "year")
    if days >= 90:
        return counted(days // 30, "month")
    if days >= 2:
        return counted(days, "day")
    return counted(minutes // 60, "hour") if minutes >= 60 else counted(max(minutes, 1), "minute")


def counted(count: int, unit: str) -> str:
    """`1 day`, `2 days`; the unit is a key of `SPANS`."""
    one, many = SPANS[unit]
    return say(one if count == 1 else many, count=count)
