"""A whole life at Celitech through the command line, and every fault of the wire under its idempotency key."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from esimctl.providers.celitech.answers import goods_of, listed_order, reading_of
from esimctl.providers.strict_json import Json, JsonObject
from esimctl.values.money import Money
from tests.providers.fakes.matrix import FEWER, document, heal, no_canary, nothing_lost, strike
from tests.providers.fakes.run import Shop
from tests.vendors.accounts import CREDENTIALS, PACK
from tests.vendors.celitech import refused
from tests.vendors.celitech_rows import purchase_id

pytestmark = pytest.mark.usefixtures("quick")

BUY = ("buy", f"celitech/{PACK}", "--name", "phone")
TOPUP = ("topup", "phone", "--plan", f"celitech/{PACK}")
DATED = "connect-2gb-15d"  #: its days are no duration that can be asked for
GIGABYTE = 1 << 30


def test_its_packages_are_listed_over_all_pages(shop: Shop) -> None:
    """Cents, octets, unlimited as such."""
    shop.vendor.page_size = 3
    listed = shop("plans", "list", "--provider", "celitech", "--json").json["plans"]
    assert shop.vendor.count("/packages") == -(-len(shop.vendor.packages) // 3)
    found = {plan["id"]: (plan["price"]["amount"], plan["data_bytes"], plan["unlimited"]) for plan in listed}
    assert len(found) == len(shop.vendor.packages) > 6
    assert found[f"celitech/{PACK}"] == ("4.50", GIGABYTE, False)
    assert found["celitech/demo-unlimited-10d"] == ("22.00", None, True)


def test_buying_reading_and_topping_up(shop: Shop) -> None:
    """The code is the text, not the picture; readings sum a line's purchases."""
    bought = shop(*BUY, "--yes", "--json")
    assert bought.code == 0, bought
    order = bought.json["order"]
    assert order["activation"]["lpa"].startswith("LPA:1$smdp.sandbox.example$")
    (purchase,) = shop.vendor.sold()
    assert (order["provider_order"], order["paid"]) == (purchase_id(purchase), {"amount": "4.50", "currency": "USD"})
    shop.vendor.use(purchase.iccid, 750 << 20)
    line = shop("balance", "phone", "--refresh", "--json").json["lines"][0]
    assert (line["status"], line["data"]["used_bytes"]) == ("active", 750 << 20)
    topped = shop(*TOPUP, "--yes", "--json")
    assert topped.code == 0, topped
    line = shop("balance", "phone", "--json").json["lines"][0]
    assert line["data"]["remaining_bytes"] == 2 * GIGABYTE - (750 << 20)


def test_days_that_are_no_duration_go_by_dates(shop: Shop) -> None:
    """15 days cannot be ordered as a duration."""
    assert shop.buy(DATED).code == 0
    sent = [json.loads(call.body) for call in shop.vendor.calls if call.path.endswith("purchases/v2")]
    assert "duration" not in sent[-1]
    assert sent[-1]["startDate"] < sent[-1]["endDate"]


@pytest.mark.parametrize(("kind", "after"), FEWER)
def test_an_order_survives(shop: Shop, tmp_path: Path, kind: str, after: bool) -> None:
    """Sent again under its key with the same bytes, or found by its reference: one charge."""
    outcome = strike(shop, "purchases/v2", kind, after=after, words=BUY)
    healed = heal(shop, BUY)
    nothing_lost(shop, outcome, healed)
    assert document(healed)["state"] == "settled"
    bodies = {call.body for call in shop.vendor.calls if call.path.endswith("purchases/v2")}
    assert len(bodies) == 1
    code = document(healed)["activation"]["lpa"].rpartition("$")[2]
    no_canary(shop, tmp_path, list(CREDENTIALS.values()), [code])


@pytest.mark.parametrize("after", [False, True])
def test_a_topup_survives(shop: Shop, after: bool) -> None:
    """The same for a top-up."""
    assert shop(*BUY, "--yes").code == 0
    shop.vendor.count_anew()
    outcome = strike(shop, "purchases/topup", "eof", after=after, words=TOPUP)
    nothing_lost(shop, outcome, heal(shop, TOPUP))
    assert len(shop.vendor.charges) == 1


def test_the_account_is_checked_although_it_tells_no_balance(shop: Shop) -> None:
    """Lines elsewhere are found by their purchases."""
    assert shop(*BUY, "--yes").code == 0
    shop.vendor.sell("connect-3gb-30d")
    checked = shop("providers", "check", "celitech", "--import", "--json")
    assert checked.code == 0, checked
    assert [line["plan"] for line in checked.json["lines"]] == ["celitech/connect-3gb-30d"]


def test_wrong_credentials_are_77(shop: Shop) -> None:
    """The token's own host says no."""
    shop.vendor.instead["/oauth2/token"] = refused(401)
    outcome = shop("providers", "check", "celitech", "--json")
    assert (outcome.code, outcome.json["error"]["code"]) == (77, "unauthorized")


def test_the_code_is_taken_from_the_field_that_holds_one() -> None:
    """A picture is none; where the text stands in the field of the picture it is found there."""
    code, picture = "LPA:1$rsp.example.com$AB-1", "iVBORw0KGgo" * 200
    fields: list[dict[str, Json]] = [
        {"manualActivationCode": code, "activationCode": picture},
        {"activationCode": code},
    ]
    for told in fields:
        goods = goods_of(JsonObject({"iccid": "8943108000000000001", **told}), "p1")
        assert goods is not None
        assert goods.lpa == code
    assert goods_of(JsonObject({"iccid": "8943108000000000001", "activationCode": picture}), "p1") is None


def test_a_date_that_is_none_spoils_neither_reading_nor_reconciliation() -> None:
    """It is unknown; what the row says beside it counts."""
    row = JsonObject({
        "id": "p1", "referenceId": "k", "createdDate": "soon", "createdAt": 10**15, "endDate": "9999-12-31",
        "endTime": -1, "package": {"id": "pkg", "dataLimitInGB": 1, "dataLimitInBytes": 10**9, "priceInCents": 450},
    })  # fmt: skip
    used = JsonObject({"dataUsageRemainingInBytes": -7, "status": "ACTIVE"})
    listed = listed_order(row, "celitech")
    assert listed is not None
    assert (listed.key, listed.created_at, listed.charges) == ("k", None, (Money(450, "USD"),))
    reading = reading_of([(row, used)], datetime.now(UTC), JsonObject({}))
    assert (reading.remaining_bytes, reading.expires_at, reading.status) == (0, None, "active")
