"""Can this device take an eSIM? The device itself decides, then the person's record, then the table with its reason."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from esimctl.catalogue.devices import Device, find, fold
from esimctl.documents.claims import DeviceDocument, DevicePart
from esimctl.documents.result import Result
from esimctl.errors import UsageError
from esimctl.market.plans import day_written
from esimctl.profile.own_catalogue import market
from esimctl.providers.lpa import mask, valid_eid
from esimctl.values.moments import MomentError, parse_day
from esimctl.values.sentence import commas
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
) -> "Result[DeviceDocument]":
    """yes, no or check-on-device, with the reason and where it comes from."""
    if model is None and eid is None:
        raise UsageError("say which device: a MODEL, or --eid", hint=HOW, code="device_needed")
    if region not in (None, *REGIONS):
        raise UsageError("--region takes {regions}", code="bad_region", regions=commas(REGIONS))
    if eid is not None:
        digits = "".join(eid.split())
        if not valid_eid(digits):
            raise UsageError("that is not an EID: 32 digits with a remainder of 1 by 97", hint=HOW, code="bad_eid")
        shown = digits if reveal else mask(digits)
        reason = "it has an EID, so it has the hardware"
        found = answer(model or "this device", YES, reason, "the device itself", eid=shown)
    else:
        assert model is not None
        found = own(session, model) or by_table(model, region, market(session).every_device())
    if locked and found.answer != NO:
        reason = "it is locked to a carrier, and takes no other one's eSIM until unlocked"
        found = DevicePart(**{**vars(found), "answer": CHECK, "reason": reason})
    return Result("device", DeviceDocument(device=found))


def answer(
    model: str,
    word: str,
    reason: str,
    source: str | None = None,
    as_of: date | None = None,
    *,
    device: Device | None = None,
    eid: str | None = None,
) -> DevicePart:
    """The document of an answer; a device of the table has its source and date beside it."""
    return DevicePart(
        model=model,
        answer=word,
        reason=reason,
        kind=None if device is None else device.kind,
        source=source if device is None else device.source,
        as_of=as_of if device is None else day_written(device.as_of),
        grade=None if device is None else device.grade,
        eid=eid,
        check=HOW,
    )


def own(session: "Session", model: str) -> DevicePart | None:
    """What the person has recorded of this device, in a [device] table of profile.toml."""
    for name, table in session.section("device").items():
        if fold(name) == fold(model):
            word, reason = str(table.get("esim", CHECK)), str(table.get("note") or "your own record")
            return answer(name, word, reason, "your own record", _day(table.get("as_of")))
    return None


def _day(written: object) -> date | None:
    """A day as a person has written it into the profile; None where it is none."""
    if isinstance(written, date):
        return written.date() if isinstance(written, datetime) else written
    try:
        return None if written is None else parse_day(str(written))
    except MomentError:
        return None


def by_table(model: str, region: str | None, among: Sequence[Device]) -> DevicePart:
    """What the table says of a name. A name that is not there is neither yes nor no."""
    row = find(model, among)
    if row is None:
        known = {fold(name): each.name for each in among for name in each.every_name}
        near = list(dict.fromkeys(known[name] for name in nearest(fold(model), tuple(known))))
        reason = f"it is not in the table (near: {', '.join(near)})" if near else "it is not in the table"
        return answer(model, CHECK, reason)
    name = f"{row.brand} {row.name}"
    if row.esim == "no":
        return answer(name, NO, row.note or "it has none", device=row)
    if region in NOT_THERE and row.brand in NOT_THERE[region] and row.id not in EXCEPT:
        return answer(name, NO, "models sold in mainland China have no eSIM", device=row)
    if row.esim == "variant" or region in ("hong-kong", "macao", "mainland-china"):
        return answer(name, CHECK, row.note or "only some models of that name have it", device=row)
    return answer(name, YES, f"unless: {row.note}" if row.note else "it has one", device=row)
