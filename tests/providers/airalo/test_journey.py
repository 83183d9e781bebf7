"""A whole life at Airalo through the command line, its two price models, its pages and its token."""

from decimal import Decimal
from pathlib import Path

import pytest

from esimctl.charging.money import Money
from esimctl.providers.airalo.answers import paid_for
from tests.providers.fakes.airalo import package
from tests.providers.fakes.run import Shop

MB = 1 << 20


def test_the_price_is_what_the_partner_pays(shop: Shop) -> None:
    """Net pricing names it; a discount is taken off the retail price."""
    listed = shop("plans", "list", "--provider", "airalo", "--json").json["plans"]
    assert {plan["id"]: plan["price"]["amount"] for plan in listed} == {
        "airalo/angkor-7days-1gb": "3.60",
        "airalo/angkor-30days-3gb": "8.05",
    }
    assert listed[0]["data_bytes"] == 1024 * MB
    shop.vendor.model = "discount_pricing"
    listed = shop("plans", "list", "--provider", "airalo", "--refresh", "--json").json["plans"]
    assert {plan["price"]["amount"] for plan in listed} == {"4.05", "8.55"}


def test_every_page_is_read_also_where_a_list_comes_as_an_object(shop: Shop) -> None:
    """Page two may be keyed by index."""
    shop.vendor.packages = [package(f"angkor-{days}days", 5, 4, 1024, days) for days in range(1, 8)]
    shop.vendor.page_size, shop.vendor.object_pages = 3, True
    listed = shop("plans", "list", "--provider", "airalo", "--json").json["plans"]
    assert [plan["validity"] for plan in listed] == [f"{days} days" for days in range(1, 8)]


def test_a_list_may_tell_its_next_page_by_a_link_alone(shop: Shop) -> None:
    """Where nothing says how many pages there are, the last one has no next."""
    shop.vendor.packages = [package(f"angkor-{days}days", 5, 4, 1024, days) for days in range(1, 8)]
    shop.vendor.page_size, shop.vendor.bare_pages = 3, True
    listed = shop("plans", "list", "--provider", "airalo", "--json").json["plans"]
    assert len(listed) == 7


@pytest.mark.parametrize("model", ["net_pricing", "discount_pricing"])
def test_buying_topping_up_and_reading(shop: Shop, model: str) -> None:
    """The code is the whole text, not the host that Airalo calls lpa; paid comes from the answer."""
    shop.vendor.model = model
    bought = shop.buy("angkor-7days-1gb", "--name", "phone")
    assert bought.code == 0, bought
    order = bought.json["order"]
    assert order["activation"]["lpa"] == "LPA:1$lpa.airalo.com$CANARY-800000"
    assert (order["provider_order"], order["paid"]) == ("800000", order["price"])
    shop.vendor.usage[order["activation"]["iccid"]] |= {
        "status": "ACTIVE", "remaining": 24, "expired_at": "2027-01-01 00:00:00",
    }  # fmt: skip
    line = shop("balance", "phone", "--refresh", "--json").json["lines"][0]
    assert (line["status"], line["data"]["remaining_bytes"]) == ("active", 24 * MB)
    assert line["expires_at"] == "2027-01-01T00:00:00Z"
    topped = shop("renew", "phone", "--yes", "--json")
    assert topped.code == 0, topped
    assert topped.json["order"]["plan"] == "airalo/angkor-7days-1gb-topup"
    assert topped.json["order"]["paid"] == topped.json["order"]["price"]


def test_an_unlimited_plan_is_unlimited_although_its_figures_are_zero(shop: Shop) -> None:
    """Nothing is 0 % of nothing."""
    shop.vendor.packages[0] |= {"is_unlimited": True, "amount": 0}
    bought = shop.buy("angkor-7days-1gb", "--name", "phone")
    shop.vendor.usage[bought.json["order"]["activation"]["iccid"]] |= {"total": 0, "remaining": 0, "status": "ACTIVE"}
    data = shop("balance", "phone", "--refresh", "--json").json["lines"][0]["data"]
    assert (data["unlimited"], data["remaining_bytes"]) == (True, None)


def test_a_status_nobody_knows_is_unknown(shop: Shop) -> None:
    """Its raw word is kept, nothing crashes."""
    bought = shop.buy("angkor-7days-1gb", "--name", "phone")
    shop.vendor.usage[bought.json["order"]["activation"]["iccid"]]["status"] = "HIBERNATING"
    assert shop("balance", "phone", "--refresh", "--json").json["lines"][0]["status"] == "unknown"


def test_one_token_serves_many_runs_and_is_renewed_once(shop: Shop, tmp_path: Path) -> None:
    """It lies in a private file; when it is not accepted any more, a new one is fetched, also in front of an order."""
    assert shop.buy("angkor-7days-1gb").code == 0
    shop("plans", "list", "--refresh", "--json")
    assert shop.vendor.tokens == 1
    kept = list(tmp_path.rglob("airalo.token"))
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]
    shop.vendor.token = "token-canary-0000000000000000000000000002"
    assert shop.buy("angkor-7days-1gb").code == 0
    assert (shop.vendor.tokens, len(shop.vendor.charges)) == (2, 2)


@pytest.mark.parametrize("seconds", [60, 600, None])
def test_a_token_of_a_short_or_untold_life_is_used_all_the_same(shop: Shop, seconds: int | None) -> None:
    """Its margin is never its whole life, else every question would ask for a new one, against the vendor's limit."""
    shop.vendor.lasting = seconds
    before = shop.vendor.tokens
    shop.vendor.token = "token-canary-0000000000000000000000000004"
    assert shop.buy("angkor-7days-1gb").code == 0
    assert shop("balance", "--refresh", "--json").code == 0
    assert shop.vendor.tokens == before + 1


def test_a_token_that_ends_between_quote_and_order_is_renewed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order is refused by the door, not by the shop: with a new token it is sent for the first time."""
    from esimctl.providers.airalo.provider import Airalo

    request = Airalo.request

    def later(self: Airalo, order: object) -> object:
        shop.vendor.token = "token-canary-0000000000000000000000000003"
        return request(self, order)  # type: ignore[arg-type]

    monkeypatch.setattr(Airalo, "request", later)
    bought = shop.buy("angkor-7days-1gb")
    assert (bought.code, len(shop.vendor.charges)) == (0, 1), bought
    assert shop.vendor.count("/orders") >= 2


@pytest.mark.parametrize("field", ["CLIENT_ID", "CLIENT_SECRET"])
def test_wrong_credentials_are_77(shop: Shop, field: str) -> None:
    """422 for the id, 401 for the secret: both are credentials."""
    outcome = shop("providers", "check", "airalo", "--json", env={f"ESIMCTL_AIRALO_{field}": "wrong-wrong"})
    assert (outcome.code, outcome.json["error"]["code"]) == (77, "unauthorized")


def test_the_account_is_checked(shop: Shop) -> None:
    """Credit, coverage and the lines that the profile does not have."""
    shop.vendor.order({"package_id": "angkor-7days-1gb", "description": "web"}, topup=False)
    checked = shop("providers", "check", "airalo", "--import", "--json")
    assert checked.code == 0, checked
    assert [line["plan"] for line in checked.json["lines"]] == ["airalo/angkor-7days-1gb"]


@pytest.mark.parametrize(("said", "amount"), [(4.274, "4.27"), (4.275, "4.28"), (4.27, "4.27")])
def test_a_discount_that_leaves_parts_of_a_cent_is_rounded_as_the_price_list_is(said: float, amount: str) -> None:
    """Else the price and what was paid for it would differ by a cent that nobody took."""
    told = {"currency": "USD", "total_amount_paid": Decimal(str(said))}
    assert paid_for(told) == Money.parse(f"{amount} USD")


def test_less_than_nothing_left_is_nothing_and_a_zero_date_is_none(shop: Shop) -> None:
    """A counter that went below zero shows as used up; the zero of a database says nothing of an end."""
    bought = shop.buy("angkor-7days-1gb", "--name", "phone")
    iccid = bought.json["order"]["activation"]["iccid"]
    shop.vendor.usage[iccid] |= {"status": "ACTIVE", "remaining": -5, "expired_at": "0000-00-00 00:00:00"}
    line = shop("balance", "phone", "--refresh", "--json").json["lines"][0]
    data = line["data"]
    assert (data["remaining_bytes"], data["used_bytes"], line["expires_at"]) == (0, 1024 * MB, None)


def test_an_answer_that_tells_nothing_of_the_line_is_none(shop: Shop) -> None:
    """It is told as a failure of the vendor's, as any other answer that is not what was agreed; null is unknown."""
    iccid = shop.buy("angkor-7days-1gb", "--name", "phone").json["order"]["activation"]["iccid"]
    shop.vendor.usage[iccid] = {"\u00b2": {}}
    looked = shop("balance", "phone", "--refresh", "--json")
    assert "airalo" in looked.err, looked
    assert looked.json["lines"][0]["reading"]["source"] != "provider"
    shop.vendor.usage[iccid] = {"remaining": None, "total": None, "status": None}
    assert shop("balance", "phone", "--refresh", "--json").json["lines"][0]["reading"]["source"] == "provider"
