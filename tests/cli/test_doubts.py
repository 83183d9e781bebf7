"""Orders that are open too long and charges that audit doubts: where they are said, how often, and until when."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from esimctl.providers.protocol import Answer, Outcome, ProviderOrder, Verdict
from tests.conftest import NOW, Runner
from tests.purchase.shop import TEN, Shop, furnish

START = datetime.fromisoformat(NOW)


def at(**after: int) -> str:
    return (START + timedelta(**after)).isoformat()


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shop:
    """A shop that loses answers, and does not know what became of an order."""
    monkeypatch.setenv("ESIMCTL_DEADLINE", "1")
    return furnish(
        monkeypatch,
        tmp_path / "home",
        behave=lambda _shop, _order: Answer(None, failure="timeout", sent=True),
        knows=lambda _shop, _order: Outcome(Verdict.AMBIGUOUS, "unreachable"),
    )


def findings(run: Runner, now: str) -> list[tuple[str, str | None]]:
    told = run("check", "--json", now=now)
    assert told.code == (20 if told.json["findings"] or not told.json["ok"] else 0)
    return [(row["kind"], row["line"]) for row in told.json["findings"]]


def test_a_new_line_is_overdue_after_ten_minutes(run: Runner, shop: Shop) -> None:
    """There is no line yet that `check` could look at, and still it is said."""
    assert run("buy", "shop/ten", "--name", "a", "--yes", "--json").code == 4
    assert findings(run, at(minutes=9)) == []
    assert findings(run, at(minutes=11)) == [("order_overdue", "a")]
    said = run("check", now=at(minutes=11))
    assert (said.code, said.out.count("\n")) == (20, 1)
    assert "it should take 10min at most: esimctl reconcile" in said.out
    assert run("check", "--plugin", now=at(minutes=11)).out.startswith("CRITICAL - order ")


def test_a_renewal_is_overdue_after_six_hours(run: Runner, shop: Shop) -> None:
    shop.behave = shop.knows = None
    assert run("buy", "shop/ten", "--name", "a", "--yes").code == 0
    shop.behave = lambda _shop, _order: Answer(None, failure="timeout", sent=True)
    shop.knows = lambda _shop, _order: Outcome(Verdict.AMBIGUOUS, "unreachable")
    assert run("renew", "a", "--yes", now=at(hours=1)).code == 4
    assert findings(run, at(hours=6)) == []
    assert findings(run, at(hours=8)) == [("order_overdue", "a")]


def test_a_list_marks_it_and_says_it_once(run: Runner, shop: Shop) -> None:
    run("buy", "shop/ten", "--name", "a", "--yes")
    young, old = (run("transactions", "list", "--json", now=at(minutes=minutes)) for minutes in (5, 15))
    assert (young.json["transactions"][0]["attention"], young.err) == ([], "")
    assert old.json["transactions"][0]["attention"] == ["order_overdue"]
    assert old.err.count("is open since") == 1


def test_a_run_tells_it_once_and_check_until_it_is_settled(run: Runner, shop: Shop) -> None:
    run("buy", "shop/ten", "--name", "a", "--yes")
    first = run("autotopup", "run", "--json", now=at(minutes=15)).json["alerts"]
    assert [row["alert"] for row in first] == ["order_overdue"]
    for minutes in (20, 90):
        assert run("autotopup", "run", "--json", now=at(minutes=minutes)).json["alerts"] == []
        assert findings(run, at(minutes=minutes)) == [("order_overdue", "a")]
    shop.knows = lambda _shop, _order: Outcome(Verdict.REFUSED, "declined", charged=False)
    assert run("reconcile", now=at(minutes=95)).code == 0
    assert findings(run, at(minutes=96)) == []


def test_a_charge_taken_twice_is_said_until_somebody_has_looked(run: Runner) -> None:
    run("sandbox", "fault", "duplicate-charge")
    run("buy", "demo-monthly-5gb", "--name", "phone", "--yes")
    assert findings(run, NOW) == [], "the books alone do not know it yet"
    assert run("reconcile").code == 4
    kinds = {kind for kind, _ in findings(run, NOW)}
    assert "duplicate_charge" in kinds
    listed = run("transactions", "list", "--json")
    assert "duplicate_charge" in listed.json["transactions"][0]["attention"]
    told = [row["alert"] for row in run("autotopup", "run", "--json").json["alerts"]]
    assert told.count("duplicate_charge") == 1
    assert run("autotopup", "run", "--json").json["alerts"] == []
    assert run("reconcile", "--acknowledge", "all").code == 0
    assert findings(run, NOW) == []


def test_a_foreign_charge_is_20_until_it_is_acknowledged(
    run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop = furnish(monkeypatch, tmp_path / "home")
    shop.strangers.append(ProviderOrder("SH-77", None, "new", "shop/ten", "898559910000000077", (TEN,), True, None))
    told = run("reconcile", "--json")
    assert (told.code, told.json["ok"]) == (20, True)
    assert "reconcile --acknowledge" in told.err
    assert findings(run, NOW) == [("foreign_order", None)]
    assert run("reconcile", "--acknowledge", "SH-77").code == 0
    assert run("reconcile").code == 0
    assert findings(run, NOW) == []


def test_a_declined_payment_is_no_doubtful_charge(run: Runner) -> None:
    assert (
        run("buy", "smart-laor-7d", "--provider", "sandbox", "--name", "a", "--pay", "sandbox-declined", "--yes").code
        == 3
    )
    assert findings(run, NOW) == []


def evidence(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "profiles" / "default" / "evidence").glob("*.*"))


def test_evidence_goes_ninety_days_after_the_order_ended(run: Runner, tmp_path: Path) -> None:
    """By the next purchase, by a run of the rules that writes, and by a reconcile; open orders keep theirs."""
    home = tmp_path / "home"
    run("buy", "smart-laor-7d", "--provider", "sandbox", "--name", "a", "--yes")
    assert len(evidence(home)) == 1
    assert run("reconcile", now=at(days=89)).code == 0
    assert len(evidence(home)) == 1
    assert run("reconcile", now=at(days=91)).code == 0
    assert evidence(home) == []
    run("buy", "smart-laor-7d", "--provider", "sandbox", "--name", "b", "--yes", now=at(days=92))
    assert len(evidence(home)) == 1
    run("buy", "smart-laor-7d", "--provider", "sandbox", "--name", "c", "--yes", now=at(days=200))
    assert len(evidence(home)) == 1, "the one of b went with the purchase of c"


def test_evidence_of_an_open_order_stays(run: Runner, shop: Shop, tmp_path: Path) -> None:
    run("buy", "shop/ten", "--name", "a", "--yes")
    kept = evidence(tmp_path / "home")
    assert run("reconcile", now=at(days=200)).code == 4
    assert evidence(tmp_path / "home") == kept != []
