"""The plans that are known: found rows, the demo rows of the embedded operator, and a person's own that win over them.

A row is a `[plan.ID]` table of plans.toml with the plan's terms in `[plan.ID.terms]`. Money is in the plan's own
currency and never converted; volumes are octets. What a found row's source does not say is missing in the row: unknown.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from esimctl.catalogue import renamed, shipped
from esimctl.catalogue.plan import FOUND, GRADES, Plan
from esimctl.catalogue.promotions import Promotion, shipped_promotions
from esimctl.errors import UsageError, nearest
from esimctl.values.checking import RowError, TableProblem, TableRow
from esimctl.values.money import Money
from esimctl.values.record import replace

#: A figure older than this is stale: prices of this market change within half a year.
STALE_AFTER_DAYS = 180

#: How a plan is billed here, and the word for it in a table of terms.
BILLING = {"prepaid-pack": "pack", "pay-as-you-go": "payg", "shared-pack": "shared"}

KINDS = ("base", "topup")

AUDIENCES = ("tourist", "resident", "business", "student", "family")

PURPOSES = ("social",)

#: The carrier of everything that is made up: the embedded operator alone sells for it.
DEMO = "demo"

#: Who sells the rows of the catalogue: the embedded operator the demo ones, a counter, an app or a code the others.
SELLER, COUNTER = "sandbox", "manual"

#: Stands in for what a found row does not say while the rest of its terms is checked.
UNSAID = {"data": "1B", "term": "1 day"}

_ID_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


@lru_cache(maxsize=1)
def plans() -> tuple[Plan, ...]:
    """All plans that come with the package, in the order of the file."""
    return tuple(Plan(**shipped.fields(row) | {"price": _price(row)}) for row in shipped.compiled("plans"))


def _price(row: Mapping[str, Any]) -> Money | None:
    return None if row["price"] is None else Money(*row["price"])


def plan(name: str, among: Sequence[Plan] | None = None) -> Plan:
    """The plan of that id; an unknown one is a UsageError that names the nearest."""
    known = {row.id: row for row in (plans() if among is None else among)}
    found = renamed.find("plan", name, known)
    if found is not None:
        return found
    close = nearest(name, tuple(known))
    hint = "did you mean {near}? All plans: esimctl plans list" if close else "all plans: esimctl plans list"
    raise UsageError("there is no plan {name!r}", hint=hint, code="unknown_plan", name=name, near=" or ".join(close))


def stale(row: Plan, today: date) -> bool:
    """Whether a row's figures are older than 180 days or undated."""
    if row.as_of is None:
        return True
    return (today - date.fromisoformat(row.as_of)).days > STALE_AFTER_DAYS


def read(
    table: Mapping[str, Any], file: str, offers: Sequence[Promotion] | None = None
) -> tuple[dict[str, Plan], tuple[TableProblem, ...]]:
    """The plans of a parsed file with their promotions, of those given or the shipped ones, and what is wrong in it."""
    found: dict[str, Plan] = {}
    wrong: list[TableProblem] = [
        TableProblem(file, str(key), "means nothing here; plans are tables [plan.ID]") for key in table if key != "plan"
    ]
    rows = table.get("plan", {})
    if not isinstance(rows, Mapping):
        return {}, (*wrong, TableProblem(file, "plan", "is not a table of plans"))
    for name, content in rows.items():
        try:
            made = _plan(name, TableRow(file, f"plan.{name}", content))
        except RowError as error:
            wrong.append(error.finding)
            continue
        offers = shipped_promotions() if offers is None else offers
        found[name] = replace(made, promotions=tuple(each.id for each in offers if each.suits(made)))
    return found, tuple(wrong)


def _plan(name: str, row: TableRow) -> Plan:
    if not set(name) <= _ID_CHARACTERS or len(name) > 64 or not name:
        raise RowError(TableProblem(row.file, row.path, "an id has lower-case letters, digits and hyphens, at most 64"))
    carrier = row.text("carrier")
    if not name.startswith(f"{carrier}-"):
        raise row.wrong("carrier", "the id of a plan begins with its carrier and a hyphen")
    billing = row.choice("billing", tuple(BILLING), "prepaid-pack")
    grade = row.choice("grade", GRADES, "example" if carrier == DEMO else "own")
    if (row.flag("example") or grade == "example") is not (carrier == DEMO):
        raise row.wrong("grade", f"is example for rows of the carrier {DEMO}, and for no others")
    price = row.money("price", None) if grade in FOUND else row.money("price")
    minutes = row.count("voice_minutes", None, least=1)
    as_of, retrieved = row.day("as_of", None), row.day("retrieved", None)
    purpose = row.choice("purpose", PURPOSES, None)
    if as_of is None and retrieved is None:
        raise row.wrong("as_of", "is missing, and so is retrieved")
    made = Plan(
        id=name,
        carrier=carrier,
        name=row.text("name"),
        provider=SELLER if carrier == DEMO else COUNTER,
        price=price,
        terms=_terms(name, row, billing, price, purpose, found=grade in FOUND),
        countries=_countries(row),
        billing=billing,
        audience=row.choice("audience", AUDIENCES, None),
        kind=row.choice("kind", KINDS, "base"),
        shareable=row.flag("shareable"),
        voice_seconds=None if minutes is None else minutes * 60,
        networks=row.texts("networks"),
        source=row.text("source"),
        as_of=None if as_of is None else as_of.isoformat(),
        retrieved=None if retrieved is None else retrieved.isoformat(),
        grade=grade,
        dial=row.text("dial", None),
        notes=row.texts("notes"),
        purpose=purpose,
    )
    row.finish()
    return made


def _countries(row: TableRow) -> tuple[str, ...]:
    countries = row.texts("countries", ("KH",))
    if not countries or any(len(code) != 2 or not code.isascii() or not code.isupper() for code in countries):
        raise row.wrong("countries", "is not a list of country codes like KH")
    return countries


def _terms(
    name: str, row: TableRow, billing: str, price: Money | None, purpose: str | None, *, found: bool
) -> dict[str, Any]:
    """The plan's terms with its price and billing in them, checked by the engine that will run on them.

    A found row may leave out what its source does not say; nobody can buy by its terms until a person says it.
    """
    from esimctl.charging.terms import terms_from_table
    from esimctl.values.tables import TermsError, spell

    table = {**({} if price is None else {"price": str(price)}), **row.table("terms")}
    if purpose is not None:
        table["purpose"] = purpose
    if BILLING[billing] != "pack":
        table.setdefault("billing", BILLING[billing])
    if table.get("billing", "pack") != BILLING[billing]:
        raise row.wrong("terms.billing", f"does not fit billing {billing!r}")
    if table.get("price") != (None if price is None else str(price)):
        raise row.wrong("terms.price", "is another one than the row's price")
    try:
        terms_from_table(name, {**(UNSAID if found else {}), **table}, where=("plan", name, "terms"))
    except TermsError as why:
        raise RowError(TableProblem(row.file, spell(why.path), why.reason)) from why
    return table


def unknown(row: Plan) -> tuple[str, ...]:
    """What its source does not say of price, data and term; a plan without an allowance needs no data."""
    needed = ("term",) if row.billing == "pay-as-you-go" else ("data", "term")
    missing = [key for key in needed if key not in row.terms]
    return (*(("price",) if row.price is None else ()), *missing)
