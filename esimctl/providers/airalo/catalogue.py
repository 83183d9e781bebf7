"""Airalo's price list in common words: what the partner pays, never the retail price; an MB there is 2^20 octets."""

from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from esimctl.catalogue.plan import Plan
from esimctl.malformed import if_told
from esimctl.providers.price_list import PriceRow, one_row
from esimctl.providers.reseller import COUNTRY, several
from esimctl.providers.strict_json import JsonObject
from esimctl.values.money import Money

MEGABYTE = 1 << 20
TOPUP = "-topup"
SOURCE = "Airalo partner price list"
STARTS = {"first-usage": "first-use", "installation": "installation"}


def cents(amount: Decimal, rounding: str = ROUND_CEILING) -> Money:
    """An amount in dollars as whole cents."""
    return Money(int((amount * 100).to_integral_value(rounding)), "USD")


def cost(row: JsonObject, pricing: JsonObject) -> Money | None:
    """What a package costs the partner: the net price, or the retail price less the discount; None if untold."""
    net = row.number("net_price")
    discounted = pricing.maybe_text("model") == "discount_pricing"
    if net is not None and not (discounted and net == 0):
        return cents(net)
    price, discount = row.number("price"), pricing.number("discount_percentage")
    if not discounted or price is None or discount is None or discount > 100:
        return None
    return cents(price * (100 - discount) / 100, ROUND_HALF_UP)


def offers_of(document: JsonObject, provider: str, now: datetime) -> Iterator[PriceRow | None]:
    """The packages of one page of `packages` for Cambodia; None stands for one that cannot be read."""
    pricing = document.part("pricing")
    for place in document.listing("data"):
        for operator in place.listing("operators"):
            for row in operator.listing("packages"):
                found = offer_of(row, operator, place, pricing, provider, now)
                if found is None or (COUNTRY in found.plan.countries and found.plan.kind == "base"):
                    yield found


def topups_of(document: JsonObject, provider: str, now: datetime) -> Iterator[PriceRow | None]:
    """What `sims/{iccid}/topups` offers for one eSIM; None stands for one that cannot be read."""
    pricing = document.part("pricing")
    for row in document.listing("data"):
        yield offer_of(row, JsonObject({}), JsonObject({"country_code": COUNTRY}), pricing, provider, now, kind="topup")


@one_row
def offer_of(
    row: JsonObject,
    operator: JsonObject,
    place: JsonObject,
    pricing: JsonObject,
    provider: str,
    now: datetime,
    kind: str = "sim",
) -> PriceRow | None:
    """A package as an offer, None for one that cannot be sold: no id, no days, no price, no volume.

    `kind` is that of a row which tells none.
    """
    code, days, price = row.identifier("id"), row.integer("day"), cost(row, pricing)
    unlimited, megabytes = row.flag("is_unlimited") or False, row.number("amount")
    if code is None or not days or price is None or (megabytes is None and not unlimited):
        return None
    topup = (if_told(row.maybe_text, "type") or kind) == "topup"
    terms = {
        "price": str(price),
        "data": "unlimited" if unlimited else f"{int((megabytes or 0) * MEGABYTE)}B",
        "term": f"{days} days",
        "starts_on": STARTS.get(if_told(operator.maybe_text, "activation_policy") or "", "purchase"),
    }
    window = if_told(operator.integer, "install_window_days")
    if window:
        terms["use_by"] = f"{window} days"
    minutes, countries = if_told(row.integer, "voice"), _countries(operator, place)
    mark = several(countries)
    words = (if_told(operator.maybe_text, "title"), if_told(row.maybe_text, "title") or code, mark and f"({mark})")
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


def _countries(operator: JsonObject, place: JsonObject) -> tuple[str, ...]:
    """Where it works: the operator's countries, its coverages where it names none, and the place it stands under."""
    codes = [if_told(each.maybe_text, "country_code") for each in _parts(operator, "countries")]
    codes = codes or [if_told(each.maybe_text, "code") for each in _parts(operator, "coverages")]
    codes.append(if_told(place.maybe_text, "country_code"))
    return tuple(dict.fromkeys(code for code in codes if code and len(code) == 2))


def _networks(operator: JsonObject) -> tuple[str, ...]:
    names = [
        if_told(network.maybe_text, "name")
        for coverage in _parts(operator, "coverages")
        if if_told(coverage.maybe_text, "code") in (COUNTRY, None)
        for network in _parts(coverage, "networks")
    ]
    return tuple(dict.fromkeys(name for name in names if name))[:20]


def _parts(source: JsonObject, key: str) -> list[JsonObject]:
    """The rows of a list that decides nothing: none where it cannot be read."""
    return if_told(source.rows, key) or []


def _notes(row: JsonObject, operator: JsonObject) -> tuple[str, ...]:
    found = [if_told(row.maybe_text, "short_info", 300)]
    if if_told(row.flag, "is_fair_usage_policy"):
        found.append(if_told(row.maybe_text, "fair_usage_policy", 300))
    if if_told(operator.flag, "rechargeability") is False:
        found.append("cannot be topped up")
    return tuple(note for note in found if note)
