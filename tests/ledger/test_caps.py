"""Limits: the stricter of calendar and rolling window counts, and what is open counts as spent."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.ledger.caps import Limits, breach, breaches
from esimctl.ledger.fold import Ledger
from esimctl.values.money import Money
from tests.ledger.samples import histories, life, numbered, prepared, step

ZONE = ZoneInfo("Asia/Phnom_Penh")
FIVE = Money(500, "USD")


def bought(*ats, **changes):
    """A ledger with a purchase of 5 USD at each instant."""
    ledger = Ledger()
    for number, at in enumerate(ats):
        numbered(*life(f"o{number}", at=at, **changes), ledger=ledger)
    return ledger


def test_midnight_does_not_open_a_second_budget():
    """23:59 and 00:01 are two calendar days and one rolling day."""
    before, after = datetime(2026, 3, 10, 16, 59, tzinfo=UTC), datetime(2026, 3, 10, 17, 1, tzinfo=UTC)
    found = breach(bought(before), after, ZONE, Limits(per_day=(FIVE,)), FIVE)
    assert found is not None
    assert (found.limit_name, found.window, found.limit, found.spent) == ("per_day", "rolling", 500, 500)


def test_the_calendar_month_is_the_stricter_one_on_the_thirty_first():
    """From the 1st at 00:00 to the 31st at 23:59 is one calendar month in the person's zone, a rolling one as well."""
    first, last = datetime(2026, 2, 28, 17, 0, tzinfo=UTC), datetime(2026, 3, 31, 16, 59, tzinfo=UTC)
    windows = {b.window for b in breaches(bought(first), last, ZONE, Limits(per_month=(FIVE,)), FIVE)}
    assert windows == {"calendar", "rolling"}
    day_later = datetime(2026, 3, 31, 17, 1, tzinfo=UTC)
    assert breach(bought(first), day_later, ZONE, Limits(per_month=(FIVE,)), FIVE) is None


def test_an_open_order_counts_like_money_spent():
    ledger = Ledger()
    at = datetime(2026, 3, 10, tzinfo=UTC)
    numbered(prepared(at=at), step("attempted", n=1), step("unknown", reason="timeout"), ledger=ledger)
    assert breach(ledger, at, ZONE, Limits(per_day=(Money(999, "USD"),)), FIVE) is not None
    numbered(step("rejected", reason="absent"), ledger=ledger)
    assert breach(ledger, at, ZONE, Limits(per_day=(Money(999, "USD"),)), FIVE) is None


def test_a_currency_that_a_limit_does_not_name_breaks_it():
    found = breach(Ledger(), datetime(2026, 3, 1, tzinfo=UTC), ZONE, Limits(per_order=(FIVE,)), Money(100, "KHR"))
    assert found is not None
    assert found.window == "currency"


def test_several_currencies_are_several_limits():
    limits = Limits(per_order=(FIVE, Money(20_000, "KHR")))
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert breach(Ledger(), now, ZONE, limits, Money(20_000, "KHR")) is None
    assert breach(Ledger(), now, ZONE, limits, Money(20_001, "KHR")) is not None


def test_scopes_are_kept_apart():
    """A line's or a rule's limit sees its own purchases alone; `rule` sees those of all rules."""
    at = datetime(2026, 3, 10, tzinfo=UTC)
    ledger = bought(at, source="rule:a", line="phone")
    for scope in ({"line": "phone"}, {"source": "rule:a"}, {"source": "rule"}, {}):
        assert breach(ledger, at, ZONE, Limits(per_day=(FIVE,), **scope), FIVE) is not None
    for scope in ({"line": "tablet"}, {"source": "rule:ab"}, {"source": "person"}):
        assert breach(ledger, at, ZONE, Limits(per_day=(FIVE,), **scope), FIVE) is None


def test_counts_are_limited_as_money_is():
    at = datetime(2026, 3, 10, tzinfo=UTC)
    found = breach(bought(at, at), at + timedelta(hours=1), ZONE, Limits(count_per_day=2), FIVE)
    assert found is not None
    assert (found.limit_name, found.spent) == ("count_per_day", 2)
    assert breach(bought(at, at), at, ZONE, Limits(count_per_day=3), FIVE) is None


@settings(max_examples=60, deadline=None)
@given(histories(), st.integers(0, 3000), st.integers(0, 3000))
def test_what_fits_a_limit_fits_every_higher_one(history, low, more):
    """Raising a limit never breaks it, and a smaller purchase never breaks what a larger one kept."""
    now = history.now
    for name in ("per_order", "per_day", "per_month"):
        tight, wide = (Limits(**{name: (Money(cap, "USD"),)}) for cap in (low, low + more))
        if breach(history.ledger, now, ZONE, tight, FIVE) is None:
            assert breach(history.ledger, now, ZONE, wide, FIVE) is None
            assert breach(history.ledger, now, ZONE, tight, Money(1, "USD")) is None
