"""The terms of a plan as values: what is granted, how long it lives, what becomes of the rest (policies are data)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from esimctl.charging.moments import Duration
from esimctl.charging.money import Money
from esimctl.charging.tables import Table, TermsError
from esimctl.charging.volume import UNLIMITED, Unlimited
from esimctl.charging.windows import Window, window_from_table

PLAN_CATEGORIES = ("base", "topup", "addon", "promo", "window", "emergency")
BUCKET_CATEGORIES = (*PLAN_CATEGORIES, "gift", "rollover")
#: Smaller burns first (burn-down order, step 3).
PRIORITIES: Mapping[str, int] = {
    "window": 10,
    "promo": 20,
    "gift": 20,
    "rollover": 30,
    "base": 40,
    "topup": 50,
    "addon": 50,
    "shared": 60,
    "emergency": 70,
    "monetary": 90,
}
BILLING = ("pack", "payg", "shared")
CLOCKS = ("anchor", "hours24", "calendar-day", "calendar-month")
EARLY = ("stack", "queue", "extend", "reset")


@dataclass(frozen=True, slots=True)
class RolloverPolicy:
    """What happens to base data that is left at a boundary (rollover steps 5 to 9); caps in octets."""

    mode: str = "none"
    validity: Duration | None = None
    validity_periods: int | None = None
    maximum: int | None = None
    max_percent: int | None = None
    cap_scope: str = "rollover-only"
    consumption: str = "first"
    condition: str = "renewed-on-time"
    grace: Duration | None = None
    on_lapse: str = "forfeit"
    transferable: bool = False
    preserve_overage: bool = False
    on_plan_change: str = "recap"
    qualifying: str = "any"

    @property
    def carries(self) -> bool:
        """Whether anything can be carried at all."""
        return self.mode == "carry"

    @property
    def waits(self) -> bool:
        """Whether a base bucket waits past its end for a renewal within a grace."""
        return self.condition == "renewed-within-grace" and self.grace is not None

    def priority(self, base: int) -> int:
        """Where carried data stands in the burn order, given the base bucket's own place."""
        return {"first": PRIORITIES["rollover"], "last": 45, "by-expiry": base}[self.consumption]

    def as_table(self) -> dict[str, Any]:
        """The inverse of reading, without what is default."""
        validity = f"{self.validity_periods} periods" if self.validity_periods else self.validity
        table: dict[str, Any] = {"mode": self.mode}
        if validity is not None:
            table["validity"] = str(validity)
        if self.maximum is not None:
            table["max"] = f"{self.maximum}B"
        if self.max_percent is not None:
            table["max_percent"] = self.max_percent
        if self.grace is not None:
            table["grace"] = str(self.grace)
        plain = RolloverPolicy()
        words = ("cap_scope", "consumption", "condition", "on_lapse", *_LATER_ROLLOVER)
        return table | {key: getattr(self, key) for key in words if getattr(self, key) != getattr(plain, key)}


@dataclass(frozen=True, slots=True)
class OveragePolicy:
    """What happens to usage that no bucket covers: nothing, slowed down, or charged per started MB."""

    action: str = "block"
    price_per_mb: Money | None = None
    max_charge: Money | None = None

    def as_table(self) -> dict[str, Any]:
        """The inverse of reading."""
        table: dict[str, Any] = {"action": self.action}
        if self.price_per_mb is not None:
            table["price_per_mb"] = str(self.price_per_mb)
        if self.max_charge is not None:
            table["max_charge"] = str(self.max_charge)
        return table


@dataclass(frozen=True, slots=True)
class Bonus:
    """Promotional data beside every grant: a bucket of its own with its own end (R-106, R-107, R-112)."""

    data: int | Unlimited
    term: Duration


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything a plan's table says. `data` in octets, None for a plan that is all overage; `term` None never ends."""

    name: str
    data: int | Unlimited | None
    term: Duration | None
    price: Money | None = None
    billing: str = "pack"
    period: Duration | None = None
    clock: str = "anchor"
    category: str = "base"
    priority: int | None = None
    transferable: bool = False
    promotional: bool = False
    window: Window | None = None
    bonus: Bonus | None = None
    early_renewal: str = "stack"
    overage: OveragePolicy = field(default_factory=OveragePolicy)
    rollover: RolloverPolicy | None = None
    volume_base: int = 1000
    starts_on: str = "purchase"
    use_by: Duration | None = None
    recycle_after: Duration | None = None
    refund_within: Duration | None = None
    gift_least: int | None = None
    gift_most: int | None = None
    gifts_per_day: int | None = None

    @property
    def rank(self) -> int:
        """The priority of the plan's own bucket."""
        return PRIORITIES[self.category] if self.priority is None else self.priority

    @property
    def policy(self) -> RolloverPolicy:
        """The rollover policy, or the one that carries nothing."""
        return self.rollover or RolloverPolicy()

    def as_table(self) -> dict[str, Any]:
        """A table from which `terms_from_table` makes the same terms again; volumes in octets, defaults left out."""
        table: dict[str, Any] = {}
        if self.data is not None:
            table["data"] = _volume(self.data)
        for key in ("price", "term", "period", "use_by", "recycle_after", "refund_within"):
            if getattr(self, key) is not None:
                table[key] = str(getattr(self, key))
        for key, default in _PLAIN.items():
            if getattr(self, key) != default:
                table[key] = getattr(self, key)
        for key in ("gift_least", "gift_most"):
            if getattr(self, key) is not None:
                table[key] = f"{getattr(self, key)}B"
        if self.window is not None:
            table["window"] = self.window.as_table()
        if self.bonus is not None:
            table["bonus"] = {"data": _volume(self.bonus.data), "term": str(self.bonus.term)}
        if self.overage != OveragePolicy():
            table["overage"] = self.overage.as_table()
        if self.rollover is not None:
            table["rollover"] = self.rollover.as_table()
        return table


_PLAIN: Mapping[str, Any] = {
    "billing": "pack",
    "clock": "anchor",
    "category": "base",
    "priority": None,
    "transferable": False,
    "promotional": False,
    "early_renewal": "stack",
    "volume_base": 1000,
    "starts_on": "purchase",
    "gifts_per_day": None,
}
_LATER_ROLLOVER = ("transferable", "preserve_overage", "on_plan_change", "qualifying")


def _volume(octets: int | Unlimited) -> str:
    return "unlimited" if octets is UNLIMITED else f"{octets}B"


def terms_from_table(
    name: str,
    table: Mapping[str, Any],
    base: int = 1000,
    where: str | tuple[str | int, ...] = (),
    *,
    extended: bool = True,
) -> Terms:
    """Read a plan's table strictly; raises TermsError with the path of the key, beginning with `where`.

    `extended` takes the keys beyond the scenario format as well: start of the term, dates around it, limits of gifts.
    """
    path = (where,) if isinstance(where, str) and where else tuple(where)
    if extended and isinstance(table, Mapping) and "volume_base" in table:
        base = Table(table, path).integer("volume_base", 1000, 1000, 1024)
        if base not in (1000, 1024):
            raise TermsError((*path, "volume_base"), "must be 1000 or 1024")
    reading = Table(table, path, base)
    billing = reading.choice("billing", BILLING, "pack")
    data = reading.volume("data", None)
    term = reading.duration("term", None, calendar=True)
    if data is None and billing != "payg":
        raise reading.wrong("data", "is missing")
    if term is None and not (data is None and billing == "payg"):
        raise reading.wrong("term", "is missing")
    more = _extended(reading) if extended else {}
    terms = Terms(
        name=name,
        data=data,
        term=term,
        price=reading.money("price", None),
        billing=billing,
        period=_period(reading, term),
        clock=reading.choice("clock", CLOCKS, "anchor"),
        category=reading.choice("category", PLAN_CATEGORIES, "base"),
        priority=reading.integer("priority", None, 0, 1000),
        transferable=reading.flag("transferable"),
        promotional=reading.flag("promotional"),
        window=_window(reading),
        bonus=_bonus(reading),
        early_renewal=reading.choice("early_renewal", EARLY, "stack"),
        overage=_overage(reading),
        rollover=rollover_from_table(reading.inner("rollover"), extended=extended),
        volume_base=base,
        **more,
    )
    reading.finish()
    return terms


def _extended(reading: Table) -> dict[str, Any]:
    reading.has("volume_base")
    return {
        "starts_on": reading.choice("starts_on", ("purchase", "installation", "first-use"), "purchase"),
        "use_by": reading.duration("use_by", None),
        "recycle_after": reading.duration("recycle_after", None),
        "refund_within": reading.duration("refund_within", None),
        "gift_least": reading.octets("gift_least", None),
        "gift_most": reading.octets("gift_most", None),
        "gifts_per_day": reading.integer("gifts_per_day", None, 0, 1000),
    }


def _period(reading: Table, term: Duration | None) -> Duration | None:
    period = reading.duration("period", None, calendar=True)
    if period is None:
        return None
    if term is None:
        raise reading.wrong("period", "needs a term")
    if (period.months or 0) * 31 + period.days > term.months * 31 + term.days:
        raise reading.wrong("period", "is longer than the term")
    return period


def _window(reading: Table) -> Window | None:
    inner = reading.inner("window")
    return None if inner is None else window_from_table(inner)


def _bonus(reading: Table) -> Bonus | None:
    inner = reading.inner("bonus")
    if inner is None:
        return None
    data, term = inner.volume("data", None), inner.duration("term", None)
    for key, value in (("data", data), ("term", term)):
        if value is None:
            raise inner.wrong(key, "is missing")
    inner.finish()
    assert data is not None
    assert term is not None
    return Bonus(data, term)


def _overage(reading: Table) -> OveragePolicy:
    inner = reading.inner("overage")
    if inner is None:
        return OveragePolicy()
    action = inner.choice("action", ("block", "throttle", "charge"), "block")
    price, most = inner.money("price_per_mb", None), inner.money("max_charge", None)
    if action == "charge" and (price is None or not price):
        raise inner.wrong("price_per_mb", "is needed where overage is charged")
    if price is not None and most is not None and price.currency != most.currency:
        raise inner.wrong("max_charge", f"must be in {price.currency} like the price")
    inner.finish()
    return OveragePolicy(action, price, most)


def rollover_from_table(inner: Table | None, *, extended: bool = False) -> RolloverPolicy | None:
    """Read a `rollover` table; None where there is none."""
    if inner is None:
        return None
    plain = RolloverPolicy()
    validity, periods = _validity(inner)
    later: dict[str, Any] = {}
    if extended:
        later = {key: inner.flag(key) for key in ("transferable", "preserve_overage")}
        later["on_plan_change"] = inner.choice("on_plan_change", ("recap", "forfeit", "keep"), "recap")
        later["qualifying"] = inner.choice("qualifying", ("any", "same-or-bigger"), "any")
    policy = RolloverPolicy(
        mode=inner.choice("mode", ("none", "carry"), plain.mode),
        validity=validity,
        validity_periods=periods,
        maximum=inner.octets("max", None),
        max_percent=inner.integer("max_percent", None, 1, 100),
        cap_scope=inner.choice("cap_scope", ("rollover-only", "total-incl-grant", "per-step"), plain.cap_scope),
        consumption=inner.choice("consumption", ("first", "last", "by-expiry"), plain.consumption),
        condition=inner.choice("condition", ("none", "renewed-on-time", "renewed-within-grace"), plain.condition),
        grace=inner.duration("grace", None),
        on_lapse=inner.choice("on_lapse", ("forfeit", "suspend", "keep"), plain.on_lapse),
        **later,
    )
    if policy.carries and validity is None and periods is None:
        raise inner.wrong("validity", "is missing: carried data always has an end of its own")
    inner.finish()
    return policy


def _validity(inner: Table) -> tuple[Duration | None, int | None]:
    written = inner.text("validity", None)
    if written is not None and written.endswith((" period", " periods")):
        count = written.split(" ", 1)[0]
        if not (count.isascii() and count.isdigit() and len(count) <= 4 and 0 < int(count) <= 1200):
            raise inner.wrong("validity", f"{written!r:.40} is not a number of periods")
        return None, int(count)
    return inner.duration("validity", None, calendar=True), None


__all__ = [
    "BILLING",
    "BUCKET_CATEGORIES",
    "CLOCKS",
    "EARLY",
    "PLAN_CATEGORIES",
    "PRIORITIES",
    "Bonus",
    "OveragePolicy",
    "RolloverPolicy",
    "Terms",
    "TermsError",
    "rollover_from_table",
    "terms_from_table",
]
