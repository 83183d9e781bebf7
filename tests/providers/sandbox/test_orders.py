"""Orders at the embedded operator: quoted, sent once, replayed, refused, found again."""

import json
import secrets
from datetime import timedelta
from pathlib import Path

import pytest

from esimctl.errors import Refused, UsageError
from esimctl.providers.lpa import ActivationCode, luhn_valid, valid_iccid
from esimctl.providers.protocol import LineRef, Request, Tier, Verdict
from esimctl.providers.sandbox.desk import HOST
from esimctl.values.money import Money
from esimctl.values.record import replace

from .conftest import START, Counter, opened, rows

PLAN = "demo-monthly-10gb"


def test_a_new_line_is_paid_and_delivered_with_a_code_of_its_own(shop: Counter) -> None:
    """R-55: ICCID with a check digit, a number, an activation code on a host that resolves nowhere."""
    outcome = shop.place("new", LineRef("phone"), plan=PLAN)
    goods = outcome.goods
    assert (outcome.verdict, outcome.charged, outcome.paid) == (Verdict.SETTLED, True, Money(600, "USD"))
    assert goods is not None
    assert goods.iccid is not None
    assert goods.lpa is not None
    assert valid_iccid(goods.iccid)
    assert luhn_valid(goods.iccid)
    assert goods.iccid.startswith("89855")
    assert ActivationCode.parse(goods.lpa).host == HOST
    assert goods.expires_at == START + timedelta(days=28)
    assert outcome.mismatch is None


def test_two_lines_share_no_secret(shop: Counter) -> None:
    first, second = shop.place("new", LineRef("a"), plan=PLAN), shop.place("new", LineRef("b"), plan=PLAN)
    assert first.goods is not None
    assert second.goods is not None
    assert first.goods.lpa != second.goods.lpa
    assert first.goods.iccid != second.goods.iccid


def test_the_same_key_and_bytes_are_answered_alike_and_charged_once(shop: Counter) -> None:
    order = shop.order("new", LineRef("phone"), plan=PLAN)
    request = shop.provider.request(order)
    first = shop.provider.send(order, request, shop.now, deadline=5)
    shop.later(days=3)
    again = shop.provider.send(order, request, shop.now, deadline=5)
    assert (first.status, first.body) == (again.status, again.body)
    assert rows(shop.provider, "SELECT count(*) AS n FROM charge") == [{"n": 1}]
    assert rows(shop.provider, "SELECT count(*) AS n FROM line") == [{"n": 1}]


def test_the_same_key_with_other_bytes_is_refused_for_good(shop: Counter) -> None:
    shop.send(shop.order("new", LineRef("phone"), key="k", plan=PLAN))
    outcome = shop.send(shop.order("new", LineRef("phone"), key="k", plan="demo-daily-1gb"))
    assert (outcome.verdict, outcome.reason, outcome.charged) == (Verdict.REFUSED, "key_conflict", False)
    assert rows(shop.provider, "SELECT count(*) AS n FROM charge") == [{"n": 1}]


def test_a_request_is_a_pure_function_of_the_order(shop: Counter) -> None:
    order = shop.order("new", LineRef("phone"), plan=PLAN)
    assert shop.provider.request(order) == shop.provider.request(order)
    assert json.loads(shop.provider.request(order).body)["key"] == order.key


def test_a_look_up_finds_an_order_by_its_key_alone(shop: Counter) -> None:
    order = shop.order("new", LineRef("phone"), plan=PLAN)
    assert shop.provider.look_up(order, shop.now, deadline=5).verdict is Verdict.ABSENT
    settled = shop.send(order)
    assert shop.provider.look_up(order, shop.now, deadline=5) == settled


BODY = {
    "amount": None, "confirmed": False, "iccid": None, "key": "k", "kind": "new", "method": "sandbox-card",
    "method_kind": "credit-card", "plan": PLAN, "price": {"amount": "6.00", "currency": "USD"}, "promotion": None,
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"price": None},
        {"price": {"amount": "-6.00", "currency": "USD"}},
        {"plan": None},
        {"plan": 7},
        {"kind": "gift"},
        {"method": None},
        {"confirmed": "yes"},
        {"amount": {"amount": "5.00", "currency": "USD"}},
        {"more": 1},
    ],
)
def test_bytes_that_are_no_order_are_refused(shop: Counter, change: dict[str, object]) -> None:
    """The desk reads what arrives as strictly as answers are read."""
    order = shop.order("new", LineRef("phone"), key="k", plan=PLAN)
    good, bad = (Request("sandbox:orders", json.dumps(body)) for body in (BODY, BODY | change))
    refused = shop.provider.interpret(order, shop.provider.send(order, bad, shop.now, deadline=5))
    assert (refused.verdict, refused.reason) == (Verdict.REFUSED, "bad_request")
    taken = shop.provider.interpret(order, shop.provider.send(order, good, shop.now, deadline=5))
    assert taken.verdict is Verdict.SETTLED


def test_money_for_a_new_line_or_a_renewal_is_no_order(shop: Counter) -> None:
    line = shop.buy(PLAN)
    for kind in ("new", "renew"):
        with pytest.raises(UsageError):
            shop.order(kind, line, amount=Money.parse("5USD"))


def test_a_number_that_is_taken_is_drawn_again(shop: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines never share an ICCID, a number or a code, whatever chance says."""
    drawn = iter([1, 2, 1, 2, 3, 4])
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(drawn))
    shop.buy(PLAN, "a")
    shop.buy(PLAN, "b")
    assert len({line.iccid for line in shop.provider.lines(shop.now)}) == 2
    assert next(drawn, None) is None


def test_a_declined_method_is_refused_and_stays_refused(shop: Counter) -> None:
    order = shop.order("new", LineRef("phone"), plan=PLAN, method="sandbox-declined")
    outcome = shop.send(order)
    assert (outcome.verdict, outcome.reason, outcome.charged) == (Verdict.REFUSED, "declined", False)
    assert shop.provider.look_up(order, shop.now, deadline=5) == outcome
    assert rows(shop.provider, "SELECT * FROM charge") == []
    assert rows(shop.provider, "SELECT * FROM line") == []


def test_a_method_that_wants_its_owner_says_so_and_is_refused_without(shop: Counter) -> None:
    """Authentication pauses an order, it does not retry it."""
    order = shop.order("new", LineRef("phone"), plan=PLAN, method="sandbox-confirm")
    assert shop.provider.quote(order.wish, shop.now).needs_confirmation
    assert shop.send(order).reason == "authentication_required"
    confirmed = shop.order("new", LineRef("phone"), plan=PLAN, method="sandbox-confirm", confirmed=True)
    assert shop.send(confirmed).verdict is Verdict.SETTLED


@pytest.mark.parametrize("kind", ["debit-card", "paypal", "alipay", "bank-transfer", "e-wallet", "khqr", "cash"])
def test_methods_of_every_other_kind_succeed(shop: Counter, kind: str) -> None:
    """R-76 to R-82."""
    assert shop.place("new", LineRef("p"), plan=PLAN, method="mine", method_kind=kind).verdict is Verdict.SETTLED


def test_a_price_that_changed_is_refused_before_it_is_charged(shop: Counter) -> None:
    order = shop.order("new", LineRef("phone"), plan=PLAN)
    outcome = shop.send(replace(order, price=Money(1, "USD")))
    assert (outcome.verdict, outcome.reason) == (Verdict.REFUSED, "price_changed")
    assert rows(shop.provider, "SELECT * FROM charge") == []


def test_money_goes_on_the_main_balance_in_one_currency(shop: Counter) -> None:
    line = shop.buy("demo-payg")
    assert shop.place("topup", line, amount=Money.parse("5USD")).paid == Money(500, "USD")
    shop.place("topup", line, amount=Money.parse("2.50 USD"))
    assert shop.look(line).main_balance == Money(750, "USD")
    with pytest.raises(Refused) as caught:
        shop.order("topup", line, amount=Money.parse("20000KHR"))
    assert caught.value.code == "not_possible"
    refused = shop.place("topup", line, amount=Money.parse("20000KHR"), price=Money.parse("20000KHR"))
    assert (refused.verdict, refused.reason, refused.charged) == (Verdict.REFUSED, "not_possible", False)
    assert len(rows(shop.provider, "SELECT * FROM charge")) == 3
    assert shop.look(line).main_balance == Money(750, "USD")


def test_overage_is_paid_from_the_main_balance(shop: Counter) -> None:
    """R-19: a plan without an allowance uses money only."""
    line = shop.buy("demo-payg")
    shop.place("topup", line, amount=Money.parse("1USD"))
    shop.use(line, 2_500_000)
    reading = shop.look(line)
    assert (reading.main_balance, reading.out_of_bucket_bytes) == (Money(97, "USD"), 2_500_000)


def test_a_price_in_riel_is_charged_in_riel(shop: Counter) -> None:
    assert shop.place("new", LineRef("p"), plan="cellcard-riel-1d").paid == Money(1000, "KHR")


@pytest.mark.parametrize(
    ("kind", "plan", "code"),
    [
        ("new", "smart-monthly-10g", "plan_unknown"),
        ("new", "demo-topup-2gb", "plan_kind"),
        ("renew", "smart-laor-30d", "plan_not_for_line"),
        ("new", "smart-home-12", "plan_unknown_terms"),
        ("new", "cellcard-social-pack", "plan_kind"),
        ("new", "metfone-payg", "plan_unpriced"),
        ("topup", "demo-monthly-10gb", "plan_kind"),
    ],
)
def test_a_wish_that_cannot_be_is_wrong_usage(shop: Counter, kind: str, plan: str, code: str) -> None:
    line = shop.buy(PLAN)
    with pytest.raises((UsageError, Refused)) as caught:
        shop.order(kind, LineRef("new") if kind == "new" else line, plan=plan)
    assert caught.value.code == code
    if code == "plan_unknown":
        assert PLAN in str(caught.value.hint)


def test_a_line_of_before_the_demo_plans_is_topped_up_and_renewed_as_ever(shop: Counter) -> None:
    """The operator's books of such a line name a carrier and a plan that were given up."""
    line = shop.buy("demo-monthly-20gb")
    with shop.provider.books.writing(5.0) as database:
        database.execute("UPDATE line SET carrier = 'smart', plan = 'smart-monthly-20gb'")
    assert {plan.carrier for plan in shop.provider.plans(shop.now, line=line)} == {"smart", "demo"}
    assert shop.place("topup", line, plan="smart-topup-2gb").verdict is Verdict.SETTLED
    renewed = shop.place("renew", replace(line, plan="smart-monthly-20gb"), plan="smart-monthly-20gb")
    assert (renewed.verdict, renewed.mismatch) == (Verdict.SETTLED, None)
    assert shop.place("renew", line, plan="smart-laor-30d").verdict is Verdict.SETTLED


def test_a_line_that_the_operator_does_not_know_is_named(shop: Counter) -> None:
    with pytest.raises(UsageError) as caught:
        shop.order("renew", LineRef("ghost", iccid="8985599000000000000"), plan=PLAN)
    assert (caught.value.code, "ghost" in str(caught.value)) == ("unknown_line", True)


def test_an_early_renewal_says_what_it_does_and_what_is_lost(shop: Counter) -> None:
    stacked, queued = shop.buy("demo-stack-10gb"), shop.buy("demo-monthly-20gb", "b")
    lost = shop.buy("demo-15d-6gb", "c")
    shop.use(lost, 10**9)
    for line, effect, octets in ((stacked, "stack", None), (queued, "queue", None), (lost, "reset", 5 * 10**9)):
        order = shop.order("renew", line, plan=line.plan)
        quote = shop.provider.quote(order.wish, shop.now)
        assert (quote.effect, quote.lost_bytes) == (effect, octets)
        before = shop.look(line).forfeited_bytes
        shop.send(order)
        assert (shop.look(line).forfeited_bytes or 0) - (before or 0) == (octets or 0)


def test_a_renewal_after_the_end_only_adds(shop: Counter) -> None:
    line = shop.buy("demo-daily-1gb")
    end = shop.look(line).expires_at
    shop.later(days=3)
    assert (shop.look(line).status, shop.look(line).expires_at) == ("expired", end), "it says since when"
    assert shop.provider.quote(shop.order("renew", line, plan=line.plan).wish, shop.now).effect == "add"
    shop.place("renew", line, plan=line.plan)
    assert shop.look(line).remaining_bytes == 10**9


def test_a_renewal_without_a_plan_is_with_the_plan_of_the_line(shop: Counter) -> None:
    line = shop.buy(PLAN)
    assert shop.place("renew", line).verdict is Verdict.SETTLED
    assert shop.look(line).remaining_bytes == 20 * 10**9


def test_quoting_and_looking_create_no_books(tmp_path: Path) -> None:
    shop = Counter(opened(tmp_path))
    shop.order("new", LineRef("phone"), plan=PLAN)
    assert shop.provider.lines(shop.now) == ()
    assert shop.provider.orders(START, shop.now) == ()
    assert list(tmp_path.iterdir()) == []


def test_the_operators_list_has_every_order_with_its_charges(shop: Counter) -> None:
    line = shop.buy(PLAN)
    shop.later(hours=1)
    shop.place("topup", line, plan="demo-topup-2gb")
    shop.place("topup", line, plan="demo-topup-2gb", method="sandbox-declined")
    listed = shop.provider.orders(START, shop.now)
    assert listed is not None
    assert [(row.kind, row.charges, row.delivered, row.status) for row in listed] == [
        ("new", (Money(600, "USD"),), True, "done"),
        ("topup", (Money(100, "USD"),), True, "done"),
        ("topup", (), False, "refused"),
    ]
    assert [row.key for row in shop.provider.orders(shop.now, shop.now) or ()] == ["key-2", "key-3"]


def test_a_card_has_no_balance_and_an_account_with_one_is_drawn_on(tmp_path: Path) -> None:
    card, account = Counter(opened(tmp_path / "a")), Counter(opened(tmp_path / "b", balance="10.00 USD"))
    card.buy(PLAN)
    assert card.provider.account_balance(card.now) is None
    line = account.buy(PLAN, method="sandbox-balance", method_kind="provider-balance")
    assert account.provider.account_balance(account.now) == Money(400, "USD")
    refused = account.place("renew", line, plan=PLAN, method="sandbox-balance", method_kind="provider-balance")
    assert (refused.verdict, refused.reason) == (Verdict.REFUSED, "insufficient_funds")
    assert account.provider.account_balance(account.now) == Money(400, "USD")


def test_an_account_is_drawn_on_for_every_charge(tmp_path: Path) -> None:
    shop = Counter(opened(tmp_path, balance="20.00 USD"))
    shop.provider.arm("duplicate-charge")
    shop.buy(PLAN, method="sandbox-balance", method_kind="provider-balance")
    assert shop.provider.account_balance(shop.now) == Money(800, "USD")


def test_books_begun_anew_repeat_no_order_number(shop: Counter) -> None:
    first = shop.place("new", LineRef("a"), plan=PLAN).provider_order
    shop.provider.reset()
    second = shop.place("new", LineRef("b"), plan=PLAN).provider_order
    assert first is not None
    assert second is not None
    assert second > first


def test_lines_can_be_adopted_and_plans_of_a_line_are_its_carriers(shop: Counter) -> None:
    line = shop.buy(PLAN)
    assert [(row.iccid, row.msisdn, row.plan) for row in shop.provider.lines(shop.now)] == [
        (line.iccid, line.msisdn, PLAN)
    ]
    offered = shop.provider.plans(shop.now, line=line)
    assert {plan.carrier for plan in offered} == {"demo"}
    assert {plan.kind for plan in offered} == {"base", "topup"}


def test_the_operator_is_keyed_and_its_money_is_play(shop: Counter) -> None:
    assert (shop.provider.tier, shop.provider.play_money) == (Tier.KEYED, True)


def test_terms_are_kept_as_they_were_when_bought(shop: Counter) -> None:
    """R-116: the books hold the terms, so a newer catalogue changes no past."""
    shop.buy(PLAN)
    (kept,) = rows(shop.provider, "SELECT content FROM event")
    assert json.loads(kept["content"])["terms"]["rollover"]["validity"] == "3 months"
