"""Budgets and the small picture of use beside a balance, as a person sees them."""

from typing import Any

import pytest

from esimctl.show.cards.balance import person
from esimctl.show.cards.setup import sentence
from tests.conftest import Runner
from tests.show.fakes import shown, terminal


def row(spent: str, left: str, reserved: str = "0.00", expected: str | None = None) -> dict[str, Any]:
    def usd(amount: str) -> dict[str, str]:
        return {"amount": amount, "currency": "USD"}

    return {
        "scope": "profile", "line": None, "budget": usd("20.00"), "spent": usd(spent), "reserved": usd(reserved),
        "left": usd(left), "from": "", "until": "", "expected": None if expected is None else usd(expected),
    }  # fmt: skip


@pytest.mark.parametrize(("given", "said"), [
    (row("5.00", "15.00"), "budget: 5.00 USD of 20.00 USD spent this month, 15.00 USD left"),
    (row("25.00", "-5.00"), "budget: 25.00 USD of 20.00 USD spent this month, 5.00 USD too much"),
    (row("5.00", "12.00", "3.00", "18.00"),
     ("budget: 5.00 USD of 20.00 USD spent this month, 12.00 USD left, 3.00 USD held by open orders;"
      " at this pace 18.00 USD by the end of the month")),
    ({**row("5.00", "15.00"), "line": "mine"}, "mine: budget: 5.00 USD of 20.00 USD spent this month, 15.00 USD left"),
])  # fmt: skip
def test_a_budget_in_a_sentence(given: dict[str, Any], said: str) -> None:
    assert sentence(given) == said


@pytest.fixture
def document(run: Runner) -> dict[str, Any]:
    """The balance of one line."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    found: dict[str, Any] = run("balance", "--json").json
    return found


@pytest.mark.parametrize("width", [40, 80])
def test_the_card_ends_with_recent_use_and_budgets(document: dict[str, Any], width: int) -> None:
    one = terminal(width)
    person(
        {**document, "recent_use": {"2026-11-19": 10**9, "2026-11-20": 5 * 10**8}, "budget": [row("9.00", "11.00")]},
        one,
    )
    text = " ".join(shown(one).split())
    assert "use in 14 days to 2026-11-20: ············█▄ highest 1 GB a day" in text
    assert text.endswith("budget: 9.00 USD of 20.00 USD spent this month, 11.00 USD left")


def test_without_history_there_is_no_picture(document: dict[str, Any]) -> None:
    one = terminal(80)
    person(document, one)
    assert "14 days" not in shown(one)


def test_a_pipe_and_a_document_never_hold_the_picture(run: Runner, document: dict[str, Any]) -> None:
    for day in range(21, 25):
        run("balance", "--refresh", now=f"2026-11-{day}T00:00:00+07:00")
    now = "2026-11-24T00:00:00+07:00"
    for _ in range(2):  # worked out, then kept
        assert "recent_use" not in run("balance", "phone", "--json", now=now).json
        assert "14 days" not in run("balance", "phone", "-o", "table", now=now).out
