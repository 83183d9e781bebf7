"""Budgets and the small picture of use beside a balance, as a person sees them."""

from datetime import UTC, datetime

import pytest

from esimctl.documents.balance import BalanceDocument, BudgetRow
from esimctl.documents.reading import read
from esimctl.show.cards.balance import person
from esimctl.show.cards.setup import sentence
from esimctl.values.money import Money
from esimctl.values.record import replace
from tests.conftest import Runner
from tests.show.fakes import shown, terminal


def row(spent: int, left: int, reserved: int = 0, expected: int | None = None, line: str | None = None) -> BudgetRow:
    """Cents."""
    return BudgetRow(
        scope="line" if line else "profile",
        line=line,
        budget=Money(2000, "USD"),
        spent=Money(spent, "USD"),
        reserved=Money(reserved, "USD"),
        left=Money(left, "USD"),
        from_=datetime(2026, 11, 1, tzinfo=UTC),
        until=datetime(2026, 12, 1, tzinfo=UTC),
        play_money=False,
        expected=None if expected is None else Money(expected, "USD"),
    )


@pytest.mark.parametrize(("given", "said"), [
    (row(500, 1500), "budget: 5.00 USD of 20.00 USD spent this month, 15.00 USD left"),
    (row(2500, -500), "budget: 25.00 USD of 20.00 USD spent this month, 5.00 USD too much"),
    (row(500, 1200, 300, 1800),
     ("budget: 5.00 USD of 20.00 USD spent this month, 12.00 USD left, 3.00 USD held by open orders;"
      " at this pace 18.00 USD by the end of the month")),
    (row(500, 1500, line="mine"), "mine: budget: 5.00 USD of 20.00 USD spent this month, 15.00 USD left"),
])  # fmt: skip
def test_a_budget_in_a_sentence(given: BudgetRow, said: str) -> None:
    assert sentence(given) == said


@pytest.fixture
def document(run: Runner) -> BalanceDocument:
    """The balance of one line."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    return read(BalanceDocument, run("balance", "--json").json)


@pytest.mark.parametrize("width", [40, 80])
def test_the_card_ends_with_recent_use_and_budgets(document: BalanceDocument, width: int) -> None:
    one = terminal(width)
    person(
        replace(document, recent_use={"2026-11-19": 10**9, "2026-11-20": 5 * 10**8}, budget=[row(900, 1100)]),
        one,
    )
    text = " ".join(shown(one).split())
    assert "use in 14 days to 2026-11-20: ············█▄ highest 1 GB a day" in text
    assert text.endswith("budget: 9.00 USD of 20.00 USD spent this month, 11.00 USD left")


def test_without_history_there_is_no_picture(document: BalanceDocument) -> None:
    one = terminal(80)
    person(document, one)
    assert "14 days" not in shown(one)


def test_a_pipe_and_a_document_never_hold_the_picture(run: Runner, document: BalanceDocument) -> None:
    for day in range(21, 25):
        run("balance", "--refresh", now=f"2026-11-{day}T00:00:00+07:00")
    now = "2026-11-24T00:00:00+07:00"
    for _ in range(2):  # worked out, then kept
        assert "recent_use" not in run("balance", "phone", "--json", now=now).json
        assert "14 days" not in run("balance", "phone", "-o", "table", now=now).out
