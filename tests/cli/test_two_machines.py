"""A profile's folder that two machines carry: what the other wrote never replaces what was written here in silence."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Runner
from tests.machines import Machine, checks, copied, seller

COPIES = (
    "journal/000001.sync-conflict-20261129-101500-ABCDEFG.toml",
    "journal/000001 (lina's conflicted copy 2026-11-29).toml",
    "journal/000001 (1).toml",
    "profile.sync-conflict-20261129-101500-ABCDEFG.toml",
    "profile (1).toml",
)
NEXT = ("topup", "phone", "--amount", "1USD", "--yes", "--json")


@pytest.fixture
def machines(run: Runner, tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """Two with one profile, which each goes on for itself."""
    with seller() as served:
        here, there = (Machine(run, served, tmp_path / name) for name in ("a", "b"))
        copied(here.begin().home, there.home)
        assert there("balance").err == ""
        yield here, there


@pytest.mark.parametrize("times", [1, *(pytest.param(times, marks=pytest.mark.slow) for times in (2, 3))])
def test_a_journal_that_went_another_way_stops_spending(machines: tuple[Machine, Machine], times: int) -> None:
    """Two orders here; as many, fewer or more there: whatever replaced ours is not believed to be all there was."""
    here, there = machines
    assert [there.topup(f"there-{number}").code for number in range(times)] == [0] * times
    assert [here.topup(f"here-{number}").code for number in range(2)] == [0, 0]
    here.carry(there.profile)
    known = here.checks()
    assert {"journal_shorter", "journal_replaced"} & known.keys(), known
    refused = here.topup("next")
    assert refused.code == 6, refused
    assert "esimctl reconcile" in refused.json["error"]["hint"]
    assert len(here.vendor.charges) == 3 + times
    assert here("balance").err == here("balance").err != ""
    assert here("reconcile", "--accept", "esim-access").code == 0
    assert here("balance").err == ""
    assert here.topup("next").code == 0
    there.carry(here.profile)
    assert (there("balance").err, there("check").code) == ("", 0), "what was written there is in it"


def test_a_machine_whose_end_was_answered_elsewhere_raises_no_alarm_again(
    machines: tuple[Machine, Machine], run: Runner, tmp_path: Path
) -> None:
    """A third one had seen what was replaced: the acceptance names it."""
    here, there = machines
    assert here.topup("here").code == 0
    third = Machine(run, here.served, tmp_path / "c")
    copied(here.home, third.home)
    assert third("balance", "--cached").err == ""
    assert there.topup("there").code == 0
    here.carry(there.profile)
    assert here("reconcile", "--accept", "esim-access").code == 0
    third.carry(there.profile)
    assert "is not the one that was written" in third("balance", "--cached").err
    third.carry(here.profile)
    assert third("balance", "--cached").err == ""
    assert third.topup("third").code == 0


def test_machines_that_write_in_turn_raise_no_alarm(machines: tuple[Machine, Machine]) -> None:
    """The other one's entries stand behind ours: what is known here is still there."""
    here, there = machines
    assert there.topup("there").code == 0
    here.carry(there.profile)
    assert not {"journal_shorter", "journal_replaced"} & here.checks().keys()
    assert here.topup("here").code == 0


def test_half_of_a_line_that_a_merge_of_texts_left_stops_no_look(run: Runner, tmp_path: Path) -> None:
    own = ("--provider", "manual", "--carrier", "smart", "--data", "2GB", "--days", "30", "--price", "3USD")
    assert run("lines", "add", "fam", *own).code == 0
    profile = folder(tmp_path) / "profile.toml"
    profile.write_text(profile.read_text().replace("days = 30\n", ""))
    for words in (("balance",), ("lines", "list"), ("report",), ("check",)):
        assert run(*words).code in {0, 20}, words


# -- copies that a sync program set aside


def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "profiles" / "default"


@pytest.fixture
def parted(run: Runner) -> None:
    """A line."""
    assert run("buy", "demo-monthly-20gb", "--name", "phone", "--yes").code == 0


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_that_was_set_aside_stops_spending_until_it_is_away(
    run: Runner, tmp_path: Path, parted: None, name: str
) -> None:
    copy = folder(tmp_path) / name
    shutil.copy2(folder(tmp_path) / ("journal/000001.toml" if name.startswith("journal/") else "profile.toml"), copy)
    refused = run(*NEXT)
    assert (refused.code, refused.json["error"]["code"]) == (78, "profile_mistake")
    assert name in refused.json["error"]["message"]
    looked = run("balance")
    assert (looked.code, name in looked.err) == (0, True)
    checked = run("check", "--json")
    assert (checked.code, [row["kind"] for row in checked.json["findings"]]) == (20, ["profile_mistake"])
    assert name in str(checks(run)["profile_key"])
    copy.unlink()
    assert run(*NEXT).code == 0


@pytest.mark.parametrize("name", [".DS_Store", "journal/.stfolder", "profile.toml~", ".profile.toml.swp", "notes.toml"])
def test_other_files_that_stand_there_stop_nothing(run: Runner, tmp_path: Path, parted: None, name: str) -> None:
    (folder(tmp_path) / name).write_bytes(b"x")
    assert run(*NEXT).code == 0
