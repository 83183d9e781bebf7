"""Files that are gone, empty or cut to nothing: an empty past is never taken for a new one, and nothing is spent."""

from pathlib import Path

import pytest

from tests.conftest import Runner, tree

PLAN = "smart-laor-7d"
LIMITED = '[settings]\nlimits = { per_month = "3.00 USD" }\n'


@pytest.fixture
def profile(run: Runner, tmp_path: Path) -> Path:
    """A profile whose month is spent: two purchases of 1.50 USD under a limit of 3 USD."""
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "a", "--yes").code == 0
    folder = tmp_path / "home" / "profiles" / "default"
    path = folder / "profile.toml"
    path.write_text(path.read_text().replace("[settings]\n", LIMITED))
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "b", "--yes").code == 0
    return folder


def kept(profile: Path) -> dict[str, bytes]:
    """The profile's files but for the lock, which names its last holder."""
    return {name: data for name, data in tree(profile).items() if name != "lock"}


def gone(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:150])


@pytest.mark.parametrize("lose", [gone, emptied, cut])
def test_a_journal_without_a_record_is_damage_not_a_new_month(run: Runner, profile: Path, lose) -> None:
    lose(profile / "journal" / "000001.toml")
    before = kept(profile)
    for words in (
        ("buy", PLAN, "--provider", "sandbox", "--name", "c", "--yes"),
        ("topup", "a", "--amount", "1USD", "--yes"),
    ):
        assert run(*words).code == 6
    assert kept(profile) == before
    listed = run("transactions", "list", "--json")
    assert listed.code == 0
    assert "the journal is gone, although line a was bought" in listed.err
    found = {row["name"]: row for row in run("doctor", "--json").json["checks"]}
    assert found["journal_gone"]["ok"] is False
    assert "esimctl reconcile" in found["journal_gone"]["fix"]


@pytest.mark.parametrize("lose", [gone, emptied, cut])
def test_compared_it_spends_again_and_the_limits_know_what_was_spent(run: Runner, profile: Path, lose) -> None:
    lose(profile / "journal" / "000001.toml")
    assert run("reconcile").code == 0
    assert run("check").code == 0
    refused = run("buy", PLAN, "--provider", "sandbox", "--name", "c", "--yes", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (5, "limit_reached")


def test_mended_it_spends_after_reconcile_only_and_the_limits_know_what_was_spent(run: Runner, profile: Path) -> None:
    gone(profile / "journal" / "000001.toml")
    assert run("doctor", "--mend", "--yes").code == 0
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "c", "--yes").code == 5
    assert run("reconcile").code == 0
    refused = run("buy", PLAN, "--provider", "sandbox", "--name", "c", "--yes", "--json")
    assert refused.code == 5
    assert refused.json["error"]["code"] == "limit_reached"


def test_a_profile_without_its_settings_spends_nothing(run: Runner, profile: Path) -> None:
    gone(profile / "profile.toml")
    before = kept(profile)
    for words in (
        ("buy", PLAN, "--provider", "sandbox", "--yes"),
        ("balance",),
        ("check",),
        ("autotopup", "run"),
        ("lines", "list"),
    ):
        ended = run(*words)
        assert ended.code == 78, words
        assert "profile.toml is gone" in ended.err
        assert "backups" in ended.err
    assert run("doctor", now=None).code == 20
    assert kept(profile) == before


def test_an_empty_profile_file_is_no_profile_without_rules(run: Runner, profile: Path) -> None:
    emptied(profile / "profile.toml")
    for words in (("buy", PLAN, "--provider", "sandbox", "--yes"), ("balance",), ("autotopup", "run")):
        ended = run(*words)
        assert ended.code == 78, words
        assert "the file is empty" in ended.err


def test_a_folder_that_was_thrown_away_begins_anew(run: Runner, profile: Path) -> None:
    profile.rename(profile.with_name("elsewhere"))
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "c", "--yes").code == 0
    assert [row["line"] for row in run("transactions", "list", "--json").json["transactions"]] == ["c"]


def test_a_clock_that_was_set_back_opens_no_month_that_is_spent(run: Runner, profile: Path) -> None:
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "c", "--yes").code == 5
    earlier = run(
        "buy", PLAN, "--provider", "sandbox", "--name", "c", "--yes", "--json", now="2026-09-20T09:00:00+07:00"
    )
    assert earlier.code == 5
    assert earlier.json["error"]["code"] == "limit_reached"
    assert run("buy", PLAN, "--provider", "sandbox", "--name", "c", "--yes", now="2026-12-30T09:00:00+07:00").code == 0
