"""What the faces have on their shelves: the bundled plans that a reseller's wire format can say, each with its top-up.

A travel eSIM waits for its first use; a plan of the catalogue that says nothing else is sold like that.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from esimctl.catalogue.plan import Plan
from esimctl.values.moments import MomentError, parse_duration
from esimctl.values.record import record, replace
from esimctl.values.volume import Unlimited, parse_volume

COUNTRY, CURRENCY = "KH", "USD"
TOPUP = "-topup"

#: The terms that these formats can say: so much data for so many days.
SAYABLE = frozenset({"price", "data", "term", "clock", "starts_on", "use_by", "transferable"})
#: How long an eSIM may lie unused.
UNUSED = "180 days"


@record
class Pack:
    """A pack with its figures: `octets` is None for data without limit, `cents` what the account pays."""

    id: str
    plan: Plan
    octets: int | None
    days: int
    cents: int
    starts_on: str

    @property
    def topup(self) -> bool:
        return self.plan.kind == "topup"

    @property
    def base(self) -> str:
        """The pack that it is a top-up of, or itself."""
        return self.id.removesuffix(TOPUP)


@cache
def packs(gigabyte: int, carrier: str | None = None) -> tuple[Pack, ...]:
    """The shelf: packs, each followed by its top-up. `gigabyte` is 1000 or 1024; with `carrier` all are of that one."""
    from esimctl.catalogue.plans import plans

    found: list[Pack] = []
    for plan in plans():
        days = _days(plan.terms)
        if (
            plan.kind != "base"
            or days is None
            or plan.price is None
            or plan.price.currency != CURRENCY
            or COUNTRY not in plan.countries
            or "data" not in plan.terms
            or not SAYABLE.issuperset(plan.terms)
        ):
            continue
        terms = {"starts_on": "first-use", "use_by": UNUSED, **plan.terms, "volume_base": gigabyte}
        base = replace(plan, terms=terms, carrier=carrier or plan.carrier)
        again = {key: value for key, value in terms.items() if key not in {"starts_on", "use_by"}}
        more = replace(base, id=plan.id + TOPUP, kind="topup", terms={**again, "category": "topup"})
        data = parse_volume(plan.terms["data"], gigabyte)
        octets = None if isinstance(data, Unlimited) else data
        figures = (octets, days, plan.price.minor, terms["starts_on"])
        found += [Pack(base.id, base, *figures), Pack(more.id, more, *figures)]
    return tuple(found)


def _days(terms: Mapping[str, Any]) -> int | None:
    try:
        term = parse_duration(str(terms.get("term", "")))
    except MomentError:
        return None
    return term.days if term.days and not term.months and not term.seconds else None


__all__ = ["COUNTRY", "TOPUP", "Pack", "packs"]
