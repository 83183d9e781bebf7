"""`esimctl transactions refund`: an unused line goes back, its money comes back, once, and the books say so."""

import os
import signal
from pathlib import Path

import pytest

from esimctl.errors import ProtocolViolation, Unreachable
from esimctl.providers.protocol import LineRef, Outcome, Verdict
from esimctl.store.folder import Store
from esimctl.values.money import Money
from tests.conftest import Runner
from tests.purchase.shop import Shop, ShopProvider, furnish

PLAN = "demo-monthly-5gb"


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, home: Path) -> Shop:
    return furnish(monkeypatch, home, balance=Money(5000, "USD"))


def buy(run: Runner) -> str:
    return str(run("buy", PLAN, "--name", "phone", "--yes", "--json").json["order"]["id"])


def buy_at_shop(run: Runner) -> str:
    words = ("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes", "--json")
    return str(run(*words).json["order"]["id"])


def state(run: Runner, order: str) -> str:
    return str(run("transactions", "show", order, "--json").json["order"]["state"])


def test_an_unused_line_goes_back(run: Runner, home: Path) -> None:
    """Refunded, the line followed no longer, the money free for the limits again, nothing to audit."""
    order = buy(run)
    done = run("transactions", "refund", order, "--yes", "--json")
    assert (done.code, done.json["order"]["state"]) == (0, "refunded")
    assert run("lines", "list", "--json").json["lines"] == []
    ledger = Store(home, "default").ledger_for_reading()
    assert ledger.spent("USD") == 0
    assert ledger.balance("refunds", "USD") == -400
    assert run("reconcile").code == 0
    assert run("transactions", "audit").code == 0
    assert run("lines", "list", "--json").json["lines"] == [], "no reconcile brings it back"


def test_asking_twice_gives_the_money_once(run: Runner, home: Path) -> None:
    order = buy(run)
    first = run("transactions", "refund", order, "--yes", "--json")
    again = run("transactions", "refund", order, "--json")
    assert (again.code, again.out) == (0, first.out)
    assert Store(home, "default").ledger_for_reading().balance("refunds", "USD") == -400


@pytest.mark.parametrize("use", ["data", "topup", "renew"])
def test_a_used_line_stays(run: Runner, use: str) -> None:
    order = buy(run)
    if use == "data":
        run("sandbox", "use", "phone", "1MB")
    elif use == "topup":
        run("topup", "phone", "--amount", "1USD", "--yes")
    else:
        run("renew", "phone", "--yes")
    refused = run("transactions", "refund", order, "--yes", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (3, "already_used")
    assert state(run, order) == "settled"
    assert len(run("lines", "list", "--json").json["lines"]) == 1


def test_only_bought_lines_go_back(run: Runner) -> None:
    buy(run)
    topup = run("topup", "phone", "--amount", "1USD", "--yes", "--json").json["order"]["id"]
    declined = run("buy", PLAN, "--pay", "sandbox-declined", "--yes", "--json").json["order"]["id"]
    assert [run("transactions", "refund", name, "--yes").code for name in (topup, declined, "nobody")] == [2, 2, 2]


def test_without_a_terminal_it_needs_yes(run: Runner) -> None:
    order = buy(run)
    assert run("transactions", "refund", order).code == 2
    assert state(run, order) == "settled"


def test_a_provider_that_takes_nothing_back(run: Runner, shop: Shop) -> None:
    order = buy_at_shop(run)
    refused = run("transactions", "refund", order, "--yes", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (3, "no_refunds")
    assert state(run, order) == "settled"


@pytest.mark.parametrize(
    ("said", "code", "then"),
    [
        (Outcome(Verdict.SETTLED), 0, "refunded"),
        (Outcome(Verdict.ACCEPTED, "refund_requested"), 4, "refunding"),
        (Outcome(Verdict.AMBIGUOUS, "timeout"), 4, "refunding"),
        (Outcome(Verdict.REFUSED, "already_used"), 3, "settled"),
        (Outcome(Verdict.NOT_SENT, "unreachable"), 69, "settled"),
        (Unreachable("gone", code="unreachable"), 69, "settled"),
        (ProtocolViolation("nonsense"), 4, "refunding"),
    ],
)
def test_every_answer(
    run: Runner, shop: Shop, monkeypatch: pytest.MonkeyPatch, said: Outcome | Exception, code: int, then: str
) -> None:
    """What is definite is booked, what is not stays `refunding`, and only a person asks again."""
    asked: list[LineRef] = []

    def cancel(self: ShopProvider, line: LineRef, *_: object, **__: object) -> Outcome:
        asked.append(line)
        if isinstance(said, Exception):
            raise said
        return said

    monkeypatch.setattr(ShopProvider, "cancel", cancel, raising=False)
    order = buy_at_shop(run)
    assert run("transactions", "refund", order, "--yes").code == code
    assert state(run, order) == then
    assert len(asked) == 1
    if then == "refunding":
        assert run("transactions", "refund", order, "--yes").code == 4
        accepted = isinstance(said, Outcome) and said.verdict is Verdict.ACCEPTED
        assert len(asked) == (1 if accepted else 2), "what was confirmed is not asked for again"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_is_4(
    run: Runner, shop: Shop, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """The answer is booked first; then the program ends as after any sending."""

    def cancel(*_: object, **__: object) -> Outcome:
        os.kill(os.getpid(), number)
        return Outcome(Verdict.SETTLED)

    monkeypatch.setattr(ShopProvider, "cancel", cancel, raising=False)
    order = buy_at_shop(run)
    before = signal.getsignal(number)
    ended = run("transactions", "refund", order, "--yes", "--json")
    signal.signal(number, before)
    assert (ended.code, ended.json["order"]["state"]) == (4, "refunded")


def test_a_refusal_of_the_second_request_proves_nothing(
    run: Runner, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer was lost; the second request is refused, perhaps because the first was granted."""
    answers = iter([Outcome(Verdict.AMBIGUOUS, "timeout"), Outcome(Verdict.REFUSED, "already_cancelled")])
    monkeypatch.setattr(ShopProvider, "cancel", lambda *_, **__: next(answers), raising=False)
    order = buy_at_shop(run)
    assert [run("transactions", "refund", order, "--yes").code for _ in range(2)] == [4, 4]
    assert state(run, order) == "refunding"


def test_a_refund_that_came_later_is_found(run: Runner, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for today, in the provider's books tomorrow: the reconcile books it, and the balance fits."""
    from esimctl.values.record import replace

    wanted = Outcome(Verdict.ACCEPTED, "refund_requested")
    monkeypatch.setattr(ShopProvider, "cancel", lambda *_, **__: wanted, raising=False)
    run("reconcile")
    order = buy_at_shop(run)
    run("transactions", "refund", order, "--yes")
    assert run("reconcile").code == 0
    assert state(run, order) == "refunding"
    (key,) = shop.sold
    shop.sold[key] = replace(shop.sold[key], status="refunded")
    shop.balance = Money(5000, "USD")
    assert run("reconcile").code == 0
    assert state(run, order) == "refunded"


@pytest.mark.parametrize(("words", "then"), [(("--not-charged",), "refunded"), (("--charged", "SH-1"), "settled")])
def test_a_person_decides_about_a_refund(
    run: Runner, shop: Shop, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], then: str
) -> None:
    wanted = Outcome(Verdict.AMBIGUOUS, "timeout")
    monkeypatch.setattr(ShopProvider, "cancel", lambda *_, **__: wanted, raising=False)
    order = buy_at_shop(run)
    run("transactions", "refund", order, "--yes")
    assert run("transactions", "resolve", order, *words, "--yes").code == 0
    assert state(run, order) == then
