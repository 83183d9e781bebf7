"""The catalogue as this profile sees it: what comes along, and the person's own files and claims on top."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from esimctl.catalogue import carriers as known_carriers
from esimctl.catalogue import claims as known_claims
from esimctl.catalogue import devices as known_devices
from esimctl.catalogue import plans as known_plans
from esimctl.catalogue import promotions as known_promotions
from esimctl.catalogue.carriers import Carrier
from esimctl.catalogue.claims import Claim
from esimctl.catalogue.devices import Device
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.promotions import Promotion
from esimctl.catalogue.validate import Finding

if TYPE_CHECKING:
    from esimctl.actions.session import Session

_BARE_DATE = re.compile(r"^(\s*[\w.-]+\s*=\s*)(\d{4}-\d{2}-\d{2})(\s*(?:#.*)?)$", re.MULTILINE)
SECTIONS = ("plan", "promotion", "claim", "carrier", "device")


@dataclass(slots=True)
class Market:
    """Plans, promotions, and the person's claims, carriers and devices, by id; `wrong` are rows that were left out."""

    plans: dict[str, Plan] = field(default_factory=dict)
    promotions: dict[str, Promotion] = field(default_factory=dict)
    own: dict[str, Claim] = field(default_factory=dict)
    carriers: dict[str, Carrier] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    wrong: list[Finding] = field(default_factory=list)

    def take(self, table: dict[str, Any], file: str, *, own: bool = True) -> None:
        """Put the rows of a parsed file on top."""
        for key in table:
            if key not in SECTIONS:
                kinds = ", ".join(f"[{kind}.ID]" for kind in SECTIONS)
                self.wrong.append(Finding(file, str(key), f"means nothing here; rows are {kinds}"))
        plans, wrong = known_plans.read({"plan": table.get("plan", {})}, file)
        self.plans.update(plans)
        promotions, wrong_promotions = known_promotions.read({"promotion": table.get("promotion", {})}, file)
        self.promotions.update({row.id: row for row in promotions})
        claims, wrong_claims = known_claims.read({"claim": table.get("claim", {})}, file, own=own)
        self.own.update({claim.id: claim for claim in claims})
        carriers, _, wrong_carriers = known_carriers.read({"carrier": table.get("carrier", {})}, file)
        self.carriers.update(carriers)
        devices, wrong_devices = known_devices.read({"device": table.get("device", {})}, file)
        self.devices.update({row.id: row for row in devices})
        self.wrong += [*wrong, *wrong_promotions, *wrong_claims, *wrong_carriers, *wrong_devices]

    def rows(self) -> dict[str, int]:
        """How many rows there are of each kind."""
        return {
            "plans": len(self.plans),
            "promotions": len(self.promotions),
            "claims": len(self.own),
            "carriers": len(self.carriers),
            "devices": len(self.devices),
        }


def market(session: "Session") -> Market:
    """What is known in this profile. Rows that cannot be used are left out and named; nothing here raises."""
    found = shipped_market()
    if not session.store.exists():
        return found
    take_own(session, found)
    claims = session.profile.get("claim")
    if claims:
        own, wrong = known_claims.read({"claim": claims}, "profile.toml", own=True)
        found.own.update({claim.id: claim for claim in own})
        found.wrong += wrong
    return found


def take_own(session: "Session", found: Market) -> None:
    """Put the rows of the person's own files on top."""
    from esimctl.store.own_files import OwnFiles

    for file, data in OwnFiles(session.store.folder).read():
        table = parsed(data, file, found.wrong)
        if table is not None:
            found.take(table, file)


def own_rows(session: "Session") -> Market:
    """The person's own files alone: what comes along is not even read."""
    found = Market()
    if session.store.exists():
        take_own(session, found)
    return found


def carriers_of(session: "Session") -> tuple[Carrier, ...]:
    """The carriers that this profile knows."""
    return known_carriers.with_own(own_rows(session).carriers.values())


def devices_of(session: "Session") -> tuple[Device, ...]:
    """The devices that this profile knows."""
    return known_devices.with_own(own_rows(session).devices.values())


def shipped_market() -> Market:
    """What comes with the package."""
    return Market(
        {row.id: row for row in known_plans.plans()},
        {row.id: row for row in known_promotions.shipped_promotions()},
    )


def parsed(data: bytes, file: str, wrong: list[Finding]) -> dict[str, Any] | None:
    """A file as a table; what is wrong with it is added to `wrong`."""
    import tomllib

    try:
        text = data.decode()
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError:  # a date that does not exist: quoted, it is refused with its key
            return tomllib.loads(_BARE_DATE.sub(r'\1"\2"\3', text))
    except UnicodeDecodeError:
        wrong.append(Finding(file, "file", "cannot be read as UTF-8 text"))
    except (ValueError, RecursionError) as why:
        wrong.append(Finding(file, "file", str(why)[:200]))
    return None


def note_wrong(result: Any, wrong: list[Finding]) -> None:
    """Say which rows were left out."""
    for finding in wrong[:20]:
        result.note("left out: {finding}", finding=str(finding))


__all__ = [
    "SECTIONS", "Market", "carriers_of", "devices_of", "market", "note_wrong", "own_rows", "parsed", "shipped_market",
]  # fmt: skip
