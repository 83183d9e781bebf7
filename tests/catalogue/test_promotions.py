"""Promotions as data: windows, who may have them, one effect each."""

from datetime import date
from typing import Any

import pytest

from esimctl.catalogue.carriers import carriers
from esimctl.catalogue.plans import plans
from esimctl.catalogue.promotions import EFFECTS, promotion, read_promotion, shipped_promotions
from esimctl.errors import UsageError
from tests.catalogue.rows import rows_of

ROW: dict[str, Any] = {
    "name": "Half",
    "plans": ["smart-laor-7d"],
    "from": date(2026, 1, 1),
    "until": date(2026, 2, 1),
    "eligible": "all",
    "orders": ["new"],
    "effect": {"kind": "percent", "percent": 50},
    "source": "poster",
    "as_of": date(2026, 1, 1),
}


def test_there_is_one_of_every_effect_for_plans_that_exist() -> None:
    """R-106 to R-111."""
    known, brands = {row.id for row in plans()}, {row.id for row in carriers()}
    assert {row.effect.kind for row in shipped_promotions()} == set(EFFECTS)
    for row in shipped_promotions():
        assert row.plans or row.carriers
        assert (row.example, row.id.startswith("demo-"), row.name.startswith("Demo: ")) == (True, True, True)
        assert set(row.plans) <= known
        assert set(row.carriers) <= brands


def test_plans_name_their_promotions() -> None:
    named = {row.id: row.promotions for row in plans()}
    everybodys = ("demo-khmer-new-year", "demo-renew-1usd")
    assert named["demo-stack-10gb"] == ("demo-double-data", "demo-gift-data", *everybodys)
    assert named["demo-weekly-2gb"] == everybodys
    assert named["smart-laor-30d"] == ()


def test_a_window_includes_its_first_day_and_not_its_last() -> None:
    found, wrong = rows_of({"promotion": {"half": ROW}}, "promotion", read_promotion)
    assert wrong == []
    row = found["half"]
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1)]
    assert [row.holds(day) for day in days] == [False, True, True, False]


def test_a_slip_names_the_nearest() -> None:
    assert promotion("demo-double-data").name == "Demo: double data"
    assert promotion("double-data").id == "demo-double-data", "its code before it was marked"
    with pytest.raises(UsageError) as caught:
        promotion("doubledata")
    assert "demo-double-data" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"until": date(2026, 1, 1)}, "until"),
        ({"until": "2026-02-31"}, "until"),
        ({"orders": []}, "orders"),
        ({"orders": ["gift"]}, "orders"),
        ({"eligible": "friends"}, "eligible"),
        ({"effect": {"kind": "percent", "percent": 101}}, "effect.percent"),
        ({"effect": {"kind": "percent"}}, "effect.percent"),
        ({"effect": {"kind": "multiply", "times": 1, "term": "1 day"}}, "effect.times"),
        ({"effect": {"kind": "add", "data": "much", "term": "1 day"}}, "effect.data"),
        ({"effect": {"kind": "add", "data": "1GB", "term": "soon"}}, "effect.term"),
        ({"effect": {"kind": "fixed", "amount": "-1 USD"}}, "effect.amount"),
        ({"effect": {"kind": "free", "percent": 5}}, "effect.percent"),
        ({"effect": {"kind": "magic"}}, "effect.kind"),
        ({"effect": {"kind": "rollover", "rollover": {"mode": "carry"}}}, "effect.rollover.validity"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_value_is_named_and_the_rest_keeps_working(change: dict[str, Any], key: str) -> None:
    found, wrong = rows_of({"promotion": {"bad": ROW | change, "good": ROW}}, "promotion", read_promotion)
    assert list(found) == ["good"]
    assert [each.key for each in wrong] == [f"promotion.bad.{key}"]


def test_a_file_of_another_shape_is_a_finding() -> None:
    assert len(rows_of({"promotion": []}, "promotion", read_promotion)[1]) == 1
