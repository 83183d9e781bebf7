"""A reseller's price list: its rows in common words, and the copy that is kept between runs.

The copy is TOML, one table a plan; `fetched` says when. What an adapter needs of its vendor's own row to order from it
(`wire`) is kept beside each plan, so that an order can be built from the copy alone.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import ParamSpec

from esimctl.catalogue.plan import Plan
from esimctl.charging.terms import terms_from_table
from esimctl.malformed import Malformed, if_told
from esimctl.providers.accounts import Drawer
from esimctl.values.record import field, record
from esimctl.values.tables import Table
from esimctl.values.toml import Toml, parse_toml

P = ParamSpec("P")

FORM = 1  #: of the copy; another number means: fetch it again


@record
class PriceRow:
    """A plan and the vendor's own words for it."""

    plan: Plan
    wire: Mapping[str, str | int] = field(default_factory=dict)


@record
class PriceList:
    """What a reseller offered at `fetched`, by plan id."""

    offers: Mapping[str, PriceRow]
    fetched: datetime

    @classmethod
    def of(cls, offers: Iterable[PriceRow], fetched: datetime) -> "PriceList":
        """A shelf of these offers; of two with one id the first counts."""
        table: dict[str, PriceRow] = {}
        for offer in offers:
            table.setdefault(offer.plan.id, offer)
        return cls(table, fetched)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """All plans in the vendor's order."""
        return tuple(offer.plan for offer in self.offers.values())


def one_row(read: "Callable[P, PriceRow | None]") -> "Callable[P, PriceRow | None]":
    """A reader of one row of a price list: None where nothing can be made of the row, so that it spoils no other."""

    @wraps(read)
    def row(*given: P.args, **more: P.kwargs) -> "PriceRow | None":
        return if_told(read, *given, **more)

    return row


def readable(found: Iterable[PriceRow | None]) -> list[PriceRow]:
    """The offers of a list whose unreadable rows are None. A list of nothing else is Malformed, and not "none"."""
    seen = list(found)
    offers = [offer for offer in seen if offer is not None]
    if seen and not offers:
        raise Malformed("no row of the price list can be read")
    return offers


def usable(plan: Plan) -> bool:
    """Whether the plan's terms can be read by the engine that will work with them."""
    return if_told(terms_from_table, plan.id, plan.terms) is not None


def keep_shelf(drawer: Drawer, name: str, shelf: PriceList) -> bool:
    """Write the copy. Whether that was possible."""
    from tomli_w import dumps

    table = {
        "form": FORM,
        "fetched": shelf.fetched,
        "plan": {identity: _row(offer) for identity, offer in shelf.offers.items()},
    }
    return drawer.write(f"{name}.toml", dumps(table).encode())


def kept_shelf(drawer: Drawer, name: str) -> PriceList | None:
    """The copy, None where there is none that can be read."""
    data = drawer.read(f"{name}.toml")
    return None if data is None else if_told(_shelf, data, name)


def _shelf(data: bytes, name: str) -> PriceList | None:
    table = Table(parse_toml(data.decode()))
    if table.integer("form", None) != FORM:
        return None
    offers = {identity: _offer(identity, name, Table(row)) for identity, row in table.raw("plan", {}).items()}
    return PriceList(offers, table.raw("fetched"))


_PLAIN = ("carrier", "name", "billing", "kind", "source", "as_of", "renews")
_LISTS = ("countries", "networks", "notes")


def _row(offer: PriceRow) -> "dict[str, Toml]":
    plan = offer.plan
    row: dict[str, Toml] = {key: getattr(plan, key) for key in _PLAIN if getattr(plan, key) is not None}
    row |= {key: list(getattr(plan, key)) for key in _LISTS}
    if plan.price is not None:
        row["price"] = str(plan.price)
    if plan.voice_seconds is not None:
        row["voice_seconds"] = plan.voice_seconds
    return {**row, "terms": dict(plan.terms), "wire": {**offer.wire}}


def _offer(identity: str, provider: str, row: Table) -> PriceRow:
    plan = Plan(
        id=identity,
        provider=provider,
        price=row.money("price", None),
        terms=row.raw("terms"),
        voice_seconds=row.integer("voice_seconds", None),
        countries=tuple(row.raw("countries")),
        networks=tuple(row.raw("networks")),
        notes=tuple(row.raw("notes")),
        **{key: row.raw(key) for key in _PLAIN if row.has(key)},
    )
    return PriceRow(plan, row.raw("wire"))
