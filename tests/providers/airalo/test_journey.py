"""A whole life at Airalo through the command line, its two price models, its pages and its token."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from esimctl.providers.airalo.answers import paid_for
from esimctl.providers.strict_json import JsonObject
from esimctl.values.money import Money
from tests.providers.fakes.run import Shop
from tests.vendors import airalo_rows as rows
from tests.vendors.accounts import PACK, TOPUP
from tests.vendors.airalo_office import invalid
from tests.vendors.armed import Armed
from tests.vendors.calls import Call, Reply

MB = 1 << 20


def in_places(shop: Shop, call: Call) -> dict[str, Any]:
    """The price list with a place for each package, three on a page."""
    everywhere = call.query.get("filter[type]") == "global"
    shelf = [] if everywhere else [pack for pack in shop.vendor.counter.packs if not pack.topup]
    places = [place for pack in shelf for place in rows.countries([pack])]
    return {"pricing": rows.PRICING, **rows.page(places, call.number("page", 1, 999), 3, call.path)}


def tell(shop: Shop, **fields: Any) -> None:
    """Of the use of an eSIM the vendor tells other fields."""
    shop.vendor.retold["/usage"] = lambda _call, document: {**document, "data": {**document["data"], **fields}}


def ids(shop: Shop) -> list[str]:
    """What the double has on its shelf."""
    return [f"airalo/{pack.id}" for pack in shop.vendor.counter.packs if not pack.topup]


def test_the_price_is_what_the_partner_pays(shop: Shop) -> None:
    """Net pricing names it; a discount is taken off the retail price."""
    listed = shop("plans", "list", "--provider", "airalo", "--json").json["plans"]
    found = {plan["id"]: (plan["price"]["amount"], plan["data_bytes"]) for plan in listed}
    assert sorted(found) == sorted(ids(shop))
    assert (found[f"airalo/{PACK}"], found["airalo/connect-3gb-30d"][0]) == (("4.50", 1024 * MB), "10.00")
    shop.vendor.counter.armed = Armed(frozenset({"discounts"}))
    less = {"model": "discount_pricing", "discount_percentage": 10}
    shop.vendor.retold["/packages"] = lambda _call, document: {**document, "pricing": less}
    listed = shop("plans", "list", "--provider", "airalo", "--refresh", "--json").json["plans"]
    prices = {plan["id"]: plan["price"]["amount"] for plan in listed}
    assert (prices[f"airalo/{PACK}"], prices["airalo/connect-3gb-30d"]) == ("5.07", "11.25"), "of 5.63 and of 12.50"


def test_every_page_is_read_also_where_a_list_comes_as_an_object(shop: Shop) -> None:
    """Page two may be keyed by index."""

    def keyed(call: Call, _document: Any) -> Any:
        page = in_places(shop, call)
        first = (page["meta"]["from"] or 1) - 1
        return page if first == 0 else {**page, "data": {str(first + at): row for at, row in enumerate(page["data"])}}

    shop.vendor.retold["/packages"] = keyed
    listed = shop("plans", "list", "--provider", "airalo", "--json").json["plans"]
    assert sorted(plan["id"] for plan in listed) == sorted(ids(shop))
    assert shop.vendor.count("/packages") > 3


def test_a_list_may_tell_its_next_page_by_a_link_alone(shop: Shop) -> None:
    """Where nothing says how many pages there are, the last one has no next."""
    bare = lambda call, _document: {**in_places(shop, call), "meta": {"message": "success"}}  # noqa: E731
    shop.vendor.retold["/packages"] = bare
    listed = shop("plans", "list", "--provider", "airalo", "--json").json["plans"]
    assert sorted(plan["id"] for plan in listed) == sorted(ids(shop))


@pytest.mark.parametrize("model", ["net_pricing", "discount_pricing"])
def test_buying_topping_up_and_reading(shop: Shop, model: str) -> None:
    """The code is the whole text, not the host that Airalo calls lpa; paid comes from the answer."""
    shop.vendor.counter.armed = Armed(frozenset({"discounts"} if model == "discount_pricing" else ()))
    bought = shop.buy(PACK, "--name", "phone")
    assert bought.code == 0, bought
    order = bought.json["order"]
    (sold,) = shop.vendor.sold()
    assert order["activation"]["lpa"] == sold.lpa
    assert (order["provider_order"], order["paid"]) == (str(sold.number), order["price"])
    tell(shop, status="ACTIVE", remaining=24, expired_at="2027-01-01 00:00:00")
    line = shop("balance", "phone", "--refresh", "--json").json["lines"][0]
    assert (line["status"], line["data"]["remaining_bytes"]) == ("active", 24 * MB)
    assert line["expires_at"] == "2027-01-01T00:00:00Z"
    topped = shop("renew", "phone", "--yes", "--json")
    assert topped.code == 0, topped
    assert topped.json["order"]["plan"] == f"airalo/{TOPUP['airalo']}"
    assert topped.json["order"]["paid"] == topped.json["order"]["price"]


def test_an_unlimited_plan_is_unlimited_although_its_figures_are_zero(shop: Shop) -> None:
    """Nothing is 0 % of nothing."""
    assert shop.buy("demo-unlimited-10d", "--name", "phone").code == 0
    shop.vendor.use(shop.vendor.sold()[0].iccid, 5 << 30)
    data = shop("balance", "phone", "--refresh", "--json").json["lines"][0]["data"]
    assert (data["unlimited"], data["remaining_bytes"]) == (True, None)


def test_a_status_nobody_knows_is_unknown(shop: Shop) -> None:
    """Its raw word is kept, nothing crashes."""
    assert shop.buy(PACK, "--name", "phone").code == 0
    tell(shop, status="HIBERNATING")
    assert shop("balance", "phone", "--refresh", "--json").json["lines"][0]["status"] == "unknown"


def test_one_token_serves_many_runs_and_is_renewed_once(shop: Shop, tmp_path: Path) -> None:
    """It lies in a private file; when it is not accepted any more, a new one is fetched, also in front of an order."""
    assert shop.buy(PACK).code == 0
    shop("plans", "list", "--refresh", "--json")
    assert shop.vendor.count("/token") == 1
    kept = list(tmp_path.rglob("airalo.token"))
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]
    shop.vendor.revoke()
    assert shop.buy(PACK).code == 0
    assert (shop.vendor.count("/token"), len(shop.vendor.charges)) == (2, 2)


@pytest.mark.parametrize("seconds", [60, 600, None])
def test_a_token_of_a_short_or_untold_life_is_used_all_the_same(shop: Shop, seconds: int | None) -> None:
    """Its margin is never its whole life, else every question would ask for a new one, against the vendor's limit."""
    lasting = lambda _call, document: {**document, "data": {**document["data"], "expires_in": seconds}}  # noqa: E731
    shop.vendor.retold["/token"] = lasting
    before = shop.vendor.count("/token")
    shop.vendor.revoke()
    assert shop.buy(PACK).code == 0
    assert shop("balance", "--refresh", "--json").code == 0
    assert shop.vendor.count("/token") == before + 1


def test_a_token_that_ends_between_quote_and_order_is_renewed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order is refused by the door, not by the shop: with a new token it is sent for the first time."""
    from esimctl.providers.airalo.provider import Airalo

    request = Airalo.request

    def later(self: Airalo, order: object) -> object:
        shop.vendor.revoke()
        return request(self, order)  # type: ignore[arg-type]

    monkeypatch.setattr(Airalo, "request", later)
    bought = shop.buy(PACK)
    assert (bought.code, len(shop.vendor.charges)) == (0, 1), bought
    assert shop.vendor.count("/orders") >= 2


@pytest.mark.parametrize(
    "said",
    [
        invalid("client_id", "The selected client id is invalid."),
        Reply(401, {"data": [], "meta": {"message": "Client authentication failed"}}),
    ],
)
def test_wrong_credentials_are_77(shop: Shop, said: Reply) -> None:
    """422 for the id, 401 for the secret: both are credentials."""
    shop.vendor.instead["/token"] = said
    outcome = shop("providers", "check", "airalo", "--json")
    assert (outcome.code, outcome.json["error"]["code"]) == (77, "unauthorized")


def test_the_account_is_checked(shop: Shop) -> None:
    """Credit, coverage and the lines that the profile does not have."""
    shop.vendor.sell(PACK)
    checked = shop("providers", "check", "airalo", "--import", "--json")
    assert checked.code == 0, checked
    assert [line["plan"] for line in checked.json["lines"]] == [f"airalo/{PACK}"]


@pytest.mark.parametrize(("said", "amount"), [(4.274, "4.27"), (4.275, "4.28"), (4.27, "4.27")])
def test_a_discount_that_leaves_parts_of_a_cent_is_rounded_as_the_price_list_is(said: float, amount: str) -> None:
    """Else the price and what was paid for it would differ by a cent that nobody took."""
    told = JsonObject({"currency": "USD", "total_amount_paid": Decimal(str(said))})
    assert paid_for(told) == Money.parse(f"{amount} USD")


def test_less_than_nothing_left_is_nothing_and_a_zero_date_is_none(shop: Shop) -> None:
    """A counter that went below zero shows as used up; the zero of a database says nothing of an end."""
    assert shop.buy(PACK, "--name", "phone").code == 0
    tell(shop, status="ACTIVE", remaining=-5, expired_at="0000-00-00 00:00:00")
    line = shop("balance", "phone", "--refresh", "--json").json["lines"][0]
    data = line["data"]
    assert (data["remaining_bytes"], data["used_bytes"], line["expires_at"]) == (0, 1024 * MB, None)


def test_an_answer_that_tells_nothing_of_the_line_is_none(shop: Shop) -> None:
    """It is told as a failure of the vendor's, as any other answer that is not what was agreed; null is unknown."""
    assert shop.buy(PACK, "--name", "phone").code == 0
    shop.vendor.instead["/usage"] = Reply(200, {"data": {"\u00b2": {}}})
    looked = shop("balance", "phone", "--refresh", "--json")
    assert "airalo" in looked.err, looked
    assert looked.json["lines"][0]["reading"]["source"] != "provider"
    shop.vendor.instead["/usage"] = Reply(200, {"data": {"remaining": None, "total": None, "status": None}})
    assert shop("balance", "phone", "--refresh", "--json").json["lines"][0]["reading"]["source"] == "provider"
