"""How the values of options are read: one function for each kind, with one sentence of help where it cannot be.

What needs the clock or the line (`yesterday`, a number without its currency) is a text of a class of its own until the
run knows both: `settling.settled`.
"""

import re
from collections.abc import Callable
from typing import Final

import typer

from esimctl.values.as_typed import is_number, money_of, plain, span_of, volume_of
from esimctl.values.countries import NAMES, country_of
from esimctl.values.moments import Duration, MomentError, parse_duration
from esimctl.values.money import Money, MoneyError
from esimctl.values.sentence import Param, Raw, SaidError, Sentence, commas
from esimctl.values.typed_days import day_of, is_away, is_day_first
from esimctl.values.volume import Unlimited, VolumeError, exact_volume, parse_octets


class BadValue(typer.BadParameter):
    """A value that an option does not take, said in the reader's language; Typer adds which option it is."""

    def __init__(self, template: str, **params: Param) -> None:
        self.said = Sentence(template, params)
        super().__init__(str(self.said))


def refused(text: str, error: SaidError) -> BadValue:
    """The refusal of a value, which names what was typed, once."""
    if text in str(error):
        return BadValue(error.said.template, **error.said.params)
    return BadValue("{text}: {why}", text=Raw(repr(text)), why=error.said)


class NoCurrency(str):
    """A number that was typed where money is meant; `settling` adds the currency of the line, or refuses it."""

    __slots__ = ()


class ByTheClock(str):
    """A day or a time that was typed by the clock: `yesterday`, `7d`."""

    __slots__ = ("ahead", "days")

    ahead: bool
    days: bool

    @classmethod
    def of(cls, text: str, *, ahead: bool, days: bool) -> "ByTheClock":
        """The text with what its option says: whether a length counts forth, and whether it takes days only."""
        made = cls(text)
        made.ahead, made.days = ahead, days
        return made


class DayFirst(str):
    """A date that was typed with the day before the month: it is said back."""

    __slots__ = ("typed",)

    typed: str


class TypedMonth(str):
    """A month that was typed by the clock: `last`."""

    __slots__ = ()


UNSETTLED: Final = (NoCurrency, ByTheClock, DayFirst, TypedMonth)


def waits(value: object) -> bool:
    """Whether a value, or one of a list, waits for the clock or the line."""
    return any(isinstance(each, UNSETTLED) for each in (value if isinstance(value, list) else (value,)))


def money(text: str) -> "Money":
    """A `5USD` option value."""
    try:
        return money_of(text)
    except SaidError as error:
        raise refused(text, error) from None


def money_alone(text: str) -> "Money | NoCurrency":
    """Money in an option that takes nothing else, where a person at a terminal may leave the currency out."""
    return NoCurrency(plain(text)) if is_number(text) else money(text)


def volume(text: str) -> int:
    """A `500MB` option value, in octets (MB = 10^6, MiB = 2^20); a bare 0 is nothing in every unit."""
    octets = volume_or_unlimited(text)
    if not isinstance(octets, int):
        raise BadValue("a volume with a number is needed here, as in 1.5GB")
    return octets


def volume_or_unlimited(text: str) -> "int | Unlimited":
    """A volume, or the word for data without a number."""
    if plain(text) == "0":
        return 0
    try:
        return volume_of(text)
    except SaidError as error:
        raise refused(text, error) from None


def data_volume(text: str) -> "int | Unlimited":
    """A `--data` value of a pack: octets, or unlimited."""
    octets = volume_or_unlimited(text)
    if octets == 0:
        raise BadValue("{text} is no pack: leave --data out where you do not know it", text=Raw(text))
    return octets


def level(text: str) -> str:
    """What is left, as money or as a volume, in the spelling that rules are written in; anything else stays as it is.

    Why it is refused is said there, with the other keys of a rule.
    """
    said = plain(text)
    try:
        return str(money_of(text)).replace(" ", "")
    except MoneyError:
        pass
    try:
        octets = volume_of(text)
    except VolumeError:
        return said
    try:
        parse_octets(said)
    except VolumeError:
        return exact_volume(octets)
    return said


def duration(text: str) -> "Duration":
    """A `7d` option value."""
    try:
        return parse_duration(span_of(text))
    except SaidError as error:
        raise refused(text, error) from None


def number_of_days(least: int = 1, most: int | None = None) -> Callable[[str], int]:
    """Reads `10`, `10 days` or `10 天`, within these bounds."""

    def days(text: str) -> int:
        said, count = plain(text), None
        try:
            span = parse_duration(span_of(text))
            count = None if span.months or span.seconds else span.days
        except MomentError:
            count = int(said) if re.fullmatch("-?[0-9]{1,9}", said) else None
        if count is None:
            raise BadValue("{text} is not a number of days like 10 or 10d", text=Raw(text))
        if count < least:
            raise BadValue("{text} is less than {least}", text=Raw(text), least=least)
        if most is not None and count > most:
            raise BadValue("{text} is more than {most}", text=Raw(text), most=most)
        return count

    return days


def _day(text: str, *, ahead: bool, days: bool) -> str:
    if is_away(text):
        return ByTheClock.of(text, ahead=ahead, days=days)
    try:
        said = day_of(text)
    except SaidError as error:
        raise refused(text, error) from None
    if not is_day_first(text):
        return said
    back = DayFirst(said)
    back.typed = text
    return back


def time_ago(text: str) -> str:
    """A time that has been: `7d` counts back."""
    return _day(text, ahead=False, days=False)


def time_ahead(text: str) -> str:
    """A time to come: `7d` counts forth."""
    return _day(text, ahead=True, days=False)


def day_itself(text: str) -> str:
    """A date, and nothing by the clock: the clock is what is doubted."""
    try:
        return day_of(text)
    except SaidError as error:
        raise refused(text, error) from None


def day_ago(text: str) -> str:
    """A date that has been."""
    return _day(text, ahead=False, days=True)


def day_ahead(text: str) -> str:
    """A date to come."""
    return _day(text, ahead=True, days=True)


def month_named(text: str) -> str:
    """A month; `last` is the one before this."""
    return TypedMonth(text)


def year_named(text: str) -> str:
    """A year of four digits."""
    said = plain(text).removesuffix("年").strip()
    if not re.fullmatch("(19|20|21|22)[0-9]{2}", said):
        raise BadValue("{text!r} is not a year like 2026", text=Raw(text))
    return said


def country(text: str) -> str:
    """A country as its two letters, by its code or its name in a language of the program."""
    code = country_of(plain(text))
    if code is None:
        raise BadValue(
            "there is no country {text!r}; write its two letters, as in KH, or a name: {names}",
            text=Raw(text),
            names=commas(names[0] for names in NAMES.values()),
        )
    return code
