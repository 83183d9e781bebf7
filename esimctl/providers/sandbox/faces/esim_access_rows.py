"""eSIM Access's rows: packages, names and states as the vendor writes them."""

from datetime import UTC, datetime
from typing import Any

from esimctl.providers.sandbox.faces.counter import Sold, Usage
from esimctl.providers.sandbox.faces.packs import COUNTRY, TOPUP, Pack

PREFIX = "TOPUP_"
WIRE = 100  #: 1/10000 dollars in a cent
STATES = {"pending": "GOT_RESOURCE", "active": "IN_USE", "expired": "USED_EXPIRED", "suspended": "SUSPENDED"}
STARTS = {"installation": 1}


def stamp(at: datetime | None) -> str | None:
    """An instant as the vendor writes it."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def head_of(first: list[Sold], one: Sold) -> Sold:
    """The first eSIM of the same order: its number is the order's."""
    return next(each for each in first if each.batch == one.batch)


def order_number(sold: Sold) -> str:
    """The number of the order whose first eSIM this is."""
    return f"B{sold.number:013d}"


def tran_number(sold: Sold) -> str:
    """The vendor's own number of an eSIM."""
    return f"{10**13 + sold.number}"


def code_of(pack: Pack) -> str:
    """`packageCode`."""
    return PREFIX + pack.base if pack.topup else pack.id


def slug_of(pack: Pack) -> str:
    """Country, size and days."""
    size = "UNL" if pack.octets is None else str(pack.octets >> 30)
    return f"{COUNTRY}_{size}_{pack.days}" + (TOPUP if pack.topup else "")


def package(pack: Pack) -> dict[str, Any]:
    """A row of `packageList`."""
    return {
        "packageCode": code_of(pack),
        "slug": slug_of(pack),
        "name": pack.plan.name,
        "price": pack.cents * WIRE,
        "currencyCode": "USD",
        "volume": pack.octets or 0,
        "smsStatus": 0,
        "dataType": 4 if pack.octets is None else 1,
        "unusedValidTime": 180,
        "duration": pack.days,
        "durationUnit": "DAY",
        "location": ",".join(pack.plan.countries),
        "locationCode": COUNTRY if len(pack.plan.countries) == 1 else "!RG",
        "description": f"SANDBOX {pack.plan.name}",
        "activeType": STARTS.get(pack.starts_on, 2),
        "favorite": False,
        "retailPrice": 2 * pack.cents * WIRE,
        "speed": "4G/5G",
        "ipExport": COUNTRY,
        "supportTopUpType": 2,
        "fupPolicy": "",
        "locationNetworkList": [
            {
                "locationName": "Cambodia",
                "locationLogo": "",
                "locationCode": COUNTRY,
                "operatorList": [{"operatorName": pack.plan.carrier, "networkType": "4G"}],
            }
        ],
    }


def esim_status(line: Sold, usage: Usage | None) -> str:
    """Where an eSIM is in its life."""
    if usage is None:
        return "CANCEL" if line.gone else "GETTING_RESOURCE"
    if usage.waiting:
        return "GOT_RESOURCE" if usage.reading.status != "expired" else "UNUSED_EXPIRED"
    return "USED_UP" if usage.spent and usage.reading.status == "active" else STATES.get(usage.reading.status, "IN_USE")


def smdp_status(line: Sold, usage: Usage | None) -> str:
    """Whether the profile was fetched."""
    return "RELEASED" if usage is None or usage.waiting else "ENABLED"


def times(usage: Usage | None) -> dict[str, str | None]:
    """When it was installed and used first, and when it ends; before its first use, until when it must be used."""
    starts = [] if usage is None else [left.start for left in usage.packs.values() if left.start is not None]
    begun = None if usage is None or usage.waiting else min(starts, default=None)
    end = None
    if usage is not None:
        end = usage.reading.use_by if usage.waiting else usage.reading.expires_at
    return {"installationTime": stamp(begun), "activateTime": stamp(begun), "expiredTime": stamp(end)}


__all__ = [
    "WIRE",
    "code_of",
    "esim_status",
    "head_of",
    "order_number",
    "package",
    "slug_of",
    "smdp_status",
    "stamp",
    "times",
    "tran_number",
]
