"""Airalo's price list in common words: what the partner pays, never the retail price; an MB there is 2^20 octets."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from esimctl.catalogue.plan import Plan
from esimctl.malformed import Malformed
from esimctl.providers.price_list import PriceRow, one_row
from esimctl.providers.reseller import COUNTRY, several
from esimctl.providers.strict_json import (
    flag,
    flag_if_told,
    identifier,
    integer,
    integer_if_told,
    listing,
    maybe_text,
    number,
    rows,
    table,
    text_if_told,
)
from esimctl.values.money import Money

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
    discounted = maybe_text(pricing, "model") == "discount_pricing"
    if net is not None and not (discounted and net == 0):
        return cents(net)
    price, discount = number(row, "price"), number(pricing, "discount_percentage")
    if not discounted or price is None or discount is None or discount > 100:
        return None
    return cents(price * (100 - discount) / 100, ROUND_HALF_UP)


def offers_of(document: Mapping[str, Any], provider: str, now: datetime) -> Iterator[PriceRow | None]:
    """The packages of one page of `packages` for Cambodia; None stands for one that cannot be read."""
    pricing = table(document.get("pricing") or {}, "pricing")
    for place in listing(document, "data"):
        for operator in listing(place, "operators"):
            for row in listing(operator, "packages"):
                found = offer_of(row, operator, place, pricing, provider, now)
                if found is None or (COUNTRY in found.plan.countries and found.plan.kind == "base"):
                    yield found


def topups_of(document: Mapping[str, Any], provider: str, now: datetime) -> Iterator[PriceRow | None]:
    """What `sims/{iccid}/topups` offers for one eSIM; None stands for one that cannot be read."""
    pricing = table(document.get("pricing") or {}, "pricing")
    for row in listing(document, "data"):
        yield offer_of({"type": "topup", **row}, {}, {"country_code": COUNTRY}, pricing, provider, now)


@one_row
def offer_of(
    row: Mapping[str, Any],
    operator: Mapping[str, Any],
    place: Mapping[str, Any],
    pricing: Mapping[str, Any],
    provider: str,
    now: datetime,
) -> PriceRow | None:
    """A package as an offer, None for one that cannot be sold: no id, no days, no price, no volume."""
    code, days, price = identifier(row, "id"), integer(row, "day"), cost(row, pricing)
    unlimited, megabytes = flag(row, "is_unlimited") or False, number(row, "amount")
    if code is None or not days or price is None or (megabytes is None and not unlimited):
        return None
    topup = text_if_told(row, "type") == "topup"
    terms: dict[str, Any] = {
        "price": str(price),
        "data": "unlimited" if unlimited else f"{int((megabytes or 0) * MEGABYTE)}B",
        "term": f"{days} days",
        "starts_on": STARTS.get(text_if_told(operator, "activation_policy") or "", "purchase"),
    }
    window = integer_if_told(operator, "install_window_days")
    if window:
        terms["use_by"] = f"{window} days"
    minutes, countries = integer_if_told(row, "voice"), _countries(operator, place)
    mark = several(countries)
    words = (text_if_told(operator, "title"), text_if_told(row, "title") or code, mark and f"({mark})")
    plan = Plan(
        id=f"{provider}/{code}",
        carrier=provider,
        name=" ".join(filter(None, words)),
        provider=provider,
        price=price,
        terms=terms,
        countries=countries,
        kind="topup" if topup else "base",
        voice_seconds=minutes * 60 if minutes else None,
        networks=_networks(operator),
        source=SOURCE,
        as_of=now.date().isoformat(),
        notes=_notes(row, operator),
        renews=f"{provider}/{code.removesuffix(TOPUP)}" if topup else None,
    )
    return PriceRow(plan, {"unlimited": unlimited, "octets": 0 if unlimited else int((megabytes or 0) * MEGABYTE)})


def _countries(operator: Mapping[str, Any], place: Mapping[str, Any]) -> tuple[str, ...]:
    """Where it works: the operator's countries, its coverages where it names none, and the place it stands under."""
    codes = [text_if_told(each, "country_code") for each in _parts(operator, "countries")]
    codes = codes or [text_if_told(each, "code") for each in _parts(operator, "coverages")]
    codes.append(text_if_told(place, "country_code"))
    return tuple(dict.fromkeys(code for code in codes if code and len(code) == 2))


def _networks(operator: Mapping[str, Any]) -> tuple[str, ...]:
    names = [
        text_if_told(network, "name")
        for coverage in _parts(operator, "coverages")
        if text_if_told(coverage, "code") in (COUNTRY, None)
        for network in _parts(coverage, "networks")
    ]
    return tuple(dict.fromkeys(name for name in names if name))[:20]


def _parts(source: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The rows of a list that decides nothing: none where it cannot be read."""
    try:
        return rows(source.get(key), key)
    except Malformed:
        return []


def _notes(row: Mapping[str, Any], operator: Mapping[str, Any]) -> tuple[str, ...]:
    found = [text_if_told(row, "short_info", 300)]
    if flag_if_told(row, "is_fair_usage_policy"):
        found.append(text_if_told(row, "fair_usage_policy", 300))
    if flag_if_told(operator, "rechargeability") is False:
        found.append("cannot be topped up")
    return tuple(note for note in found if note)
