"""Lists of devices that take an eSIM, as providers give them in JSON: brand and name become rows of our own."""

import re
from collections.abc import Iterator, Mapping
from json import loads
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from esimctl.actions.market.catalogue_changes import file_name, import_plans, take
from esimctl.actions.result import Result
from esimctl.errors import UsageError

if TYPE_CHECKING:
    from esimctl.actions.session import Session

MOST_ROWS = 20_000
NAMES = ("name", "model_name", "deviceName", "model")
CODES = ("model", "identifier", "code")
KINDS = {"tablet": "tablet", "watch": "watch", "wearable": "watch"}


def import_devices(session: "Session", path: str, name: str | None = None) -> Result:
    """A TOML file as `plans import` takes it, or a provider's JSON; rows that are wrong are refused by their key."""
    from esimctl.store.given import read_given
    from esimctl.store.own_files import MOST_BYTES

    data = read_given(path, MOST_BYTES)
    if not data.lstrip().startswith((b"{", b"[{", b"[\n", b"[ ")):
        return import_plans(session, path, name)
    import tomli_w

    stem = PurePath(path).stem
    today = session.clock.now().date()
    rows = {f"{file_name(stem)}-{number}": row for number, row in enumerate(_rows(data, path), 1)}
    for row in rows.values():
        row |= {"esim": "yes", "source": f"the list {PurePath(path).name} of a provider", "as_of": today}
    return take(session, tomli_w.dumps({"device": rows}).encode(), PurePath(path).name, name or file_name(stem))


def _rows(data: bytes, path: str) -> Iterator[dict[str, Any]]:
    """The devices of a list, whatever the object around it is called; a device without a name is refused."""
    try:
        document = loads(data)
    except (ValueError, RecursionError):
        raise UsageError("{path} is no JSON", code="bad_catalogue", path=path) from None
    while isinstance(document, Mapping):
        inner = [value for value in document.values() if isinstance(value, list | Mapping)]
        document = inner[0] if inner else []
    if not isinstance(document, list) or not document or len(document) > MOST_ROWS:
        raise UsageError("{path} holds no list of devices", code="bad_catalogue", path=path)
    for number, row in enumerate(document, 1):
        name = next((row[key] for key in NAMES if row.get(key)), None) if isinstance(row, Mapping) else None
        if not isinstance(name, str):
            raise UsageError("{path}: device {number} has no name", code="bad_catalogue", path=path, number=number)
        yield _device(row, name)


def _device(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    brand = str(row.get("brand") or name.split()[0])
    word = str(row.get("deviceType") or row.get("device_type") or "").casefold()
    codes = [str(row[key]) for key in CODES if row.get(key) and str(row[key]) != name]
    made: dict[str, Any] = {"brand": brand, "name": _bare(name, brand), "kind": KINDS.get(word, "phone")}
    if row.get("notes"):
        made["note"] = str(row["notes"])
    return made | ({"identifiers": codes} if codes else {})


def _bare(name: str, brand: str) -> str:
    """The name without its brand in front."""
    return re.sub(rf"(?i)^{re.escape(brand)}\s+", "", name)


__all__ = ["import_devices"]
