"""Every fault of the wire at eSIM Access, before and after the order was carried out: one charge, nothing lost."""

from pathlib import Path

import pytest

from tests.providers.fakes.matrix import FAULTS, NAMES, document, heal, no_canary, nothing_lost, strike
from tests.providers.fakes.run import Shop
from tests.vendors.accounts import CREDENTIALS
from tests.vendors.broken import Fault
from tests.vendors.esim_access import no

pytestmark = pytest.mark.usefixtures("quick")

BUY = ("buy", "esim-access/CKH002", "--name", "phone")
TOPUP = ("topup", "phone", "--plan", "esim-access/TOPUP_CKH002")


@pytest.mark.parametrize(("kind", "after"), FAULTS, ids=NAMES)
def test_an_order_survives(shop: Shop, tmp_path: Path, kind: str, after: bool) -> None:
    """The order is settled in the end: found under its transactionId, or sent again with it once it is absent."""
    outcome = strike(shop, "esim/order", kind, after=after, words=BUY)
    healed = heal(shop, BUY)
    nothing_lost(shop, outcome, healed)
    assert document(healed)["state"] == "settled", "a reference that is unique may be sent again"
    (sold,) = shop.vendor.sold()
    assert document(healed)["activation"]["lpa"] == sold.lpa
    bodies = {call.body for call in shop.vendor.calls if call.path.endswith("esim/order")}
    assert len(bodies) == 1, "the same bytes every time"
    no_canary(shop, tmp_path, list(CREDENTIALS.values()), [sold.lpa.rpartition("$")[2]])


@pytest.mark.parametrize(("kind", "after"), [pair for pair in FAULTS if pair[0] in {"reset", "half", "500", "409"}])
def test_a_topup_survives(shop: Shop, kind: str, after: bool) -> None:
    """A top-up has no number to look up: its line's packages tell, or the same bytes again."""
    assert shop(*BUY, "--yes").code == 0
    shop.vendor.count_anew()
    outcome = strike(shop, "esim/topup", kind, after=after, words=TOPUP)
    nothing_lost(shop, outcome, heal(shop, TOPUP))
    assert len(shop.vendor.charges) == 1


@pytest.mark.parametrize(("kind", "after"), FAULTS[:4])
def test_a_list_that_lags_behind_brings_no_second_charge(shop: Shop, kind: str, after: bool) -> None:
    """The order is not to be seen for a while: sent again under the same id it is the same order."""
    shop.vendor.arms.hidden = True
    outcome = strike(shop, "esim/order", kind, after=after, words=BUY)
    assert outcome.code in {0, 4}
    shop.vendor.arms.hidden = False
    nothing_lost(shop, outcome, heal(shop, BUY))


@pytest.mark.parametrize(
    ("code", "exit_code", "reason"),
    [
        ("200007", 3, "insufficient_funds"),
        ("200011", 3, "out_of_stock"),
        ("200005", 5, "price_changed"),
        ("310241", 3, "plan_unknown"),
        ("101001", 77, "unauthorized"),
    ],
)
def test_definite_refusals(shop: Shop, code: str, exit_code: int, reason: str) -> None:
    """A documented code is final: nothing was charged, one request was sent."""
    shop.vendor.instead["esim/order"] = no(code)
    outcome = shop.buy("CKH002")
    assert (outcome.code, outcome.json["error"]["code"]) == (exit_code, reason)
    assert (document(outcome)["state"], document(outcome)["charged"]) == ("rejected", False)
    assert shop.vendor.count("esim/order") == 1


def test_an_unknown_code_decides_nothing(shop: Shop) -> None:
    """A refusal that no table knows may follow a charge: the order is looked up, and sent again when it is absent."""
    shop.vendor.instead["esim/order"] = no("999999")
    outcome = shop.buy("CKH002", "--request-id", "once")
    assert outcome.code in {3, 4}
    assert not shop.vendor.charges


@pytest.mark.parametrize("wait", ["", "-1", "-garbage", "-1000000", "-Fri, 20 Nov 2099 00:00:00 GMT"])
def test_a_rate_limit_leaves_the_order_open(shop: Shop, wait: str) -> None:
    """75, nothing sent again in this run; the next run looks before it sends."""
    outcome = strike(shop, "esim/order", f"429{wait}", after=False, words=BUY)
    assert (outcome.code, outcome.json["error"]["code"]) == (75, "rate_limited")
    assert shop.vendor.count("esim/order") == 1
    healed = heal(shop, BUY)
    assert (healed.code, len(shop.vendor.charges)) == (0, 1)


@pytest.mark.parametrize("status", ["301", "302", "307", "308"])
@pytest.mark.parametrize("after", [False, True])
def test_a_redirect_is_never_followed(shop: Shop, status: str, after: bool) -> None:
    """The other host sees nothing; in answer to an order it is exit 4, before an order 76."""
    outcome = strike(shop, "esim/order", status, after=after, words=BUY)
    assert (outcome.code, document(outcome)["reason"]) == (4, "redirected")
    assert shop.served.elsewhere == []
    nothing_lost(shop, outcome, heal(shop, BUY))
    shop.vendor.faults.append(Fault("package/list", status))
    assert shop("plans", "list", "--provider", "esim-access", "--refresh", "--json").code == 76
    assert shop.served.elsewhere == []


def test_nobody_there_is_69_and_the_order_is_closed(shop: Shop) -> None:
    """The port is closed before the purchase: nothing was sent."""
    dead = {"ESIMCTL_ESIM_ACCESS_BASE_URL": "http://127.0.0.1:9"}
    outcome = shop.buy("CKH002", env=dead)
    assert outcome.code == 69


@pytest.mark.parametrize("days", [-2, 2])
def test_a_vendor_whose_clock_is_days_off(shop: Shop, days: int) -> None:
    """The lost order is found all the same."""
    shop.vendor.clock_ahead = days * 86_400
    outcome = strike(shop, "esim/order", "eof", after=True, words=BUY)
    nothing_lost(shop, outcome, heal(shop, BUY))
    assert shop.vendor.count("esim/order") == 1
