"""`esimctl reconcile`: what is open is settled, what does not fit is said, what was spent elsewhere is counted."""

from datetime import timedelta
from pathlib import Path

import pytest

from esimctl.providers.protocol import Answer, Outcome, OutgoingOrder, ProviderOrder, Tier, Verdict
from esimctl.values.money import Money
from tests.conftest import NOW, Runner
from tests.purchase.shop import CODE, SHOP, TEN, Shop, closed, furnish, lost, lying, vanished

PLAN = "demo-monthly-5gb"
KEYS = {"schema", "as_of", "profile", "ok", "orders", "balances", "foreign", "healed", "providers"}
BALANCE = {"provider", "basis", "expected", "actual", "fits", "note"}
FOREIGN = {
    "provider",
    "provider_order",
    "reason",
    "order",
    "kind",
    "plan",
    "iccid",
    "amount",
    "created_at",
    "acknowledged",
}
LATER = "2026-11-20T12:00:00+07:00"
DAY = timedelta(days=1)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, home: Path) -> Shop:
    return furnish(monkeypatch, home, balance=Money(10_000, "USD"))


def test_a_clean_profile_fits_and_the_keys_are_those_of_the_contract(run: Runner) -> None:
    run("buy", PLAN, "--yes")
    told = run("reconcile", "--json")
    assert told.code == 0
    assert told.json.keys() == KEYS | {"rehearsal"}
    assert told.json["schema"] == "esimctl.reconcile/1"
    assert [row.keys() for row in told.json["balances"]] == [BALANCE]
    assert (told.json["ok"], told.json["orders"], told.json["foreign"]) == (True, [], [])
    assert told.json["balances"][0]["fits"] is True


@pytest.mark.parametrize("fault", ["timeout-before", "timeout-after", "error-500", "malformed", "rate-limit"])
def test_every_open_order_of_the_sandbox_is_settled_and_charged_once(run: Runner, fault: str) -> None:
    """Left open by a fault that outlasts the purchase, settled by the reconcile: one charge."""
    run("sandbox", "fault", fault, "--times", "3")
    run("buy", PLAN, "--name", "phone", "--yes", env={"ESIMCTL_DEADLINE": "1"})
    told = run("reconcile", "--json", now=LATER)
    if told.code:  # a fault that still strikes leaves it open, honestly; the next run finds it gone
        told = run("reconcile", "--json", now=LATER)
    assert told.code == 0
    orders = run("transactions", "list", "--json").json["transactions"]
    assert [order["state"] for order in orders] in (["settled"], ["rejected"])
    rows = told.json["balances"]
    assert all(row["fits"] for row in rows)
    assert sum(row["actual"]["amount"] == "4.00" for row in rows) == (orders[0]["state"] == "settled")


def test_slow_activation_stays_open_until_it_is_there(run: Runner) -> None:
    """4 while the goods are missing, 0 when they have come; the line is in the profile then."""
    run("sandbox", "fault", "slow-activation")
    assert run("buy", PLAN, "--name", "phone", "--yes", "--no-wait").code == 0
    waiting = run("reconcile", "--json")
    assert waiting.code == 4
    assert [order["state"] for order in waiting.json["orders"]] == ["accepted"]
    done = run("reconcile", "--json", now="2026-11-20T09:01:00+07:00")
    assert done.code == 0
    assert [order["state"] for order in done.json["orders"]] == ["settled"]
    assert [line["line"] for line in run("lines", "list", "--json").json["lines"]] == ["phone"]


def test_a_charge_taken_twice_is_a_difference_until_somebody_has_looked(run: Runner) -> None:
    run("sandbox", "fault", "duplicate-charge")
    run("buy", PLAN, "--name", "phone", "--yes")
    told = run("reconcile", "--json")
    assert told.code == 4
    assert told.json["balances"][0] == {
        "provider": "sandbox", "basis": "charges", "fits": False, "note": "esimctl transactions audit",
        "expected": {"amount": "4.00", "currency": "USD"}, "actual": {"amount": "8.00", "currency": "USD"},
    }  # fmt: skip
    (extra,) = told.json["foreign"]
    assert extra.keys() == FOREIGN
    assert (extra["reason"], extra["amount"]["amount"], extra["acknowledged"]) == ("duplicate_charge", "4.00", False)
    assert run("reconcile").code == 4, "it does not go away by itself"
    assert run("reconcile", "--acknowledge", extra["order"]).code == 0
    assert run("reconcile").code == 0


def test_an_order_of_another_profile_is_foreign_and_counts_against_the_limit(run: Runner, home: Path) -> None:
    """Two profiles on one account: the limit of the month sees both."""
    run("profile", "create", "other")
    run("buy", PLAN, "--profile", "other", "--yes")
    run("payments", "list")
    run("reconcile")
    profile = home / "profiles" / "default" / "profile.toml"
    text = profile.read_text()
    profile.write_text(text.replace("[settings]", '[settings]\nlimits = {per_month = "7USD"}'))
    (foreign,) = run("reconcile", "--json").json["foreign"]
    assert (foreign["reason"], foreign["kind"], foreign["acknowledged"]) == ("not_ours", "new", False)
    refused = run("buy", PLAN, "--yes", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (5, "limit_reached")
    assert run("reconcile", "--acknowledge", "all").code == 0
    assert run("reconcile", "--json").json["foreign"][0]["acknowledged"] is True


def test_an_unknown_order_to_acknowledge_is_wrong_usage(run: Runner) -> None:
    run("buy", PLAN, "--yes")
    assert run("reconcile", "--acknowledge", "SB-9").code == 2
    assert run("reconcile", "--accept", "nobody").code == 2


def test_the_account_follows_the_orders(run: Runner, shop: Shop) -> None:
    """The first balance opens the wallet, every purchase moves it, and nobody has to enter anything."""
    first = run("reconcile", "--json")
    assert (first.code, first.json["balances"][0]["actual"]) == (0, {"amount": "100.00", "currency": "USD"})
    assert run("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes").code == 0
    told = run("reconcile", "--json")
    account = next(row for row in told.json["balances"] if row["basis"] == "account")
    assert (told.code, account["expected"]["amount"], account["fits"]) == (0, "90.00", True)


def test_a_first_comparison_after_orders_uses_the_balance_before_the_first(run: Runner, shop: Shop) -> None:
    """Money that left before anybody compared is noticed as well."""
    run("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes")
    shop.balance = Money(8000, "USD")
    told = run("reconcile", "--json")
    account = next(row for row in told.json["balances"] if row["basis"] == "account")
    assert (told.code, account["expected"]["amount"], account["actual"]["amount"]) == (4, "90.00", "80.00")


@pytest.mark.parametrize("difference", [-500, 500])
def test_a_balance_that_does_not_fit_stays_4_until_it_is_accepted(run: Runner, shop: Shop, difference: int) -> None:
    run("reconcile")
    run("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes")
    assert shop.balance is not None
    shop.balance = Money(shop.balance.minor + difference, "USD")
    assert [run("reconcile").code, run("reconcile").code] == [4, 4]
    assert run("transactions", "audit", "--json").json["findings"][0]["kind"] == "amount_differs"
    assert run("reconcile", "--accept", "shop").code == 0
    assert run("reconcile").code == 0
    assert run("transactions", "audit").code == 0
    run("topup", "phone", "--plan", "shop/ten", "--yes")
    assert run("reconcile").code == 0, "the wallet goes on from the accepted balance"


def test_somebody_elses_order_explains_the_balance(run: Runner, shop: Shop) -> None:
    run("reconcile")
    shop.strangers.append(ProviderOrder("SH-77", None, "new", "shop/ten", "898559910000000077", (TEN,), True, None))
    shop.balance = Money(9000, "USD")
    told = run("reconcile", "--json")
    assert (told.code, told.json["foreign"][0]["provider_order"]) == (20, "SH-77"), "nobody has acknowledged it"
    shop.balance = Money(8000, "USD")
    assert run("reconcile").code == 4, "what no order explains is still a difference"


def test_without_an_order_list_nothing_is_called_fine(run: Runner, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Tier D with neither list nor balance: the row says that nothing can be compared."""
    furnish(monkeypatch, home, tier=Tier.NOTHING, lists=False)
    told = run("reconcile", "--json")
    assert told.code == 0
    (row,) = told.json["balances"]
    assert (row["basis"], row["fits"]) == ("none", None)
    assert "no order list" in row["note"]


def test_a_provider_that_cannot_be_asked_gives_its_code(run: Runner, shop: Shop) -> None:
    """The document is there all the same, and it is not clean."""
    run("reconcile")
    with closed():
        told = run("reconcile", "--json")
    assert (told.code, told.json["ok"], told.json["providers"][0]["error"]) == (69, False, "unreachable")


@pytest.mark.parametrize(("tier", "sent"), [(Tier.REFERENCE, 1), (Tier.LABEL, 1), (Tier.NOTHING, 1), (Tier.KEYED, 1)])
def test_an_answer_that_was_lost_is_found_in_every_tier(
    run: Runner, monkeypatch: pytest.MonkeyPatch, home: Path, tier: Tier, sent: int
) -> None:
    """Executed, not answered, provider gone: unknown, then settled by the reconcile, sent once."""
    shop = furnish(
        monkeypatch, home, tier=tier, behave=lost, knows=lambda _s, _o: Outcome(Verdict.AMBIGUOUS, "timeout")
    )
    first = run(
        "buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes", "--json", env={"ESIMCTL_DEADLINE": "1"}
    )
    assert (first.code, first.json["order"]["state"], first.json["order"]["charged"]) == (4, "unknown", "unknown")
    blocked = run("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes", env={"ESIMCTL_DEADLINE": "1"})
    assert blocked.code == 4, "an open order blocks its line"
    shop.knows = None
    assert run("reconcile", "--json").json["orders"][0]["state"] == "settled"
    assert len(shop.sent) == sent
    assert run("lines", "qr", "phone", "--show-code").out.count(CODE) == 1


@pytest.mark.parametrize(("tier", "again"), [(Tier.REFERENCE, True), (Tier.LABEL, False), (Tier.NOTHING, False)])
def test_absence_needs_the_window_and_two_looks(
    run: Runner, monkeypatch: pytest.MonkeyPatch, home: Path, tier: Tier, again: bool
) -> None:
    """Within the settle window it stays unknown; after it tier B sends the same reference again, C and D give up."""
    shop = furnish(monkeypatch, home, tier=tier, behave=vanished, window=timedelta(seconds=60))
    first = run("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes", env={"ESIMCTL_DEADLINE": "1"})
    assert first.code == 4
    assert run("reconcile", now="2026-11-20T09:00:30+07:00").code == 4
    assert len(shop.sent) == 1, "nothing is sent while absence is not proven"
    shop.behave = None
    done = run("reconcile", "--json", now=LATER)
    assert done.code == 0
    assert done.json["orders"][0]["state"] == ("settled" if again else "rejected")
    assert len(shop.sent) == (2 if again else 1)
    assert len(set(shop.sent)) == 1, "the same bytes"
    assert len(shop.sold) == (1 if again else 0)


def test_nothing_is_sent_again_while_spending_is_paused(run: Runner, shop: Shop, home: Path) -> None:
    """A pause stops recovery from buying: an absent order is given up instead."""
    shop.behave = vanished
    run("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes", env={"ESIMCTL_DEADLINE": "1"})
    (home / "profiles" / "default" / "paused").touch()
    shop.behave = None
    sent = len(shop.sent)
    run("reconcile", now=LATER)
    assert len(shop.sent) == sent
    assert shop.sold == {}


def test_a_refusal_that_was_a_lie_is_found(run: Runner, shop: Shop) -> None:
    """Refused with a definite answer, carried out all the same: the seller lists it, so it is taken up again."""
    shop.behave = lying
    assert run("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes").code == 3
    told = run("reconcile", "--json")
    assert (told.code, told.json["foreign"]) == (0, [])
    assert [row["what"] for row in told.json["healed"]] == ["order_reopened"]
    (order,) = run("transactions", "list", "--json").json["transactions"]
    assert (order["state"], order["charged"]) == ("settled", True)
    assert order["paid"] == {"amount": "10.00", "currency": "USD"}
    assert run("reconcile", "--json").json["healed"] == []


def test_the_payment_is_corrected_to_what_was_really_taken(run: Runner, shop: Shop) -> None:
    """The provider's books show another amount than its answer did: ours follow, and say so."""

    def dearer(shop: Shop, order: OutgoingOrder) -> Answer:
        shop.execute(order, charges=[Money(1200, "USD")])
        answer = shop.answer(order)
        return Answer(200, answer.body.replace(b"1200", b"1000"))

    shop.behave = dearer
    run("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes")
    run("reconcile")
    (order,) = run("transactions", "list", "--json").json["transactions"]
    assert order["paid"] == {"amount": "12.00", "currency": "USD"}
    assert run("transactions", "audit", "--json").json["findings"][0]["kind"] == "amount_differs"


def test_reconcile_twice_changes_nothing(run: Runner, shop: Shop) -> None:
    """The same document again; `as_of` apart."""
    run("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes")
    shop.strangers.append(ProviderOrder("SH-77", None, "new", None, None, (TEN,), True, None))
    assert SHOP is shop
    first, second = run("reconcile", "--json").json, run("reconcile", "--json").json
    assert first == second


def test_a_profile_without_its_line_gets_it_back(run: Runner, home: Path) -> None:
    """As after a kill between the journal and the profile."""
    run("buy", PLAN, "--name", "phone", "--yes", now=NOW)
    profile = home / "profiles" / "default" / "profile.toml"
    text = profile.read_text()
    cut = text[: text.index("[line.phone]")]
    profile.write_text(cut)
    (kept,) = (home / "profiles" / "default" / "vault").iterdir()
    kept.unlink()
    healed = run("reconcile", "--json").json["healed"]
    assert [row["what"] for row in healed] == ["line_restored", "code_fetched"]
    assert run("lines", "qr", "phone", "--show-code").code == 0


@pytest.mark.parametrize("tier", [Tier.REFERENCE, Tier.LABEL, Tier.NOTHING])
def test_not_found_but_the_money_is_gone_is_no_proof_of_absence(
    run: Runner, monkeypatch: pytest.MonkeyPatch, home: Path, tier: Tier
) -> None:
    """The account went down by the price: nothing is sent again, nothing is given up; a day later a person decides."""
    absent = Outcome(Verdict.ABSENT, "not_found", charged=False)
    balance = Money(5000, "USD")
    moods = {"behave": lost, "knows": lambda _s, _o: absent, "horizon": DAY, "lists": False}
    shop = furnish(monkeypatch, home, tier=tier, balance=balance, **moods)
    words = ("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes")
    assert run(*words, env={"ESIMCTL_DEADLINE": "1"}).code == 4
    told = run("reconcile", "--json", now=LATER)
    assert (told.code, told.json["orders"][0]["state"]) == (4, "unknown")
    assert told.json["orders"][0]["reason"] == "absent_but_paid"
    told = run("reconcile", "--json", now="2026-11-22T09:00:00+07:00")
    assert (told.code, told.json["orders"][0]["state"]) == (4, "manual")
    assert len(shop.sent) == 1


def test_a_stale_or_foreign_balance_is_no_proof_of_a_charge(run: Runner, shop: Shop) -> None:
    """What other orders of ours took from the account is known; the absent one is given up as usual."""
    shop.tier = Tier.LABEL
    assert run("buy", "shop/ten", "--provider", "shop", "--name", "a", "--yes").code == 0
    shop.behave = vanished
    run("buy", "shop/ten", "--provider", "shop", "--name", "b", "--yes", env={"ESIMCTL_DEADLINE": "1"})
    shop.behave = None
    run("buy", "shop/ten", "--provider", "shop", "--name", "c", "--yes")
    assert run("reconcile", now=LATER).code == 0
    states = {order["line"]: order["state"] for order in run("transactions", "list", "--json").json["transactions"]}
    assert states == {"a": "settled", "b": "rejected", "c": "settled"}


def test_a_person_reads_it_in_sentences(run: Runner, home: Path) -> None:
    """Everything that can be said, once each: open, healed, fitting, differing, foreign, nothing open."""
    assert "Nothing is open." in run("reconcile", "-o", "table").out
    run("sandbox", "fault", "duplicate-charge")
    run("buy", PLAN, "--name", "phone", "--yes")
    (kept,) = (home / "profiles/default/vault").iterdir()
    kept.unlink()
    run("profile", "create", "other")
    run("buy", PLAN, "--profile", "other", "--yes")
    run("sandbox", "fault", "slow-activation")
    run("topup", "phone", "--amount", "2USD", "--no-wait", "--yes")
    out = run("reconcile", "-o", "table").out
    for sentence in (
        "1 order is still open",
        "the activation code of phone was fetched again",
        "sandbox: 8.00 USD was charged, your orders account for 4.00 USD",
        "4.00 USD more was charged for order",
        "which is not one of your orders",
    ):
        assert sentence in out
    rows = [line.split("\t") for line in run("reconcile").out.splitlines()]
    assert {row[0] for row in rows} == {"order", "charges", "foreign"}
    assert all(len(row) == 6 for row in rows)


def test_another_run_that_holds_the_lock_is_75(run: Runner, home: Path) -> None:
    import fcntl

    run("buy", PLAN, "--yes")
    with (home / "profiles" / "default" / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run("reconcile", "--json").code == 75
        assert run("transactions", "audit").code == 0, "looking needs no lock"
    assert run("reconcile", "--wait", "5s").code == 0


def test_damaged_books_are_6_and_nothing_is_asked(run: Runner, shop: Shop, home: Path) -> None:
    run("buy", "shop/ten", "--provider", "shop", "--name", "phone", "--yes")
    journal = home / "profiles" / "default" / "journal" / "000001.toml"
    data = journal.read_bytes()
    journal.write_bytes(data.replace(b'"order.attempted"', b'"order.attempteD"', 1))
    assert run("reconcile", "--json").json["error"]["code"] == "state_damaged"
    assert run("reconcile").code == 6
    assert run("transactions", "list").code == 0


def test_a_rule_computes_the_same_key_again(run: Runner, shop: Shop, home: Path) -> None:
    """Two machines, or a restored backup: the n-th order of a rule has one key; the next one has another."""
    from esimctl.providers.protocol import LineRef, Quote, Wish
    from esimctl.purchase.offer import Intent, Offer
    from esimctl.purchase.opening import open_profile
    from esimctl.purchase.walk import wire_key
    from esimctl.values.record import replace
    from tests.purchase.shop import ShopProvider

    session = open_profile(None, {"ESIMCTL_HOME": str(home)})
    intent = Intent("topup", line="phone", plan="shop/ten", source="rule:phone", generation=3)
    wish = Wish("topup", LineRef("phone"), "shop-balance", "provider-balance", plan="shop/ten")
    offer = Offer(intent, wish, ShopProvider("shop"), Quote(TEN), None)
    key = wire_key(session, intent, offer)
    assert wire_key(open_profile(None, {"ESIMCTL_HOME": str(home)}), intent, offer) == key
    for other in (
        replace(intent, generation=4),
        replace(intent, source="rule:other"),
        replace(intent, source="person", request_id="x"),
    ):
        assert wire_key(session, other, replace(offer, intent=other)) != key
    person = replace(intent, source="person", generation=None)
    assert len({wire_key(session, person, replace(offer, intent=person)) for _ in range(20)}) == 20
