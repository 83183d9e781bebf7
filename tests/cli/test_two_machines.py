"""A profile's folder that two machines carry: what the other wrote never replaces what was written here in silence."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import Runner

COPIES = (
    "journal/000001.sync-conflict-20261129-101500-ABCDEFG.toml",
    "journal/000001 (lina's conflicted copy 2026-11-29).toml",
    "journal/000001 (1).toml",
    "profile.sync-conflict-20261129-101500-ABCDEFG.toml",
    "profile (1).toml",
)


def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "profiles" / "default"


def topup(run: Runner, request: str) -> int:
    return run("topup", "phone", "--amount", "1USD", "--yes", "--json", "--request-id", request).code


def checks(run: Runner) -> dict[str, dict[str, object]]:
    return {each["name"]: each for each in run("doctor", "--json").json["checks"]}


def carried_here(tmp_path: Path, other: Path) -> None:
    """What a program that synchronizes does: the other machine's journal and profile stand where ours were."""
    for name in ("journal", "profile.toml"):
        place = folder(tmp_path) / name
        shutil.rmtree(place) if place.is_dir() else place.unlink()
        (shutil.copytree if (other / name).is_dir() else shutil.copy2)(other / name, place)
    (folder(tmp_path) / "snapshot.json").unlink(missing_ok=True)


@pytest.fixture
def parted(run: Runner, tmp_path: Path) -> Path:
    """A line; then the other machine's copy of the folder, which goes on for itself."""
    assert run("buy", "demo-monthly-20gb", "--name", "phone", "--yes").code == 0
    other = tmp_path / "other"
    shutil.copytree(folder(tmp_path), other)
    return other


@pytest.mark.parametrize("there", [1, 2, 3])
def test_a_journal_that_went_another_way_stops_spending(run: Runner, tmp_path: Path, parted: Path, there: int) -> None:
    """Two orders here; as many, fewer or more there: whatever replaced ours is not believed to be all there was."""
    mark = tmp_path / "home" / "high-water" / "default"
    known = mark.read_bytes()
    ours = tmp_path / "ours"
    carried_here(tmp_path, parted)
    assert [topup(run, f"there-{number}") for number in range(there)] == [0] * there
    shutil.copytree(folder(tmp_path), ours)
    carried_here(tmp_path, parted)
    mark.write_bytes(known)
    assert [topup(run, f"here-{number}") for number in range(2)] == [0, 0]
    carried_here(tmp_path, ours)
    found = checks(run)
    assert "journal_replaced" in found, found
    refused = run("topup", "phone", "--amount", "1USD", "--yes", "--json", "--request-id", "next")
    assert refused.code == 5, refused
    assert "reconcile" in refused.json["error"]["hint"]
    assert checks(run)["restored"]["fix"] == "esimctl reconcile", "it stays said until it was compared"


def test_machines_that_write_in_turn_raise_no_alarm(run: Runner, tmp_path: Path, parted: Path) -> None:
    """The other one's entries stand behind ours: what is known here is still there."""
    mark = tmp_path / "home" / "high-water" / "default"
    known = mark.read_bytes()
    assert topup(run, "there") == 0
    mark.write_bytes(known)
    assert "journal_replaced" not in checks(run)
    assert topup(run, "here") == 0


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_that_was_set_aside_stops_spending_until_it_is_away(
    run: Runner, tmp_path: Path, parted: Path, name: str
) -> None:
    copy = folder(tmp_path) / name
    shutil.copy2(folder(tmp_path) / ("journal/000001.toml" if name.startswith("journal/") else "profile.toml"), copy)
    refused = run("topup", "phone", "--amount", "1USD", "--yes", "--json", "--request-id", "next")
    assert (refused.code, refused.json["error"]["code"]) == (78, "profile_mistake")
    assert name in refused.json["error"]["message"]
    looked = run("balance")
    assert (looked.code, name in looked.err) == (0, True)
    assert name in str(checks(run)["profile_key"])
    copy.unlink()
    assert topup(run, "next") == 0


@pytest.mark.parametrize("name", [".DS_Store", "journal/.stfolder", "profile.toml~", ".profile.toml.swp", "notes.toml"])
def test_other_files_that_stand_there_stop_nothing(run: Runner, tmp_path: Path, parted: Path, name: str) -> None:
    (folder(tmp_path) / name).write_bytes(b"x")
    assert topup(run, "next") == 0
