"""The everyday what-if: so much a day on this plan, month by month: what would be carried, lost and paid."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from esimctl.charging.buckets import Movement
from esimctl.charging.engine import Engine
from esimctl.charging.events import Use
from esimctl.charging.moments import Duration, boundary, rfc3339
from esimctl.charging.money import Money
from esimctl.charging.setup import LineSetup, Setup
from esimctl.charging.terms import Terms
from esimctl.charging.volume import Unlimited

#: More than any overage of a what-if comes to, so that all of it is counted.
_PURSE = 10**15
_LOST = ("trimmed", "forfeited", "expired", "lapsed", "reset")


@dataclass(frozen=True, slots=True)
class Month:
    """One month from the start, in octets; `granted` is None for unlimited data, `paid` for an unknown price."""

    month: int
    start: datetime
    granted: int | None
    used: int
    carried: int
    lost: int
    out_of_bucket: int
    paid: Money | None

    def as_json(self) -> dict[str, Any]:
        """The row of a document."""
        return {
            "month": self.month,
            "start": rfc3339(self.start),
            "granted_bytes": self.granted,
            "used_bytes": self.used,
            "carried_bytes": self.carried,
            "lost_bytes": self.lost,
            "out_of_bucket_bytes": self.out_of_bucket,
            "paid": None if self.paid is None else self.paid.as_json(),
        }


def what_if(terms: Terms, per_day: int, months: int, start: datetime, zone: tzinfo) -> tuple[Month, ...]:
    """Play `per_day` octets at noon of every day on a plan that renews itself on each boundary; one row a month.

    What is carried or lost at the last instant of a month counts for that month, a grant at that instant for the next.
    """
    price = terms.overage.price_per_mb
    purse = Money(_PURSE, price.currency) if price is not None else None
    engine = Engine(Setup(zone, start, {"a": LineSetup(terms, auto_renew=True, main_balance=purse)}))
    ends = [boundary(start, Duration(months=month), 1, zone) for month in range(months + 1)]
    day = 0
    while (noon := boundary(start, Duration(days=day), 1, zone) + timedelta(hours=12)) < ends[-1]:
        engine.apply(Use(noon, "a", per_day))
        day += 1
    engine.advance(ends[-1])
    told = engine.line("a").journal or []
    return tuple(_month(terms, told, month, ends[month - 1], ends[month]) for month in range(1, months + 1))


def _month(terms: Terms, told: list[Movement], month: int, begin: datetime, end: datetime) -> Month:
    """Add up what was written down of one month."""
    inside = [one for one in told if begin <= one.at < end]
    closing = [one for one in told if begin < one.at <= end]
    paid = None
    if terms.price is not None:
        paid = terms.price * sum(1 for one in inside if one.reason in ("bought", "renewed"))
        paid += Money(_total(inside, "charged") if _same_currency(terms) else 0, paid.currency)
    return Month(
        month,
        begin,
        None if isinstance(terms.data, Unlimited) else _total(inside, "granted"),
        _total(inside, "used"),
        _total(closing, "carried-in"),
        _total(closing, *_LOST),
        _total(inside, "out-of-bucket"),
        paid,
    )


def _total(told: list[Movement], *reasons: str) -> int:
    return sum(one.amount or 0 for one in told if one.reason in reasons)


def _same_currency(terms: Terms) -> bool:
    charged = terms.overage.price_per_mb
    return charged is not None and terms.price is not None and charged.currency == terms.price.currency
