"""Every row of the decision table, seen from the command line."""

import pytest

from esimctl.autotopup.table import TABLE
from tests.autotopup.conftest import World
from tests.conftest import tree


def test_row_1_a_rule_that_nobody_enabled_does_nothing(world: World) -> None:
    world.rule(enable=False)
    world.use("89600MB")
    found = world.decision()
    assert (found["decision"], found["reason"], found["code"]) == ("skip", "disabled", 0)
    assert world.orders() == []


def test_row_1_disabling_is_immediate(low: World) -> None:
    low.ok("autotopup", "disable", "phone")
    assert low.decision()["reason"] == "disabled"


def test_row_1_a_rule_ends_on_its_date_and_says_once_that_it_turned_itself_off(world: World) -> None:
    world.rule("--below", "500MB", "--plan", "demo-topup-2gb", "--until", "2026-11-22")
    world.use("89600MB")
    world.at(days=3)
    assert world.decision()["reason"] == "expired"
    assert world.decision()["reason"] == "disabled"
    assert world.alerts().count("expired") == 1
    assert world.orders() == []


def test_row_2_a_suspended_rule_sleeps(low: World) -> None:
    low.fault("decline", 3)
    for _ in range(3):
        low.sweep()
        low.at(hours=2)
    assert low.decision()["reason"] == "suspended"


def test_row_3_a_line_that_is_gone(low: World) -> None:
    low.ok("lines", "remove", "phone", "--yes")
    assert low.sweep()["decisions"] == [], "its rules went with it"
    assert low.orders() == []


def test_row_4_a_reading_older_than_the_last_topup_is_not_read_as_a_balance(low: World) -> None:
    low.ok("balance", "--refresh")
    low.fault("stale-usage", 20)
    low.ok("balance", "--refresh")
    assert low.sweep()["decisions"][0]["decision"] == "topup"
    low.at(hours=2)
    first, second = low.decision(), low.decision()
    assert (first["reason"], second["reason"]) == ("balance_unknown", "balance_unknown")
    assert low.alerts().count("balance_unknown") == 1, "told after two in a row, once"
    low.at(hours=2)
    low.sweep()
    assert len(low.orders()) == 1
    assert low.alerts().count("balance_unknown") == 2, "it goes on: an hour later once more"


def test_row_5_more_than_the_threshold_is_not_due(world: World) -> None:
    world.rule()
    world.use("89499MB")
    assert world.decision()["reason"] == "not_due"
    assert world.orders() == []


def test_row_5_exactly_the_threshold_is_due(world: World) -> None:
    world.rule()
    world.use("89500MB")
    assert world.decision()["decision"] == "topup"


def test_row_5_schedule_and_expiry(world: World) -> None:
    world.rule("--every", "monthly", "--from", "2026-12-01", "--amount", "1USD", "--rule", "monthly")
    world.rule("--before-expiry", "3d", "--plan", "smart-5g-30d", "--rule", "renewal", price="6USD", month="6USD")
    reasons = {row["rule"]: row["reason"] for row in world.sweep()["decisions"]}
    assert reasons == {"monthly": "not_due", "renewal": "not_due"}


def test_row_6_an_open_order_blocks_and_is_never_sent_again(low: World) -> None:
    low.fault("slow-activation")
    low.esimctl("topup", "phone", "--plan", "demo-topup-2gb", "--yes", "--no-wait")
    found = low.sweep()
    assert found["decisions"][0]["reason"] == "pending"
    assert found["code"] == 4
    low.at(minutes=5)
    low.sweep()
    assert len(low.orders()) == 1


def test_row_7_back_off_after_a_failure(low: World) -> None:
    low.rule("--below", "500MB", "--plan", "demo-topup-2gb", "--cooldown", "1min")
    low.fault("decline")
    assert low.sweep()["code"] == 3
    low.at(minutes=30)
    found = low.decision()
    assert (found["reason"], found["code"]) == ("backoff", 5)
    low.at(minutes=31)
    assert low.decision()["decision"] == "topup"


def test_row_8_a_failure_does_not_release_the_cool_down(low: World) -> None:
    low.rule("--below", "500MB", "--plan", "demo-topup-2gb", "--cooldown", "5h")
    low.fault("decline")
    low.sweep()
    low.at(hours=2)
    found = low.decision()
    assert (found["reason"], found["code"]) == ("cooldown", 5)
    low.at(hours=3)
    assert low.decision()["decision"] == "topup"
    assert [order["state"] for order in low.orders()] == ["rejected", "settled"]


def test_row_9_a_target_that_no_single_order_can_reach(world: World) -> None:
    world.rule("--below", "500MB", "--target", "80GB", price="2USD")
    world.use("89600MB")
    found = world.decision()
    assert found["reason"] == "invalid_amount"
    assert world.alerts().count("invalid_amount") == 1
    assert world.orders() == []


def test_row_9_a_price_above_the_limit_of_one_order(world: World) -> None:
    world.rule(price="0.50USD")
    world.use("89600MB")
    found = world.decision()
    assert (found["reason"], found["code"]) == ("price_above_max", 5)
    assert world.orders() == []


def test_row_10_the_number_of_orders_is_limited_and_told_once(world: World) -> None:
    world.rule("--below", "500MB", "--plan", "demo-topup-2gb", "--max-count", "1")
    world.use("89600MB")
    assert world.decision()["decision"] == "topup"
    world.use("2000MB")
    world.at(hours=2)
    found = world.decision()
    assert (found["reason"], found["code"]) == ("purchase_limit_reached", 5)
    world.at(hours=2)
    world.sweep()
    assert world.alerts().count("purchase_limit_reached") == 1
    assert len(world.orders()) == 1


def test_row_11_what_was_spent_this_month_counts(world: World) -> None:
    world.rule(month="1.50USD")
    world.use("89600MB")
    assert world.decision()["decision"] == "topup"
    world.use("2000MB")
    world.at(hours=2)
    found = world.decision()
    assert (found["reason"], found["code"]) == ("spend_limit_reached", 5)
    assert "1.00 USD" in found["explanation"]
    world.sweep()
    assert world.alerts().count("spend_limit_reached") == 1


def test_row_11_neither_midnight_nor_the_end_of_a_month_lets_two_budgets_through(world: World) -> None:
    world.rule(month="1USD")
    world.at(days=10, hours=14)  # 30 November, 23:00 in the profile's zone
    world.buy("smart-5g-30d", "later")
    world.rule(line="later", month="1USD")
    world.use("89600MB", "later")
    assert world.decision(rule="later")["decision"] == "topup"
    world.use("2000MB", "later")
    world.at(hours=2)  # 1 December
    assert world.decision(rule="later")["reason"] == "spend_limit_reached"


def test_row_11_the_limits_of_line_and_profile_count_too(low: World) -> None:
    from pathlib import Path

    path = next(Path(low.ok("profile", "path").out.strip()).glob("profile.toml"))
    path.write_text(path.read_text().replace("[settings]\n", '[settings]\nlimits = {per_month = "6.50 USD"}\n', 1))
    assert low.decision()["reason"] == "spend_limit_reached", "the plan itself cost 6.00 USD"


def test_row_12_no_payment_method_is_left(low: World) -> None:
    low.ok("payments", "remove", "sandbox-card")
    assert low.decision()["reason"] == "missing_payment_method"
    low.sweep()
    assert low.alerts().count("missing_payment_method") == 1
    assert low.orders() == []


def test_row_13_a_rehearsal_says_what_would_happen_and_changes_nothing(low: World) -> None:
    from pathlib import Path

    home = Path(low.ok("profile", "path").out.strip())
    low.sweep("--dry-run")
    before = tree(home)
    found = low.decision("--dry-run")
    assert (found["decision"], found["would_charge"]) == ("would_topup", {"amount": "1.00", "currency": "USD"})
    assert tree(home) == before
    assert low.orders() == []


def test_row_13_a_rule_that_asks_is_told_once_and_buys_nothing(world: World) -> None:
    world.rule("--below", "500MB", "--plan", "demo-topup-2gb", "--ask")
    world.use("89600MB")
    assert world.decision()["decision"] == "ask"
    assert world.decision()["decision"] == "ask"
    assert world.alerts().count("ask") == 1
    assert world.orders() == []


def test_row_14_it_tops_up_once_and_says_so(low: World) -> None:
    found = low.sweep()
    (row,) = found["decisions"]
    assert (row["decision"], row["order"], found["code"]) == ("topup", found["orders"][0]["id"], 0)
    assert [alert["alert"] for alert in found["alerts"]] == ["topped_up", "low_data"]
    assert low.decision()["reason"] == "not_due"
    assert len(low.orders()) == 1


def test_a_pause_stops_spending_at_once(low: World) -> None:
    low.ok("autotopup", "pause")
    found = low.decision()
    assert (found["reason"], found["code"]) == ("paused", 5)
    low.ok("autotopup", "resume")
    assert low.decision()["decision"] == "topup"


def test_one_rule_can_be_paused_alone(low: World) -> None:
    low.ok("autotopup", "pause", "phone")
    assert low.decision()["reason"] == "paused"
    assert low.ok("autotopup", "show", "--json").json["rules"][0]["status"] == "paused"


def test_a_clock_that_was_set_back_spends_nothing(low: World) -> None:
    low.at(minutes=-10)
    found = low.decision()
    assert (found["reason"], found["code"]) == ("clock", 5)
    low.at(minutes=10)
    assert low.decision()["decision"] == "topup"


def test_a_clock_that_is_years_ahead_spends_nothing(world: World) -> None:
    world.rule("--every", "monthly", "--from", "2026-12-01", "--amount", "1USD")
    world.at(days=500)
    assert world.decision()["reason"] == "clock"
    assert world.orders() == []


def test_a_payment_that_wants_its_owner_is_held_and_not_tried(low: World) -> None:
    low.rule("--below", "500MB", "--plan", "demo-topup-2gb", "--pay", "sandbox-confirm")
    found = low.decision()
    assert found["reason"] == "authentication_required"
    low.at(minutes=50)
    low.sweep()
    assert low.orders() == []
    assert low.alerts().count("authentication_required") == 1
    low.at(minutes=20)
    low.sweep()
    assert low.alerts().count("authentication_required") == 2, "it goes on: an hour later once more"


def test_the_table_ends_with_a_row_that_matches_everything() -> None:
    """The order of rows is the specification; the last one is the only one that spends."""
    assert [row.decision for row in TABLE].count("topup") == 1
    assert TABLE[-1].decision == "topup"
    numbers = [row.number for row in TABLE]
    assert [n for n in numbers if n.isdigit()] == sorted((n for n in numbers if n.isdigit()), key=int)


@pytest.mark.parametrize("fault", ["unreachable", "out-of-stock"])
def test_what_cannot_be_bought_now_is_bought_later(low: World, fault: str) -> None:
    low.fault(fault)
    assert low.sweep()["code"] in {3, 69}
    low.at(hours=2)
    assert low.decision()["decision"] == "topup"
    assert [order["state"] for order in low.orders()] == ["rejected", "settled"]


def test_a_provider_that_does_not_answer_is_69_and_told_after_two(low: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from esimctl.errors import Unreachable
    from esimctl.providers.sandbox.provider import SandboxProvider

    def away(*_a: object, **_k: object) -> None:
        raise Unreachable("nobody there")

    monkeypatch.setattr(SandboxProvider, "reading", away)
    low.at(hours=7)
    assert [low.sweep()["code"] for _ in range(3)] == [69, 69, 69]
    assert low.alerts().count("balance_unknown") == 1
    assert low.orders() == []


def test_what_others_bought_from_the_same_account_holds_a_rule_back(low: World) -> None:
    import os

    from esimctl.profile.books import open_books
    from esimctl.purchase.opening import open_profile

    with open_books(open_profile(None, {**os.environ, "ESIMCTL_NOW": low.now.isoformat()}), "test") as books:
        books.write({"kind": "foreign", "provider": "sandbox", "provider_order": "SB-9", "reason": "unknown"})
    found = low.decision()
    assert (found["reason"], found["code"]) == ("foreign_order", 5)
    assert low.orders() == []


def test_a_profile_from_a_backup_buys_nothing_before_it_was_compared(low: World, tmp_path: "object") -> None:
    low.ok("profile", "backup", f"{tmp_path}/b.tar")
    low.ok("profile", "restore", f"{tmp_path}/b.tar", "--yes")
    found = low.decision()
    assert (found["reason"], found["code"]) == ("restored", 5)
    assert low.orders() == []
