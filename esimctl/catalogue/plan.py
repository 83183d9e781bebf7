"""A thing that can be bought, as a value: what the catalogue lists and what every provider sells."""

from collections.abc import Mapping

from esimctl.values.moments import Duration, parse_duration
from esimctl.values.money import Money
from esimctl.values.record import record
from esimctl.values.toml import Toml, table_at, text_at


@record
class Plan:
    """One thing that can be bought, in common words; the shape of a row of `plans list`."""

    id: str
    carrier: str
    name: str
    provider: str
    price: Money | None
    terms: Mapping[str, Toml]  #: a table as in scenario files; see charging.terms
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
    def term(self) -> str | None:
        """How long it lives, `30 days`; None where it says none, or nobody knows."""
        return text_at(self.terms, "term")

    @property
    def period(self) -> str | None:
        """After how long its data comes anew within the term; None for data that comes once."""
        return text_at(self.terms, "period")

    @property
    def category(self) -> str:
        """What its data counts as beside other data: base, window, promo."""
        return text_at(self.terms, "category") or "base"

    @property
    def volume_base(self) -> int:
        """Octets of a kB as its seller counts them."""
        base = self.terms.get("volume_base")
        return base if isinstance(base, int) else 1000

    @property
    def overage(self) -> Mapping[str, Toml]:
        """What happens beyond its data; empty where it ends there."""
        return table_at(self.terms, "overage")

    @property
    def window(self) -> Mapping[str, Toml]:
        """The hours or days in which its data is good; empty where that is always."""
        return table_at(self.terms, "window")

    @property
    def example(self) -> bool:
        """Whether it is made up: of the carrier demo, sold by the embedded operator alone."""
        return self.grade == "example"


FOUND = ("V", "S", "U")

GRADES = (*FOUND, "example", "own")


def validity_days(row: Plan) -> int | None:
    """Days of the term, a month counted as 30 and a year as 365; None where there is no term."""
    return None if row.term is None else _days(parse_duration(row.term))


def _days(span: Duration) -> int:
    years, months = divmod(span.months, 12)
    return years * 365 + months * 30 + span.days + span.seconds // 86400
