"""What a restore replaces is kept as a profile that commands open, and what it had and the backup has not is named."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from esimctl.store.standing import kept_name
from tests.conftest import Runner

PLAN = "demo-monthly-5gb"
KEPT = "default-before-20261120"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


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
    run("profile", "restore", str(tmp_path / "b.tar"), "--yes")
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
