"""What a plan does at its edges: rollover, overage and bonus data, as values with the tables they are written in."""

from collections.abc import Mapping

from esimctl.values.moments import Duration
from esimctl.values.money import Money
from esimctl.values.record import record
from esimctl.values.sentence import Raw
from esimctl.values.tables import Table
from esimctl.values.toml import Toml
from esimctl.values.volume import Unlimited

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
_LATER_ROLLOVER = ("transferable", "preserve_overage", "on_plan_change", "qualifying")


@record
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

    def as_table(self) -> dict[str, Toml]:
        """The inverse of reading, without what is default."""
        validity = f"{self.validity_periods} periods" if self.validity_periods else self.validity
        table: dict[str, Toml] = {"mode": self.mode}
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


@record
class OveragePolicy:
    """What happens to usage that no bucket covers: nothing, slowed down, or charged per started MB."""

    action: str = "block"
    price_per_mb: Money | None = None
    max_charge: Money | None = None

    def as_table(self) -> dict[str, Toml]:
        """The inverse of reading."""
        table: dict[str, Toml] = {"action": self.action}
        if self.price_per_mb is not None:
            table["price_per_mb"] = str(self.price_per_mb)
        if self.max_charge is not None:
            table["max_charge"] = str(self.max_charge)
        return table


@record
class Bonus:
    """Promotional data beside every grant: a bucket of its own with its own end (R-106, R-107, R-112)."""

    data: int | Unlimited
    term: Duration

    def as_table(self) -> dict[str, Toml]:
        """The inverse of reading."""
        return {"data": spell_octets(self.data), "term": str(self.term)}


def spell_octets(octets: int | Unlimited) -> str:
    """A volume as tables hold it, the same under any volume base."""
    return "unlimited" if isinstance(octets, Unlimited) else f"{octets}B"


def bonus_from_table(inner: Table | None) -> Bonus | None:
    """Read a `bonus` table; None where there is none."""
    if inner is None:
        return None
    bonus = Bonus(inner.volume("data"), inner.duration("term"))
    inner.finish()
    return bonus


def overage_from_table(inner: Table | None) -> OveragePolicy:
    """Read an `overage` table; blocking where there is none."""
    if inner is None:
        return OveragePolicy()
    action = inner.choice("action", ("block", "throttle", "charge"), "block")
    price, most = inner.money("price_per_mb", None), inner.money("max_charge", None)
    if action == "charge" and price is None:
        raise inner.wrong("price_per_mb", "is needed where overage is charged")
    if price is not None and most is not None and price.currency != most.currency:
        raise inner.wrong("max_charge", "must be in {currency} like the price", currency=Raw(price.currency))
    inner.finish()
    return OveragePolicy(action, price, most)


def rollover_from_table(inner: Table | None, *, extended: bool = False) -> RolloverPolicy | None:
    """Read a `rollover` table; None where there is none."""
    if inner is None:
        return None
    plain = RolloverPolicy()
    validity, periods = _validity(inner)
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
        transferable=inner.flag("transferable"),
        preserve_overage=inner.flag("preserve_overage"),
        on_plan_change=inner.choice("on_plan_change", ("recap", "forfeit", "keep"), plain.on_plan_change),
        qualifying=inner.choice("qualifying", ("any", "same-or-bigger"), plain.qualifying),
    )
    if policy.carries and validity is None and periods is None:
        raise inner.wrong("validity", "is missing: carried data always has an end of its own")
    inner.finish(() if extended else _LATER_ROLLOVER)
    return policy


def _validity(inner: Table) -> tuple[Duration | None, int | None]:
    written = inner.text("validity", None)
    if written is not None and written.endswith((" period", " periods")):
        count = written.split(" ", 1)[0]
        if not (count.isascii() and count.isdigit() and len(count) <= 4 and 0 < int(count) <= 1200):
            raise inner.wrong("validity", "{text} is not a number of periods", text=Raw(f"{written!r:.40}"))
        return None, int(count)
    return inner.duration("validity", None, calendar=True), None
