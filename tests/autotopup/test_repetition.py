"""What goes on is told again after 1 h, 6 h and 24 h and then daily; its end once; of a provider once for all rules."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esimctl.alerts.notices import PROBLEM, Condition, crossings, is_time_again, merged
from esimctl.errors import Unreachable
from esimctl.ledger.fold import Ledger
from esimctl.providers.sandbox.provider import SandboxProvider
from esimctl.purchase.opening import open_profile
from tests.autotopup.conftest import World

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_the_ladder_of_what_goes_on() -> None:
    ledger, told, at = Ledger(), [], NOW
    condition = Condition("k", "clock", PROBLEM, "it goes on", repeats=True)
    while at < NOW + timedelta(days=4):
        for entry in crossings(ledger, [condition], at):
            told.append((at - NOW) / timedelta(hours=1))
            ledger.apply({"seq": ledger.next_seq, "at": at, **{k: v for k, v in entry.items() if v is not None}})
        at += timedelta(minutes=5)
    assert told == [0, 1, 6, 24, 48, 72]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=12))
def test_however_seldom_runs_come_it_is_never_told_twice_within_its_window(minutes: list[int]) -> None:
    told: list[datetime] = []
    at, count = NOW, 1
    told.append(at)
    for step in minutes:
        at += timedelta(minutes=step)
        if is_time_again(told[0], told[-1], count, at):
            told.append(at)
            count += 1
    for number, moment in enumerate(told[1:], 1):
        hours = (1, 6, 24)[number - 1] if number <= 3 else None
        since = told[0] + timedelta(hours=hours) if hours else told[number - 1] + timedelta(hours=24)
        assert moment >= since


def test_one_rule_for_which_it_holds_outweighs_another_for_which_it_is_over() -> None:
    on, off = Condition("k", "a", PROBLEM, "on"), Condition("k", "a", PROBLEM, "off", holds=False, cleared=True)
    neither = Condition("k", "a", PROBLEM, "neither", holds=False)
    assert merged([off, on, off]) == [on]
    assert merged([neither, off, neither]) == [off]


def away(*_a: object, **_k: object) -> None:
    raise Unreachable("nobody there")


def test_a_provider_that_is_away_is_told_once_for_all_its_rules_and_its_return_once(
    low: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    low.buy("smart-5g-30d", "second")
    low.rule(line="second")
    low.at(hours=7)
    with monkeypatch.context() as patch:
        patch.setattr(SandboxProvider, "reading", away)
        for _ in range(4):
            low.sweep()
            low.at(minutes=5)
        assert low.alerts().count("balance_unknown") == 1
        low.at(hours=1)
        low.sweep()
        low.sweep()
        assert low.alerts().count("balance_unknown") == 2, "an hour later once more"
    found = low.sweep()
    assert [row["alert"] for row in found["resolved"]] == ["balance_unknown"]
    assert "over: rules do not spend at sandbox" in found["err"]
    assert "over:" not in low.sweep()["err"]


def test_a_command_hears_of_the_end_as_well(low: World, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    script = tmp_path / "tell"
    script.write_text(f"#!/bin/sh\ncat >> {inbox}\n")
    script.chmod(0o700)
    low.ok("autotopup", "targets", "--add", "mine", "--confirm", str(script), given=f"{script}\n")
    low.ok("autotopup", "pause")
    low.sweep()
    low.at(hours=30)
    low.sweep()
    low.ok("autotopup", "resume")
    low.sweep()
    messages = [json.loads(line) for line in inbox.read_text().splitlines()]
    events = [event for each in messages for event in each.get("alerts", [each])]
    paused = [(event["resolved"], event["text"]) for event in events if event["event"] == "paused"]
    assert paused == [
        (False, "rules do not spend: all spending is paused"),
        (True, "over: rules do not spend: all spending is paused"),
    ], "a pause is the person's own: told once"


def test_a_rule_that_can_be_read_again_and_breaks_again_is_told_again(low: World) -> None:
    path = Path(low.ok("profile", "path").out.strip()) / "profile.toml"
    good = path.read_text()
    bad = good.replace('below = "500MB"', 'below = "much"')
    for text in (bad, good, bad):
        path.write_text(text)
        low.sweep()
        low.at(days=1)
    assert low.alerts().count("invalid_rule") == 2


# ------------------------------------------------------------------------------------------------ three busy in a row


def test_three_runs_in_a_row_that_are_kept_out_are_told_and_their_end(low: World, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    script = tmp_path / "tell"
    script.write_text(f"#!/bin/sh\ncat >> {inbox}\n")
    script.chmod(0o700)
    low.ok("autotopup", "targets", "--add", "mine", "--confirm", str(script), given=f"{script}\n")

    def events() -> list[bool]:
        rows = [json.loads(line) for line in inbox.read_text().splitlines()] if inbox.exists() else []
        return [row["resolved"] for row in rows if row["event"] == "busy"]

    with open_profile(None, os.environ).store.locked(0.0, "test"):
        for number in range(1, 9):
            assert low.esimctl("autotopup", "run").code == 75
            assert events() == ([False] if number >= 3 else [])
            low.at(minutes=5)
        low.at(hours=1)
        low.esimctl("autotopup", "run")
        assert events() == [False, False]
    low.sweep()
    assert events() == [False, False, True]
    low.sweep()
    assert events() == [False, False, True]


def test_two_busy_runs_that_do_not_follow_each_other_are_no_news(low: World, tmp_path: Path) -> None:
    for _ in range(3):
        with open_profile(None, os.environ).store.locked(0.0, "test"):
            assert low.esimctl("autotopup", "run").code == 75
        assert low.sweep()["orders"]
        low.use("2000MB")
        low.at(hours=3)
    assert "busy" not in (tmp_path / "home" / "profiles" / "default" / "last-run.toml").read_text()
