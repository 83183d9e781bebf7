"""A limit that is raised more than twofold counts after a day; lowering and small steps count at once."""

from datetime import UTC, datetime, timedelta

import pytest

from esimctl.autotopup.rule import DELAY, Rule, raised, waiting
from esimctl.ledger.facts import RuleFact
from esimctl.values.money import Money
from tests.autotopup.conftest import World

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def spent_out(world: World) -> None:
    """A rule whose month is used up, on a line that is low again."""
    world.rule(month="1USD", price="1USD")
    world.use("89600MB")
    assert world.decision()["decision"] == "topup"
    world.use("2000MB")
    world.at(hours=2)
    assert world.decision()["reason"] == "spend_limit_reached"


def test_twofold_counts_at_once(world: World) -> None:
    spent_out(world)
    world.rule(month="2USD", price="1USD")
    assert world.decision()["decision"] == "topup"


def test_more_counts_after_a_day_and_the_old_limit_until_then(world: World) -> None:
    spent_out(world)
    world.ok("autotopup", "set", "phone", "--below", "500MB", "--plan", "demo-topup-2gb", "--max-price", "1USD",
             "--max-per-month", "9USD")  # fmt: skip
    told = world.ok("autotopup", "enable", "phone", "--confirm", "9USD")
    assert "more than twofold" in told.err
    (rule,) = world.ok("autotopup", "show", "--json").json["rules"]
    assert rule["max_per_month"]["amount"] == "9.00"
    assert rule["raised"]["max_per_month"] == {"amount": "1.00", "currency": "USD"}
    assert rule["raised"]["max_price"] is None
    assert world.decision()["reason"] == "spend_limit_reached"
    world.at(hours=23)
    assert world.decision()["reason"] == "spend_limit_reached"
    world.at(hours=1, minutes=1)
    assert world.decision()["decision"] == "topup"
    assert world.ok("autotopup", "show", "--json").json["rules"][0]["raised"] is None


def test_taking_a_rule_away_and_setting_it_again_is_no_way_around(world: World) -> None:
    spent_out(world)
    world.ok("autotopup", "remove", "phone", "--yes")
    world.rule(month="9USD", price="1USD")
    assert world.decision()["reason"] == "spend_limit_reached"


def test_a_raise_that_waits_survives_a_lowering(world: World) -> None:
    spent_out(world)
    world.rule(month="9USD", price="1USD")
    world.rule(month="8USD", price="1USD", enable=False)
    assert world.decision()["reason"] == "spend_limit_reached"
    world.at(hours=24, minutes=1)
    assert world.decision()["decision"] == "topup"


def confirmed(before: RuleFact, now: datetime, **caps: object) -> RuleFact:
    """The fact after a person confirmed a rule with these limits."""
    rule = Rule("r", "phone", **{"max_price": Money(100, "USD"), "max_per_month": Money(600, "USD"), **caps})  # type: ignore[arg-type]
    return RuleFact("r", confirmed=raised(rule, before, now), confirmed_at=now)


def test_two_small_steps_within_a_day_are_one_large_one() -> None:
    fact = confirmed(RuleFact("r"), NOW)
    fact = confirmed(fact, NOW + timedelta(hours=1), max_per_month=Money(1200, "USD"))
    assert waiting(fact, NOW + timedelta(hours=1)) == {}
    fact = confirmed(fact, NOW + timedelta(hours=2), max_per_month=Money(2400, "USD"))
    assert waiting(fact, NOW + timedelta(hours=3)) == {"max_per_month": Money(1200, "USD")}
    assert waiting(fact, NOW + timedelta(hours=2) + DELAY) == {}


def test_a_step_a_day_is_measured_against_the_last_one() -> None:
    fact = confirmed(RuleFact("r"), NOW)
    for day, cents in ((1, 1200), (3, 2400), (5, 4800)):
        fact = confirmed(fact, NOW + timedelta(days=day), max_per_month=Money(cents, "USD"))
        assert waiting(fact, NOW + timedelta(days=day)) == {}


@pytest.mark.parametrize(
    ("before", "after", "held"),
    [
        ({"max_count": 2}, {"max_count": 5}, {"max_count": 2}),
        ({"max_count": 2}, {"max_count": 4}, {}),
        ({"max_count": 2}, {}, {"max_count": 2}),
        ({}, {"max_count": 9}, {}),
        ({}, {"max_unattended": 21}, {"max_unattended": 10}),
        ({}, {"max_per_month": Money(600, "EUR"), "max_price": Money(100, "EUR")},
         {"max_per_month": Money(600, "USD"), "max_price": Money(100, "USD")}),
        ({"max_per_day": Money(100, "USD")}, {}, {"max_per_day": Money(100, "USD")}),
    ],
)  # fmt: skip
def test_what_is_held(before: dict[str, object], after: dict[str, object], held: dict[str, object]) -> None:
    fact = confirmed(confirmed(RuleFact("r"), NOW, **before), NOW + timedelta(days=2), **after)
    assert waiting(fact, NOW + timedelta(days=2, hours=1)) == held
