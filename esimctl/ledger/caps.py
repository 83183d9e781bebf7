"""Limits of money and of count: would one more purchase break one? Pure.

A day is both the calendar day in the person's zone and the last 24 hours, a month both the calendar month and the last
31 days: the stricter counts, so that neither midnight nor the end of a month lets two budgets through.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from esimctl.ledger.state import LedgerState
from esimctl.values.money import Money
from esimctl.values.record import record

_ROLLING: Final = {"day": timedelta(hours=24), "month": timedelta(days=31)}


@record
class Limits:
    """What may be spent, in one scope: a line, a source (`rule:<name>`), both, or with neither the whole profile.

    Several amounts of one period are in several currencies. A purchase in a currency that a set of amounts does not
    name breaks it: without a rate nobody can say that it would fit.
    """

    per_order: tuple[Money, ...] = ()
    per_day: tuple[Money, ...] = ()
    per_month: tuple[Money, ...] = ()
    count_per_day: int | None = None
    count_per_month: int | None = None
    line: str | None = None
    source: str | None = None
    play: bool = False  #: whether it is play money that is counted, and that the next purchase would take


@record
class Breach:
    """The limit that one more purchase would break. `limit` and `spent` are minor units, or counts."""

    limit_name: str  #: per_order, per_day, per_month, count_per_day or count_per_month
    window: str  #: order, calendar, rolling or currency
    limit: int
    spent: int  #: settled in the window and reserved, without the purchase
    currency: str | None = None
    line: str | None = None
    source: str | None = None


def breach(ledger: LedgerState, now: datetime, zone: tzinfo, limits: Limits, amount: Money) -> Breach | None:
    """The first limit that `amount` more would break, None if it fits them all."""
    return next(breaches(ledger, now, zone, limits, amount), None)


def breaches(ledger: LedgerState, now: datetime, zone: tzinfo, limits: Limits, amount: Money) -> Iterator[Breach]:
    """Every limit that `amount` more would break."""
    place = {"line": limits.line, "source": limits.source}
    for name, amounts in (
        ("per_order", limits.per_order),
        ("per_day", limits.per_day),
        ("per_month", limits.per_month),
    ):
        if not amounts:
            continue
        cap = next((money.minor for money in amounts if money.currency == amount.currency), None)
        if cap is None:
            yield Breach(name, "currency", 0, 0, amount.currency, **place)
            continue
        for window, spent in _spent(ledger, now, zone, name, amount.currency, limits):
            if spent + amount.minor > cap:
                yield Breach(name, window, cap, spent, amount.currency, **place)
    for name, count in (("count_per_day", limits.count_per_day), ("count_per_month", limits.count_per_month)):
        if count is not None:
            for window, since, until in windows(now, zone, name.removeprefix("count_per_")):
                made = ledger.purchases(since, until, play=limits.play, **place)
                if made + 1 > count:
                    yield Breach(name, window, count, made, None, **place)


def _spent(
    ledger: LedgerState, now: datetime, zone: tzinfo, name: str, currency: str, limits: Limits
) -> Iterator[tuple[str, int]]:
    if name == "per_order":
        yield "order", 0
        return
    for window, since, until in windows(now, zone, name.removeprefix("per_")):
        yield window, ledger.spent(currency, since, until, line=limits.line, source=limits.source, play=limits.play)


def windows(now: datetime, zone: tzinfo, period: str) -> Iterator[tuple[str, datetime, datetime]]:
    """(`calendar` or `rolling`, its first instant, the first after it) of the `day` or `month` that it is now."""
    local = now.astimezone(zone)
    first = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    after = first + timedelta(days=1)
    if period == "month":
        first = first.replace(day=1)
        after = (first + timedelta(days=31)).replace(day=1)
    yield "calendar", first.astimezone(UTC), after.astimezone(UTC)
    yield "rolling", now - _ROLLING[period], now
