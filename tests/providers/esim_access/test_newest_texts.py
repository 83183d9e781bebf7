"""eSIM Access by its texts of 2026, through the command line: one charge, the right end, whatever an answer carries."""

from typing import Any

import pytest

from esimctl.purchase import pursue
from tests.providers.fakes.matrix import document
from tests.providers.fakes.run import Shop
from tests.vendors.broken import Fault
from tests.vendors.esim_access import no, ok
from tests.vendors.esim_access_rows import order_number, own_id

pytestmark = pytest.mark.usefixtures("quick")

GB = 1 << 30

BUY = ("buy", "esim-access/CKH002", "--name", "phone", "--yes", "--json")
TOPUP = ("topup", "phone", "--plan", "esim-access/TOPUP_CKH002", "--yes", "--json")
REAL = {"ESIMCTL_SETTLE_WINDOW": ""}  #: a day is a day


#: what an order that is sent again is → what is armed
REPEATS: dict[str, tuple[str, ...]] = {"same": (), "exists": ("newest-codes",), "another": ("no-deduplication",)}


def lie(shop: Shop, path: str, code: str) -> None:
    """Orders are carried out, and answered by a refusal."""
    shop.vendor.retold[path] = lambda _call, _document: no(code).document


def number(shop: Shop) -> str:
    """The number of the first order at the vendor."""
    return order_number(shop.vendor.sold()[0])


def lose(shop: Shop, path: str) -> None:
    """The next order is carried out, and its answer does not come."""
    shop.vendor.faults.append(Fault(path, "reset", after=True))


def the_order(shop: Shop) -> dict[str, Any]:
    """The newest."""
    found: dict[str, Any] = shop("transactions", "list", "--json").json["transactions"][-1]
    return found


def charges_of_topups(shop: Shop) -> int:
    return len(shop.vendor.charges) - 1


def test_a_topup_answered_with_an_id_of_theirs_is_settled_at_once(shop: Shop) -> None:
    """F1: success, our ICCID, their transactionId, no row, no deduplication: one command, one charge, one sending."""
    assert shop(*BUY).code == 0
    shop.vendor.arm("own-ids", "no-deduplication")
    shop.vendor.arms.rows = False
    topped = shop(*TOPUP)
    own = own_id(shop.vendor.sold()[-1])
    assert (topped.code, document(topped)["state"], document(topped)["provider_order"]) == (0, "settled", own)
    shop("reconcile", "--json")
    assert (charges_of_topups(shop), shop.vendor.count("esim/topup")) == (1, 1)


@pytest.mark.parametrize(("rows", "grows"), [(True, True), (True, False), (False, True)])
def test_a_lost_topup_is_proven_by_its_row_or_by_the_total(shop: Shop, rows: bool, grows: bool) -> None:
    """Code and time, or the line's total grown by the pack since the reading before: settled, never sent again."""
    assert shop(*BUY).code == 0
    shop.vendor.arm("no-deduplication")
    shop.vendor.arms.rows, shop.vendor.arms.grows = rows, grows
    lose(shop, "esim/topup")
    topped = shop(*TOPUP)
    assert (topped.code, document(topped)["state"]) == (0, "settled"), topped
    assert (charges_of_topups(shop), shop.vendor.count("esim/topup")) == (1, 1)


@pytest.mark.parametrize("deposit", [0, 2_000, 10])
def test_nothing_is_sent_again_while_a_charge_could_explain_the_balance(shop: Shop, deposit: int) -> None:
    """Nothing shows, the answer is lost, a repeat would be charged: a deposit hides nothing; a person decides."""
    assert shop(*BUY).code == 0
    shop.vendor.arm("no-deduplication")
    shop.vendor.arms.rows = shop.vendor.arms.grows = False
    lose(shop, "esim/topup")
    assert shop(*TOPUP).code == 4
    shop.vendor.pay_in(deposit)
    for _ in range(3):
        assert shop("reconcile", "--json").code == 4
    assert (charges_of_topups(shop), shop.vendor.count("esim/topup")) == (1, 1)
    assert (the_order(shop)["state"], the_order(shop)["reason"]) == ("unknown", "absent_but_paid")


def test_exists_is_looked_for_until_it_is_found(shop: Shop) -> None:
    """F2: the answer lost, not listed, sent again once it may be: 310402 is neither a refusal nor a reason to go on."""
    shop.vendor.arm(*REPEATS["exists"])
    shop.vendor.arms.hidden = True
    lose(shop, "esim/order")
    shop.vendor.arms.surcharge = -18_000  # the account shows nothing, so that it is sent again
    first = shop(*BUY, "--request-id", "once")
    assert first.code == 4
    for _ in range(3):
        shop("reconcile", "--json")
    order = the_order(shop)
    assert (order["state"], order["charged"], order["reason"]) == ("accepted", True, "exists")
    assert shop.vendor.count("esim/order") == 2
    shop.vendor.arms.hidden = False
    assert shop("reconcile", "--json").json["orders"][0]["state"] == "settled"
    assert (len(shop.vendor.charges), shop("lines", "qr", "phone", "--show-code").code) == (1, 0)


def test_an_order_is_not_closed_within_the_day(shop: Shop) -> None:
    """F2: absent again and again, a deposit in between: open, its price held, said by check; never rejected."""
    shop.vendor.arms.hidden = True
    lose(shop, "esim/order")
    bought = shop(*BUY, env=REAL)
    assert (bought.code, document(bought)["state"]) == (4, "unknown")
    assert "1.80 USD are held" in bought.json["error"]["message"]
    shop.vendor.pay_in(500)
    for _ in range(2):
        assert shop("reconcile", "--json", env=REAL).code == 4
    assert (the_order(shop)["state"], shop.vendor.count("esim/order")) == ("unknown", 1)
    checked = shop("check", "--json", env=REAL)
    (held,) = checked.json["orders"]
    assert (checked.code, held["line"], held["price"]) == (20, "phone", {"amount": "1.80", "currency": "USD"})
    assert "phone: order" in shop("check", env=REAL).out
    shop.vendor.arms.hidden = False
    assert shop("reconcile", "--json", env=REAL).json["orders"][0]["state"] == "settled"


def test_a_closed_order_that_is_listed_is_reopened(shop: Shop) -> None:
    """F3: carried out and answered by a definite no: the list has our reference, so it is settled after all."""
    lie(shop, "esim/order", "200011")
    assert shop(*BUY).code == 3
    told = shop("reconcile", "--json")
    assert [row["what"] for row in told.json["healed"]] == ["order_reopened"]
    assert f"exists after all: esim-access lists it as {number(shop)}" in told.err
    order = the_order(shop)
    assert (order["state"], order["charged"], order["provider_order"]) == ("settled", True, number(shop))
    assert shop("lines", "qr", "phone", "--show-code").code == 0
    assert shop("reconcile", "--json").json["healed"] == []


def test_a_closed_topup_that_took_money_is_found_again(shop: Shop) -> None:
    """No list shows top-ups: where the account holds less than the books say, its line is asked once more."""
    assert shop(*BUY).code == 0
    assert shop("reconcile", "--json").code == 0
    lie(shop, "esim/topup", "200011")
    assert shop(*TOPUP).code == 3
    told = shop("reconcile", "--json")
    assert (told.code, [row["what"] for row in told.json["healed"]]) == (0, ["order_reopened"]), told
    assert (the_order(shop)["state"], charges_of_topups(shop)) == ("settled", 1)
    shop.vendor.retold.clear()
    shop.vendor.instead["esim/topup"] = no("200011")
    assert shop(*TOPUP).code == 3
    shop.vendor.pay_in(-170)  # somebody else's doing
    assert shop("reconcile", "--json").code == 4
    assert the_order(shop)["state"] == "rejected"


def test_a_cancelled_row_reopens_nothing(shop: Shop) -> None:
    """The seller says itself that it came to nothing."""
    lie(shop, "esim/order", "200011")
    assert shop(*BUY).code == 3
    shop.vendor.arms.told = {"esimStatus": "CANCELED"}
    shop.vendor.pay_in(180)
    assert shop("reconcile", "--json").json["healed"] == []
    assert the_order(shop)["state"] == "rejected"


def test_what_a_person_closed_by_hand_becomes_a_finding(shop: Shop) -> None:
    """Told the sum at risk; listed later it is said, with the command that takes the word back; nothing is changed."""
    shop.vendor.arms.hidden = True
    lose(shop, "esim/order")
    order = document(shop(*BUY, env=REAL))["id"]
    closed = shop("transactions", "resolve", order, "--not-charged", "--yes", "--json", env=REAL)
    assert closed.code == 0
    assert "1.80 USD are at risk" in closed.err
    again = shop("buy", "esim-access/CKH001", "--name", "other", "--yes", "--json", env=REAL)
    assert again.code == 0, "a person may order again"
    shop.vendor.arms.hidden = False
    told = shop("reconcile", "--json", env=REAL)
    assert f"transactions resolve {order} --charged {number(shop)}" in told.err
    assert shop.order(order)["state"] == "rejected"
    findings = shop("transactions", "audit", "--json", env=REAL).json["findings"]
    (mine,) = [each for each in findings if each["orders"] == [order]]
    assert (mine["kind"], mine["next"]) == (
        "unknown_outcome", f"esimctl transactions resolve {order} --charged {number(shop)}",
    )  # fmt: skip
    shop("transactions", "resolve", order, "--charged", number(shop), "--yes", env=REAL)
    assert shop.order(order)["state"] == "settled"


@pytest.mark.parametrize("code", ["401001", "401003"])
def test_401xxx_is_about_the_credentials(shop: Shop, code: str) -> None:
    """F4: 77, for a question and for an order."""
    shop.vendor.instead["esim/order"] = no(code)
    bought = shop(*BUY)
    assert (bought.code, bought.json["error"]["code"]) == (77, "unauthorized")
    shop.vendor.instead["balance/query"] = no(code)
    assert shop("providers", "check", "esim-access", "--json").code == 77


@pytest.mark.parametrize("code", ["400001", "400003"])
def test_4000xx_is_a_definite_no(shop: Shop, code: str) -> None:
    """F4: closed at once, one request."""
    shop.vendor.instead["esim/order"] = no(code)
    bought = shop(*BUY)
    assert (bought.code, document(bought)["state"], document(bought)["reason"]) == (3, "rejected", "bad_request")
    assert shop.vendor.count("esim/order") == 1


def test_a_deleted_profile_is_gone_and_nothing_feeds_it(shop: Shop) -> None:
    """F6: IN_USE and DELETED is closed; a top-up is refused, a rule does not buy."""
    assert shop(*BUY).code == 0
    rule = ("autotopup", "set", "phone", "--below", "2GB", "--plan", "esim-access/TOPUP_CKH002")
    limits = ("--max-price", "2USD", "--max-per-month", "10USD")
    assert shop(*rule, *limits, "--json").code == 0
    assert shop("autotopup", "enable", "phone", "--confirm", "10USD", "--json").code == 0
    shop.vendor.arm("deleted-profiles")
    shop.vendor.use(shop.vendor.sold()[0].iccid, 3 * GB - 1)
    line = shop("balance", "phone", "--refresh", "--json").json["lines"][0]
    assert line["status"] == "closed"
    ran = shop("autotopup", "run", "--json")
    assert [row["decision"] for row in ran.json["decisions"]] == ["skip"], ran
    refused = shop(*TOPUP)
    assert (refused.code, refused.json["error"]["code"]) == (3, "line_gone")
    assert shop.vendor.count("esim/topup") == 0


def test_no_rule_buys_within_a_day_of_what_a_person_closed(shop: Shop) -> None:
    """The seller may still list the lost order; the person may order again."""
    assert shop(*BUY).code == 0
    shop("autotopup", "set", "phone", "--below", "2GB", "--plan", "esim-access/TOPUP_CKH002", "--max-price", "2USD",
         "--max-per-month", "10USD")  # fmt: skip
    shop("autotopup", "enable", "phone", "--confirm", "10USD")
    shop.vendor.use(shop.vendor.sold()[0].iccid, 2 * GB)
    shop.vendor.arms.rows = shop.vendor.arms.grows = False
    lose(shop, "esim/topup")
    order = document(shop(*TOPUP, env=REAL))["id"]
    ran = shop("autotopup", "run", "--json", env=REAL)
    assert (ran.code, ran.json["decisions"][0]["reason"]) == (4, "pending")
    assert any("1.70 USD are held" in alert["text"] for alert in ran.json["alerts"]), ran.json["alerts"]
    assert shop("autotopup", "run", "--json", env=REAL).json["alerts"] == [], "once a day"
    assert shop("transactions", "resolve", order, "--not-charged", "--yes", env=REAL).code == 0
    shop("balance", "phone", "--refresh")
    ran = shop("autotopup", "run", "--json", env=REAL)
    assert [row["reason"] for row in ran.json["decisions"]] == ["pending"]
    assert shop.vendor.count("esim/topup") == 1
    shop.vendor.arms.rows = True
    assert shop(*TOPUP, env=REAL).code == 0


def test_a_rule_hears_that_use_is_counted_late(shop: Shop) -> None:
    """What is left may be less than the figure says."""
    assert shop(*BUY).code == 0
    shop("autotopup", "set", "phone", "--below", "1GB", "--plan", "esim-access/TOPUP_CKH002", "--max-price", "2USD",
         "--max-per-month", "10USD")  # fmt: skip
    shop("autotopup", "enable", "phone", "--confirm", "10USD")
    shop.vendor.use(shop.vendor.sold()[0].iccid, GB)
    shop("balance", "phone", "--refresh")
    (decision,) = shop("autotopup", "run", "--json").json["decisions"]
    assert "counts use up to 3 hours late" in decision["explanation"]


@pytest.mark.parametrize("filters", [False, True])
def test_lists_fall_back_to_pages_where_the_times_are_refused(shop: Shop, filters: bool) -> None:
    """F7: a lost order is found, and the account's lines are listed, though its times are refused."""
    shop.vendor.arm("other-times")
    shop.vendor.arms.filters = filters
    lose(shop, "esim/order")
    bought = shop(*BUY)
    assert (bought.code, document(bought)["state"]) == (0, "settled"), bought
    assert shop.vendor.count("esim/order") == 1
    assert shop("reconcile", "--json").code == 0
    assert shop("providers", "check", "esim-access", "--import", "--json").code == 0


def test_the_reference_is_asked_for_before_it_is_absent(shop: Shop) -> None:
    """F7: the list does not show it yet, the filter does."""
    shop.vendor.arms.hidden = shop.vendor.arms.filters = True
    lose(shop, "esim/order")
    bought = shop(*BUY)
    assert (bought.code, document(bought)["state"]) == (0, "settled"), bought


@pytest.mark.parametrize("shape", [{}, {"list": []}, [1]])
def test_a_look_up_of_a_wrong_shape_proves_no_absence(shop: Shop, shape: Any) -> None:
    """However often it is asked."""
    shop.vendor.instead["esim/query"] = ok(shape)
    lose(shop, "esim/order")
    assert shop(*BUY).code == 4
    shop("reconcile")
    assert (the_order(shop)["state"], shop.vendor.count("esim/order")) == ("unknown", 1)
    shop.vendor.instead.clear()
    assert shop("reconcile", "--json").json["orders"][0]["state"] == "settled"


def test_an_order_that_came_otherwise_is_an_error_document(shop: Shop) -> None:
    """Exit 4 under --json: esimctl.error/1 with the order and its code in it; a person sees the order."""
    shop.vendor.arms.surcharge = 1000
    bought = shop(*BUY)
    assert (bought.code, bought.json["schema"], bought.json["error"]["code"]) == (
        4,
        "esimctl.error/1",
        "not_as_ordered",
    )
    assert (document(bought)["state"], bought.json["error"]["retry_safe"]) == ("settled", False)
    assert document(bought)["activation"]["lpa"].startswith("LPA:1$")
    shown = shop("buy", "esim-access/CKH002", "--name", "two", "--yes")
    assert (shown.code, "two" in shown.out, "not as ordered" in shown.err) == (4, True, True)


@pytest.mark.parametrize("repeats", ["same", "exists", "another"])
@pytest.mark.parametrize("days", [-2, 2])
def test_a_clock_that_was_days_off_when_a_topup_was_lost(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, days: int, repeats: str
) -> None:
    """It is known when it was sent by their clock: found when the clocks agree again, never sent a second time."""
    assert shop(*BUY).code == 0
    shop.vendor.arm(*REPEATS[repeats])
    shop.vendor.arms.grows = False
    shop.vendor.clock_ahead = days * 86_400
    lose(shop, "esim/topup")
    with monkeypatch.context() as patch:
        patch.setattr(pursue, "PAUSES", ())  # stopped before it could look
        assert shop(*TOPUP, env=REAL).code == 4
    shop.vendor.clock_ahead = 0
    shop("reconcile")
    assert (the_order(shop)["state"], charges_of_topups(shop)) == ("settled", 1)
