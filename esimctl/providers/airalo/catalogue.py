"""Airalo's price list in common words: what the partner pays, never the retail price; an MB there is 2^20 octets."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from esimctl.charging.money import Money
from esimctl.providers.protocol import Plan
from esimctl.providers.reseller import COUNTRY
from esimctl.providers.shelf import Offer
from esimctl.providers.strict_json import Malformed, flag, identifier, integer, maybe_text, number, rows, table

MEGABYTE = 1 << 20
TOPUP = "-topup"
SOURCE = "Airalo partner price list"
STARTS = {"first-usage": "first-use", "installation": "installation"}


def cents(amount: Decimal, rounding: str = ROUND_CEILING) -> Money:
    """An amount in dollars as whole cents."""
    return Money(int((amount * 100).to_integral_value(rounding)), "USD")


def cost(row: Mapping[str, Any], pricing: Mapping[str, Any]) -> Money | None:
    """What a package costs the partner: the net price, or the retail price less the discount; None if untold."""
    net = number(row, "net_price")
    if net is not None:
        return cents(net)
    price, discount = number(row, "price"), number(pricing, "discount_percentage")
    if maybe_text(pricing, "model") != "discount_pricing" or price is None or discount is None or discount > 100:
        return None
    return cents(price * (100 - discount) / 100, ROUND_HALF_UP)


def offers_of(document: Mapping[str, Any], provider: str, now: datetime) -> Iterator[Offer]:
    """The packages of one page of `packages`; what cannot be read is passed over."""
    pricing = table(document.get("pricing") or {}, "pricing")
    for place in rows(document.get("data"), "data"):
        for operator in rows(place.get("operators"), "operators"):
            for row in rows(operator.get("packages"), "packages"):
                found = offer_of(row, operator, place, pricing, provider, now)
                if found is not None and COUNTRY in found.plan.countries and found.plan.kind == "base":
                    yield found


def topups_of(document: Mapping[str, Any], provider: str, now: datetime) -> Iterator[Offer]:
    """What `sims/{iccid}/topups` offers for one eSIM."""
    pricing = table(document.get("pricing") or {}, "pricing")
    for row in rows(document.get("data"), "data"):
        found = offer_of({"type": "topup", **row}, {}, {"country_code": COUNTRY}, pricing, provider, now)
        if found is not None:
            yield found


def offer_of(
    row: Mapping[str, Any],
    operator: Mapping[str, Any],
    place: Mapping[str, Any],
    pricing: Mapping[str, Any],
    provider: str,
    now: datetime,
) -> Offer | None:
    """A package as an offer, None for one that cannot be sold: no id, no days, no price."""
    try:
        code, days, price = identifier(row, "id"), integer(row, "day"), cost(row, pricing)
        unlimited, megabytes = flag(row, "is_unlimited") or False, number(row, "amount")
        if code is None or not days or price is None or (megabytes is None and not unlimited):
            return None
        topup = maybe_text(row, "type") == "topup"
        terms: dict[str, Any] = {
            "price": str(price),
            "data": "unlimited" if unlimited else f"{int((megabytes or 0) * MEGABYTE)}B",
            "term": f"{days} days",
            "starts_on": STARTS.get(maybe_text(operator, "activation_policy") or "", "purchase"),
        }
        window = integer(operator, "install_window_days")
        if window:
            terms["use_by"] = f"{window} days"
        minutes = integer(row, "voice")
        plan = Plan(
            id=f"{provider}/{code}",
            carrier=provider,
            name=" ".join(filter(None, (maybe_text(operator, "title"), maybe_text(row, "title") or code))),
            provider=provider,
            price=price,
            terms=terms,
            countries=_countries(operator, place),
            kind="topup" if topup else "base",
            voice_seconds=minutes * 60 if minutes else None,
            networks=_networks(operator),
            source=SOURCE,
            as_of=now.date().isoformat(),
            notes=_notes(row, operator),
            renews=f"{provider}/{code.removesuffix(TOPUP)}" if topup else None,
        )
    except Malformed:
        return None
    return Offer(plan, {"unlimited": unlimited})


def _countries(operator: Mapping[str, Any], place: Mapping[str, Any]) -> tuple[str, ...]:
    codes = [maybe_text(each, "country_code") for each in rows(operator.get("countries"))]
    codes.append(maybe_text(place, "country_code"))
    return tuple(dict.fromkeys(code for code in codes if code and len(code) == 2))


def _networks(operator: Mapping[str, Any]) -> tuple[str, ...]:
    names = [
        maybe_text(network, "name")
        for coverage in rows(operator.get("coverages"))
        if maybe_text(coverage, "code") in (COUNTRY, None)
        for network in rows(coverage.get("networks"))
    ]
    return tuple(dict.fromkeys(name for name in names if name))[:20]


def _notes(row: Mapping[str, Any], operator: Mapping[str, Any]) -> tuple[str, ...]:
    found = [maybe_text(row, "short_info", 300)]
    if flag(row, "is_fair_usage_policy"):
        found.append(maybe_text(row, "fair_usage_policy", 300))
    if flag(operator, "rechargeability") is False:
        found.append("cannot be topped up")
    return tuple(note for note in found if note)


__all__ = ["MEGABYTE", "TOPUP", "cents", "offers_of", "topups_of"]
