"""Promotions: when they hold, for whom, and the one thing that each does (R-106 to R-112)."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from esimctl.catalogue import renamed, shipped
from esimctl.catalogue.plan import Plan
from esimctl.errors import UsageError, nearest
from esimctl.values.checking import RowError, TableProblem, TableRow
from esimctl.values.record import record

EFFECTS = ("multiply", "add", "free", "percent", "fixed", "rollover")
ELIGIBLE = ("all", "new", "long")
LONG_DAYS = 90  #: of a plan that is a long one
ORDERS = ("new", "renew", "topup")


@record
class Promotion:
    """A promotion with its window of local dates (`until` is the first day after it) and its effect as a table."""

    id: str
    name: str
    plans: tuple[str, ...]
    carriers: tuple[str, ...]
    start: date
    until: date
    eligible: str
    orders: tuple[str, ...]
    effect: Mapping[str, Any]
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
        from esimctl.catalogue.plan import validity_days

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
    raise UsageError("there is no promotion {name!r}", hint=hint, code="unknown_promotion", name=name, near=close)


@lru_cache(maxsize=1)
def shipped_promotions() -> tuple[Promotion, ...]:
    """The promotions that come with the package, in the order of the file."""
    return tuple(Promotion(**shipped.fields(row) | _window(row)) for row in shipped.compiled("promotions"))


def _window(row: Mapping[str, Any]) -> dict[str, date]:
    return {key: date.fromisoformat(row[key]) for key in ("start", "until")}


def read(table: Mapping[str, Any], file: str) -> tuple[tuple[Promotion, ...], tuple[TableProblem, ...]]:
    """The promotions of a parsed file and what is wrong in it."""
    found: list[Promotion] = []
    wrong: list[TableProblem] = []
    rows = table.get("promotion", {})
    if not isinstance(rows, Mapping):
        return (), (TableProblem(file, "promotion", "is not a table of promotions"),)
    for name, content in rows.items():
        try:
            found.append(_promotion(name, TableRow(file, f"promotion.{name}", content)))
        except RowError as error:
            wrong.append(error.finding)
    return tuple(found), tuple(wrong)


def _promotion(name: str, row: TableRow) -> Promotion:
    from esimctl.catalogue.plan import GRADES

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
        effect=_effect(row),
        source=row.text("source"),
        as_of=None if as_of is None else as_of.isoformat(),
        retrieved=None if retrieved is None else retrieved.isoformat(),
        grade=grade,
    )
    if made.until <= made.start:
        raise row.wrong("until", "is not after its beginning")
    if not made.orders or any(word not in ORDERS for word in made.orders):
        raise row.wrong("orders", f"is not a list of {', '.join(ORDERS)}")
    row.finish()
    return made


def _effect(row: TableRow) -> dict[str, Any]:
    """The effect with its values checked: volumes and amounts stay texts, as plans have them."""
    inner = TableRow(row.file, f"{row.path}.effect", row.table("effect"))
    kind = inner.choice("kind", EFFECTS)
    made = {"kind": kind, **_values(inner, kind)}
    inner.finish()
    return made


def _values(inner: TableRow, kind: str) -> dict[str, Any]:
    match kind:
        case "multiply":
            return {"times": inner.count("times", least=2), "term": _term(inner)}
        case "add":
            return {"data": _data(inner), "term": _term(inner)}
        case "percent":
            percent = inner.count("percent", least=1)
            if percent > 100:
                raise inner.wrong("percent", "is more than 100")
            return {"percent": percent}
        case "fixed":
            return {"amount": str(inner.money("amount"))}
        case "rollover":
            return {"rollover": _rollover(inner)}
    return {}


def _term(inner: TableRow) -> str:
    from esimctl.values.moments import MomentError, parse_duration

    written: str = inner.text("term")
    try:
        parse_duration(written)
    except MomentError as why:
        raise inner.wrong("term", str(why)) from why
    return written


def _data(inner: TableRow) -> str:
    from esimctl.values.volume import VolumeError, parse_octets

    written: str = inner.text("data")
    try:
        parse_octets(written)
    except VolumeError as why:
        raise inner.wrong("data", str(why)) from why
    return written


def _rollover(inner: TableRow) -> dict[str, Any]:
    """A rollover policy, read by the engine that will follow it."""
    from esimctl.charging.policies import rollover_from_table
    from esimctl.values.tables import Table, TermsError, spell

    table = dict(inner.table("rollover"))
    try:
        rollover_from_table(Table(table, ("rollover",)))
    except TermsError as why:
        raise inner.wrong(spell(why.path), why.reason) from why
    return table
