"""Promotions at the counter: each changes the price, the terms, or what comes with the pack (R-106 to R-112)."""

from datetime import UTC, datetime

import pytest

from esimctl.errors import Refused
from esimctl.providers.protocol import LineRef
from esimctl.values.money import Money

from .conftest import START, Counter

GB = 10**9


def quoted(shop: Counter, kind: str, plan: str, code: str, line: LineRef | None = None) -> Money:
    return shop.order(kind, line or LineRef("phone"), plan=plan, promotion=code).price


def test_double_data_is_a_bucket_of_its_own_that_never_rolls(shop: Counter) -> None:
    """R-106, R-112: the base allowance is not enlarged, and the bonus has its own end."""
    line = shop.buy("demo-monthly-10gb", promotion="demo-double-data")
    assert [(row.category, row.remaining) for row in shop.look(line).buckets] == [("promo", 10 * GB), ("base", 10 * GB)]
    shop.later(days=28)
    shop.place("renew", line, plan=line.plan)
    shop.later(days=2)
    assert [(row.category, row.remaining) for row in shop.look(line).buckets] == [
        ("base", 10 * GB),
        ("rollover", 10 * GB),
    ]


def test_gift_data_comes_on_top(shop: Counter) -> None:
    """R-107."""
    line = shop.buy("demo-stack-10gb", promotion="demo-gift-data")
    assert shop.look(line).remaining_bytes == 13 * GB


def test_the_first_pack_is_free_and_only_the_first(shop: Counter) -> None:
    """R-108."""
    line = shop.buy("demo-rise-30d", promotion="demo-first-pack-free")
    listed = shop.provider.orders(START, shop.now)
    assert listed is not None
    assert listed[0].charges == (Money(0, "USD"),)
    with pytest.raises(Refused) as caught:
        quoted(shop, "renew", "demo-rise-30d", "demo-first-pack-free", line)
    assert caught.value.code == "promotion_not_for_order"


def test_a_holiday_discount_holds_on_its_local_days_only(shop: Counter) -> None:
    """R-109: the day is counted in the operator's zone; midnight in Phnom Penh is 17:00 of the day before in UTC."""
    for moment, holds in (
        (datetime(2027, 4, 12, 16, 59, 59, tzinfo=UTC), False),
        (datetime(2027, 4, 12, 17, 0, tzinfo=UTC), True),
        (datetime(2027, 4, 16, 16, 59, 59, tzinfo=UTC), True),
        (datetime(2027, 4, 16, 17, 0, tzinfo=UTC), False),
    ):
        shop.now = moment
        if holds:
            assert quoted(shop, "new", "demo-monthly-20gb", "demo-khmer-new-year") == Money(720, "USD")
        else:
            with pytest.raises(Refused) as caught:
                quoted(shop, "new", "demo-monthly-20gb", "demo-khmer-new-year")
            assert caught.value.code == "promotion_over"


def test_a_fixed_discount_is_for_renewals_and_never_pays_out(shop: Counter) -> None:
    """R-110."""
    shop.now = datetime(2026, 7, 1, tzinfo=UTC)
    monthly, daily = shop.buy("demo-monthly-10gb"), shop.buy("demo-daily-1gb", "b")
    assert quoted(shop, "renew", "demo-monthly-10gb", "demo-renew-1usd", monthly) == Money(500, "USD")
    assert quoted(shop, "renew", "demo-daily-1gb", "demo-renew-1usd", daily) == Money(0, "USD")
    baht = shop.buy("demo-roam-7d", "c")
    with pytest.raises(Refused) as caught:
        quoted(shop, "renew", "demo-roam-7d", "demo-renew-1usd", baht)
    assert caught.value.code == "promotion_currency"


def test_rollover_can_be_granted_by_a_promotion(shop: Counter) -> None:
    """R-39, R-111: without it the same pack is cleared at its end."""
    granted, plain = shop.buy("demo-leb-30d", "a", promotion="demo-rollover-granted"), shop.buy("demo-leb-30d", "b")
    shop.later(days=30)
    for line, code in ((granted, "demo-rollover-granted"), (plain, None)):
        shop.place("renew", line, plan=line.plan, promotion=code)
    assert (shop.look(granted).remaining_bytes, shop.look(plain).remaining_bytes) == (40 * GB, 20 * GB)
    assert shop.look(plain).forfeited_bytes == 20 * GB


@pytest.mark.parametrize(
    ("plan", "code", "reason"),
    [
        ("demo-monthly-10gb", "no-such-code", "promotion_unknown"),
        ("demo-daily-1gb", "demo-double-data", "promotion_not_for_plan"),
    ],
)
def test_a_promotion_that_is_not_for_it_is_refused(shop: Counter, plan: str, code: str, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        quoted(shop, "new", plan, code)
    assert caught.value.code == reason
