"""Finding plans: every filter, every order, in whole numbers."""

from fractions import Fraction

import pytest

from esimctl.catalogue.glossary import concept, words
from esimctl.catalogue.plan import Plan, validity_days
from esimctl.catalogue.plans import plans
from esimctl.catalogue.search import SORTS, carries, find, grant_bytes, ordered, total_bytes
from esimctl.errors import UsageError
from esimctl.values.money import Money
from esimctl.values.volume import UNLIMITED

GB = 10**9


def ids(rows: tuple[Plan, ...]) -> list[str]:
    return [row.id for row in rows]


def test_without_a_filter_everything_in_its_order() -> None:
    assert find() == plans()


def test_filters_narrow_and_are_exact() -> None:
    assert all("VN" in row.countries for row in find(country="vn"))
    assert ids(find(country="vn")) == ["demo-asia-30d"]
    assert {row.carrier for row in find(carrier_name="Hello")} == {"smart"}
    assert find(provider="other") == ()
    assert {row.carrier for row in find(provider="sandbox")} == {"demo"}
    assert len(find(provider="sandbox")) + len(find(provider="manual")) == len(plans())
    assert {row.kind for row in find(kind="topup")} == {"topup"}
    cheap = find(max_price=Money.parse("1.00 USD"))
    assert cheap
    assert all(row.price is not None and row.price <= Money.parse("1.00 USD") for row in cheap)


def test_prices_of_another_currency_are_never_compared() -> None:
    assert {row.price.currency for row in find(max_price=Money.parse("1000KHR")) if row.price} == {"KHR"}


def test_volume_counts_all_that_is_granted_over_the_term() -> None:
    yearly = next(row for row in plans() if row.id == "demo-yearly-120gb")
    assert (grant_bytes(yearly), total_bytes(yearly)) == (10 * GB, 120 * GB)
    daily = next(row for row in plans() if row.id == "demo-days-7d")
    assert total_bytes(daily) == 7 * GB
    found = find(least_bytes=120 * GB)
    assert yearly in found
    assert any(total_bytes(row) is UNLIMITED for row in found)
    assert all(total_bytes(row) is not None for row in found)
    assert {total_bytes(row) for row in find(least_bytes=UNLIMITED)} == {UNLIMITED}
    binary = next(row for row in plans() if row.id == "demo-leb-15d")
    assert total_bytes(binary) == 10 * 2**30


def test_days_are_the_least_validity() -> None:
    found = find(days=30)
    assert found
    assert all((validity_days(row) or 0) >= 30 for row in found)
    assert "demo-monthly-10gb" in ids(found), "a month counts as 30 days"


def test_rollover_on_and_off_part_the_plans() -> None:
    assert set(ids(find(rollover=True))) | set(ids(find(rollover=False))) == set(ids(plans()))
    assert all(carries(row) for row in find(rollover=True))


def test_orders_are_exact_and_stable() -> None:
    dollars = [row for row in ordered(plans(), "per-gb") if row.price and row.price.currency == "USD"]
    numbers = [row for row in dollars if isinstance(total_bytes(row), int)]
    ratios = [Fraction(row.price.minor, total_bytes(row)) for row in numbers if row.price]  # type: ignore[arg-type]
    assert ratios == sorted(ratios)
    assert total_bytes(dollars[0]) is UNLIMITED
    assert total_bytes(dollars[-1]) is None
    prices = [row.price.minor for row in ordered(plans(), "price") if row.price and row.price.currency == "USD"]
    assert prices == sorted(prices)
    days = [validity_days(row) for row in ordered(plans(), "days")]
    known = [each for each in days if each is not None]
    assert known == sorted(known)
    assert days[: len(known)] == known, "what is unknown stands last"
    for sort in SORTS:
        assert ordered(ordered(plans(), sort), sort) == ordered(plans(), sort)
        assert {row.id for row in ordered(plans(), sort)} == set(ids(plans()))
    with pytest.raises(UsageError):
        find(sort="colour")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("流量不清零", "demo-monthly-10gb"),
        ("结转流量", "demo-family-30gb"),
        ("leb卡", "demo-days-7d"),
        ("LEB card", "demo-leb-30d"),
        ("包年", "demo-yearly-120gb"),
        ("按量计费", "metfone-payg"),
        ("家庭共享", "demo-family-30gb"),
        ("夜间包", "demo-night-15gb"),
        ("ចុងសប្ដាហ៍", "demo-weekend-10gb"),
        ("unlimited", "demo-unlimited-10d"),
        ("按天计费", "demo-days-7d"),
        ("加油包", "demo-topup-2gb"),
    ],
)
def test_plans_are_found_by_the_words_people_use(word: str, expected: str) -> None:
    """R-31: in Chinese, Khmer and English, as a word or in the place of a carrier."""
    found = ids(find(words=[word]))
    assert expected in found
    assert len(found) < len(plans())
    assert ids(find(carrier_name=word)) == found


def test_another_word_is_looked_for_in_the_row() -> None:
    assert ids(find(words=["KADO"])) == ["metfone-kado-social-7d"]
    assert find(words=["rollover", "weekly"]) == ()


def test_every_word_of_the_glossary_means_one_thing_and_finds_something() -> None:
    known = words()
    assert len(known) == len({word.casefold() for word in known})
    for word in known:
        assert concept(word) is not None
        assert find(words=[word]), word
    assert concept("banana") is None
