"""Money: whole minor units with a currency. No float comes near it."""

import re
from collections.abc import Mapping

from esimctl.values.regex import regex
from esimctl.values.sentence import Figure, Raw, SaidError

#: Digits after the point by currency. The riel has sen on paper only, so it counts in whole riel.
EXPONENTS: Mapping[str, int] = {
    "USD": 2,
    "KHR": 0,
    "THB": 2,
    "EUR": 2,
    "GBP": 2,
    "CNY": 2,
    "HKD": 2,
    "TWD": 2,
    "SGD": 2,
    "MYR": 2,
    "AUD": 2,
    "CAD": 2,
    "CHF": 2,
    "INR": 2,
    "PHP": 2,
    "IDR": 2,
    "LAK": 2,
    "VND": 0,
    "JPY": 0,
    "KRW": 0,
}

_WRITTEN = regex(r"([0-9]{1,15})(?:\.([0-9]{1,9}))? ?([A-Z]{3})", re.ASCII)


class MoneyError(SaidError):
    """A text that is not an amount, an unknown currency, or two currencies in one sum."""


class Money(Figure):
    """An amount in minor units of one currency: `Money(500, "USD")` is five dollars. Immutable and hashable."""

    __slots__ = ("currency", "minor")

    minor: int
    currency: str

    def __init__(self, minor: int, currency: str) -> None:
        if type(minor) is not int:
            raise MoneyError("money is counted in whole minor units, not in {name}", name=Raw(type(minor).__name__))
        if currency not in EXPONENTS:
            raise MoneyError("unknown currency {currency}", currency=Raw(f"{currency!r}"))
        object.__setattr__(self, "minor", minor)
        object.__setattr__(self, "currency", currency)

    @classmethod
    def parse(cls, text: str) -> "Money":
        """Read `5USD`, `5.00 USD` or `20000KHR`; raises MoneyError with a reason of one line."""
        found = _WRITTEN.fullmatch(text.strip(" ")) if isinstance(text, str) else None
        if found is None:
            raise MoneyError("{text} is not an amount like '5.00 USD' or '20000 KHR'", text=Raw(f"{text!r:.60}"))
        whole, part, currency = found.groups()
        digits = EXPONENTS.get(currency)
        if digits is None:
            raise MoneyError("unknown currency {currency}", currency=Raw(f"{currency!r}"))
        part = part or ""
        if len(part) > digits:
            written = Raw(f"{text!r:.60}")
            if not digits:
                raise MoneyError("{text}: {currency} has no decimals", text=written, currency=Raw(currency))
            raise MoneyError(
                "{text}: {currency} has at most {digits} decimals", text=written, currency=Raw(currency), digits=digits
            )
        return cls(int(whole + part.ljust(digits, "0")), currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Nothing, in that currency."""
        return cls(0, currency)

    @property
    def amount(self) -> str:
        """The number alone with all its decimals: `5.00`, `20000`, `-0.50`."""
        digits = EXPONENTS[self.currency]
        sign = "-" if self.minor < 0 else ""
        written = str(abs(self.minor)).rjust(digits + 1, "0")
        return f"{sign}{written[:-digits]}.{written[-digits:]}" if digits else sign + written

    def as_json(self) -> dict[str, str]:
        """The two fields that money has in every document."""
        return {"amount": self.amount, "currency": self.currency}

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def __repr__(self) -> str:
        return f"Money({self.minor}, {self.currency!r})"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("money does not change")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("money does not change")

    def __reduce__(self) -> tuple[type["Money"], tuple[int, str]]:
        return (Money, (self.minor, self.currency))

    def __bool__(self) -> bool:
        return self.minor != 0

    def __hash__(self) -> int:
        return hash((self.minor, self.currency))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.minor == other.minor and self.currency == other.currency

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, count: int) -> "Money":
        if type(count) is not int:
            raise MoneyError("money is multiplied by whole numbers only")
        return Money(self.minor * count, self.currency)

    __rmul__ = __mul__

    def _same(self, other: object) -> int:
        if not isinstance(other, Money):
            raise MoneyError("money and {name} do not mix", name=Raw(type(other).__name__))
        if other.currency != self.currency:
            raise MoneyError("{one} and {two} do not mix", one=Raw(self.currency), two=Raw(other.currency))
        return other.minor
