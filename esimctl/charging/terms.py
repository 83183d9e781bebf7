"""The terms of a plan as values: what is granted, how long it lives, what becomes of the rest (policies are data)."""

from collections.abc import Mapping

from esimctl.charging.policies import (
    PRIORITIES,
    Bonus,
    OveragePolicy,
    RolloverPolicy,
    bonus_from_table,
    overage_from_table,
    rollover_from_table,
    spell_octets,
)
from esimctl.values.moments import Duration
from esimctl.values.money import Money
from esimctl.values.record import field, fields, record
from esimctl.values.tables import Table
from esimctl.values.toml import Toml
from esimctl.values.volume import Unlimited
from esimctl.values.windows import Window, window_from_table

PLAN_CATEGORIES = ("base", "topup", "addon", "promo", "window", "emergency")
BUCKET_CATEGORIES = (*PLAN_CATEGORIES, "gift", "rollover")
BILLING = ("pack", "payg", "shared")
CLOCKS = ("anchor", "hours24", "calendar-day", "calendar-month")
EARLY = ("stack", "queue", "extend", "reset")


@record
class Terms:
    """Everything a plan's table says. `data` in octets, None for a plan that is all overage; `term` None never ends.

    `word` is whose word its rollover is, kept beside it for whoever asks; the engine does not look at it.
    """

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
    word: Mapping[str, Toml] | None = field(default=None, compare=False)
    purpose: str | None = None  #: what its data is good for, where that is not everything (social)

    @property
    def rank(self) -> int:
        """The priority of the plan's own bucket."""
        return PRIORITIES[self.category] if self.priority is None else self.priority

    @property
    def policy(self) -> RolloverPolicy:
        """The rollover policy, or the one that carries nothing."""
        return self.rollover or RolloverPolicy()

    def as_table(self) -> dict[str, Toml]:
        """A table from which `terms_from_table` makes the same terms again; volumes in octets, defaults left out."""
        table: dict[str, Toml] = {}
        if self.data is not None:
            table["data"] = spell_octets(self.data)
        for key in ("price", "term", "period", "use_by", "recycle_after", "refund_within"):
            if getattr(self, key) is not None:
                table[key] = str(getattr(self, key))
        for key in _PLAIN:
            if getattr(self, key) != fields(Terms)[key]:
                table[key] = getattr(self, key)
        for key in ("gift_least", "gift_most"):
            if getattr(self, key) is not None:
                table[key] = f"{getattr(self, key)}B"
        for key in ("window", "bonus", "overage", "rollover"):
            inner = getattr(self, key)
            if inner is not None and inner != OveragePolicy():
                table[key] = inner.as_table()
        return table


#: fields that a table has as they are, where they are not the default
_PLAIN = (
    "billing", "clock", "category", "priority", "transferable", "promotional", "early_renewal", "volume_base",
    "starts_on", "gifts_per_day", "purpose",
)  # fmt: skip
#: keys beyond the scenario format
_EXTENDED = (
    "volume_base", "starts_on", "use_by", "recycle_after", "refund_within", "gift_least", "gift_most", "gifts_per_day",
    "purpose",
)  # fmt: skip


def terms_from_table(name: str, table: object, *, extended: bool = True) -> Terms:
    """Read a plan's table strictly, one that a journal or a row keeps or one of a file; TableError names the key.

    `extended` takes the keys beyond the scenario format as well: start of the term, dates around it, limits of gifts.
    """
    reading = table if isinstance(table, Table) else Table(table)
    if extended:
        reading.base = volume_base(reading, reading.base)
    billing = reading.choice("billing", BILLING, "pack")
    data = reading.volume("data", None)
    term = reading.duration("term", None, calendar=True)
    if data is None and billing != "payg":
        raise reading.wrong("data", "is missing")
    if term is None and not (data is None and billing == "payg"):
        raise reading.wrong("term", "is missing")
    terms = Terms(
        name=name,
        data=data,
        term=term,
        price=reading.money("price", None),
        billing=billing,
        period=_period(reading, term),
        clock=reading.choice("clock", CLOCKS, "anchor"),
        category=reading.choice("category", PLAN_CATEGORIES, "base"),
        priority=reading.integer("priority", None, -1000, 1_000_000),
        transferable=reading.flag("transferable"),
        promotional=reading.flag("promotional"),
        window=_window(reading),
        bonus=bonus_from_table(reading.inner("bonus", None)),
        early_renewal=reading.choice("early_renewal", EARLY, "stack"),
        overage=overage_from_table(reading.inner("overage", None)),
        rollover=rollover_from_table(reading.inner("rollover", None), extended=extended),
        volume_base=reading.base,
        starts_on=reading.choice("starts_on", ("purchase", "installation", "first-use"), "purchase"),
        use_by=reading.duration("use_by", None),
        recycle_after=reading.duration("recycle_after", None),
        refund_within=reading.duration("refund_within", None),
        gift_least=reading.octets("gift_least", None),
        gift_most=reading.octets("gift_most", None),
        gifts_per_day=reading.integer("gifts_per_day", None, 0, 1000),
        purpose=reading.text("purpose", None),
    )
    reading.finish(() if extended else _EXTENDED)
    return terms


def volume_base(reading: Table, default: int = 1000) -> int:
    """How many octets a KB has there: 1000 or 1024."""
    base = reading.integer("volume_base", default, 1000, 1024)
    if base not in (1000, 1024):
        raise reading.wrong("volume_base", "must be 1000 or 1024")
    return base


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
    inner = reading.inner("window", None)
    return None if inner is None else window_from_table(inner)
