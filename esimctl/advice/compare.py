"""Plans side by side: prices for a GB and a day, in one currency where the person gave a rate (R-14, R-33)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from esimctl.advice.rates import Rates
from esimctl.catalogue.carriers import by_name
from esimctl.catalogue.holding import DISPUTED
from esimctl.catalogue.plan import Plan
from esimctl.catalogue.plans import plan as known
from esimctl.catalogue.search import find
from esimctl.documents.advice import ComparedPlan, ComparisonDocument, ConvertedPrices
from esimctl.documents.result import Result
from esimctl.errors import UsageError
from esimctl.market.on_offer import plans_on_offer
from esimctl.market.plans import check_provider, plan_row, price_per_day, price_per_gb
from esimctl.profile.own_catalogue import market, note_wrong
from esimctl.values.money import EXPONENTS, Money
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.profile.opened import Session


def compare(
    session: "Session",
    names: Sequence[str] = (),
    *,
    country: str | None = None,
    carrier: str | None = None,
    provider: str | None = None,
    data: int | None = None,
    days: int | None = None,
    max_price: Money | None = None,
    sort: str | None = None,
    currency: str | None = None,
    rates: Sequence[str] = (),
) -> "Result[ComparisonDocument]":
    """Plans by name, or those on offer that pass the filters, with comparable figures and the policies that count."""
    check_provider(session, provider)
    if currency is not None and currency not in EXPONENTS:
        raise UsageError("unknown currency {currency!r}", code="bad_currency", currency=Raw(currency))
    notes: list[Sentence] = []
    rows = market(session)
    own = tuple(rows.own.values())
    narrowed = any(each is not None for each in (country, carrier, data, days, max_price))
    offered = plans_on_offer(session, provider=provider, narrowed=narrowed, notes=notes)
    among = tuple((rows.plans | {row.id: row for row in offered}).values())
    chosen = [known(name, among) for name in names] or list(offered)
    known_carriers = rows.every_carrier()
    found = find(
        chosen,
        country=country,
        carrier_name=carrier,
        carriers=known_carriers,
        least_bytes=data,
        days=days,
        max_price=max_price,
        sort=sort or "per-gb",
    )
    exchange = Rates.of(session, rates)
    compared: list[ComparedPlan] = []
    for row in found:
        plan = plan_row(session, row, own)
        price = None if row.price is None or currency is None else exchange.convert(row.price, currency)
        seller = by_name(row.carrier, known_carriers)
        compared.append(
            ComparedPlan(
                **vars(plan),
                policy=plan.rollover_counted,
                disputed=plan.rollover == DISPUTED,
                in_=None if price is None else _in(replace(row, price=price), price),
                coverage=() if seller is None else seller.of("coverage"),
            )
        )
    document = ComparisonDocument(plans=compared, currency=currency, rates=exchange.texts)
    result = Result("comparison", document, notes=notes)
    if currency is not None and any(plan.in_ is None for plan in compared):
        result.note("some prices are in another currency, and there is no rate for them: --rate 1USD=4100KHR")
    note_wrong(result, rows.wrong)
    return result


def _in(row: Plan, price: Money) -> ConvertedPrices:
    return ConvertedPrices(price=price, price_per_gb=price_per_gb(row), price_per_day=price_per_day(row))
