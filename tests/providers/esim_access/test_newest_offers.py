"""What eSIM Access sells by its texts of 2026: plans for a day, regions and the world, top-ups without a prefix."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.providers.fakes.run import Shop
from tests.vendors.calls import Call
from tests.vendors.esim_access import ok
from tests.vendors.esim_access_rows import package
from tests.vendors.esim_access_shelf import shelved
from tests.vendors.packs import TOPUP as AGAIN

pytestmark = pytest.mark.usefixtures("quick")

GB = 1 << 30
BUY = ("buy", "esim-access/CKH002", "--name", "phone", "--yes", "--json")
TOPUP = ("topup", "phone", "--plan", "esim-access/TOPUP_CKH002", "--yes", "--json")


def shelve(shop: Shop, more: Callable[[Any], list[Any]]) -> None:
    """The price list has these rows, too, by what is asked for."""

    def told(call: Call, document: Any) -> Any:
        rows = [*document["obj"]["packageList"], *more(call.document)]
        return {**document, "obj": {"packageList": rows}}

    shop.vendor.retold["package/list"] = told


def test_a_day_plan_is_ordered_for_its_days(shop: Shop) -> None:
    """F5: offered for a number of days, with periodNum and the whole amount; what is left today is unknown, not 0."""
    shop.vendor.arm("day-plans")
    shop.vendor.counter.packs += [shelved("CKHDAY", 70, 1, 1), shelved(f"CKHDAY{AGAIN}", 70, 1, 1, kind="topup")]
    listed = shop("plans", "list", "--provider", "esim-access", "--json").json["plans"]
    week = next(plan for plan in listed if plan["id"] == "esim-access/CKHDAY+7d")
    assert (week["price"], week["validity"]) == ({"amount": "4.90", "currency": "USD"}, "7 days")
    bought = shop("buy", "esim-access/CKHDAY+7d", "--name", "trip", "--yes", "--json")
    assert bought.code == 0, bought
    sent = next(call.document for call in shop.vendor.calls if call.path.endswith("esim/order"))
    assert sent["amount"] == 49_000
    assert sent["packageInfoList"] == [{"packageCode": "CKHDAY", "count": 1, "periodNum": 7}]
    assert sum(shop.vendor.charges) == 490
    shop.vendor.use(shop.vendor.sold()[0].iccid, 3 * GB)
    line = shop("balance", "trip", "--refresh", "--json").json["lines"][0]
    assert (line["status"], line["data"]["remaining_bytes"], line["data"]["granted_bytes"]) == ("active", None, None)


def test_a_topup_of_a_day_plan_and_a_line_that_takes_none(shop: Shop) -> None:
    """F5: supportTopUpType 3 takes those of day plans, 1 none at all: refused before anything is sent."""
    assert shop(*BUY).code == 0
    row = {**package(shelved("DAYTOP", 50, 1, 1, kind="topup"), daily=True), "dataType": 3}
    shelve(shop, lambda wish: [row] if wish["type"] == "TOPUP" else [])
    shop.vendor.arms.told = {"supportTopUpType": 3}
    ids = [plan["id"] for plan in shop("plans", "list", "--line", "phone", "--json").json["plans"]]
    assert "esim-access/DAYTOP+3d" in ids
    assert "esim-access/TOPUP_CKH002" not in ids
    shop.vendor.arms.told = {"supportTopUpType": 1}
    refused = shop(*TOPUP)
    assert (refused.code, refused.json["error"]["code"]) == (3, "no_topups")
    assert shop.vendor.count("esim/topup") == 0


def test_regional_and_global_plans_are_offered_and_marked(shop: Shop) -> None:
    """F11: asked for by !RG and !GL, those without the country left out; activeType 3 cannot be given back."""
    everywhere: list[dict[str, Any]] = [
        {**package(shelved("ASIA", 200, 5, 30, countries=("KH", "TH", "VN"))), "activeType": 3},
        {**package(shelved("WORLD", 300, 5, 30, countries=("KH", "TH", "FR", "US"))), "locationCode": "!GL"},
        package(shelved("EUROPE", 100, 5, 30, countries=("FR", "DE"))),
    ]
    shelve(shop, lambda wish: [row for row in everywhere if row["locationCode"] == wish["locationCode"]])
    listed = shop("plans", "list", "--provider", "esim-access", "--json").json["plans"]
    assert [plan["id"].removeprefix("esim-access/") for plan in listed] == ["CKH002", "CKH001", "ASIA", "WORLD"]
    notes = {plan["id"]: plan["notes"] for plan in listed}
    assert "regional: 3 countries, Cambodia among them" in notes["esim-access/ASIA"]
    assert "begins when it is bought and cannot be given back" in notes["esim-access/ASIA"]
    assert "global: 4 countries, Cambodia among them" in notes["esim-access/WORLD"]


def test_what_a_row_is_follows_from_the_question(shop: Shop) -> None:
    """F13: a top-up without the prefix is offered and bought, and is not taken for the line's own plan."""
    assert shop(*BUY).code == 0
    shop.vendor.counter.packs[1] = shelved("KH_5_30", 160, 5, 30, kind="topup")
    topped = shop("topup", "phone", "--plan", "esim-access/KH_5_30", "--yes", "--json")
    assert topped.code == 0, topped

    def newest_first(_call: Call, document: Any) -> Any:
        (line,) = document["obj"]["esimList"]
        first, *others = line["packageList"]
        rows = [*others, {**first, "createTime": "2026-01-01T00:00:00+0000"}]
        assert [row["packageCode"] for row in rows] == ["KH_5_30", "CKH002"]
        return {**document, "obj": {**document["obj"], "esimList": [{**line, "packageList": rows}]}}

    shop.vendor.retold["esim/query"] = newest_first
    shop("lines", "remove", "phone", "--yes")
    checked = shop("providers", "check", "esim-access", "--import", "--json")
    assert [line["plan"] for line in checked.json["lines"]] == ["esim-access/CKH002"]


@pytest.mark.parametrize("shape", [{}, {"packages": []}, [], {"packageList": [{"name": "x"}]}, {"packageList": 7}])
def test_a_list_of_a_wrong_shape_is_76(shop: Shop, shape: Any) -> None:
    """It says nothing of what is sold."""
    shop.vendor.instead["package/list"] = ok(shape)
    assert shop(*BUY).code == 76
    assert shop("plans", "list", "--provider", "esim-access", "--refresh", "--json").code == 76
