"""`--request-id` makes a purchase safe to repeat: the same order, the same document, the same code, nothing sent."""

from pathlib import Path

import pytest

from esimctl.providers.protocol import Outcome, Verdict
from esimctl.values.money import Money
from tests.conftest import Runner, tree
from tests.purchase.shop import Shop, dearer, furnish, lost

PLAN = "demo-monthly-5gb"
OTHER = "demo-monthly-20gb"
BUY = ("buy", PLAN, "--name", "phone", "--yes", "--request-id", "trip-1", "--json")


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, home: Path) -> Shop:
    return furnish(monkeypatch, home)


def charges(run: Runner) -> list[str]:
    """Every charge that the embedded operator took, through its own order list."""
    rows = run("reconcile", "--json").json["balances"]
    return [row["actual"]["amount"] for row in rows]


@pytest.mark.parametrize(
    "words",
    [
        BUY,
        ("renew", "phone", "--yes", "--request-id", "trip-1", "--json"),
        ("topup", "phone", "--amount", "2USD", "--yes", "--request-id", "trip-1", "--json"),
    ],
    ids=["buy", "renew", "topup"],
)
def test_again_is_the_same_document_and_nothing_is_sent(run: Runner, home: Path, words: tuple[str, ...]) -> None:
    """Byte for byte the same answer, activation included; not a byte changes at the operator."""
    if words[0] != "buy":
        run("buy", PLAN, "--name", "phone", "--yes")
    first = run(*words)
    operator = tree(home / "sandbox")
    journal = (home / "profiles/default/journal/000001.toml").read_bytes()
    again = run(*words)
    assert (first.code, again.code) == (0, 0)
    assert again.out == first.out
    assert tree(home / "sandbox") == operator
    assert (home / "profiles/default/journal/000001.toml").read_bytes() == journal


def test_days_later_it_is_still_the_same(run: Runner) -> None:
    first = run(*BUY)
    later = run(*BUY, now="2027-03-01T09:00:00+07:00")
    assert later.out == first.out


def test_without_yes_and_terminal_a_repetition_asks_nothing(run: Runner) -> None:
    """What was agreed to need not be agreed to again."""
    first = run(*BUY)
    words = [word for word in BUY if word != "--yes"]
    assert run(*words).out == first.out


def test_a_refused_purchase_is_refused_again_the_same_way(run: Runner) -> None:
    """The same failure with the same order, nothing tried: a new attempt needs a new id."""
    words = ("buy", PLAN, "--pay", "sandbox-declined", "--yes", "--request-id", "trip-2", "--json")
    first, again = run(*words), run(*words)
    assert (first.code, again.code) == (3, 3)
    assert again.out == first.out
    assert len(run("transactions", "list", "--json").json["transactions"]) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("buy", OTHER, "--name", "phone"),
        ("buy", PLAN, "--name", "tablet"),
        ("buy", PLAN, "--name", "phone", "--pay", "sandbox-confirm"),
        ("buy", PLAN, "--name", "phone", "--promotion", "WELCOME"),
        ("renew", "phone"),
        ("topup", "phone", "--amount", "4USD"),
    ],
    ids=["plan", "line", "method", "promotion", "kind", "amount"],
)
def test_other_parameters_are_refused_with_nothing_sent(run: Runner, home: Path, words: tuple[str, ...]) -> None:
    first = run(*BUY).json["order"]
    before = tree(home)
    refused = run(*words, "--yes", "--request-id", "trip-1", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (2, "request_id_conflict")
    assert refused.json["order"]["id"] == first["id"]
    assert {name: data for name, data in tree(home).items() if "lock" not in name} == {
        name: data for name, data in before.items() if "lock" not in name
    }


def test_another_amount_or_an_amount_for_a_plan(run: Runner) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    words = ("topup", "phone", "--yes", "--request-id", "trip-3")
    assert run(*words, "--amount", "2USD").code == 0
    assert run(*words, "--amount", "3USD").code == 2
    assert run(*words, "--amount", "20000KHR").code == 2
    assert run(*words, "--amount", "2.00USD").code == 0, "the same amount, written otherwise"


def test_other_ids_are_other_orders(run: Runner) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    for name in ("a", "b", "c"):
        assert run("topup", "phone", "--amount", "2USD", "--yes", "--request-id", name).code == 0
    assert charges(run) == ["10.00"]


@pytest.mark.parametrize("name", ["", "has space", "x" * 65, "é", "tab\t"])
def test_ids_that_cannot_be(run: Runner, name: str) -> None:
    refused = run("buy", PLAN, "--yes", "--request-id", name, "--json")
    assert refused.code == 2
    assert run("transactions", "list", "--json").json["transactions"] == []


@pytest.mark.parametrize("name", ["x" * 64, "!~{}[]|$()'\"", "2026-11-20T09:00:00+07:00/trip", "-1"])
def test_ids_that_can_be(run: Runner, name: str) -> None:
    words = ("buy", PLAN, "--yes", f"--request-id={name}", "--json")
    first = run(*words)
    assert first.code == 0
    assert first.json["order"]["request_id"] == name
    assert run(*words).out == first.out


def test_an_open_order_is_settled_first(run: Runner, shop: Shop) -> None:
    """Lost answer, provider silent: 4. Then it can be asked: the same id gives the settled order, sent once."""
    shop.behave = lost
    shop.knows = lambda _s, _o: Outcome(Verdict.AMBIGUOUS, "timeout")
    words = ("buy", "shop/ten", "--provider", "shop", "--name", "p", "--yes", "--request-id", "t", "--json")
    first = run(*words, env={"ESIMCTL_DEADLINE": "1"})
    still = run(*words, env={"ESIMCTL_DEADLINE": "1"})
    assert (first.code, still.code) == (4, 4)
    assert first.json["order"]["id"] == still.json["order"]["id"]
    shop.knows = None
    done = run(*words)
    assert (done.code, done.json["order"]["state"], len(shop.sent)) == (0, "settled", 1)
    assert done.json["order"]["activation"]["lpa"].startswith("LPA:1$")


def test_an_accepted_order_is_asked_about(run: Runner) -> None:
    run("sandbox", "fault", "slow-activation")
    words = ("buy", PLAN, "--name", "phone", "--yes", "--no-wait", "--request-id", "t", "--json")
    first = run(*words)
    assert (first.code, first.json["order"]["state"]) == (0, "accepted")
    done = run(*words, now="2026-11-20T09:01:00+07:00")
    assert (done.code, done.json["order"]["state"]) == (0, "settled")
    assert charges(run) == ["4.00"]


def test_a_discrepancy_keeps_its_code(run: Runner, shop: Shop) -> None:
    shop.behave = dearer
    words = ("buy", "shop/ten", "--provider", "shop", "--name", "p", "--yes", "--request-id", "t", "--json")
    first, again = run(*words), run(*words)
    assert (first.code, again.code) == (4, 4)
    assert again.out == first.out
    assert len(shop.sent) == 1


def test_an_order_that_was_prepared_and_never_left_is_sent_now(
    run: Runner, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two records: the same id buys what it promised, once, with the stored bytes."""
    from esimctl.purchase import walk as purchase

    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise Killed

    words = ("buy", "shop/ten", "--provider", "shop", "--name", "p", "--yes", "--request-id", "t", "--json")
    with monkeypatch.context() as patch:
        patch.setattr(purchase, "attempt", killed)
        with pytest.raises(Killed):
            run(*words)
    assert run("transactions", "list", "--json").json["transactions"][0]["state"] == "prepared"
    done = run(*words)
    assert (done.code, done.json["order"]["state"]) == (0, "settled")
    assert (len(shop.sent), len(shop.sold)) == (1, 1)
    assert run(*words).out == done.out


def test_prepared_at_another_price_is_not_sent(run: Runner, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The price moved since: the order is given up, and a new id is needed."""
    from esimctl.purchase import walk as purchase

    def killed(*_: object, **__: object) -> None:
        raise SystemExit(137)

    words = ("buy", "shop/ten", "--provider", "shop", "--name", "p", "--yes", "--request-id", "t", "--json")
    with monkeypatch.context() as patch:
        patch.setattr(purchase, "attempt", killed)
        run(*words)
    shop.price = Money(1100, "USD")
    refused = run(*words)
    assert (refused.code, refused.json["order"]["state"], refused.json["order"]["charged"]) == (5, "cancelled", False)
    assert shop.sent == []


def test_the_key_on_the_wire_follows_from_the_id_alone_not_from_the_price(
    run: Runner, shop: Shop, home: Path, tmp_path: Path
) -> None:
    """A restored profile and a price that moved: the same key, so that the provider can refuse the second."""
    words = ("buy", "shop/ten", "--provider", "shop", "--name", "p", "--yes", "--request-id", "t", "--json")
    run("profile", "backup", str(tmp_path / "b.tar"))
    run(*words)
    run("profile", "restore", str(tmp_path / "b.tar"), "--yes")
    assert run("reconcile").code == 20, "clean; the order since the backup is nobody's yet"
    shop.price = Money(1100, "USD")
    again = run(*words)
    assert again.json["order"]["provider_order"] == "SH-1"
    assert len(shop.sold) == 1
    assert len(set(shop.sent)) == 1


def test_a_line_that_was_renamed_is_the_same_line(run: Runner) -> None:
    run("buy", PLAN, "--name", "phone", "--yes")
    words = ("topup", "phone", "--amount", "2USD", "--yes", "--request-id", "t", "--json")
    first = run(*words).json["order"]
    assert run("lines", "rename", "phone", "mobile").code == 0
    again = run(*words)
    assert (again.code, again.json["order"]["id"], again.json["order"]["line"]) == (0, first["id"], "mobile")
