"""What the account says of an order that nobody can find decides whether it is sent again, and when it is given up."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from esimctl.providers.protocol import Outcome, Tier, Verdict
from esimctl.values.money import Money
from tests.conftest import Runner
from tests.purchase.shop import Shop, ShopProvider, furnish, lost, vanished

DAY = timedelta(days=1)
BUY = ("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes")
ABSENT = Outcome(Verdict.ABSENT, "not_found", charged=False)
LATER, NEXT_DAY = "2026-11-20T12:00:00+07:00", "2026-11-21T15:00:00+07:00"


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def story(run: Runner, monkeypatch: pytest.MonkeyPatch, home: Path, behave: Any, **moods: Any) -> Shop:
    """An order whose answer is lost at a shop that shows it nowhere."""
    moods = {"tier": Tier.REFERENCE, "balance": usd(5000), "horizon": DAY, "lists": False, **moods}
    shop = furnish(monkeypatch, home, behave=behave, knows=lambda _s, _o: ABSENT, **moods)
    assert run(*BUY, env={"ESIMCTL_DEADLINE": "1"}).code == 4
    return shop


def state(run: Runner, now: str) -> tuple[str, str | None, int]:
    """State and reason of the order, and the exit code of the reconcile that came before."""
    code = run("reconcile", "--json", now=now).code
    (order,) = run("transactions", "list", "--json", now=now).json["transactions"]
    return order["state"], order["reason"], code


@pytest.mark.parametrize("paid_in", [0, 300, 5000])
def test_a_deposit_hides_no_charge(run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, paid_in: int) -> None:
    """Whatever was paid in: the difference could be a charge, so nothing is sent, and at the end a person decides."""
    shop = story(run, monkeypatch, tmp_path / "home", lost)
    assert shop.balance is not None
    shop.balance = usd(shop.balance.minor + paid_in)
    assert state(run, LATER) == ("unknown", "absent_but_paid", 4)
    assert state(run, NEXT_DAY) == ("manual", "absent_but_paid", 4)
    assert len(shop.sent) == 1


@pytest.mark.parametrize(("moved", "sendings"), [((usd(-1000), usd(1000)), 1), ((usd(700),), 2), ((), 2)])
def test_a_list_of_movements_tells_what_a_balance_cannot(
    run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, moved: tuple[Money, ...], sendings: int
) -> None:
    """A deposit of the very price hides the charge in the balance, not in the list; without one it is sent again."""
    monkeypatch.setattr(ShopProvider, "movements", lambda *_words, **_more: moved, raising=False)
    shop = story(run, monkeypatch, tmp_path / "home", vanished)
    state(run, LATER)
    assert len(shop.sent) == sendings


def test_a_balance_that_cannot_be_asked_lets_nothing_through(
    run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither sent again nor given up, on the next day either."""
    from esimctl.errors import Unreachable

    shop = story(run, monkeypatch, tmp_path / "home", vanished)

    def away(*_words: object, **_more: object) -> Money:
        raise Unreachable("the shop is closed")

    monkeypatch.setattr(ShopProvider, "account_balance", away)
    assert state(run, LATER)[0] == "unknown"
    assert state(run, NEXT_DAY)[0] == "unknown"
    assert len(shop.sent) == 1


def test_a_label_is_given_up_after_a_day_and_not_before(
    run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Absent, the account as before: held for a day, then closed; never sent again."""
    shop = story(run, monkeypatch, tmp_path / "home", vanished, tier=Tier.LABEL)
    assert state(run, LATER) == ("unknown", "absent_once", 4)
    assert run("check", now=LATER).code == 20
    assert state(run, NEXT_DAY)[:2] == ("rejected", "absent")
    assert len(shop.sent) == 1


def test_nothing_is_sent_again_while_the_first_call_may_be_on_its_way(
    run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A minute later it is looked for, two minutes later it is sent under the same reference."""
    shop = story(run, monkeypatch, tmp_path / "home", vanished)
    state(run, "2026-11-20T09:01:00+07:00")
    assert len(shop.sent) == 1
    state(run, "2026-11-20T09:02:00+07:00")
    assert len(shop.sent) == 2
