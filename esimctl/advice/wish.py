"""What is asked of a recommendation: a stay, a need, and what may be bought."""

from datetime import date
from typing import TYPE_CHECKING

from esimctl.advice.packs import Stay
from esimctl.errors import UsageError
from esimctl.market.plans import today
from esimctl.values.money import Money
from esimctl.values.record import record, replace

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

MOST_DAYS = 731
MOST_PERSONS = 10
EVERY = "*"  #: every promotion that holds


@record
class Need:
    """A stay and a need as they were asked for: `data` octets in all, or `per_day` octets a day, of each person.

    `line` is the line whose rest counts, `alone` whether only what it can go on with is; `promotion` a code, EVERY, or
    None where prices are to be those without one.
    """

    days: int
    data: int | None = None
    per_day: int | None = None
    first: date | None = None
    country: str = "KH"
    carrier: str | None = None
    provider: str | None = None
    rollover: bool = False
    budget: Money | None = None
    currency: str = "USD"
    rates: tuple[str, ...] = ()
    line: str | None = None
    alone: bool = False
    persons: int = 1
    promotion: str | None = None

    def of(self, persons: int) -> "Need":
        """What so many people need together."""
        data, per_day = self.data, self.per_day
        return replace(
            self,
            persons=1,
            data=None if data is None else data * persons,
            per_day=None if per_day is None else per_day * persons,
        )


def stay_of(session: "Session", wish: Need) -> Stay:
    """The days of a wish in the profile's zone; what cannot be asked is refused."""
    if not 1 <= wish.days <= MOST_DAYS:
        raise UsageError("--days takes 1 to {most}", code="bad_days", most=MOST_DAYS)
    if not 1 <= wish.persons <= MOST_PERSONS:
        raise UsageError("--persons takes 1 to {most}", code="bad_persons", most=MOST_PERSONS)
    if (wish.data is None) is (wish.per_day is None):
        raise UsageError(
            "say what you need: --data VOLUME in all, or --per-day VOLUME",
            hint="esimctl plans recommend --days 14 --per-day 500MB",
            code="missing_need",
        )
    first = wish.first or today(session)
    need = wish.data if wish.data is not None else wish.per_day
    if not need:
        raise UsageError("a need of nothing needs no plan", code="bad_need")
    return Stay(first, wish.days, need, wish.days if wish.data is not None else 1)
