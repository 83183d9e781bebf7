"""`esimctl transactions resolve`: what only a person can decide, and what the provider knows better."""

from datetime import timedelta
from pathlib import Path

import pytest

from esimctl.providers.protocol import Outcome, Tier, Verdict
from esimctl.values.money import Money
from tests.conftest import Runner
from tests.purchase.shop import CODE, Shop, furnish, lost

UNSURE = Outcome(Verdict.AMBIGUOUS, "timeout")
NEXT_DAY = "2026-11-21T09:00:00+07:00"


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, home: Path) -> Shop:
    """Tier D, charged, and nobody can say so."""
    account = Money(5000, "USD")
    return furnish(
        monkeypatch, home, tier=Tier.NOTHING, lists=False, balance=account, behave=lost, knows=lambda _s, _o: UNSURE
    )


def buy(run: Runner) -> str:
    """An order whose outcome nobody knows; its id."""
    bought = run(
        "buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes", "--json", env={"ESIMCTL_DEADLINE": "1"}
    )
    assert bought.code == 4
    return str(bought.json["order"]["id"])


def state(run: Runner, order: str) -> tuple[str, object]:
    found = run("transactions", "show", order, "--json").json["order"]
    return found["state"], found["charged"]


def test_past_the_horizon_a_person_is_asked(run: Runner, shop: Shop) -> None:
    """Unknown for 20 hours on a tier that has no better question: manual, exit 4, the line still blocked."""
    order = buy(run)
    assert run("reconcile").code == 4
    assert state(run, order) == ("unknown", "unknown")
    told = run("reconcile", "--json", now=NEXT_DAY)
    assert (told.code, told.json["orders"][0]["state"]) == (4, "manual")
    again = run("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes", "--json", now=NEXT_DAY)
    assert (again.code, again.json["error"]["code"]) == (4, "order_open")
    assert len(shop.sent) == 1


def test_without_a_decision_it_says_where_to_look(run: Runner, shop: Shop) -> None:
    """One line with the exact steps, one hint with the exact command; nothing decided."""
    order = buy(run)
    asked = run("transactions", "resolve", order, "--json")
    assert (asked.code, asked.json["error"]["code"]) == (2, "undecided")
    assert "1. sign in" in asked.json["error"]["message"]
    assert f"resolve {order} --charged" in asked.json["error"]["hint"]
    assert state(run, order) == ("unknown", "unknown")


def test_without_a_terminal_a_decision_needs_yes(run: Runner, shop: Shop) -> None:
    order = buy(run)
    asked = run("transactions", "resolve", order, "--not-charged")
    assert asked.code == 2
    assert "--yes" in asked.err
    assert state(run, order) == ("unknown", "unknown")


def test_charged_settles_it_by_the_persons_word(run: Runner, shop: Shop, home: Path) -> None:
    """The line is born, the money is posted as unknown, the journal says who decided; the code comes when it can."""
    order = buy(run)
    done = run("transactions", "resolve", order, "--charged", "SH-1", "--yes", "--json")
    assert (done.code, done.json["order"]["state"], done.json["order"]["charged"]) == (0, "settled", True)
    assert (done.json["order"]["provider_order"], done.json["order"]["paid"]) == ("SH-1", None)
    assert [line["line"] for line in run("lines", "list", "--json").json["lines"]] == ["phone"]
    assert b'confirmed_by = "user"' in (home / "profiles/default/journal/000001.toml").read_bytes()
    shop.knows = None
    healed = run("reconcile", "--json")
    assert [row["what"] for row in healed.json["healed"]] == ["code_fetched"]
    assert run("lines", "qr", "phone", "--show-code").out.count(CODE) == 1


def test_not_charged_releases_the_money_and_the_line(run: Runner, shop: Shop) -> None:
    order = buy(run)
    done = run("transactions", "resolve", order, "--not-charged", "--yes", "--json")
    assert (done.code, done.json["order"]["state"], done.json["order"]["charged"]) == (0, "rejected", False)
    shop.behave = None
    again = run("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes", "--json")
    assert again.code == 0


@pytest.mark.parametrize("words", [("--charged", "SH-1"), ("--not-charged",)])
def test_the_provider_is_asked_once_more_and_counts_more(run: Runner, shop: Shop, words: tuple[str, ...]) -> None:
    """It knows that it charged: settled from its answer; who said otherwise is told so with 4."""
    order = buy(run)
    shop.knows = None
    done = run("transactions", "resolve", order, *words, "--yes", "--json")
    assert done.json["order"]["state"] == "settled"
    assert done.json["order"]["paid"] == {"amount": "10.00", "currency": "USD"}
    assert done.code == (0 if words[0] == "--charged" else 4)


def test_a_certain_no_of_the_provider_counts_more_than_charged(run: Runner, shop: Shop) -> None:
    order = buy(run)
    shop.knows = lambda _s, _o: Outcome(Verdict.REFUSED, "declined", charged=False)
    done = run("transactions", "resolve", order, "--charged", "SH-1", "--yes", "--json")
    assert (done.code, done.json["order"]["state"]) == (4, "rejected")


def test_the_same_decision_again_is_no_mistake_another_one_is(run: Runner, shop: Shop) -> None:
    order = buy(run)
    run("transactions", "resolve", order, "--charged", "SH-1", "--yes")
    again = run("transactions", "resolve", order, "--charged", "SH-1", "--yes", "--json")
    assert (again.code, again.json["order"]["state"]) == (0, "settled")
    other = run("transactions", "resolve", order, "--not-charged", "--yes", "--json")
    assert (other.code, other.json["error"]["code"]) == (2, "not_open")


@pytest.mark.parametrize(
    "words",
    [
        ("nobody", "--not-charged"),
        ("ORDER", "--not-charged", "--charged", "X"),
        ("ORDER", "--charged", ""),
        ("ORDER", "--charged", "a\x1b[2Jb"),
        ("ORDER", "--charged", "x" * 200),
    ],
)
def test_wrong_input(run: Runner, shop: Shop, words: tuple[str, ...]) -> None:
    order = buy(run)
    assert run("transactions", "resolve", *(order if word == "ORDER" else word for word in words), "--yes").code == 2
    assert state(run, order) == ("unknown", "unknown")


def test_a_person_decides_for_an_order_that_waits_for_one(run: Runner, shop: Shop) -> None:
    """From `manual` as well; and a provider that knows by then spares the person."""
    order = buy(run)
    run("reconcile", now=NEXT_DAY)
    assert state(run, order)[0] == "manual"
    shop.knows = None
    shop.window = timedelta(0)
    assert run("reconcile", now=NEXT_DAY).code == 0
    assert state(run, order) == ("settled", True)


def test_not_charged_from_manual(run: Runner, shop: Shop) -> None:
    order = buy(run)
    run("reconcile", now=NEXT_DAY)
    done = run("transactions", "resolve", order, "--not-charged", "--yes", now=NEXT_DAY)
    assert done.code == 0
    assert state(run, order) == ("rejected", False)
