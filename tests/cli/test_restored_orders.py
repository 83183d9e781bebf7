"""What a restore replaces is kept as a profile that commands open, and what it had and the backup has not is named."""

from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest

from esimctl.store.standing import kept_name
from tests.cli.test_guided import talk
from tests.conftest import Runner

PLAN = "demo-monthly-5gb"
KEPT = "default-before-20261120"


@pytest.fixture
def since(run: Runner, tmp_path: Path) -> list[str]:
    """A backup, and then: cash in two currencies, play money, and a purchase that was refused; their orders."""
    sold = ("--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-7d", "--price", "1.50USD")
    run("lines", "add", "sim", *sold)
    run("buy", PLAN, "--name", "phone", "--yes")
    run("profile", "backup", str(tmp_path / "b.tar"))
    before = {order["id"] for order in run("transactions", "list", "--json").json["transactions"]}
    run("renew", "sim", "--paid", "R1", "--price", "1.50USD", "--yes")
    run("renew", "sim", "--paid", "R2", "--price", "6000KHR", "--yes")
    run("topup", "phone", "--amount", "7USD", "--yes")
    run("topup", "phone", "--amount", "1USD", "--pay", "sandbox-declined", "--yes")
    now = [order["id"] for order in run("transactions", "list", "--json").json["transactions"]]
    return sorted(order for order in now if order not in before)


def test_every_order_that_the_backup_does_not_know_is_named_with_what_it_cost(
    run: Runner, since: list[str], tmp_path: Path
) -> None:
    told = run("profile", "restore", str(tmp_path / "b.tar"), "--yes", "--json")
    assert told.code == 0
    assert sorted(order["id"] for order in told.json["missing"]) == since
    assert len(since) == 4
    assert [(each["money"]["amount"], each["money"]["currency"], each["orders"], each["play_money"])
            for each in told.json["missing_sums"]] == [
        ("6000", "KHR", 1, False), ("1.50", "USD", 1, False), ("7.00", "USD", 1, True)]  # fmt: skip
    assert told.json["kept"] == KEPT


def test_a_person_is_told_the_same_in_words(run: Runner, since: list[str], tmp_path: Path) -> None:
    said = run("profile", "restore", str(tmp_path / "b.tar"), "--yes").err
    assert f"kept as profile {KEPT}, paused" in said
    assert "not in the backup: 2, 6000 KHR, 1.50 USD" in said
    assert "paid with play money: 1, 7.00 USD" in said
    assert f"esimctl profile merge {tmp_path / 'home' / 'profiles' / KEPT} --profile default" in said


def test_the_kept_profile_opens_and_spends_nothing(run: Runner, since: list[str], tmp_path: Path) -> None:
    run("profile", "restore", str(tmp_path / "b.tar"), "--yes")
    kept = run("transactions", "list", "--json", "--profile", KEPT).json["transactions"]
    assert set(since) < {order["id"] for order in kept}
    assert run("balance", "--profile", KEPT).code == 0
    refused = run("topup", "phone", "--amount", "1USD", "--yes", "--json", "--profile", KEPT)
    assert (refused.code, refused.json["error"]["code"]) == (5, "paused")
    assert [row["name"] for row in run("profile", "list", "--json").json["profiles"]] == ["default", KEPT]


def test_restoring_twice_on_a_day_keeps_both_and_says_nothing_twice(
    run: Runner, since: list[str], tmp_path: Path
) -> None:
    """Something was written in between; without that the second one has nothing to do."""
    run("profile", "restore", str(tmp_path / "b.tar"), "--yes")
    assert run("payments", "add", "purse", "--kind", "cash").code == 0
    again = run("profile", "restore", str(tmp_path / "b.tar"), "--yes", "--json").json
    assert (again["kept"], again["missing"], again["missing_sums"]) == (f"{KEPT}-2", [], [])


def test_a_backup_that_knows_everything_says_nothing_of_orders(run: Runner, tmp_path: Path) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    run("profile", "backup", str(tmp_path / "b.tar"))
    said = run("profile", "restore", str(tmp_path / "b.tar"), "--yes").err
    assert "not in the backup" not in said
    assert "merge" not in said


def test_books_that_cannot_be_read_are_kept_and_that_is_said(run: Runner, home: Path, tmp_path: Path) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    run("profile", "backup", str(tmp_path / "b.tar"))
    journal = home / "profiles" / "default" / "journal"
    (journal / "000001.toml").rename(journal / "000002.toml")
    told = run("profile", "restore", str(tmp_path / "b.tar"), "--yes")
    assert told.code == 0
    assert "cannot be read whole" in told.err
    assert (home / "profiles" / KEPT / "journal" / "000002.toml").exists()
    assert [line["line"] for line in run("lines", "list", "--json").json["lines"]] == ["phone"]


@pytest.mark.parametrize("name", ["a", "a" * 16, "a" * 17, "a" * 32])
def test_what_is_kept_has_a_name_that_commands_take(tmp_path: Path, name: str) -> None:
    from esimctl.store.paths import check_name

    now = datetime(2026, 11, 20, tzinfo=UTC)
    first = kept_name(tmp_path / name, now)
    assert check_name(first) == first
    (tmp_path / first).mkdir()
    second = kept_name(tmp_path / name, now)
    assert check_name(second) == second != first
    assert second.endswith("-before-20261120-2")


def test_the_orders_are_taken_along_when_that_is_asked_for(run: Runner, since: list[str], tmp_path: Path) -> None:
    """Nothing is missing afterwards, nothing is there twice, and rules go on running where they ran."""
    before = run("transactions", "list", "--json").json["transactions"]
    told = run("profile", "restore", str(tmp_path / "b.tar"), "--yes", "--take-along", "--json")
    assert (told.code, sorted(told.json["taken"])) == (0, since)
    assert "esimctl profile merge" not in told.err
    after = run("transactions", "list", "--json").json["transactions"]
    assert sorted(order["id"] for order in after) == sorted(order["id"] for order in before)
    assert run("reconcile").code == 0, "the books and the operator's agree"
    assert "machine" not in (tmp_path / "home" / "profiles" / "default" / "profile.toml").read_text()
    assert run("topup", "phone", "--amount", "1USD", "--yes").code == 0


def test_what_a_copy_would_run_waits_for_a_word_after_a_merge(run: Runner, home: Path, tmp_path: Path) -> None:
    """But for what was in force in a profile of this home."""
    run("providers", "add", "esim-access", now=None)
    run("buy", PLAN, "--name", "phone", "--yes", now=None)
    copytree(home / "profiles" / "default", tmp_path / "theirs")
    path = tmp_path / "theirs" / "profile.toml"
    path.write_text(path.read_text().replace('kind = "esim-access"', 'kind = "esim-access"\nkey_command = ["false"]'))
    merged = run("profile", "merge", str(tmp_path / "theirs"), "--yes", now=None)
    assert (merged.code, "esimctl providers trust esim-access" in merged.err) == (0, True)
    assert run("providers", "check", "esim-access", now=None).code == 77
    run("profile", "backup", str(tmp_path / "b.tar"), now=None)
    run("providers", "trust", "esim-access", now=None)
    run(
        "lines",
        "add",
        "sim",
        "--provider",
        "manual",
        "--carrier",
        "smart",
        "--data",
        "1GB",
        "--days",
        "7",
        "--price",
        "1USD",
        now=None,
    )
    told = run("profile", "restore", str(tmp_path / "b.tar"), "--yes", "--take-along", "--json", now=None)
    assert (told.code, len(told.json["taken"]), told.json["not_trusted"]) == (0, 1, [])


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_person_on_a_terminal_is_asked_about_them(run: Runner, since: list[str], tmp_path: Path, answer: str) -> None:
    """After the question whether the profile may make room, and only where something is missing."""
    code, seen = talk(["profile", "restore", str(tmp_path / "b.tar")], ["y", answer], tmp_path)
    assert code == 0, seen
    assert "Take the 4 orders along that the backup does not know? [y/N]" in seen
    assert ("its orders were taken along: 4" in seen) is (answer == "y")
    assert ("esimctl profile merge" in seen) is (answer == "n")
    there = {order["id"] for order in run("transactions", "list", "--json").json["transactions"]}
    assert there.issuperset(since) is (answer == "y")
