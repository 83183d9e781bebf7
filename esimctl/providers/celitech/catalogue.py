"""Celitech's packages in common words: a destination, a volume, a span of days; money is in cents."""

from datetime import datetime

from esimctl.catalogue.plan import Plan
from esimctl.malformed import if_told
from esimctl.providers.price_list import PriceRow, one_row
from esimctl.providers.reseller import COUNTRY
from esimctl.providers.strict_json import JsonObject
from esimctl.values.money import Money
from esimctl.values.record import replace

DESTINATION = "KHM"
HERE = frozenset({DESTINATION, COUNTRY})
SOURCE = "Celitech package list"
UNLIMITED = -1


@one_row
def offer_of(row: JsonObject, provider: str, now: datetime) -> PriceRow | None:
    """A package as an offer, None for one that cannot be sold: no id, no destination, no days, no price."""
    code, days, price = row.identifier("id"), row.integer("maxDays"), row.integer("priceInCents")
    gigabytes, place = row.number("dataLimitInGB"), destination_of(row)
    if code is None or not days or price is None or gigabytes is None or place is None:
        return None
    unlimited = gigabytes == UNLIMITED
    octets = None if unlimited else row.integer("dataLimitInBytes")
    if octets is None and not unlimited:
        return None
    size = format(gigabytes.normalize(), "f")
    money = Money(price, "USD")
    short = if_told(row.maybe_text, "destinationISO2") or (COUNTRY if place in HERE else None)
    name = "Cambodia" if place in HERE else if_told(row.maybe_text, "destinationName") or place
    plan = Plan(
        id=f"{provider}/{code}",
        carrier=provider,
        name=f"{name} {'unlimited' if unlimited else size + ' GB'}, {days} days",
        provider=provider,
        price=money,
        terms={
            "price": str(money),
            "data": "unlimited" if unlimited else f"{octets}B",
            "term": f"{days} days",
        },
        countries=() if short is None else (short,),
        source=SOURCE,
        as_of=now.date().isoformat(),
    )
    return PriceRow(plan, {"gigabytes": size, "days": days, "destination": place})


def destination_of(row: JsonObject) -> str | None:
    """What a package or a listed purchase is for, in the longer of the vendor's two codes that it tells."""
    return if_told(row.maybe_text, "destination") or if_told(row.maybe_text, "destinationISO2")


def as_topup(offer: PriceRow) -> PriceRow:
    """A package as a top-up: a line is extended by any package of its own destination."""
    return PriceRow(replace(offer.plan, kind="topup"), offer.wire)
