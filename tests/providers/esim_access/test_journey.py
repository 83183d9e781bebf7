"""A whole life at eSIM Access through the command line: list, buy, code, reading, top-up, renew, credit."""

import pytest

from tests.providers.fakes.run import Shop
from tests.vendors.accounts import CREDENTIALS
from tests.vendors.esim_access import no
from tests.vendors.esim_access_rows import order_number
from tests.vendors.esim_access_shelf import shelved

GB = 1 << 30


def test_its_plans_are_listed_under_its_own_codes(shop: Shop) -> None:
    """The price is what the account pays, volumes are octets, the copy spares the second question."""
    listed = shop("plans", "list", "--provider", "esim-access", "--json").json["plans"]
    assert [plan["id"] for plan in listed] == ["esim-access/CKH002", "esim-access/CKH001"]
    assert listed[0]["price"] == {"amount": "1.80", "currency": "USD"}
    assert (listed[0]["data_bytes"], listed[0]["validity"]) == (3 * GB, "30 days")
    shop("plans", "list", "--json")
    assert shop.vendor.count("package/list") == 3, "of the country, the regions and the world"
    shop("plans", "list", "--refresh", "--json")
    assert shop.vendor.count("package/list") == 6


def test_buying_brings_the_code_and_says_what_was_paid(shop: Shop) -> None:
    """Allotted after two questions; paid is the fall of the account's credit."""
    shop.vendor.arms.allotting = 2
    bought = shop.buy("CKH002", "--name", "phone")
    assert bought.code == 0, bought
    order = bought.json["order"]
    (sold,) = shop.vendor.sold()
    assert (order["state"], order["charged"], order["provider_order"]) == ("settled", True, order_number(sold))
    assert order["paid"] == {"amount": "1.80", "currency": "USD"}
    assert order["activation"]["lpa"] == sold.lpa
    assert order["payment_method"] == "esim-access-balance"
    assert len(shop.vendor.charges) == 1
    assert shop.vendor.arms.allotting < 0, "asked until it was there"
    shown = shop("lines", "list", "--json").json["lines"]
    assert [line["line"] for line in shown] == ["phone"]


def test_another_price_than_quoted_is_a_discrepancy(shop: Shop) -> None:
    """Ten cents more left the account: settled, reported, exit 4."""
    shop.vendor.arms.surcharge = 1000
    bought = shop.buy("CKH002")
    assert bought.code == 4
    assert bought.json["order"]["state"] == "settled"
    assert bought.json["order"]["paid"] == {"amount": "1.90", "currency": "USD"}


def test_parts_of_a_cent_are_no_discrepancy(shop: Shop) -> None:
    """2.375 dollars leave 2.38 or 2.37 in whole cents: both are the price; a cent more than that is not."""
    shop.vendor.counter.packs[:] = [shelved("CKH7", 237, 1, 7)]
    shop.vendor.arms.part = 50
    paid = []
    for name in ("one", "two", "three"):
        bought = shop.buy("CKH7", "--name", name)
        assert (bought.code, bought.json["order"]["reason"]) == (0, None), bought
        paid.append(bought.json["order"]["paid"]["amount"])
    assert paid == ["2.38", "2.37", "2.38"]
    assert shop("reconcile", "--json").code == 0
    assert shop("transactions", "audit", "--json").json["findings"] == []
    shop.vendor.arms.surcharge = 150
    assert shop.buy("CKH7", "--name", "four").code == 4


@pytest.mark.parametrize(
    ("said", "code", "reason"),
    [
        ("101004", 77, "unauthorized"),
        ("101010", 77, "unauthorized"),
        ("310201", 3, "reference_unknown"),
        ("310251", 3, "reference_unknown"),
        ("310243", 3, "plan_unknown"),
    ],
)
def test_codes_are_known_by_their_family(shop: Shop, said: str, code: int, reason: str) -> None:
    """1010xx is about the credentials, 310201 to 310251 about something that it does not have: both are definite."""
    shop.vendor.instead["esim/order"] = no(said)
    refused = shop.buy("CKH002")
    assert (refused.code, refused.json["order"]["state"], refused.json["order"]["reason"]) == (code, "rejected", reason)
    assert shop.vendor.charges == []


@pytest.mark.parametrize("ends", ["0001-01-01T00:00:00+1400", "9999-12-31T23:59:59-1400", "soon"])
def test_an_absurd_end_neither_breaks_a_reading_nor_hides_a_paid_esim(shop: Shop, ends: str) -> None:
    """The code is handed out; the end is unknown until the vendor states one."""
    shop.vendor.arms.told = {"expiredTime": ends}
    bought = shop.buy("CKH002", "--name", "phone")
    assert bought.code == 0, bought
    assert bought.json["order"]["activation"]["use_by"] is None
    assert shop("balance", "--refresh", "--json").code == 0


def test_readings_topups_and_renewals(shop: Shop) -> None:
    """A top-up shows in the next reading; a renewal finds the row that extends the line's own plan."""
    assert shop.buy("CKH002", "--name", "phone").code == 0
    shop.vendor.use(shop.vendor.sold()[0].iccid, GB)
    line = shop("balance", "phone", "--refresh", "--json").json["lines"][0]
    assert (line["status"], line["data"]["remaining_bytes"], line["data"]["used_bytes"]) == ("active", 2 * GB, GB)
    offered = shop("plans", "list", "--line", "phone", "--json").json["plans"]
    assert [plan["id"] for plan in offered] == ["esim-access/TOPUP_CKH002"]
    topped = shop("topup", "phone", "--plan", "esim-access/TOPUP_CKH002", "--yes", "--json")
    assert topped.code == 0, topped
    assert topped.json["order"]["paid"] == {"amount": "1.70", "currency": "USD"}
    assert topped.json["order"]["provider_order"] == shop.vendor.sold()[-1].batch
    line = shop("balance", "phone", "--json").json["lines"][0]
    assert line["data"]["remaining_bytes"] == 5 * GB
    renewed = shop("renew", "phone", "--yes", "--json")
    assert (renewed.code, renewed.json["order"]["plan"]) == (0, "esim-access/TOPUP_CKH002")
    assert len(shop.vendor.charges) == 3


def test_the_account_can_be_checked_and_its_strange_lines_found(shop: Shop) -> None:
    """Credentials, clock, coverage and credit in rows; a line bought elsewhere with the command that adopts it."""
    assert shop.buy("CKH002", "--name", "phone").code == 0
    shop.vendor.sell("CKH001", "web")
    checked = shop("providers", "check", "esim-access", "--import", "--json")
    assert checked.code == 0, checked
    rows = {row["name"]: row for row in checked.json["checks"]}
    assert set(rows) == {"credentials", "clock", "coverage", "balance"}
    assert rows["balance"]["balance"] == {"amount": "47.30", "currency": "USD"}
    assert [line["plan"] for line in checked.json["lines"]] == ["esim-access/CKH001"]


def test_a_wrong_code_is_77_and_nothing_is_ordered(shop: Shop) -> None:
    """The vendor says it with a code of its own."""
    shop.vendor.arms.access_code = CREDENTIALS["ESIMCTL_ESIM_ACCESS_ACCESS_CODE"]
    assert shop("providers", "check", "esim-access").code == 0
    wrong = {"ESIMCTL_ESIM_ACCESS_ACCESS_CODE": "wrong-code"}
    for words in (("providers", "check", "esim-access"), ("buy", "esim-access/CKH002", "--yes")):
        outcome = shop(*words, "--json", env=wrong)
        assert (outcome.code, outcome.json["error"]["code"]) == (77, "unauthorized")
    assert shop.vendor.count("esim/order") == 0
