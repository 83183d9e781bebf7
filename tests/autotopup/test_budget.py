"""A month's budget stops what is bought automatically: a row of the table, and a gate of the walk."""

from pathlib import Path

from tests.autotopup.conftest import World

TOPUP = ("--below", "500MB", "--plan", "demo-topup-2gb")


def test_a_rule_stops_at_the_budget_and_is_told_once_a_month(low: World) -> None:
    low.ok("profile", "budget", "set", "6USD/month")  # the plan itself cost 6.00 USD
    found = low.decision()
    assert (found["decision"], found["reason"], found["row"], found["code"]) == ("skip", "budget_reached", "11a", 5)
    assert found["explanation"] == (
        "6.00 USD is spent or reserved this month; 1.00 USD more is above the budget of the profile, 6.00 USD"
    )
    assert low.orders() == []
    low.at(days=2).sweep()
    assert low.alerts().count("budget_reached") == 1
    assert "above the budget of the profile" in low.ok("autotopup", "show", "--why").out


def test_up_to_the_budget_to_the_cent(low: World) -> None:
    low.ok("profile", "budget", "set", "7USD")
    assert low.decision()["decision"] == "topup"
    low.use("2GB")
    low.at(hours=2)
    assert low.decision()["reason"] == "budget_reached"
    assert len(low.orders()) == 1


def test_a_new_month_has_room_again_and_is_told_again(low: World) -> None:
    low.ok("profile", "budget", "set", "1USD")
    assert low.decision()["reason"] == "budget_reached"
    low.at(days=14)
    assert low.now.month == 12
    assert low.decision()["decision"] == "topup"
    low.use("2GB")
    low.at(hours=2)
    assert low.decision()["reason"] == "budget_reached"
    assert low.alerts().count("budget_reached") == 2


def test_a_line_has_its_own(low: World) -> None:
    low.buy("smart-5g-30d", name="other")
    low.ok("profile", "budget", "set", "6USD", "--line", "other")
    assert low.decision()["decision"] == "topup", "the other line's budget is not this one's"
    low.ok("profile", "budget", "set", "7USD", "--line", "phone")
    low.use("2GB")
    low.at(hours=2)
    assert "the budget of phone, 7.00 USD" in low.decision()["explanation"]


def test_a_currency_without_an_amount_has_no_room(low: World) -> None:
    low.ok("profile", "budget", "set", "400000KHR")
    found = low.decision()
    assert (found["reason"], found["explanation"]) == (
        "budget_reached", "the budget of the profile has no amount in USD",
    )  # fmt: skip


def test_what_cannot_be_read_stops_automatic_spending(low: World, tmp_path: Path) -> None:
    low.ok("profile", "budget", "set", "60USD")
    file = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    file.write_text(file.read_text("utf-8").replace('"60.00 USD"', '"60.00 USD", "7 USD"'), "utf-8")
    found = low.decision()
    assert (found["decision"], found["reason"], found["code"]) == ("skip", "budget_unreadable", 5)
    assert low.alerts().count("budget_unreadable") == 1
    assert low.orders() == []
    assert low.ok("topup", "phone", "--plan", "demo-topup-2gb", "--yes").code == 0, "a person may"


def test_the_walk_itself_keeps_it(low: World) -> None:
    """Whoever decides before the lock: what is prepared under it has passed the gate."""
    from esimctl.autotopup.order import attempt
    from esimctl.purchase.offer import Intent
    from esimctl.purchase.opening import open_profile

    low.ok("profile", "budget", "set", "6USD")
    import os

    session = open_profile(None, {**os.environ, "ESIMCTL_NOW": low.now.isoformat()})
    tried = attempt(session, Intent("topup", "phone", "demo-topup-2gb", source="rule:phone"), ["sandbox-card"])
    assert (tried.reason, int(tried.exit_code), tried.orders) == ("budget_reached", 5, [])
