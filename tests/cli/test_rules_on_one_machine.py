"""A profile that two machines carry: its rules run on one of them, taken over by a command, and missed by the other."""

import shutil
import stat
from pathlib import Path

import pytest

from tests.cli.test_profile_merge import PLAN, RULE, Machine, Two, entries
from tests.cli.test_profile_merge import two as two
from tests.conftest import Runner, tree


@pytest.fixture
def ruled(two: Two) -> Two:
    """A rule that wants to buy, on both."""
    here, there = two
    for words in RULE:
        here.done(*words)
    there.take(here)
    return two


def test_rules_run_on_the_machine_that_took_them_over(ruled: Two) -> None:
    here, there = ruled
    taken = here("autotopup", "takeover", "--yes", "--json")
    assert (taken.code, taken.json["run_by"]["machine"]) == (0, "this")
    assert entries(here)[-1]["kind"] == "rules.moved"
    there.take(here)
    before = tree(there.home)
    silent = there("autotopup", "run")
    assert (silent.code, silent.out, silent.err) == (0, "", "")
    assert there("autotopup", "run", "--json").json["decisions"] == []
    assert tree(there.home) == before
    rehearsed = there("autotopup", "run", "--dry-run")
    assert "esimctl autotopup takeover" in rehearsed.err
    assert here("autotopup", "run", "--json").json["orders"][0]["state"] == "settled"


def test_it_is_taken_over_by_another_one(ruled: Two) -> None:
    here, there = ruled
    here.done("autotopup", "takeover", "--yes")
    there.take(here)
    assert there.done("autotopup", "show", "--json").json["run_by"]["machine"] == "another"
    assert "another machine" in there.done("autotopup", "show").err
    assert there.done("autotopup", "takeover", "--yes", "--json").json["run_by"]["machine"] == "this"
    here.take(there)
    assert here("autotopup", "run").out == ""
    assert there("autotopup", "run", "--json").json["orders"]
    assert [entry["machine"] for entry in entries(there) if entry["kind"] == "rules.moved"] == [
        "machine-here", "machine-there",
    ]  # fmt: skip


def test_taking_over_twice_writes_nothing_more(ruled: Two) -> None:
    here, _ = ruled
    here.done("autotopup", "takeover", "--yes")
    before = tree(here.folder)
    here.done("autotopup", "takeover", "--yes")
    assert tree(here.folder) == before


def test_without_a_terminal_it_wants_a_yes(ruled: Two) -> None:
    here, _ = ruled
    before = tree(here.folder)
    refused = here("autotopup", "takeover", "--json")
    assert (refused.code, refused.json["error"]["hint"]) == (2, "--yes")
    assert tree(here.folder) == before


def test_doctor_says_which_machine_runs_the_rules(ruled: Two) -> None:
    here, there = ruled

    def told(machine: Machine) -> list[str]:
        return [row["detail"] for row in machine("doctor", "--json").json["checks"] if row["name"] == "machine"]

    assert told(here) == []
    here.done("autotopup", "takeover", "--yes")
    there.take(here)
    assert (told(here), told(there)) == (["the rules run on this one"], ["the rules run on another one"])
    rows = [row["name"] for row in there("doctor", "--json").json["checks"]]
    assert "schedule" not in rows, "nothing has to be installed there"


def test_a_rule_that_nobody_goes_through_any_more_is_missed_by_every_machine(ruled: Two) -> None:
    here, there = ruled
    here.done("autotopup", "takeover", "--yes")
    here("autotopup", "run")
    there.take(here)
    soon, late = "2026-11-21T12:00:00+07:00", "2026-11-23T12:00:00+07:00"
    assert there("check", "--cached", "--json", now=soon).json["rules"] == []
    missed = there("check", "--cached", "--json", now=late)
    assert (missed.code, [row["rule"] for row in missed.json["rules"]]) == (20, ["phone"])
    said = there("check", "--cached", now=late)
    assert (said.code, "rule phone of phone is overdue" in said.out) == (20, True)
    plugin = there("check", "--cached", "--plugin", now=late)
    assert (plugin.code, "overdue" in plugin.out) == (1, True)
    here("autotopup", "run", now=late)
    there.take(here)
    assert there("check", "--cached", "--json", now=late).json["rules"] == []


def test_a_rule_that_is_paused_is_not_missed(ruled: Two) -> None:
    here, _ = ruled
    here.done("autotopup", "takeover", "--yes")
    here.done("autotopup", "pause", "phone")
    assert here("check", "--cached", "--json", now="2026-11-30T12:00:00+07:00").json["rules"] == []


def test_a_merge_of_two_that_wrote_has_seen_a_second_machine(ruled: Two) -> None:
    here, there = ruled
    here.topup(), there.topup()
    merged = here.merge(there.folder)
    assert (merged.code, merged.json["machine"]) == (0, "this")
    assert "rules run on this machine from now on" in merged.err
    assert 'machine = "machine-here"' in (here.folder / "profile.toml").read_text()
    there.take(here)
    assert there("autotopup", "run").out == ""


def test_a_machine_that_was_chosen_stays(ruled: Two) -> None:
    here, there = ruled
    there.done("autotopup", "takeover", "--yes")
    here.topup(), there.topup()
    assert here.merge(there.folder).json["machine"] == "another"
    assert 'machine = "machine-there"' in (here.folder / "profile.toml").read_text()


def test_the_id_is_random_and_kept_for_this_machine_alone(run: Runner, tmp_path: Path) -> None:
    """In a file of 0600 below the state folder; a variable that is not absolute is ignored."""
    run("buy", PLAN, "--name", "phone", "--yes")
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    assert run("autotopup", "takeover", "--yes", env=state).code == 0
    kept = tmp_path / "state" / "esimctl" / "machine"
    made = kept.read_text()
    assert len(made.strip()) == 16
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert made.strip() in (tmp_path / "home" / "profiles" / "default" / "profile.toml").read_text()
    shutil.rmtree(tmp_path / "state")
    assert run("autotopup", "takeover", "--yes", env={"XDG_STATE_HOME": "state"}).code == 0
    assert (tmp_path / ".local" / "state" / "esimctl" / "machine").read_text() != made


@pytest.mark.parametrize("name", ["two words", "a\u200bb", "x" * 65, "\n"])
def test_a_name_of_a_machine_that_can_be_none(run: Runner, name: str) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    refused = run("autotopup", "takeover", "--yes", "--json", env={"ESIMCTL_MACHINE": name})
    assert (refused.code, "ESIMCTL_MACHINE" in refused.json["error"]["message"]) == (78, True)


def test_where_no_id_can_be_kept_it_says_what_to_set(run: Runner, tmp_path: Path) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    (tmp_path / "state").write_text("no folder")
    refused = run("autotopup", "takeover", "--yes", "--json", env={"XDG_STATE_HOME": str(tmp_path / "state")})
    assert refused.code == 78
    assert "ESIMCTL_MACHINE" in refused.json["error"]["hint"]


def test_a_schedule_carries_the_name_of_the_machine(run: Runner) -> None:
    printed = run("schedule", "install", "--print", env={"ESIMCTL_MACHINE": "cupboard"})
    assert "ESIMCTL_MACHINE=cupboard" in printed.out.replace('"', "")
