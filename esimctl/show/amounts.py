"""Money, volumes and times of a document, as a person reads them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from esimctl.show.words import say
from esimctl.values.money import Money
from esimctl.values.volume import format_volume


def money(value: Money | Mapping[str, str] | None) -> str:
    """`5.00 USD`; thousands of whole units are grouped (`20,000 KHR`)."""
    if value is None:
        return "-"
    amount, currency = (value.amount, value.currency) if isinstance(value, Money) else value.values()
    whole, dot, rest = amount.partition(".")
    sign = "-" if whole.startswith("-") else ""
    digits = whole.removeprefix("-")
    return f"{sign}{int(digits):,}{dot}{rest} {currency}"


def octets(value: int | None, *, unlimited: bool = False, speak: Callable[..., str] = say) -> str:
    """`4.2 GB`, `unlimited`, or `unknown`."""
    if unlimited:
        return speak("unlimited")
    return speak("unknown") if value is None else format_volume(value)


def rounded(value: int) -> int:
    """A mean to three digits: more of them would promise what it does not know."""
    step: int = 10 ** max(len(str(value)) - 3, 0)
    return value // step * step


def term(value: str | None) -> str:
    """How long a plan holds: `30 days`."""
    count, _, unit = (value or "-").partition(" ")
    return say(TERMS[unit], count=count) if unit in TERMS else value or "-"


#: unit of a duration as documents write it → how it is said
TERMS = {
    "hour": "{count} hour",
    "hours": "{count} hours",
    "day": "{count} day",
    "days": "{count} days",
    "month": "{count} month",
    "months": "{count} months",
}


def month(day: date) -> str:
    """The month of a day of the calendar: `Nov 2026`."""
    return say(MONTHS[day.month - 1], year=f"{day.year:04}")


#: every month of a year, said by itself
MONTHS_ALONE = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#: every month as it is said with its year
MONTHS = (
    "Jan {year}", "Feb {year}", "Mar {year}", "Apr {year}", "May {year}", "Jun {year}", "Jul {year}", "Aug {year}",
    "Sep {year}", "Oct {year}", "Nov {year}", "Dec {year}",
)  # fmt: skip


def local(value: datetime | str | None, *, seconds: bool = False) -> str:
    """An instant in the zone of this machine's reader, to the minute; the offset stands beside it."""
    if value is None:
        return "-"
    moment = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M:%S %z" if seconds else "%Y-%m-%d %H:%M %z")


def minutes(value: int | None) -> str:
    """Seconds of calls as minutes."""
    return "-" if value is None else say("{count} min", count=value // 60)
