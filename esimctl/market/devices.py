"""Can this device take an eSIM? The device itself decides, then the person's record, then the table with its reason."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from esimctl.catalogue.devices import Device, find, fold
from esimctl.documents.result import Result
from esimctl.errors import UsageError
from esimctl.profile.own_catalogue import market
from esimctl.providers.lpa import mask, valid_eid
from esimctl.values.text import nearest

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

YES, NO, CHECK = "yes", "no", "check-on-device"
HOW = "dial *#06#, or look in Settings, About: an EID of 32 digits means that it takes eSIMs"
#: where it was sold → devices of these brands have no eSIM, whatever the model is called
NOT_THERE = {"mainland-china": frozenset({"Apple", "Samsung", "Xiaomi", "Oppo", "Huawei", "Honor", "OnePlus", "Vivo"})}
REGIONS = ("mainland-china", "hong-kong", "macao", "united-states", "elsewhere")
#: the only model that is sold with an eSIM there
EXCEPT = frozenset({"apple-iphone-air"})


def check(
    session: "Session", model: str | None, *, eid: str | None, region: str | None, locked: bool, reveal: bool = False
) -> Result:
    """yes, no or check-on-device, with the reason and where it comes from."""
    if model is None and eid is None:
        raise UsageError("say which device: a MODEL, or --eid", hint=HOW, code="device_needed")
    if region not in (None, *REGIONS):
        raise UsageError("--region takes {regions}", code="bad_region", regions=", ".join(REGIONS))
    if eid is not None:
        digits = "".join(eid.split())
        if not valid_eid(digits):
            raise UsageError("that is not an EID: 32 digits with a remainder of 1 by 97", hint=HOW, code="bad_eid")
        document = answer(
            model or "this device", YES, "it has an EID, so it has the hardware", "the device itself", None
        )
        document["eid"] = digits if reveal else mask(digits)
    else:
        assert model is not None
        document = own(session, model) or by_table(model, region, market(session).every_device())
    if locked and document["answer"] != NO:
        document |= {
            "answer": CHECK,
            "reason": "it is locked to a carrier, and takes no other one's eSIM until unlocked",
        }
    return Result("device", {"device": document})


def answer(
    model: str, word: str, reason: str, source: str | None, as_of: str | None, device: Device | None = None
) -> dict[str, Any]:
    """The document of an answer."""
    return {
        "model": model,
        "answer": word,
        "reason": reason,
        "kind": None if device is None else device.kind,
        "source": source,
        "as_of": as_of,
        "grade": None if device is None else device.grade,
        "eid": None,
        "check": HOW,
    }


def own(session: "Session", model: str) -> dict[str, Any] | None:
    """What the person has recorded of this device, in a [device] table of profile.toml."""
    for name, table in session.section("device").items():
        if fold(name) == fold(model):
            word = str(table.get("esim", CHECK))
            return answer(name, word, str(table.get("note") or "your own record"), "your own record", _day(table))
    return None


def _day(table: dict[str, Any]) -> str | None:
    day = table.get("as_of")
    return None if day is None else str(day)


def by_table(model: str, region: str | None, among: Sequence[Device]) -> dict[str, Any]:
    """What the table says of a name. A name that is not there is neither yes nor no."""
    row = find(model, among)
    if row is None:
        known = {fold(name): each.name for each in among for name in each.every_name}
        near = list(dict.fromkeys(known[name] for name in nearest(fold(model), tuple(known))))
        reason = f"it is not in the table (near: {', '.join(near)})" if near else "it is not in the table"
        return answer(model, CHECK, reason, None, None)
    name = f"{row.brand} {row.name}"
    if row.esim == "no":
        return answer(name, NO, row.note or "it has none", row.source, row.as_of, row)
    if region in NOT_THERE and row.brand in NOT_THERE[region] and row.id not in EXCEPT:
        return answer(name, NO, "models sold in mainland China have no eSIM", row.source, row.as_of, row)
    if row.esim == "variant" or region in ("hong-kong", "macao", "mainland-china"):
        return answer(name, CHECK, row.note or "only some models of that name have it", row.source, row.as_of, row)
    return answer(name, YES, f"unless: {row.note}" if row.note else "it has one", row.source, row.as_of, row)
