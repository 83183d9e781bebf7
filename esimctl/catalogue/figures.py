"""Figures as carriers write them in messages: volumes, money and dates, in English and Khmer; ambiguous ones are none.

Texts come in lower case with our digits (see `patterns.plain`). Numbers are rounded down, never up: a balance is
never said to be more than it is.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from esimctl.values.money import EXPONENTS, Money
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, SaidError
from esimctl.values.volume import MOST

NUMBER = r"(?:[0-9]{1,3}(?: [0-9]{3}){1,3}(?:,[0-9]{1,2})?|[0-9]{1,9}(?:[.,][0-9]{1,6}){0,3})"
_UNITS = {
    "kb": 1, "mb": 2, "gb": 3, "tb": 4, "b": 0, "kbyte": 1, "mbyte": 2, "gbyte": 3, "m": 2, "g": 3,
    "ko": 1, "mo": 2, "go": 3, "to": 4, "кб": 1, "мб": 2, "гб": 3, "тб": 4,
    "មេកាបៃ": 2, "ជីកាបៃ": 3, "ជីហ្គាបៃ": 3, "គីឡូបៃ": 1, "មេកា": 2, "ជីកា": 3,
}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
VOLUME = rf"{NUMBER} ?(?:{_UNIT})"
#: a volume that stands alone: neither the minutes in `30 minutes` nor the network in `4G`
WHOLE_VOLUME = rf"(?<![\w.,]){NUMBER} ?(?:{'|'.join(unit for unit in _UNIT.split('|') if unit not in 'bmg')})(?!\w)"
_DOLLAR = r"\$|usd|us\$|ដុល្លារ|ដុល្លា|dollars?"
_RIEL = r"៛|khr|riels?|រៀល"
MONEY = rf"(?:(?:{_DOLLAR}|{_RIEL}) ?{NUMBER}|{NUMBER} ?(?:{_DOLLAR}|{_RIEL}))"
_MONTHS = {
    **{name: n for n, names in enumerate((
        "jan january មករា", "feb february កុម្ភៈ", "mar march មីនា", "apr april មេសា", "may ឧសភា", "jun june មិថុនា",
        "jul july កក្កដា", "aug august សីហា", "sep sept september កញ្ញា", "oct october តុលា", "nov november វិច្ឆិកា",
        "dec december ធ្នូ"), 1) for name in names.split()},
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_CLOCK = r"[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?(?: ?[ap]m)?"
_NAMED = rf"[0-9]{{1,2}}[ -]?(?:ខែ ?)?(?:{_MONTH})[ ,-]{{0,2}}(?:ឆ្នាំ ?)?[0-9]{{2,4}}"
_MONTH_FIRST = rf"(?:{_MONTH})[ .-]{{1,2}}[0-9]{{1,2}}(?:st|nd|rd|th)?,? ?[0-9]{{4}}"
_DAY = rf"(?:[0-9]{{1,4}}[/.-][0-9]{{1,2}}[/.-][0-9]{{1,4}}|{_NAMED}|{_MONTH_FIRST})"
#: RFC 3339, in lower case
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}t[0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:z|[+-][0-9]{2}:?[0-9]{2})?"
DATE = rf"(?:{_INSTANT}|{_CLOCK},? (?:on )?{_DAY}|{_DAY}(?:,? (?:at |ម៉ោង ?)?{_CLOCK})?)"
BUDDHIST = 543  #: years that a calendar of Buddhist countries is ahead


_VOLUME = regex(rf"({NUMBER}) ?({_UNIT})")
_FIGURE = regex(NUMBER)
_MONEY = regex(MONEY)
_IN_RIEL = regex(_RIEL)
_WHOLE_DATE = regex(DATE)
_CLOCK_TIME = regex(_CLOCK)
_WHOLE_INSTANT = regex(_INSTANT)
_MONTH_DAY = regex(rf"({_MONTH})[ .-]{{1,2}}([0-9]{{1,2}})(?:st|nd|rd|th)?,? ?([0-9]{{4}})")
_NAMED_DAY = regex(rf"([0-9]{{1,2}})[ -]?(?:ខែ ?)?({_MONTH})[ ,-]{{0,2}}(?:ឆ្នាំ ?)?([0-9]{{2,4}})")


class Unreadable(SaidError):
    """A text in the place of a figure that is none, or that can be read in two ways."""


def volume(text: str, base: int = 1000) -> int:
    """Octets of `1.5 gb`, `1,024mb`: whole octets, rounded down."""
    found = _VOLUME.fullmatch(text.strip().casefold())
    if found is None:
        raise Unreadable("{text}", text=Raw(text))
    power = _UNITS[found[2]]
    digits, places = number(found[1], thousands=power <= 2)
    octets: int = digits * base**power // 10**places
    if octets > MOST:
        raise Unreadable("{text}", text=Raw(text))
    return octets


def number(text: str, *, thousands: bool) -> tuple[int, int]:
    """(digits, decimal places). A comma before three digits is a thousand where those are usual, else ambiguous.

    A single point before three digits is a decimal point where thousands are unusual, else ambiguous: `1.024 mb`.
    """
    if re.fullmatch(r"[0-9]{1,9}", text):
        return int(text), 0
    if re.fullmatch(r"[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]{1,2}|(?: [0-9]{3})+(?:,[0-9]{1,2})?)", text):
        whole, _, part = text.replace(".", "").replace(" ", "").partition(",")
        return int(whole + part), len(part)
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,6})?", text):
        whole, _, part = text.replace(",", "").partition(".")
        if not thousands and not part and text.count(",") == 1:
            raise Unreadable("{text}", text=Raw(text))
        return int(whole + part), len(part)
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3}){2,}", text):
        return int(text.replace(".", "")), 0
    whole, mark, part = re.split(r"([.,])", text, maxsplit=1)
    two_ways = len(part) == 3 and (mark == "," or (thousands and len(whole) < 4 and not whole.startswith("0")))
    if two_ways or not re.fullmatch(r"[0-9]{1,6}", part):
        raise Unreadable("{text}", text=Raw(text))
    return int(whole + part), len(part)


def money(text: str) -> Money:
    """`$1.25`, `5,000៛`, `1.25 usd`: whole minor units, rounded down."""
    lower = text.strip().casefold()
    figure = _FIGURE.search(lower)
    if figure is None or _MONEY.fullmatch(lower) is None:
        raise Unreadable("{text}", text=Raw(text))
    currency = "KHR" if _IN_RIEL.search(lower) else "USD"
    grouped = figure[0].count(",") > 1 or ("," in figure[0] and "." in figure[0])
    digits, places = number(figure[0], thousands=currency == "KHR" or grouped)
    return Money(digits * 10 ** EXPONENTS[currency] // 10**places, currency)


def percent(text: str) -> int:
    """0 to 100."""
    value = int(text)
    if value > 100:
        raise Unreadable("{text}", text=Raw(text))
    return value


def moment(text: str, order: str, where: tzinfo | None) -> tuple[datetime, bool]:
    """(instant in UTC, whether only the day is stated). Of a bare day the first instant: the earlier end is assumed.

    A year that stands first is the year; otherwise `order` says which number is the day.
    """
    lower = text.strip().casefold()
    if _WHOLE_DATE.fullmatch(lower) is None:
        raise Unreadable("{text}", text=Raw(text))
    if _WHOLE_INSTANT.fullmatch(lower) is not None:
        return _instant(lower, where), False
    clock = _CLOCK_TIME.search(lower)
    rest = lower.replace(clock[0], " ") if clock else lower
    day = _day(rest, order)
    midnight = clock is not None and re.fullmatch(r"24:00(:00)?", clock[0]) is not None
    at = time() if clock is None or midnight else _time(clock[0])
    local = datetime.combine(day + timedelta(days=midnight), at, where or UTC)
    return local.astimezone(UTC), clock is None


def _instant(text: str, where: tzinfo | None) -> datetime:
    try:
        found = datetime.fromisoformat(text.upper())
    except ValueError:
        raise Unreadable("{text}", text=Raw(text)) from None
    _date(str(found.year), found.month, found.day)
    return (found if found.tzinfo is not None else found.replace(tzinfo=where or UTC)).astimezone(UTC)


def _day(text: str, order: str) -> date:
    named = _NAMED_DAY.search(text)
    if named is not None:
        return _date(named[3], _MONTHS[named[2]], int(named[1]))
    first_month = _MONTH_DAY.search(text)
    if first_month is not None:
        return _date(first_month[3], _MONTHS[first_month[1]], int(first_month[2]))
    found = re.search(r"([0-9]{1,4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,4})", text)
    if found is None:
        raise Unreadable("{text}", text=Raw(text))
    first, second, third = found.groups()
    if len(first) == 4 or order == "ymd":
        return _date(first, int(second), int(third))
    day, month = (first, second) if order == "dmy" else (second, first)
    return _date(third, int(month), int(day))


def _date(year: str, month: int, day: int) -> date:
    if len(year) not in (2, 4):
        raise Unreadable("{text}", text=Raw(year))
    number = int(year) + (2000 if len(year) == 2 else 0)
    try:
        found = date(number - BUDDHIST if number >= 2000 + BUDDHIST else number, month, day)
    except ValueError:
        raise Unreadable("{text}", text=Raw(f"{year}-{month}-{day}")) from None
    if not 2000 <= found.year <= 2100:
        raise Unreadable("{text}", text=Raw(year))
    return found


def _time(text: str) -> time:
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: ?([ap])m)?", text)
    if found is None:
        raise Unreadable("{text}", text=Raw(text))
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4] is not None:
        if not 1 <= hour <= 12:
            raise Unreadable("{text}", text=Raw(text))
        hour = hour % 12 + (12 if found[4] == "p" else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        raise Unreadable("{text}", text=Raw(text)) from None
