"""A thing that can be bought, as a value: what the catalogue lists and what every provider sells."""

from collections.abc import Mapping
from typing import Any

from esimctl.values.moments import Duration, parse_duration
from esimctl.values.money import Money
from esimctl.values.record import record


@record
class Plan:
    """One thing that can be bought, in common words; the shape of a row of `plans list`."""

    id: str
    carrier: str
    name: str
    provider: str
    price: Money | None
    terms: Mapping[str, Any]  #: a table as in scenario files; see charging.terms
    countries: tuple[str, ...] = ("KH",)
    billing: str = "prepaid-pack"
    audience: str | None = None
    kind: str = "base"  #: base (starts or renews a line) or topup (beside what is there)
    shareable: bool = False
    voice_seconds: int | None = None
    promotions: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    source: str = ""
    as_of: str | None = None  #: the day on which the source said so; None where it is undated
    retrieved: str | None = None  #: the day on which it was read, where that is another one
    grade: str = "V"  #: V the seller's own words, S second hand, U one weak source, own the person's, example made up
    dial: str | None = None  #: what is dialled on the line's own phone to buy it
    notes: tuple[str, ...] = ()
    purpose: str | None = None  #: what its data is good for, where that is not everything (social)
    renews: str | None = None  #: the plan that this one extends, where the seller has a row of its own for that

    @property
    def example(self) -> bool:
        """Whether it is made up: of the carrier demo, sold by the embedded operator alone."""
        return self.grade == "example"


FOUND = ("V", "S", "U")

GRADES = (*FOUND, "example", "own")


def validity_days(row: Plan) -> int | None:
    """Days of the term, a month counted as 30 and a year as 365; None where there is no term."""
    term = row.terms.get("term")
    return None if term is None else _days(parse_duration(term))


def _days(span: Duration) -> int:
    years, months = divmod(span.months, 12)
    return years * 365 + months * 30 + span.days + span.seconds // 86400
