"""The vendor's price list in common words. Money there is USD times 10 000, volumes are octets."""

import hmac
import os
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256

from esimctl.catalogue.plan import Plan
from esimctl.providers.price_list import PriceRow, one_row
from esimctl.providers.reseller import COUNTRY
from esimctl.providers.strict_json import JsonObject
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.toml import Toml

WIRE_PER_CENT = 100

TOPUP = "TOPUP_"

SOURCE = "eSIM Access price list"

#: dataType → how the volume is meant
TOTAL, DAILY_SLOWED, DAILY_CUT, UNLIMITED = 1, 2, 3, 4

DAILY = frozenset({DAILY_SLOWED, DAILY_CUT, UNLIMITED})

STARTS = {1: "installation", 2: "first-use"}

AT_PURCHASE = 3

#: supportTopUpType of an eSIM
NO_TOPUPS, DAY_TOPUPS = 1, 3

#: for how many days a plan of one day is offered: `periodNum` takes 1 to 365
DAYS = (1, 2, 3, 5, 7, 10, 14, 15, 21, 30)

_FOR_DAYS = re.compile(r"\+(\d{1,3})d\Z", re.ASCII)


def usd(wire: int) -> Money:
    """A price in whole cents, rounded up: never less than what will be charged."""
    return Money(-(-wire // WIRE_PER_CENT), "USD")


def credit(wire: int) -> Money:
    """A balance in whole cents, rounded down: never more than there is."""
    return Money(wire // WIRE_PER_CENT, "USD")


def code_of(plan: str) -> str:
    """The vendor's package code of a plan's own part: what is sold for n days is written `CODE+nd` here."""
    return _FOR_DAYS.sub("", plan)


def offers_of(row: JsonObject, provider: str, now: datetime, *, topup: bool) -> Iterator[PriceRow]:
    """What a row of `packageList` offers: itself, or a plan for a day as often as it is worth choosing.

    Whether it is a top-up follows from what was asked for: not every code of one begins with TOPUP_.
    """
    found = offer_of(row, provider, now, topup=topup)
    if found is None:
        return
    days, daily = int(found.wire["days"]), int(found.wire["kind"]) in DAILY
    for number in DAYS if daily and days == 1 else (1,):
        yield for_days(found, number) if daily else found


def for_days(offer: PriceRow, number: int) -> PriceRow:
    """A plan with a volume a day, ordered for `number` times its own days; the price is that of all of them."""
    plan, days, price = offer.plan, int(offer.wire["days"]) * number, int(offer.wire["price"]) * number
    terms = {**plan.terms, "term": f"{days} days", "price": str(usd(price))}
    plan = replace(plan, price=usd(price), terms=terms)
    if number > 1:
        renews = None if plan.renews is None else f"{plan.renews}+{number}d"
        plan = replace(plan, id=f"{plan.id}+{number}d", name=f"{plan.name}, {days} days", renews=renews)
    return PriceRow(plan, {**offer.wire, "price": price, "days": days, "period": days})


@one_row
def offer_of(row: JsonObject, provider: str, now: datetime, *, topup: bool) -> PriceRow | None:
    """A row of `packageList`, None for one that cannot be sold here: another country or currency, no id, no term."""
    code = row.identifier("packageCode")
    days, kind = row.integer("duration"), row.integer("dataType") or TOTAL
    price, volume = row.integer("price"), row.integer("volume")
    countries = _countries(row)
    name = row.maybe_text("name") or code
    if code is None or name is None or not days or price is None or COUNTRY not in countries:
        return None
    if (row.maybe_text("durationUnit") or "DAY") != "DAY" or (row.maybe_text("currencyCode") or "USD") != "USD":
        return None
    if volume is None and kind != UNLIMITED:
        return None
    terms = _terms(row, kind, volume, days)
    terms["price"] = str(usd(price))
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
        notes=_notes(row, countries),
        renews=f"{provider}/{code.removeprefix(TOPUP)}" if topup else None,
    )
    return PriceRow(
        plan, {"price": price, "slug": row.maybe_text("slug") or "", "days": days, "kind": kind, "volume": volume or 0}
    )


def _terms(row: JsonObject, kind: int, volume: int | None, days: int) -> dict[str, Toml]:
    terms: dict[str, Toml] = {
        "data": "unlimited" if kind == UNLIMITED else f"{volume}B",
        "term": f"{days} days",
        "starts_on": STARTS.get(row.integer("activeType") or 0, "purchase"),
    }
    if kind in (DAILY_SLOWED, DAILY_CUT):
        terms["period"] = "1 day"
    if kind == DAILY_SLOWED:
        terms["overage"] = {"action": "throttle"}
    use_by = row.integer("unusedValidTime")
    if use_by:
        terms["use_by"] = f"{use_by} days"
    return terms


def _countries(row: JsonObject) -> tuple[str, ...]:
    listed = (row.maybe_text("location", 2000) or row.maybe_text("locationCode") or "").split(",")
    return tuple(code.strip() for code in listed if len(code.strip()) == 2 and code.strip().isalpha())


def _networks(row: JsonObject) -> tuple[str, ...]:
    """The operators in Cambodia, as the vendor names them."""
    found = []
    for place in row.rows("locationNetworkList"):
        if place.maybe_text("locationCode") in (COUNTRY, None):
            found += [each.maybe_text("operatorName") for each in place.rows("operatorList")]
    return tuple(dict.fromkeys(name for name in found if name))[:20]


def _notes(row: JsonObject, countries: tuple[str, ...]) -> tuple[str, ...]:
    """What a buyer should know beside the terms: the fair use policy, the region, what cannot be added or undone."""
    found = [row.maybe_text("fupPolicy", 300)]
    if len(countries) > 1:
        found.append(f"{'global' if _is_global(row) else 'regional'}: {len(countries)} countries, Cambodia among them")
    if row.integer("supportTopUpType") == NO_TOPUPS:
        found.append("cannot be topped up")
    if row.integer("activeType") == AT_PURCHASE:
        found.append("begins when it is bought and cannot be given back")
    return tuple(note for note in found if note)


def _is_global(row: JsonObject) -> bool:
    return (row.maybe_text("locationCode") or "").upper().startswith(("!GL", "GL"))


def signature(secret: str, timestamp: str, request_id: str, access_code: str, body: str) -> str:
    """HMAC-SHA256 over timestamp, request id, access code and body, in hexadecimal (the vendor's own vector)."""
    return hmac.new(secret.encode(), f"{timestamp}{request_id}{access_code}{body}".encode(), sha256).hexdigest()


def headers(credentials: Mapping[str, str], body: str, now: datetime) -> dict[str, str]:
    """What a request carries; the secret key, where there is one, goes into the signature only."""
    access_code, secret = credentials["access_code"], credentials.get("secret_key")
    if not secret:
        return {"RT-AccessCode": access_code}
    raw = bytearray(os.urandom(16))
    raw[6], raw[8] = raw[6] & 0x0F | 0x40, raw[8] & 0x3F | 0x80
    text = raw.hex()
    request_id = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    timestamp = str(int(now.timestamp() * 1000))
    return {
        "RT-AccessCode": access_code,
        "RT-RequestID": request_id,
        "RT-Timestamp": timestamp,
        "RT-Signature": signature(secret, timestamp, request_id, access_code, body),
    }
