"""eSIM Access's rows: packages, names and states as the vendor writes them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from tests.vendors.counter import Sold, Usage
from tests.vendors.packs import COUNTRY, TOPUP, Pack

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
    return PREFIX + pack.base if pack.base != pack.id else pack.id


def slug_of(pack: Pack) -> str:
    """Country, size and days."""
    size = "UNL" if pack.octets is None else str(pack.octets >> 30)
    return f"{COUNTRY}_{size}_{pack.days}" + (TOPUP if pack.topup else "")


#: the one form of a time that the vendor's document shows
DOCUMENTED_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\+00:00", re.ASCII)
#: what follows our transactionId in the name of a sale that was made again, or that is further days of one
AGAIN, MORE_DAYS = "~", "~days"


def transaction_id(sold: Sold) -> str:
    """The caller's id under which something was sold."""
    return sold.batch.partition(AGAIN)[0]


def own_id(sold: Sold) -> str:
    """An id of the vendor's own for a sale."""
    return sha256(f"own {sold.batch}".encode()).hexdigest()[:32]


def well_formed_times(fields: Mapping[str, Any]) -> bool:
    """Whether both times of a question are written as in the document."""
    return all(DOCUMENTED_TIME.fullmatch(str(fields.get(key, ""))) for key in ("startTime", "endTime"))


def package_row(sold: Sold, at: datetime, *, own_ids: bool) -> dict[str, Any]:
    """A row of an eSIM's `packageList`; which numbers such rows carry differs between integrators' types."""
    row = {
        "packageName": sold.pack.plan.name,
        "packageCode": code_of(sold.pack),
        "slug": slug_of(sold.pack),
        "duration": sold.pack.days,
        "volume": sold.pack.octets or 0,
        "locationCode": COUNTRY,
        "createTime": stamp(at),
    }
    return {**row, "transactionId": own_id(sold), "topUpEsimTranNo": tran_number(sold)} if own_ids else row


def package(pack: Pack, part: int = 0, *, daily: bool = False) -> dict[str, Any]:
    """A row of `packageList`; `part` is what its price has beyond its cents.

    `daily` makes of a pack one for a day, of which several are ordered by `periodNum`.
    """
    row = {**_package(pack), "price": pack.cents * WIRE + part}
    return {**row, "dataType": 2, "duration": 1, "supportTopUpType": 3} if daily else row


def _package(pack: Pack) -> dict[str, Any]:
    return {
        "packageCode": code_of(pack),
        "slug": slug_of(pack),
        "name": pack.plan.name,
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


def smdp_status(line: Sold, usage: Usage | None, *, deleted: bool = False) -> str:
    """Whether the profile was fetched; `deleted`: everybody has deleted it from the device."""
    if usage is None or usage.waiting:
        return "RELEASED"
    return "DELETED" if deleted else "ENABLED"


def times(usage: Usage | None) -> dict[str, str | None]:
    """When it was installed and used first, and when it ends; before its first use, until when it must be used."""
    starts = [] if usage is None else [left.start for left in usage.packs.values() if left.start is not None]
    begun = None if usage is None or usage.waiting else min(starts, default=None)
    end = None
    if usage is not None:
        end = usage.reading.use_by if usage.waiting else usage.reading.expires_at
    return {"installationTime": stamp(begun), "activateTime": stamp(begun), "expiredTime": stamp(end)}


__all__ = [
    "AGAIN",
    "MORE_DAYS",
    "WIRE",
    "code_of",
    "esim_status",
    "head_of",
    "order_number",
    "own_id",
    "package",
    "package_row",
    "slug_of",
    "smdp_status",
    "stamp",
    "times",
    "tran_number",
    "transaction_id",
    "well_formed_times",
]
