"""Bugs about clocks that were wrong, and about those that cannot be right."""

from datetime import datetime
from typing import Any

from tests.faults.seeded import bug
from tests.faults.seeded.hunts import taking_back


@bug(taking_back)
def future_stays() -> None:
    """The clock goes on rightly, but what it dated wrongly keeps its month."""
    from esimctl.ledger import happenings

    def take_back(ledger: Any, at: datetime, _since: datetime) -> None:
        ledger.high_water = at

    happenings.take_back = take_back


@bug(taking_back)
def taken_back_for_free() -> None:
    """What a wrong clock dated counts against no limit once it is taken back."""
    from esimctl.ledger import happenings

    real = happenings.take_back

    def take_back(ledger: Any, at: datetime, since: datetime) -> None:
        ahead = [key for key, spend in ledger.spends.items() if spend.at > at]
        real(ledger, at, since)
        for key in ahead:
            del ledger.spends[key]

    happenings.take_back = take_back


@bug(taking_back)
def stated_month_forgotten() -> None:
    """What was dated into another month is missing there."""
    from esimctl.records import report_money

    report_money._months = lambda order, months: (months.of(order.settled_at), None)


@bug(taking_back)
def written_by_any_clock() -> None:
    """A machine that has lost its time sells and writes."""
    from esimctl.store.folder import Store

    Store.check_open = Store._check_first = lambda _self: None  # type: ignore[method-assign]


@bug(taking_back)
def any_day_will_do() -> None:
    """A date that the clock contradicts is believed."""
    from esimctl.setup import right_time

    right_time.check_day = lambda _session, _day: None
