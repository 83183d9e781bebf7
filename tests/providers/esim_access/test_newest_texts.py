"""eSIM Access by its texts of 2026, through the command line: one charge, the right end, whatever an answer carries."""

from collections.abc import Iterator
from typing import Any

import pytest

from esimctl.purchase import pursue
from tests.conftest import Runner
from tests.providers.fakes.esim_access import ACCESS_CODE, GB, package
from tests.providers.fakes.esim_access_newest import OWN, NewestVendor
from tests.providers.fakes.matrix import document, hurry
from tests.providers.fakes.run import Shop
from tests.vendors.broken import Fault
from tests.vendors.wire import serving

BUY = ("buy", "esim-access/CKH002", "--name", "phone", "--yes", "--json")
TOPUP = ("topup", "phone", "--plan", "esim-access/TOPUP_CKH002", "--yes", "--json")
REAL = {"ESIMCTL_SETTLE_WINDOW": ""}  #: a day is a day


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


@pytest.fixture
def shop(run: Runner) -> Iterator[Shop]:
    with serving(NewestVendor()) as served:
        environ = {"ESIMCTL_ESIM_ACCESS_ACCESS_CODE": ACCESS_CODE, "ESIMCTL_ESIM_ACCESS_BASE_URL": served.url}
        yield Shop(run, served, "esim-access", environ).open()


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
    shop.vendor.own_ids, shop.vendor.rows, shop.vendor.repeats = True, False, "another"
    topped = shop(*TOPUP)
    assert (topped.code, document(topped)["state"], document(topped)["provider_order"]) == (0, "settled", OWN)
    shop("reconcile", "--json")
    assert (charges_of_topups(shop), shop.vendor.count("esim/topup")) == (1, 1)


@pytest.mark.parametrize(("rows", "grows"), [(True, True), (True, False), (False, True)])
def test_a_lost_topup_is_proven_by_its_row_or_by_the_total(shop: Shop, rows: bool, grows: bool) -> None:
    """Code and time, or the line's total grown by the pack since the reading before: settled, never sent again."""
    assert shop(*BUY).code == 0
    shop.vendor.rows, shop.vendor.grows, shop.vendor.repeats = rows, grows, "another"
    lose(shop, "esim/topup")
    topped = shop(*TOPUP)
    assert (topped.code, document(topped)["state"]) == (0, "settled"), topped
    assert (charges_of_topups(shop), shop.vendor.count("esim/topup")) == (1, 1)


@pytest.mark.parametrize("deposit", [0, 200_000, 1_000])
def test_nothing_is_sent_again_while_a_charge_could_explain_the_balance(shop: Shop, deposit: int) -> None:
    """Nothing shows, the answer is lost, a repeat would be charged: a deposit hides nothing; a person decides."""
    assert shop(*BUY).code == 0
    shop.vendor.rows = shop.vendor.grows = False
    shop.vendor.repeats = "another"
    lose(shop, "esim/topup")
    assert shop(*TOPUP).code == 4
    shop.vendor.balance += deposit
    for _ in range(3):
        assert shop("reconcile", "--json").code == 4
    assert (charges_of_topups(shop), shop.vendor.count("esim/topup")) == (1, 1)
    assert (the_order(shop)["state"], the_order(shop)["reason"]) == ("unknown", "absent_but_paid")


def test_exists_is_looked_for_until_it_is_found(shop: Shop) -> None:
    """F2: the answer lost, not listed, sent again once it may be: 310402 is neither a refusal nor a reason to go on."""
    shop.vendor.hidden, shop.vendor.repeats = True, "exists"
    lose(shop, "esim/order")
    shop.vendor.surcharge = -18_000  # the account shows nothing, so that it is sent again
    first = shop(*BUY, "--request-id", "once")
    assert first.code == 4
    for _ in range(3):
        shop("reconcile", "--json")
    order = the_order(shop)
    assert (order["state"], order["charged"], order["reason"]) == ("accepted", True, "exists")
    assert shop.vendor.count("esim/order") == 2
    shop.vendor.hidden = False
    assert shop("reconcile", "--json").json["orders"][0]["state"] == "settled"
    assert (len(shop.vendor.charges), shop("lines", "qr", "phone", "--show-code").code) == (1, 0)


def test_an_order_is_not_closed_within_the_day(shop: Shop) -> None:
    """F2: absent again and again, a deposit in between: open, its price held, said by check; never rejected."""
    shop.vendor.hidden = True
    lose(shop, "esim/order")
    bought = shop(*BUY, env=REAL)
    assert (bought.code, document(bought)["state"]) == (4, "unknown")
    assert "1.80 USD are held" in bought.json["error"]["message"]
    shop.vendor.balance += 50_000
    for _ in range(2):
        assert shop("reconcile", "--json", env=REAL).code == 4
    assert (the_order(shop)["state"], shop.vendor.count("esim/order")) == ("unknown", 1)
    checked = shop("check", "--json", env=REAL)
    (held,) = checked.json["orders"]
    assert (checked.code, held["line"], held["price"]) == (20, "phone", {"amount": "1.80", "currency": "USD"})
    assert "phone: order" in shop("check", env=REAL).out
    shop.vendor.hidden = False
    assert shop("reconcile", "--json", env=REAL).json["orders"][0]["state"] == "settled"


def test_a_closed_order_that_is_listed_is_reopened(shop: Shop) -> None:
    """F3: carried out and answered by a definite no: the list has our reference, so it is settled after all."""
    shop.vendor.lies = "200011"
    assert shop(*BUY).code == 3
    told = shop("reconcile", "--json")
    assert [row["what"] for row in told.json["healed"]] == ["order_reopened"]
    assert "exists after all: esim-access lists it as B2611" in told.err
    order = the_order(shop)
    assert (order["state"], order["charged"], order["provider_order"]) == ("settled", True, "B26110000000")
    assert shop("lines", "qr", "phone", "--show-code").code == 0
    assert shop("reconcile", "--json").json["healed"] == []


def test_a_closed_topup_that_took_money_is_found_again(shop: Shop) -> None:
    """No list shows top-ups: where the account holds less than the books say, its line is asked once more."""
    assert shop(*BUY).code == 0
    assert shop("reconcile", "--json").code == 0
    shop.vendor.lies = "200011"
    assert shop(*TOPUP).code == 3
    told = shop("reconcile", "--json")
    assert (told.code, [row["what"] for row in told.json["healed"]]) == (0, ["order_reopened"]), told
    assert (the_order(shop)["state"], charges_of_topups(shop)) == ("settled", 1)
    shop.vendor.lies = None
    shop.vendor.refusal = "200011"
    assert shop(*TOPUP).code == 3
    shop.vendor.balance -= 17_000  # somebody else's doing
    assert shop("reconcile", "--json").code == 4
    assert the_order(shop)["state"] == "rejected"


def test_a_cancelled_row_reopens_nothing(shop: Shop) -> None:
    """The seller says itself that it came to nothing."""
    shop.vendor.lies = "200011"
    assert shop(*BUY).code == 3
    shop.vendor.esims[0]["esimStatus"] = "CANCELED"
    shop.vendor.balance += 18_000
    assert shop("reconcile", "--json").json["healed"] == []
    assert the_order(shop)["state"] == "rejected"


def test_what_a_person_closed_by_hand_becomes_a_finding(shop: Shop) -> None:
    """Told the sum at risk; listed later it is said, with the command that takes the word back; nothing is changed."""
    shop.vendor.hidden = True
    lose(shop, "esim/order")
    order = document(shop(*BUY, env=REAL))["id"]
    closed = shop("transactions", "resolve", order, "--not-charged", "--yes", "--json", env=REAL)
    assert closed.code == 0
    assert "1.80 USD are at risk" in closed.err
    again = shop("buy", "esim-access/CKH001", "--name", "other", "--yes", "--json", env=REAL)
    assert again.code == 0, "a person may order again"
    shop.vendor.hidden = False
    told = shop("reconcile", "--json", env=REAL)
    assert f"transactions resolve {order} --charged B26110000000" in told.err
    assert shop.order(order)["state"] == "rejected"
    findings = shop("transactions", "audit", "--json", env=REAL).json["findings"]
    (mine,) = [each for each in findings if each["orders"] == [order]]
    assert (mine["kind"], mine["next"]) == (
        "unknown_outcome", f"esimctl transactions resolve {order} --charged B26110000000",
    )  # fmt: skip
    shop("transactions", "resolve", order, "--charged", "B26110000000", "--yes", env=REAL)
    assert shop.order(order)["state"] == "settled"


@pytest.mark.parametrize("code", ["401001", "401003"])
def test_401xxx_is_about_the_credentials(shop: Shop, code: str) -> None:
    """F4: 77, for a question and for an order."""
    shop.vendor.refusal = code
    bought = shop(*BUY)
    assert (bought.code, bought.json["error"]["code"]) == (77, "unauthorized")
    shop.vendor.said["balance/query"] = code
    assert shop("providers", "check", "esim-access", "--json").code == 77


@pytest.mark.parametrize("code", ["400001", "400003"])
def test_4000xx_is_a_definite_no(shop: Shop, code: str) -> None:
    """F4: closed at once, one request."""
    shop.vendor.refusal = code
    bought = shop(*BUY)
    assert (bought.code, document(bought)["state"], document(bought)["reason"]) == (3, "rejected", "bad_request")
    assert shop.vendor.count("esim/order") == 1


def test_a_day_plan_is_ordered_for_its_days(shop: Shop) -> None:
    """F5: offered for a number of days, with periodNum and the whole amount; what is left today is unknown, not 0."""
    shop.vendor.packages.append(package("CKHDAY", 7_000, 1, 1, dataType=2, supportTopUpType=3))
    listed = shop("plans", "list", "--provider", "esim-access", "--json").json["plans"]
    week = next(plan for plan in listed if plan["id"] == "esim-access/CKHDAY+7d")
    assert (week["price"], week["validity"]) == ({"amount": "4.90", "currency": "USD"}, "7 days")
    bought = shop("buy", "esim-access/CKHDAY+7d", "--name", "trip", "--yes", "--json")
    assert bought.code == 0, bought
    sent = next(call.document for call in shop.vendor.calls if call.path.endswith("esim/order"))
    assert sent["amount"] == 49_000
    assert sent["packageInfoList"] == [{"packageCode": "CKHDAY", "count": 1, "periodNum": 7}]
    shop.vendor.esims[0] |= {"orderUsage": 3 * GB, "esimStatus": "IN_USE", "smdpStatus": "ENABLED"}
    line = shop("balance", "trip", "--refresh", "--json").json["lines"][0]
    assert (line["status"], line["data"]["remaining_bytes"], line["data"]["granted_bytes"]) == ("active", None, None)


def test_a_topup_of_a_day_plan_and_a_line_that_takes_none(shop: Shop) -> None:
    """F5: supportTopUpType 3 takes those of day plans, 1 none at all: refused before anything is sent."""
    assert shop(*BUY).code == 0
    shop.vendor.topups.append(package("DAYTOP", 5_000, 1, 1, dataType=3))
    shop.vendor.esims[0]["supportTopUpType"] = 3
    ids = [plan["id"] for plan in shop("plans", "list", "--line", "phone", "--json").json["plans"]]
    assert "esim-access/DAYTOP+3d" in ids
    assert "esim-access/TOPUP_CKH002" not in ids
    shop.vendor.esims[0]["supportTopUpType"] = 1
    refused = shop(*TOPUP)
    assert (refused.code, refused.json["error"]["code"]) == (3, "no_topups")
    assert shop.vendor.count("esim/topup") == 0


def test_a_deleted_profile_is_gone_and_nothing_feeds_it(shop: Shop) -> None:
    """F6: IN_USE and DELETED is closed; a top-up is refused, a rule does not buy."""
    assert shop(*BUY).code == 0
    rule = ("autotopup", "set", "phone", "--below", "2GB", "--plan", "esim-access/TOPUP_CKH002")
    limits = ("--max-price", "2USD", "--max-per-month", "10USD")
    assert shop(*rule, *limits, "--json").code == 0
    assert shop("autotopup", "enable", "phone", "--confirm", "10USD", "--json").code == 0
    shop.vendor.esims[0] |= {"orderUsage": 3 * GB, "esimStatus": "IN_USE", "smdpStatus": "DELETED"}
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
    shop.vendor.esims[0] |= {
        "orderUsage": 2 * GB, "esimStatus": "IN_USE", "smdpStatus": "ENABLED", "activateTime": shop.vendor.stamp(),
    }  # fmt: skip
    shop.vendor.rows = shop.vendor.grows = False
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
    shop.vendor.rows = True
    assert shop(*TOPUP, env=REAL).code == 0


def test_a_rule_hears_that_use_is_counted_late(shop: Shop) -> None:
    """What is left may be less than the figure says."""
    assert shop(*BUY).code == 0
    shop("autotopup", "set", "phone", "--below", "1GB", "--plan", "esim-access/TOPUP_CKH002", "--max-price", "2USD",
         "--max-per-month", "10USD")  # fmt: skip
    shop("autotopup", "enable", "phone", "--confirm", "10USD")
    shop.vendor.esims[0] |= {
        "orderUsage": GB, "esimStatus": "IN_USE", "smdpStatus": "ENABLED", "activateTime": shop.vendor.stamp(),
    }  # fmt: skip
    shop("balance", "phone", "--refresh")
    (decision,) = shop("autotopup", "run", "--json").json["decisions"]
    assert "counts use up to 3 hours late" in decision["explanation"]


@pytest.mark.parametrize("filters", [False, True])
def test_lists_fall_back_to_pages_where_the_times_are_refused(shop: Shop, filters: bool) -> None:
    """F7: a lost order is found, and the account's lines are listed, though its times are refused."""
    shop.vendor.strict_times, shop.vendor.filters = True, filters
    lose(shop, "esim/order")
    bought = shop(*BUY)
    assert (bought.code, document(bought)["state"]) == (0, "settled"), bought
    assert shop.vendor.count("esim/order") == 1
    assert shop("reconcile", "--json").code == 0
    assert shop("providers", "check", "esim-access", "--import", "--json").code == 0


def test_the_reference_is_asked_for_before_it_is_absent(shop: Shop) -> None:
    """F7: the list does not show it yet, the filter does."""
    shop.vendor.hidden = shop.vendor.filters = True
    lose(shop, "esim/order")
    bought = shop(*BUY)
    assert (bought.code, document(bought)["state"]) == (0, "settled"), bought


def test_regional_and_global_plans_are_offered_and_marked(shop: Shop) -> None:
    """F11: asked for by !RG and !GL, those without the country left out; activeType 3 cannot be given back."""
    shop.vendor.packages += [
        package("ASIA", 20_000, 5, 30, location="KH,TH,VN", locationCode="!RG", activeType=3),
        package("WORLD", 30_000, 5, 30, location="KH,TH,FR,US", locationCode="!GL"),
        package("EUROPE", 10_000, 5, 30, location="FR,DE", locationCode="!RG"),
    ]
    listed = shop("plans", "list", "--provider", "esim-access", "--json").json["plans"]
    assert [plan["id"].removeprefix("esim-access/") for plan in listed] == ["CKH002", "CKH001", "ASIA", "WORLD"]
    notes = {plan["id"]: plan["notes"] for plan in listed}
    assert "regional: 3 countries, Cambodia among them" in notes["esim-access/ASIA"]
    assert "begins when it is bought and cannot be given back" in notes["esim-access/ASIA"]
    assert "global: 4 countries, Cambodia among them" in notes["esim-access/WORLD"]


def test_what_a_row_is_follows_from_the_question(shop: Shop) -> None:
    """F13: a top-up without the prefix is offered and bought, and is not taken for the line's own plan."""
    assert shop(*BUY).code == 0
    shop.vendor.topups = [package("KH_5_30", 16_000, 5, 30)]
    topped = shop("topup", "phone", "--plan", "esim-access/KH_5_30", "--yes", "--json")
    assert topped.code == 0, topped
    rows = shop.vendor.esims[0]["packageList"]
    rows.reverse()
    rows[-1]["createTime"] = "2026-01-01T00:00:00+0000"
    shop("lines", "remove", "phone", "--yes")
    checked = shop("providers", "check", "esim-access", "--import", "--json")
    assert [line["plan"] for line in checked.json["lines"]] == ["esim-access/CKH002"]


@pytest.mark.parametrize("shape", [{}, {"packages": []}, [], {"packageList": [{"name": "x"}]}, {"packageList": 7}])
def test_a_list_of_a_wrong_shape_is_76(shop: Shop, shape: Any) -> None:
    """It says nothing of what is sold."""
    shop.vendor.shapes["package/list"] = shape
    assert shop(*BUY).code == 76
    assert shop("plans", "list", "--provider", "esim-access", "--refresh", "--json").code == 76


@pytest.mark.parametrize("shape", [{}, {"list": []}, [1]])
def test_a_look_up_of_a_wrong_shape_proves_no_absence(shop: Shop, shape: Any) -> None:
    """However often it is asked."""
    shop.vendor.shapes["esim/query"] = shape
    lose(shop, "esim/order")
    assert shop(*BUY).code == 4
    shop("reconcile")
    assert (the_order(shop)["state"], shop.vendor.count("esim/order")) == ("unknown", 1)
    shop.vendor.shapes.clear()
    assert shop("reconcile", "--json").json["orders"][0]["state"] == "settled"


def test_an_order_that_came_otherwise_is_an_error_document(shop: Shop) -> None:
    """Exit 4 under --json: esimctl.error/1 with the order and its code in it; a person sees the order."""
    shop.vendor.surcharge = 1000
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
    shop.vendor.repeats, shop.vendor.grows = repeats, False
    shop.vendor.clock_ahead = days * 86_400
    lose(shop, "esim/topup")
    with monkeypatch.context() as patch:
        patch.setattr(pursue, "PAUSES", ())  # stopped before it could look
        assert shop(*TOPUP, env=REAL).code == 4
    shop.vendor.clock_ahead = 0
    shop("reconcile")
    assert (the_order(shop)["state"], charges_of_topups(shop)) == ("settled", 1)
