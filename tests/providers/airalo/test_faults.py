"""Every fault of the wire at Airalo: nothing there stops a second order, so none is ever sent twice."""

from pathlib import Path
from typing import Any

import pytest

from tests.providers.fakes.matrix import FAULTS, FEWER, document, heal, no_canary, nothing_lost, strike
from tests.providers.fakes.run import Shop
from tests.vendors.accounts import CREDENTIALS, PACK
from tests.vendors.accounts import TOPUP as TOPUPS
from tests.vendors.armed import Armed
from tests.vendors.broken import Fault
from tests.vendors.calls import Reply

pytestmark = pytest.mark.usefixtures("quick")

BUY = ("buy", f"airalo/{PACK}", "--name", "phone")
TOPUP = ("topup", "phone", "--plan", f"airalo/{TOPUPS['airalo']}")
LIST, ORDER = "GET /v2/orders", "POST /v2/orders"


@pytest.mark.parametrize(("kind", "after"), FEWER)
def test_an_order_survives(shop: Shop, tmp_path: Path, kind: str, after: bool) -> None:
    """Found by its mark, or proven absent: one request, ever."""
    outcome = strike(shop, "/orders", kind, after=after, words=BUY)
    sent = sum(1 for call in shop.vendor.calls if call.method == "POST" and call.path.endswith("/orders"))
    healed = heal(shop, BUY)
    nothing_lost(shop, outcome, healed)
    assert sent == 1
    assert len(shop.vendor.charges) == int(after)
    codes = [sold.lpa.rpartition("$")[2] for sold in shop.vendor.sold()]
    no_canary(shop, tmp_path, list(CREDENTIALS.values()), codes)


@pytest.mark.parametrize("vague", [True, False])
@pytest.mark.parametrize(("kind", "after"), [pair for pair in FAULTS if pair[0] in {"reset", "half", "500", "hang"}])
def test_a_topup_survives(shop: Shop, kind: str, after: bool, vague: bool) -> None:
    """Found by line, package and time where the vendor replaced the description; not mistaken for an earlier one."""
    shop.vendor.counter.armed = Armed(frozenset(() if vague else {"plain-descriptions"}))
    assert shop(*BUY, "--yes").code == 0
    assert shop(*TOPUP, "--yes").code == 0
    shop.vendor.count_anew()
    outcome = strike(shop, "orders/topups", kind, after=after, words=TOPUP)
    nothing_lost(shop, outcome, heal(shop, TOPUP))
    assert len(shop.vendor.charges) == int(after)


def test_a_topup_that_only_the_history_shows_is_left_to_a_person(shop: Shop) -> None:
    """Without a date nobody can say which top-up it is: the order stays open, nothing is sent again."""
    assert shop(*BUY, "--yes").code == 0
    shop.vendor.retold[LIST] = lambda _call, document: {
        **document, "data": [row for row in document["data"] if row["type"] != "topup"],
    }  # fmt: skip
    slow = {"total": 1024, "remaining": 1024}  # its counter does not show it yet
    shop.vendor.retold["/usage"] = lambda _call, document: {**document, "data": {**document["data"], **slow}}
    outcome = strike(shop, "orders/topups", "eof", after=True, words=TOPUP)
    assert (outcome.code, document(outcome)["state"]) == (4, "unknown")
    assert heal(shop, TOPUP, runs=2).code == 4
    assert shop.vendor.count("orders/topups") == 1


@pytest.mark.parametrize(
    ("status", "body", "exit_code", "reason"),
    [
        (422, {"code": 11, "reason": "insufficient credit"}, 3, "insufficient_funds"),
        (422, {"code": 13, "reason": "maintenance"}, 3, "maintenance"),
        (422, {"code": 23, "reason": "disabled"}, 3, "topup_disabled"),
        (422, {"code": 33, "reason": "not enough"}, 3, "out_of_stock"),
        (422, {"code": 34, "reason": "out of stock"}, 3, "out_of_stock"),
        (422, {"code": 43, "reason": "bad"}, 3, "bad_request"),
        (422, {"code": 73, "reason": "recycled"}, 3, "line_recycled"),
        (422, {"data": {"quantity": "no"}, "meta": {"message": "the parameter is invalid"}}, 3, "bad_request"),
        (403, {"code": 89, "reason": "address"}, 77, "unauthorized"),
        (402, {}, 3, "insufficient_funds"),
    ],
)
def test_definite_refusals(shop: Shop, status: int, body: Any, exit_code: int, reason: str) -> None:
    """Documented codes are final."""
    shop.vendor.instead[ORDER] = Reply(status, body)
    outcome = shop.buy(PACK)
    assert (outcome.code, outcome.json["error"]["code"]) == (exit_code, reason), outcome
    assert document(outcome)["charged"] is False


@pytest.mark.parametrize("body", [{"code": 53, "reason": "unexpected"}, {"code": 999}, {"reason": "no webhook"}, {}])
def test_a_422_that_means_nothing_is_looked_up(shop: Shop, body: Any) -> None:
    """Absence is proven by two looks, the second after the settle window."""
    shop.vendor.instead[ORDER] = Reply(422, body)
    outcome = shop.buy(PACK, "--request-id", "once")
    assert outcome.code in {3, 4}
    healed = heal(shop, ("buy", f"airalo/{PACK}"))
    assert (healed.code, document(healed)["reason"]) == (3, "absent")


def test_absence_is_not_believed_while_the_credit_has_fallen(shop: Shop) -> None:
    """The list does not show the order, the balance does: it stays open."""
    outcome = strike(shop, "/orders", "eof", after=True, words=BUY)
    assert outcome.code == 0
    lost = ("buy", "airalo/connect-3gb-30d", "--name", "tablet")
    shop.vendor.retold[LIST] = lambda _call, document: {**document, "data": []}
    shop.vendor.faults.append(Fault("/orders", "eof", after=True))
    outcome = shop(*lost, "--yes", "--json", "--request-id", "two")
    for _ in range(2):
        outcome = shop(*lost, "--yes", "--json", "--request-id", "two")
    assert (outcome.code, document(outcome)["state"]) == (4, "unknown")
    assert len(shop.vendor.charges) == 2
