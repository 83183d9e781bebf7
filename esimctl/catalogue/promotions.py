"""Promotions: when they hold, for whom, and the one thing that each does (R-106 to R-112)."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from esimctl.catalogue import renamed, shipped
from esimctl.catalogue.plan import GRADES, Plan, validity_days
from esimctl.errors import UsageError
from esimctl.values.moments import parse_duration
from esimctl.values.record import record
from esimctl.values.sentence import Raw, commas
from esimctl.values.tables import Table
from esimctl.values.text import nearest
from esimctl.values.volume import parse_octets

EFFECTS = ("multiply", "add", "free", "percent", "fixed", "rollover")
ELIGIBLE = ("all", "new", "long")
LONG_DAYS = 90  #: of a plan that is a long one
ORDERS = ("new", "renew", "topup")


@record
class PromotionBenefit:
    """The one thing that a promotion does, and what is said of its kind; volumes and amounts are texts, as in plans."""

    kind: str
    times: int = 0
    data: str = ""
    term: str = ""
    percent: int = 0
    amount: str = ""
    rollover: Mapping[str, str | int] | None = None


@record
class Promotion:
    """A promotion with its window of local dates (`until` is the first day after it) and its effect."""

    id: str
    name: str
    plans: tuple[str, ...]
    carriers: tuple[str, ...]
    start: date
    until: date
    eligible: str
    orders: tuple[str, ...]
    effect: PromotionBenefit
    source: str
    as_of: str | None  #: None where the source is undated
    retrieved: str | None
    grade: str  #: as of plans; example is made up, for the embedded operator alone

    @property
    def example(self) -> bool:
        """Whether it is made up."""
        return self.grade == "example"

    def names(self, plan: str, carrier: str) -> bool:
        """Whether it is meant for a plan, whenever that is bought."""
        return carrier in self.carriers or not renamed.every("plan", plan).isdisjoint(self.plans)

    def suits(self, plan: Plan) -> bool:
        """Whether a plan can have it at all: named, and long enough where that is asked for."""
        long = self.eligible != "long" or (validity_days(plan) or 0) >= LONG_DAYS
        return long and self.names(plan.id, plan.carrier)

    def holds(self, day: date) -> bool:
        """Whether a local date lies in its window."""
        return self.start <= day < self.until


def promotion(name: str) -> Promotion:
    """The promotion of that id; an unknown one is a UsageError that names the nearest."""
    known = {row.id: row for row in shipped_promotions()}
    found = renamed.find("promotion", name, known)
    if found is not None:
        return found
    close = " or ".join(nearest(name, tuple(known)))
    hint = "did you mean {near}?" if close else "all promotions: esimctl promotions list"
    raise UsageError(
        "there is no promotion {name!r}", hint=hint, code="unknown_promotion", name=Raw(name), near=Raw(close)
    )


@lru_cache(maxsize=1)
def shipped_promotions() -> tuple[Promotion, ...]:
    """The promotions that come with the package, in the order of the file."""
    rows = shipped.compiled("promotions")
    return tuple(Promotion(**{**shipped.fields(row), **_parts(row)}) for row in rows)


def _parts(row: Mapping[str, Any]) -> Mapping[str, Any]:
    days = {key: date.fromisoformat(row[key]) for key in ("start", "until")}
    return {**days, "effect": PromotionBenefit(**row["effect"])}


def read_promotion(name: str, row: Table) -> Promotion:
    """One row, read strictly; TableError names the key."""
    demo = name.startswith("demo-")
    grade = row.choice("grade", GRADES, "example" if demo else "own")
    if (grade == "example") is not demo:
        raise row.wrong("grade", "is example for promotions that begin with demo-, and for no others")
    as_of, retrieved = row.day("as_of", None), row.day("retrieved", None)
    if as_of is None and retrieved is None:
        raise row.wrong("as_of", "is missing, and so is retrieved")
    made = Promotion(
        id=name,
        name=row.text("name"),
        plans=row.texts("plans"),
        carriers=row.texts("carriers"),
        start=row.day("from"),
        until=row.day("until"),
        eligible=row.choice("eligible", ELIGIBLE),
        orders=row.texts("orders"),
        effect=_effect(row.inner("effect")),
        source=row.text("source"),
        as_of=None if as_of is None else as_of.isoformat(),
        retrieved=None if retrieved is None else retrieved.isoformat(),
        grade=grade,
    )
    if made.until <= made.start:
        raise row.wrong("until", "is not after its beginning")
    if not made.orders or any(word not in ORDERS for word in made.orders):
        raise row.wrong("orders", "is not a list of {words}", words=commas(ORDERS))
    row.finish()
    return made


def _effect(inner: Table) -> PromotionBenefit:
    kind = inner.choice("kind", EFFECTS)
    made = PromotionBenefit(
        kind,
        times=inner.integer("times", least=2) if kind == "multiply" else 0,
        data=inner.spelled("data", parse_octets) if kind == "add" else "",
        term=inner.spelled("term", parse_duration) if kind in ("multiply", "add") else "",
        percent=inner.integer("percent", least=1, most=100) if kind == "percent" else 0,
        amount=str(inner.money("amount")) if kind == "fixed" else "",
        rollover=_rollover(inner.inner("rollover")) if kind == "rollover" else None,
    )
    inner.finish()
    return made


def _rollover(inner: Table) -> Mapping[str, str | int]:
    from esimctl.charging.policies import rollover_from_table  # the engine that will follow it

    rollover_from_table(inner)
    return dict(inner.table)
