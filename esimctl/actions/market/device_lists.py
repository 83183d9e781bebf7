"""`devices import`: a seller's list of devices that take eSIMs, or rows of a person's own, on top of the table (R-58).

Sellers hand out `{brand, model, name, os, deviceType}`; what stands in such a list takes an eSIM, by the seller's word.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from json import loads
from typing import TYPE_CHECKING, Any, Final

from esimctl.actions.market.catalogue import Market, parsed
from esimctl.actions.market.catalogue_changes import keep
from esimctl.catalogue.devices import KINDS
from esimctl.catalogue.validate import Finding
from esimctl.errors import UsageError
from esimctl.text import is_clean

if TYPE_CHECKING:
    from esimctl.actions.result import Result
    from esimctl.actions.session import Session

#: the name under which a list is kept where none is given
FILE: Final = "devices"
WRAPPED: Final = ("data", "devices")
NAMES: Final = ("name", "model_name", "deviceName", "model")
MOST_ROWS: Final = 20_000


def import_list(session: "Session", text: str, origin: str, name: str | None = None) -> "Result":
    """Take the list in; a row that cannot be used is refused by its place, the others count. Nothing is sent."""
    taken = Market()
    rows = _rows(text)
    if rows is None:
        table = parsed(text.encode(), origin, taken.wrong)
        if table is None:
            raise UsageError("{finding}", code="bad_devices", finding=str(taken.wrong[0]))
        data = text.encode()
    else:
        from tomli_w import dumps

        table = {"device": _table(session, rows, origin, taken.wrong)}
        data = dumps(table).encode()
    taken.take(table, origin)
    if not taken.devices:
        first = str(taken.wrong[0]) if taken.wrong else f"{origin}: there is no device in it"
        raise UsageError("nothing was imported: {finding}", code="bad_devices", finding=first)
    return keep(session, name or FILE, data, taken, "devices import")


def _rows(text: str) -> list[Any] | None:
    """The rows of a JSON list, bare or wrapped as sellers wrap it; None where it is no JSON."""
    try:
        found = loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, Mapping):
        found = next((found[key] for key in WRAPPED if key in found), None)
    if not isinstance(found, list) or len(found) > MOST_ROWS:
        raise UsageError(
            "that is no list of devices, each with brand and name, of {most} at most",
            code="bad_devices",
            most=MOST_ROWS,
        )
    return found


def _table(session: "Session", rows: list[Any], origin: str, wrong: list[Finding]) -> dict[str, Any]:
    """Rows as the catalogue writes them, one for each name; its codes together."""
    day, found = session.clock.now().astimezone(UTC).date(), dict[str, Any]()
    for place, row in enumerate(rows, 1):
        texts = dict(_texts(row)) if isinstance(row, Mapping) else {}
        brand, name = texts.get("brand"), next((texts[key] for key in NAMES if key in texts), None)
        if brand is None or name is None:
            wrong.append(Finding(origin, f"[{place}]", "has no brand and name that can be shown"))
            continue
        name = _bare(name, brand)
        known = found.setdefault(
            _slug(brand, name),
            {
                "brand": brand, "name": name, "esim": "yes", "kind": _kind(texts), "identifiers": [],
                "source": f"list of a seller, {origin}", "as_of": day,
            },
        )  # fmt: skip
        code = texts.get("model")
        if code is not None and code != name and code not in known["identifiers"]:
            known["identifiers"].append(code)
        if "notes" in texts:
            known["note"] = texts["notes"]
    return found


def _texts(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields that are plain text; what a terminal must not see is no text of a device."""
    for key, value in row.items():
        if isinstance(value, str) and value.strip() and is_clean(value):
            yield key, value.strip()


def _kind(texts: Mapping[str, str]) -> str:
    word = (texts.get("deviceType") or texts.get("device_type") or "").casefold()
    return next((kind for kind in KINDS if kind in word), KINDS[0])


def _bare(name: str, brand: str) -> str:
    """The name without its brand in front."""
    return name[len(brand) :].lstrip() if name.casefold().startswith(f"{brand.casefold()} ") else name


def _slug(brand: str, name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{brand} {name}".casefold()).strip("-")[:80] or "device"


__all__ = ["FILE", "import_list"]
