"""Paying with the main balance: the money leaves it, and what it does not hold is refused."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Runner, tree, usd


def held(run: Runner, line: str) -> Any:
    return run("balance", line, "--refresh", "--json").json["lines"][0]["main_balance"]


@pytest.fixture
def phone(run: Runner) -> Runner:
    """A line of the embedded operator with 5 USD on it, and that money as a method."""
    assert run("buy", "demo-monthly-5gb", "--name", "phone", "--yes").code == 0
    assert run("topup", "phone", "--amount", "5USD", "--yes").code == 0
    assert run("payments", "add", "purse", "--kind", "main-balance", "--provider", "sandbox").code == 0
    return run


def price(run: Runner, plan: str) -> str:
    return str(run("plans", "show", plan, "--json").json["plan"]["price"]["amount"])


def test_the_balance_pays_and_sinks(phone: Runner) -> None:
    assert held(phone, "phone") == usd("5.00")
    plan = "demo-topup-2gb"
    cost = price(phone, plan)
    bought = phone("topup", "phone", "--plan", plan, "--pay", "purse", "--yes", "--json")
    assert bought.code == 0, bought.err
    assert held(phone, "phone") == usd(f"{5 - float(cost):.2f}")
    story = phone("balance", "phone", "--explain", "--json").json["lines"][0]["explanation"]
    assert any("paid from the main balance" in step["text"] for step in story)


def test_what_it_does_not_hold_is_refused(phone: Runner, tmp_path: Path) -> None:
    """6.00 is not settled with 5.00."""
    for words in (("renew", "phone", "--plan", "demo-monthly-20gb"),):
        before = phone("transactions", "list", "--json").json["transactions"]
        for dry in ((), ("--dry-run",)):
            refused = phone(*words, "--pay", "purse", "--yes", "--json", *dry)
            assert (refused.code, refused.json["error"]["code"]) == (3, "insufficient_funds"), words
        assert phone("transactions", "list", "--json").json["transactions"] == before
    assert held(phone, "phone") == usd("5.00")


def test_it_buys_no_new_line_and_no_money(phone: Runner) -> None:
    assert phone("buy", "smart-laor-7d", "--provider", "sandbox", "--pay", "purse", "--yes").code == 3
    assert phone("topup", "phone", "--amount", "1USD", "--pay", "purse", "--yes").code == 3


def test_a_line_bought_at_a_counter_pays_from_what_was_read(run: Runner, tmp_path: Path) -> None:
    add = ("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-7d")
    assert run(*add, "--price", "1.50USD").code == 0
    assert run("payments", "add", "purse", "--kind", "main-balance").code == 0
    assert run("usage", "import", "sim", "-", given="Main balance: $5.00.").code == 0
    assert held(run, "sim") == usd("5.00")
    later = "2026-11-20T10:00:00+07:00"
    paid = run("renew", "sim", "--paid", "R-1", "--price", "2USD", "--pay", "purse", "--yes", now=later)
    assert paid.code == 0, paid.err
    assert run("balance", "sim", "--json", now=later).json["lines"][0]["main_balance"] == usd("3.00")
    before = tree(tmp_path / "home" / "profiles" / "default" / "journal")
    refused = run("renew", "sim", "--paid", "R-2", "--price", "6USD", "--pay", "purse", "--yes", "--json", now=later)
    assert (refused.code, refused.json["error"]["code"]) == (3, "insufficient_funds")
    assert tree(tmp_path / "home" / "profiles" / "default" / "journal") == before
