"""Celitech's packages in common words: a destination, a volume, a span of days; money is in cents."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from esimctl.charging.money import Money
from esimctl.providers.protocol import Plan
from esimctl.providers.reseller import COUNTRY
from esimctl.providers.shelf import Offer
from esimctl.providers.strict_json import Malformed, identifier, integer, maybe_text, number

DESTINATION = "KHM"
SOURCE = "Celitech package list"
UNLIMITED = -1


def offer_of(row: Mapping[str, Any], provider: str, now: datetime) -> Offer | None:
    """A package as an offer, None for one that cannot be sold: another country, no days, no price."""
    try:
        code, days, price = identifier(row, "id"), integer(row, "maxDays"), integer(row, "priceInCents")
        gigabytes = number(row, "dataLimitInGB")
        places = {maybe_text(row, "destination"), maybe_text(row, "destinationISO2")}
        if code is None or not days or price is None or gigabytes is None or not places & {DESTINATION, COUNTRY}:
            return None
        unlimited = gigabytes == UNLIMITED
        octets = None if unlimited else integer(row, "dataLimitInBytes")
        if octets is None and not unlimited:
            return None
    except Malformed:
        return None
    size = format(gigabytes.normalize(), "f")
    money = Money(price, "USD")
    plan = Plan(
        id=f"{provider}/{code}",
        carrier=provider,
        name=f"Cambodia {'unlimited' if unlimited else size + ' GB'}, {days} days",
        provider=provider,
        price=money,
        terms={
            "price": str(money),
            "data": "unlimited" if unlimited else f"{octets}B",
            "term": f"{days} days",
        },
        countries=(COUNTRY,),
        source=SOURCE,
        as_of=now.date().isoformat(),
    )
    return Offer(plan, {"gigabytes": size, "days": days, "destination": maybe_text(row, "destination") or DESTINATION})


def as_topup(offer: Offer) -> Offer:
    """The same package beside what is there: a line of Celitech is extended by any of them."""
    return Offer(replace(offer.plan, kind="topup"), offer.wire)


__all__ = ["DESTINATION", "UNLIMITED", "as_topup", "offer_of"]
