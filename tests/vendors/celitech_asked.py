"""What a caller of Celitech's asks for: days, seconds, and the purchases a query names. Malformed for what is none."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from esimctl.malformed import Malformed
from esimctl.providers.strict_json import JsonObject
from tests.vendors.calls import Call
from tests.vendors.celitech_rows import purchase_id
from tests.vendors.counter import Sold


def fits(call: Call, sold: Sold) -> bool:
    """Whether a purchase is one of those that the query names."""
    query = call.query
    day, moment = f"{sold.at:%Y-%m-%d}", int(sold.at.timestamp())
    after, before = seconds(query, "after"), seconds(query, "before")
    return (
        query.get("purchaseId") in (None, purchase_id(sold))
        and query.get("iccid") in (None, sold.iccid)
        and query.get("referenceId") in (None, sold.note.get("reference"))
        and query.get("afterDate", "")[:10] <= day <= query.get("beforeDate", "9999")[:10]
        and (after is None or after <= moment)
        and (before is None or moment <= before)
    )


def day(fields: Mapping[str, Any], key: str) -> date | None:
    """A day as `YYYY-MM-DD`."""
    value = fields.get(key)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Malformed(f"{key} is not a date") from None


def seconds(fields: Mapping[str, Any], key: str) -> int | None:
    """Seconds since 1970."""
    value = JsonObject(fields).number(key)
    return None if value is None else int(value)


__all__ = ["day", "fits", "seconds"]
