"""Days, times and months as people type them: `28/11/2026`, `2026年12月1日`, `yesterday`, `7d`, `last`.

The day stands before the month, as everywhere in this part of the world.
"""

from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from esimctl.values.as_typed import plain, span_of
from esimctl.values.moments import MomentError, later, parse_duration, parse_instant, plus_months, rfc3339
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw

_CLOCK: Final = r"(?:[ T,]*([0-9]{1,2})(?::|点)([0-9]{2})?分?)?"
_YEAR_FIRST: Final = regex(rf"([0-9]{{4}}) ?[年/.-] ?([0-9]{{1,2}}) ?[月/.-] ?([0-9]{{1,2}}) ?[日号]?{_CLOCK}")
_DAY_FIRST: Final = regex(rf"([0-9]{{1,2}})([/.-])([0-9]{{1,2}})\2([0-9]{{4}}){_CLOCK}")
_NAMED: Final = regex(rf"([0-9]{{1,2}}) ([A-Za-z]{{3,9}}) ([0-9]{{4}}){_CLOCK}")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

#: words for a day, as days from today
_DAYS: Final = {
    **dict.fromkeys(("today", "今天", "ថ្ងៃនេះ"), 0),
    **dict.fromkeys(("yesterday", "昨天", "ម្សិលមិញ"), -1),
    **dict.fromkeys(("tomorrow", "明天", "ថ្ងៃស្អែក", "ស្អែក"), 1),
}
_NOW: Final = frozenset({"now", "现在", "ឥឡូវ", "ឥឡូវនេះ"})
_MONTH: Final = regex(r"([0-9]{4}) ?[年/.-] ?([0-9]{1,2})月?|([0-9]{1,2})[/.-]([0-9]{4})")
_MONTH_WORDS: Final = {
    **dict.fromkeys(("this", "本月", "这个月", "ខែនេះ"), 0),
    **dict.fromkeys(("last", "上月", "上个月", "ខែមុន"), -1),
}


def day_of(text: str) -> str:
    """A date, with a time where one is said, as `2026-12-01` or `2026-12-01T08:00`; other texts come back plain.

    MomentError for `5/6/2026`, which can be two days, and for a day that no month has.
    """
    said = plain(text)
    found = _YEAR_FIRST.fullmatch(said)
    if found is not None:
        return _spelled(text, *found.groups())
    found = _NAMED.fullmatch(said)
    if found is not None and found[2][:3].casefold() in _MONTHS:
        month = str(_MONTHS.index(found[2][:3].casefold()) + 1)
        return _spelled(text, found[3], month, found[1], found[4], found[5])
    found = _DAY_FIRST.fullmatch(said)
    if found is None:
        return said
    day, _, month, year, hour, minute = found.groups()
    if day.zfill(2) != month.zfill(2) and int(day) <= 12 and int(month) <= 12:
        raise MomentError(
            "{text} can be two days: write {one} or {other}",
            text=Raw(said), one=Raw(_spelled(text, year, month, day)), other=Raw(_spelled(text, year, day, month)),
        )  # fmt: skip
    return _spelled(text, year, month, day, hour, minute)


def instant_of(text: str, where: tzinfo) -> datetime:
    """An instant as people and their spreadsheets write it, in that zone where it has none of its own."""
    try:
        return parse_instant(text, where)
    except MomentError:
        typed = day_of(text)
        if typed == text:
            raise
    return parse_instant(typed, where)


def is_day_first(text: str) -> bool:
    """Whether a date was typed in an order that has to be said back."""
    return _DAY_FIRST.fullmatch(plain(text)) is not None


def _spelled(text: str, year: str, month: str, day: str, hour: str | None = None, minute: str | None = None) -> str:
    try:
        at = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0))  # noqa: DTZ001
    except ValueError as wrong:
        raise MomentError("{text} is not a date of the calendar", text=Raw(f"{text!r:.60}")) from wrong
    return f"{at:%Y-%m-%d}" if hour is None else f"{at:%Y-%m-%dT%H:%M}"


def is_away(text: str) -> bool:
    """Whether a text says a day by the clock: `yesterday`, or a length such as `7d`."""
    said = plain(text).casefold()
    return said in _DAYS or said in _NOW or _length(text) is not None


def _length(text: str) -> str | None:
    span = span_of(text)
    try:
        parse_duration(span)
    except MomentError:
        return None
    return span


def away(text: str, now: datetime, where: tzinfo, *, ahead: bool, days: bool) -> str:
    """What `yesterday` or `7d` is by that clock; a length counts back, or forth with `ahead`. `days`: a date alone."""
    said = plain(text).casefold()
    local = now.astimezone(where)
    if said in _DAYS:
        return (local.date() + timedelta(days=_DAYS[said])).isoformat()
    if said in _NOW:
        return local.date().isoformat() if days else rfc3339(now)
    span = parse_duration(_length(text) or text)
    step = span if ahead else span._replace(months=-span.months, days=-span.days, seconds=-span.seconds)
    at = later(now, step, where)
    return at.astimezone(where).date().isoformat() if days else rfc3339(at)


def month_of(text: str, today: date) -> str:
    """A month as `2026-11`: `2026年11月`, `11/2026`, `last` or `this`; another text comes back plain."""
    said = plain(text)
    step = _MONTH_WORDS.get(said.casefold())
    if step is not None:
        return f"{plus_months(today.replace(day=1), step):%Y-%m}"
    found = _MONTH.fullmatch(said)
    if found is None:
        return said
    year, month = (found[1], found[2]) if found[1] else (found[4], found[3])
    return f"{year}-{month.zfill(2)}"
