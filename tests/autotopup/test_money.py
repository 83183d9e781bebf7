"""What may never happen to somebody's money: runaway charges, silent stops, a second charge for one trigger."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.autotopup.conftest import World
from tests.conftest import Runner, tree


def charged(world: World) -> int:
    """Cents that were paid for top-ups and renewals."""
    return sum(round(float(order["paid"]["amount"]) * 100) for order in world.orders() if order["paid"])


def test_a_decline_is_tried_three_times_in_all_and_then_suspended_with_one_notice_each(low: World) -> None:
    low.fault("decline", 500)
    codes = []
    for _ in range(200):
        codes.append(low.sweep()["code"])
        low.at(minutes=15)
    assert len(low.orders()) == 3
    assert {order["state"] for order in low.orders()} == {"rejected"}
    assert low.alerts().count("failed_charge") == 3
    assert low.alerts().count("suspended") == 1
    assert codes.count(3) == 3
    assert codes[-1] == 0, "a suspended rule has nothing to do"


def test_the_next_payment_method_is_tried_only_after_a_definite_decline(world: World) -> None:
    world.rule("--below", "500MB", "--plan", "demo-topup-2gb", "--pay", "sandbox-declined", "--pay", "sandbox-card")
    world.use("89600MB")
    found = world.sweep()
    assert [(order["payment_method"], order["state"]) for order in found["orders"]] == [
        ("sandbox-declined", "rejected"),
        ("sandbox-card", "settled"),
    ]
    assert found["code"] == 0
    assert charged(world) == 100


def test_an_unknown_outcome_is_no_reason_for_another_method(world: World) -> None:
    world.rule("--below", "500MB", "--plan", "demo-topup-2gb", "--pay", "sandbox-card", "--pay", "sandbox-declined")
    world.use("89600MB")
    world.fault("slow-activation")
    found = world.esimctl("autotopup", "run", "--json", env={"ESIMCTL_DEADLINE": "1"})
    assert found.code == 4
    assert len(found.json["orders"]) == 1
    world.at(minutes=5)
    assert world.sweep()["code"] == 0
    assert [order["payment_method"] for order in world.orders()] == ["sandbox-card"]


def test_a_time_out_after_the_commit_is_never_a_second_charge(low: World) -> None:
    low.fault("timeout-after")
    found = low.sweep()
    assert found["code"] == 4
    assert "nobody knows yet" in found["err"]
    low.at(minutes=5)
    assert low.sweep()["code"] == 0, "the next run finds it by its key"
    for _ in range(10):
        low.at(hours=3)
        low.sweep()
    assert charged(low) == 100
    assert len(low.orders()) == 1
    assert low.alerts().count("topped_up") == 1


def test_an_order_that_stays_open_is_told_once_after_a_day(low: World) -> None:
    from esimctl.providers.protocol import Outcome, Verdict
    from esimctl.providers.sandbox.provider import SandboxProvider

    patch = pytest.MonkeyPatch()
    try:
        patch.setattr(SandboxProvider, "look_up", lambda *_a, **_k: Outcome(Verdict.AMBIGUOUS, "timeout", charged=None))
        low.fault("timeout-after")
        codes = [low.esimctl("autotopup", "run", "--json", env={"ESIMCTL_DEADLINE": "1"}).code]
        for _ in range(30):
            low.at(hours=1)
            codes.append(low.esimctl("autotopup", "run", "--json", env={"ESIMCTL_DEADLINE": "1"}).code)
            if len(codes) == 24:
                assert "stuck_pending" not in low.alerts()
    finally:
        patch.undo()
    assert set(codes) == {4}
    assert low.alerts().count("stuck_pending") == 1
    assert len(low.orders()) == 1
    assert low.sweep()["code"] == 0, "found at last"
    assert charged(low) == 100


def test_nine_days_asleep_are_one_topup(world: World) -> None:
    world.rule("--every", "weekly", "--from", "2026-11-21", "--amount", "1USD", month="20USD")
    world.at(days=23)
    assert world.decision()["decision"] == "topup"
    assert world.decision()["reason"] == "not_due"
    assert charged(world) == 100


def test_months_of_28_to_31_days_are_counted_from_the_anchor(world: World) -> None:
    world.rule("--every", "monthly", "--from", "2027-01-31", "--amount", "1USD", price="1USD", month="1USD")
    bought = []
    world.now = datetime(2027, 1, 30, 17, 0, tzinfo=UTC)  # midnight of the 31st in Phnom Penh
    end = datetime(2027, 8, 1, tzinfo=UTC)
    while world.now < end:
        if world.decision()["decision"] == "topup":
            bought.append((world.now + timedelta(hours=7)).strftime("%m-%d"))
        world.at(days=4 if 2 < world.now.day < 24 else 1)  # what is bought far from the anchor is seen all the same
    assert bought == ["01-31", "02-28", "03-31", "04-30", "05-31", "06-30", "07-31"]


def test_a_schedule_of_the_past_is_not_made_up_for_when_it_is_enabled(world: World) -> None:
    world.rule("--every", "monthly", "--from", "2026-10-15", "--amount", "1USD")
    assert world.decision()["reason"] == "not_due"


def test_a_schedule_that_begins_today_is_due_today(world: World) -> None:
    world.rule("--every", "monthly", "--from", "2026-11-20", "--amount", "1USD")
    assert world.decision()["decision"] == "topup"


def test_a_declined_schedule_is_tried_again_within_its_month(world: World) -> None:
    world.rule("--every", "monthly", "--from", "2026-11-20", "--amount", "1USD")
    world.fault("decline")
    assert world.sweep()["code"] == 3
    world.at(hours=2)
    assert world.decision()["decision"] == "topup"
    world.at(days=1)
    assert world.decision()["reason"] == "not_due"


def test_schedule_and_threshold_of_one_line_buy_one_thing_in_one_run(low: World) -> None:
    low.rule("--every", "monthly", "--from", "2026-11-20", "--amount", "1USD", "--rule", "monthly")
    decisions = {row["rule"]: row for row in low.sweep()["decisions"]}
    assert decisions["monthly"]["decision"] == "topup", "the schedule comes first"
    assert decisions["phone"]["reason"] == "pending"
    assert len(low.orders()) == 1


def test_a_renewal_before_the_end_is_made_once(world: World) -> None:
    world.rule("--before-expiry", "7d", "--plan", "smart-5g-30d", price="6USD", month="24USD")
    made = []
    for _ in range(40):
        if world.decision()["decision"] == "topup":
            made.append(world.now)
        world.at(days=1)
    assert len(made) >= 1
    gaps = [later - earlier for earlier, later in pairwise(made)]
    assert all(gap >= timedelta(days=7) for gap in gaps), made


def test_it_fills_up_to_a_target_with_the_cheapest_pack_that_reaches_it(world: World) -> None:
    world.rule("--below", "500MB", "--target", "4GB", price="3USD")
    world.use("89600MB")
    (row,) = world.sweep()["orders"]
    assert row["plan"] == "demo-topup-5gb"


def test_money_targets_are_met_exactly(world: World) -> None:
    world.ok("topup", "phone", "--amount", "1USD", "--yes")
    world.rule("--below", "2USD", "--target", "5USD", price="5USD", month="10USD")
    world.at(hours=2)
    (order,) = world.sweep()["orders"]
    assert order["price"] == {"amount": "4.00", "currency": "USD"}


def test_a_price_that_jumped_waits_for_a_person(low: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from esimctl.providers.sandbox.provider import SandboxProvider
    from esimctl.values.money import Money
    from esimctl.values.record import replace

    assert low.decision()["decision"] == "topup"
    low.use("2000MB")
    low.at(hours=2)
    real = SandboxProvider.quote
    monkeypatch.setattr(SandboxProvider, "quote", lambda *a, **k: replace(real(*a, **k), price=Money(150, "USD")))
    assert low.decision()["reason"] == "price_jump"
    assert len(low.orders()) == 1


def test_two_orders_without_any_effect_suspend_the_rule(low: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from esimctl.providers.sandbox.provider import SandboxProvider
    from esimctl.values.record import replace

    real = SandboxProvider.reading
    frozen = real(low_provider(low), low_line(low), low.now)

    monkeypatch.setattr(
        SandboxProvider, "reading", lambda _self, _line, now, **_k: replace(frozen, at=now, next_change=None)
    )
    reasons = []
    for _ in range(6):
        reasons.append(low.decision()["reason"])
        low.at(hours=2)
    assert reasons.count("topped_up") == 2, reasons
    assert "no_effect" in reasons
    assert reasons[-1] == "suspended"
    assert low.alerts().count("suspended") == 1


def low_provider(world: World):  # type: ignore[no-untyped-def]
    import os

    from esimctl.purchase.opening import open_profile

    return open_profile(None, os.environ).provider("sandbox")


def low_line(world: World):  # type: ignore[no-untyped-def]
    import os

    from esimctl.profile.naming import line_ref
    from esimctl.purchase.opening import open_profile

    return line_ref("phone", dict(open_profile(None, os.environ).lines["phone"]))


def test_a_successful_order_by_a_person_wakes_a_suspended_rule(low: World) -> None:
    low.fault("decline", 3)
    for _ in range(3):
        low.sweep()
        low.at(hours=2)
    assert low.decision()["reason"] == "suspended"
    low.at(minutes=1)
    low.ok("topup", "phone", "--plan", "demo-topup-2gb", "--yes")
    low.at(hours=2)
    assert low.decision()["reason"] == "not_due"
    assert low.ok("autotopup", "show", "--json").json["rules"][0]["status"] == "active"


def test_the_same_method_set_again_does_not_wake_a_suspended_rule(low: World) -> None:
    low.fault("decline", 3)
    for _ in range(3):
        low.sweep()
        low.at(hours=2)
    low.rule("--below", "500MB", "--plan", "demo-topup-2gb", "--pay", "sandbox-card", enable=False)
    assert low.decision()["reason"] == "suspended"
    low.ok("autotopup", "resume", "phone")
    assert low.decision()["decision"] == "topup"


def test_two_machines_with_one_account_order_once(low: World, tmp_path: Path) -> None:
    """A copy of the profile on another machine derives the same key; the operator answers with the same order."""
    import shutil

    home = tmp_path / "home"
    shutil.copytree(home / "profiles", tmp_path / "copied")
    assert low.decision()["decision"] == "topup"
    shutil.rmtree(home / "profiles")
    shutil.copytree(tmp_path / "copied", home / "profiles")
    low.sweep()
    left = low.ok("balance", "phone", "--refresh", "--json").json["lines"][0]["data"]["remaining_bytes"]
    assert left == 400_000_000 + 2_000_000_000, "one pack came, not two"


@pytest.mark.slow
def test_twenty_runs_at_once_on_one_trigger_order_once(low: World, tmp_path: Path) -> None:
    import os

    environ = {**os.environ, "ESIMCTL_NOW": low.now.isoformat()}
    words = [sys.executable, "-m", "esimctl", "autotopup", "run"]
    started = [
        subprocess.Popen(words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(20)
    ]
    codes = [process.wait(timeout=120) for process in started]
    told = [process.stderr.read() for process in started if process.stderr is not None]
    for process in started:
        assert process.stderr is not None
        process.stderr.close()
    assert set(codes) <= {0, 75}, told
    assert len(low.orders()) == 1
    assert charged(low) == 100
    assert sum(b"topped up phone" in text for text in told) == 1, [text for text in told if b"topped" in text]


def test_a_rule_on_damaged_books_spends_nothing(low: World, tmp_path: Path) -> None:
    (segment,) = (tmp_path / "home" / "profiles" / "default" / "journal").glob("*.toml")
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(bytes(data))
    for path in (tmp_path / "home" / "profiles" / "default").glob("snapshot*"):
        path.unlink()
    found = low.esimctl("autotopup", "run", "--json")
    assert found.code == 6
    assert found.json["error"]["code"] == "state_damaged"


def test_nothing_to_do_is_silent_and_writes_nothing_but_when_it_was(world: World, tmp_path: Path) -> None:
    world.rule()
    world.sweep()
    world.sweep()
    before = tree(tmp_path / "home")
    world.at(seconds=30)
    found = world.esimctl("autotopup", "run")
    assert (found.code, found.out, found.err) == (0, "", "")
    after = tree(tmp_path / "home")
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {"profiles/default/last-run.toml"}


def test_without_any_profile_a_run_is_silent_and_makes_none(run: Runner, tmp_path: Path) -> None:
    found = run("autotopup", "run")
    assert (found.code, found.out, found.err) == (0, "", "")
    assert not (tmp_path / "home").exists()
