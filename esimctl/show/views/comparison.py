"""Plans side by side."""

from collections.abc import Callable, Mapping
from typing import Any

from esimctl.show.amounts import flat_money, money, term
from esimctl.show.view import Column, View
from esimctl.show.views.plans import data_of
from esimctl.show.views.rollover import of_plan
from esimctl.show.words import say


def _there(field: str, cell: Callable[[Any], object]) -> Callable[[Mapping[str, Any]], object]:
    return lambda row: None if row["in"] is None else cell(row["in"][field])


def _flat(value: Mapping[str, str] | None) -> str | None:
    return None if value is None else f"{value['amount']} {value['currency']}"


COLUMNS = (
    Column("id", lambda r: r["id"]),
    Column("price", flat_money("price"), lambda r: money(r["price"]), right=True),
    Column("data_bytes", lambda r: "unlimited" if r["unlimited"] else r["data_bytes"], data_of, right=True),
    Column("validity", lambda r: r["validity"], lambda r: term(r["validity"])),
    Column("price_per_gb", flat_money("price_per_gb"), lambda r: money(r["price_per_gb"]), right=True),
    Column("price_per_day", flat_money("price_per_day"), lambda r: money(r["price_per_day"]), right=True),
    Column("rollover", lambda r: r["rollover"], of_plan),
    Column("overage", lambda r: r["overage"]),
    Column("example", lambda r: r["example"], lambda r: say("demo") if r["example"] else "-"),
    Column("in_price", _there("price", _flat), _there("price", money), right=True, shown=False),
    Column("in_price_per_gb", _there("price_per_gb", _flat), _there("price_per_gb", money), right=True, shown=False),
    Column("in_price_per_day", _there("price_per_day", _flat), _there("price_per_day", money), right=True, shown=False),
    Column("carrier", lambda r: r["carrier"], shown=False),
    Column("provider", lambda r: r["provider"], shown=False),
    Column("coverage", lambda r: "; ".join(r["coverage"]), shown=False),
)

VIEWS = {"comparison": View(COLUMNS, lambda data: data["plans"], None, "no plan fits")}
