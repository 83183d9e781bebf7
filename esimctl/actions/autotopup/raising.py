"""A limit that is raised more than twofold counts after a day: a slip or a theft has a day to be noticed.

What counted before goes on counting until then. Several raises within a day are measured against what counted when
the first was made, so that two small steps are no way around it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from esimctl.actions.autotopup.rule import Rule
from esimctl.charging.money import Money

if TYPE_CHECKING:
    from esimctl.ledger.facts import RuleFact

DELAY: Final = timedelta(hours=24)
CAPS: Final = ("max_price", "max_per_day", "max_per_month", "max_count", "max_unattended")
Cap = Money | int | None


def in_force(rule: Rule, fact: "RuleFact", now: datetime) -> Rule:
    """The rule with the limits that count now."""
    held = waiting(fact, now)
    return replace(rule, **held) if held else rule


def waiting(fact: "RuleFact", now: datetime) -> dict[str, Any]:
    """cap → what counts instead of it for now."""
    entry = fact.confirmed or {}
    until = entry.get("held_until")
    if not isinstance(until, datetime) or now >= until:
        return {}
    return _read(entry.get("held", {}))


def raised(rule: Rule, fact: "RuleFact", now: datetime, *, lowered: bool = False) -> dict[str, Any]:
    """What a confirmation of `rule` notes about its limits: `caps`, what they are measured against, what is held."""
    before = fact.confirmed or {}
    caps: dict[str, Any] = {cap: getattr(rule, cap) for cap in CAPS}
    found: dict[str, Any] = {"caps": _written(caps)}
    if "caps" not in before:
        return found
    counted = {**dict.fromkeys(CAPS), **_read(before["caps"]), **waiting(fact, now)}
    since = before.get("base_at")
    young = isinstance(since, datetime) and now < since + DELAY
    base = {**dict.fromkeys(CAPS), **_read(before["base"])} if young and "base" in before else counted
    found |= {"base": _written(base), "base_at": since if young else now}
    held = {cap: counted[cap] for cap in CAPS if counted[cap] is not None and _doubles(base[cap], caps[cap])}
    if held:
        earlier = before.get("held_until") if lowered else None
        found |= {"held": _written(held), "held_until": earlier or now + DELAY}
    return found


def _doubles(base: Cap, new: Cap) -> bool:
    """More than twofold; no limit at all is more than any, and one in another currency cannot be compared."""
    if base is None:
        return False
    if new is None:
        return True
    if isinstance(base, Money) and isinstance(new, Money):
        return new.currency != base.currency or new.minor > 2 * base.minor
    return int(new) > 2 * int(base)  # type: ignore[arg-type]


def _written(caps: Mapping[str, Cap]) -> dict[str, Any]:
    return {key: str(cap) if isinstance(cap, Money) else cap for key, cap in caps.items() if cap is not None}


def _read(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: Money.parse(cap) if isinstance(cap, str) else cap for key, cap in table.items() if key in CAPS}
