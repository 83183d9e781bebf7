"""The plans that are known: found rows, the demo rows of the embedded operator, and a person's own that win over them.

A row is a `[plan.ID]` table of plans.toml with the plan's terms in `[plan.ID.terms]`. Money is in the plan's own
currency and never converted; volumes are octets. What a found row's source does not say is missing in the row: unknown.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from esimctl.catalogue import renamed, shipped
from esimctl.catalogue.plan import FOUND, GRADES, Plan
from esimctl.catalogue.promotions import Promotion, shipped_promotions
from esimctl.errors import UsageError
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, either
from esimctl.values.tables import Table, TableProblem, read_rows
from esimctl.values.text import nearest
from esimctl.values.toml import Toml

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
    return tuple(Plan(**shipped.fields(row) | {"price": _price(row["price"])}) for row in shipped.compiled("plans"))


def _price(price: tuple[int, str] | None) -> Money | None:
    return None if price is None else Money(*price)


def plan(name: str, among: Sequence[Plan] | None = None) -> Plan:
    """The plan of that id; an unknown one is a UsageError that names the nearest."""
    known = {row.id: row for row in (plans() if among is None else among)}
    found = renamed.find("plan", name, known)
    if found is not None:
        return found
    close = nearest(name, tuple(known))
    hint = "did you mean {near}? All plans: esimctl plans list" if close else "all plans: esimctl plans list"
    raise UsageError("there is no plan {name!r}", hint=hint, code="unknown_plan", name=Raw(name), near=either(close))


def stale(row: Plan, today: date) -> bool:
    """Whether a row's figures are older than 180 days or undated."""
    if row.as_of is None:
        return True
    return (today - date.fromisoformat(row.as_of)).days > STALE_AFTER_DAYS


def read_plans(
    table: Table, problems: list[TableProblem], offers: Sequence[Promotion] | None = None
) -> dict[str, Plan]:
    """The plans of a file with their promotions, of those given or the shipped ones; `problems` get what is wrong."""
    found = read_rows(table, "plan", read_plan, problems)
    if found and offers is None:
        offers = shipped_promotions()
    return {
        name: replace(row, promotions=tuple(each.id for each in offers or () if each.suits(row)))
        for name, row in found.items()
    }


def read_plan(name: str, row: Table) -> Plan:
    """One row, read strictly, its terms by the engine that will run on them; TableError names the key."""
    if not set(name) <= _ID_CHARACTERS or len(name) > 64 or not name:
        raise row.wrong(None, "an id has lower-case letters, digits and hyphens, at most 64")
    carrier = row.text("carrier")
    if not name.startswith(f"{carrier}-"):
        raise row.wrong("carrier", "the id of a plan begins with its carrier and a hyphen")
    billing = row.choice("billing", tuple(BILLING), "prepaid-pack")
    grade = row.choice("grade", GRADES, "example" if carrier == DEMO else "own")
    if (row.flag("example") or grade == "example") is not (carrier == DEMO):
        raise row.wrong("grade", "is example for rows of the carrier {carrier}, and for no others", carrier=Raw(DEMO))
    price = row.money("price", None) if grade in FOUND else row.money("price")
    minutes = row.integer("voice_minutes", None, least=1)
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


def _countries(row: Table) -> tuple[str, ...]:
    countries = row.texts("countries", ("KH",))
    if not countries or any(len(code) != 2 or not code.isascii() or not code.isupper() for code in countries):
        raise row.wrong("countries", "is not a list of country codes like KH")
    return countries


def _terms(
    name: str, row: Table, billing: str, price: Money | None, purpose: str | None, *, found: bool
) -> dict[str, Toml]:
    """The plan's terms with its price and billing in them, checked by the engine that will run on them.

    A found row may leave out what its source does not say; nobody can buy by its terms until a person says it.
    """
    from esimctl.charging.terms import terms_from_table

    inner = row.inner("terms")
    table = {**({} if price is None else {"price": str(price)}), **inner.table}
    if purpose is not None:
        table["purpose"] = purpose
    if BILLING[billing] != "pack":
        table.setdefault("billing", BILLING[billing])
    if table.get("billing", "pack") != BILLING[billing]:
        raise inner.wrong("billing", "does not fit billing {billing!r}", billing=Raw(billing))
    if table.get("price") != (None if price is None else str(price)):
        raise inner.wrong("price", "is another one than the row's price")
    terms_from_table(name, Table({**(UNSAID if found else {}), **table}, inner.path, file=row.file))
    return table


def unknown(row: Plan) -> tuple[str, ...]:
    """What its source does not say of price, data and term; a plan without an allowance needs no data."""
    needed = ("term",) if row.billing == "pay-as-you-go" else ("data", "term")
    missing = [key for key in needed if key not in row.terms]
    return (*(("price",) if row.price is None else ()), *missing)
