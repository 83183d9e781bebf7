"""Rates of exchange that the person set; without one nothing is converted."""

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from esimctl.errors import ConfigurationError, UsageError
from esimctl.values.as_typed import money_of
from esimctl.values.money import Money, MoneyError
from esimctl.values.sentence import Raw
from esimctl.values.toml import texts_at

if TYPE_CHECKING:
    from esimctl.profile.opened import Session


class Rates:
    """Rates by pair of currencies, each way."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(texts)
        self._pairs: dict[tuple[str, str], Fraction] = {}
        for text in self.texts:
            left, equals, right = text.partition("=")
            try:
                one, other = money_of(left), money_of(right)
            except MoneyError as error:
                raise UsageError(
                    "{text!r} is not a rate: {why}", hint="--rate 1USD=4100KHR", text=Raw(text), why=error.said
                ) from None
            if not equals or one.currency == other.currency or not one or not other:
                raise UsageError(
                    "{text!r} is not a rate between two currencies", hint="--rate 1USD=4100KHR", text=Raw(text)
                )
            self._pairs[one.currency, other.currency] = Fraction(other.minor, one.minor)
            self._pairs[other.currency, one.currency] = Fraction(one.minor, other.minor)

    @classmethod
    def of(cls, session: "Session", texts: Iterable[str]) -> "Rates":
        """The rates given now, else those of `settings.rates`."""
        given = tuple(texts)
        if given:
            return cls(given)
        kept = texts_at(session.settings, "rates")
        try:
            return cls(kept)
        except UsageError as error:
            raise ConfigurationError("profile.toml: settings.rates: {why}", code="bad_rate", why=error.said) from None

    def convert(self, money: Money, currency: str) -> Money | None:
        """The amount in another currency, rounded up; None without a rate."""
        if money.currency == currency:
            return money
        rate = self._pairs.get((money.currency, currency))
        if rate is None:
            return None
        exact = money.minor * rate
        return Money(-(-exact.numerator // exact.denominator), currency)
