"""The month's end by pace: from purchases of two days at least, in the budget's own kind of money."""

from typing import Any

import pytest

from tests.conftest import Runner


def expected(run: Runner, now: str) -> Any:
    (row,) = run("profile", "budget", "show", "--json", now=now).json["budgets"]
    return row["expected"]


@pytest.fixture
def first(run: Runner) -> Runner:
    """One purchase on the first of the month, and a budget."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes", now="2026-11-01T09:00:00+07:00")
    run("profile", "budget", "set", "20USD", now="2026-11-01T09:00:00+07:00")
    return run


def test_one_purchase_on_the_first_foretells_nothing_on_any_day(first: Runner) -> None:
    for day in (1, 4, 5, 15, 30):
        now = f"2026-11-{day:02}T23:00:00+07:00"
        assert expected(first, now) is None
        (row,) = first("balance", "--json", now=now).json["budget"]
        assert row["expected"] is None
    assert "at this pace" not in first("report", "--format", "markdown", now="2026-11-05T23:00:00+07:00").out


def test_two_purchases_of_one_local_day_are_one_day(first: Runner) -> None:
    """Half past midnight and 23:00 lie on two days in UTC and on one in Phnom Penh."""
    first("topup", "phone", "--plan", "demo-topup-2gb", "--yes", now="2026-11-01T23:00:00+07:00")
    assert expected(first, "2026-11-11T00:00:00+07:00") is None
    first("topup", "phone", "--plan", "demo-topup-2gb", "--yes", now="2026-11-02T00:30:00+07:00")
    assert expected(first, "2026-11-11T00:00:00+07:00") == {"amount": "33.00", "currency": "USD"}


def test_money_and_play_money_have_their_own_days(first: Runner) -> None:
    first(
        "lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--started", "2026-11-01",
        now="2026-11-01T09:00:00+07:00",
    )  # fmt: skip
    done = first("topup", "sim", "--amount", "1USD", "--paid", "slip", "--yes", now="2026-11-03T09:00:00+07:00")
    assert done.code == 0, done.err
    rows = first("profile", "budget", "show", "--json", now="2026-11-11T00:00:00+07:00").json["budgets"]
    assert [(row["play_money"], row["spent"]["amount"], row["expected"]) for row in rows] == [
        (False, "1.00", None), (True, "9.00", None),
    ]  # fmt: skip
