"""The vendor's price list in common words. Money there is USD times 10 000, volumes are octets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from esimctl.charging.money import Money
from esimctl.providers.protocol import Plan
from esimctl.providers.reseller import COUNTRY
from esimctl.providers.shelf import Offer
from esimctl.providers.strict_json import Malformed, identifier, integer, maybe_text, rows

WIRE_PER_CENT = 100
TOPUP = "TOPUP_"
SOURCE = "eSIM Access price list"

#: dataType → how the volume is meant
TOTAL, DAILY_SLOWED, DAILY_CUT, UNLIMITED = 1, 2, 3, 4
STARTS = {1: "installation", 2: "first-use"}


def usd(wire: int) -> Money:
    """A price in whole cents, rounded up: never less than what will be charged."""
    return Money(-(-wire // WIRE_PER_CENT), "USD")


def credit(wire: int) -> Money:
    """A balance in whole cents, rounded down: never more than there is."""
    return Money(wire // WIRE_PER_CENT, "USD")


def offer_of(row: Mapping[str, Any], provider: str, now: datetime) -> Offer | None:
    """A row of `packageList`, None for one that cannot be sold here: another country or currency, no id, no term."""
    try:
        code = identifier(row, "packageCode")
        days, kind = integer(row, "duration"), integer(row, "dataType") or TOTAL
        price, volume = integer(row, "price"), integer(row, "volume")
        countries = _countries(row)
        name = maybe_text(row, "name") or code
        if code is None or name is None or not days or price is None or COUNTRY not in countries:
            return None
        if (maybe_text(row, "durationUnit") or "DAY") != "DAY" or (maybe_text(row, "currencyCode") or "USD") != "USD":
            return None
        if volume is None and kind != UNLIMITED:
            return None
        terms = _terms(row, kind, volume, days)
        terms["price"] = str(usd(price))
        topup = code.startswith(TOPUP)
        plan = Plan(
            id=f"{provider}/{code}",
            carrier=provider,
            name=name,
            provider=provider,
            price=usd(price),
            terms=terms,
            countries=countries,
            kind="topup" if topup else "base",
            networks=_networks(row),
            source=SOURCE,
            as_of=now.date().isoformat(),
            notes=_notes(row),
            renews=f"{provider}/{code.removeprefix(TOPUP)}" if topup else None,
        )
    except Malformed:
        return None
    return Offer(plan, {"price": price, "slug": maybe_text(row, "slug") or ""})


def _terms(row: Mapping[str, Any], kind: int, volume: int | None, days: int) -> dict[str, Any]:
    terms: dict[str, Any] = {
        "data": "unlimited" if kind == UNLIMITED else f"{volume}B",
        "term": f"{days} days",
        "starts_on": STARTS.get(integer(row, "activeType") or 0, "purchase"),
    }
    if kind in (DAILY_SLOWED, DAILY_CUT):
        terms["period"] = "1 day"
    if kind == DAILY_SLOWED:
        terms["overage"] = {"action": "throttle"}
    use_by = integer(row, "unusedValidTime")
    if use_by:
        terms["use_by"] = f"{use_by} days"
    return terms


def _countries(row: Mapping[str, Any]) -> tuple[str, ...]:
    listed = (maybe_text(row, "location", 2000) or maybe_text(row, "locationCode") or "").split(",")
    return tuple(code.strip() for code in listed if len(code.strip()) == 2 and code.strip().isalpha())


def _networks(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The operators in Cambodia, as the vendor names them."""
    found = []
    for place in rows(row.get("locationNetworkList")):
        if maybe_text(place, "locationCode") in (COUNTRY, None):
            found += [maybe_text(each, "operatorName") for each in rows(place.get("operatorList"))]
    return tuple(dict.fromkeys(name for name in found if name))[:20]


def _notes(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What a buyer should know beside the terms: the fair use policy, and that nothing can be added later."""
    found = [maybe_text(row, "fupPolicy", 300)]
    if integer(row, "supportTopUpType") == 1:
        found.append("cannot be topped up")
    return tuple(note for note in found if note)


__all__ = ["TOPUP", "credit", "offer_of", "usd"]
