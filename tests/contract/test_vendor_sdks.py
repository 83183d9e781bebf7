"""The vendors' own SDKs as clients of the doubles: they buy, top up and read usage, their models check each answer.

Airalo's SDK has no setting for its address but a constant, and keeps its cache beside itself: both are the test's own.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from airalo import Airalo
from airalo.constants.api_constants import ApiConstants
from airalo.exceptions.airalo_exception import AiraloException, APIError
from airalo.helpers.cached import Cached
from celitech import Celitech
from celitech.models import CreatePurchaseV2Request, EditPurchaseRequest, ErrorResponse, TopUpEsimRequest

from esimctl.providers.lpa import ActivationCode, valid_iccid
from tests.vendors.accounts import PACK
from tests.vendors.served import Clock, served

MB = 1024


@pytest.fixture
def airalo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Airalo]:
    cache = tmp_path / "cache"
    cache.mkdir()
    monkeypatch.setattr(Cached, "_cache_path", cache)
    with served("airalo", tmp_path / "vendor") as url:
        monkeypatch.setattr(ApiConstants, "PRODUCTION_URL", f"{url}/v2/")
        yield Airalo({"client_id": "any", "client_secret": "a/secret"})


@pytest.fixture
def celitech(tmp_path: Path) -> Iterator[Celitech]:
    with served("celitech", tmp_path / "vendor", Clock()) as url:
        sdk = Celitech(client_id="any", client_secret="any", base_url=f"{url}/v1", base_oauth_url=url)
        yield sdk


def test_airalo_lists_what_is_for_cambodia(airalo: Airalo) -> None:
    """Packages with their top-ups, net prices in dollars, volumes in MB of 2^20."""
    found = airalo.get_country_packages("KH", flat=True)
    rows = {row["package_id"]: row for row in found["data"]}
    assert rows[PACK]["countries"] == ["KH"]
    assert (rows[PACK]["net_price"], rows[PACK]["amount"], rows[PACK]["day"]) == (4.5, MB, 7)
    assert rows[f"{PACK}-topup"]["type"] == "topup"
    assert found["pricing"]["model"] == "net_pricing"
    assert all(row["type"] == "sim" for row in airalo.get_sim_packages(flat=True)["data"])
    assert airalo.get_country_packages("TH") is None


def test_airalo_sells_tops_up_and_reads_usage(airalo: Airalo) -> None:
    """Two eSIMs in one order, a top-up on one of them, usage and history of it."""
    order = airalo.order(PACK, 2, "a wörd / another")["data"]
    assert (order["quantity"], order["net_price"], order["description"]) == (2, 4.5, "a wörd / another")
    one, two = order["sims"]
    assert valid_iccid(one["iccid"])
    assert one["iccid"] != two["iccid"]
    code = ActivationCode.parse(one["qrcode"])
    assert (code.host, code.matching_id) == (one["lpa"], one["matching_id"])
    usage = airalo.sim_usage(one["iccid"])["data"]
    assert (usage["status"], usage["remaining"], usage["total"]) == ("NOT_ACTIVE", MB, MB)
    (offer, *_) = airalo.get_sim_topups(one["iccid"])["data"]
    assert offer["type"] == "topup"
    topped = airalo.topup(f"{PACK}-topup", one["iccid"])["data"]
    assert (topped["type"], "sims" in topped) == ("topup", False)
    Cached.clear_cache()
    assert airalo.sim_usage(one["iccid"])["data"]["remaining"] == 2 * MB
    assert airalo.sim_usage(two["iccid"])["data"]["remaining"] == MB
    packages = airalo.get_sim_package_history(one["iccid"])["data"]
    assert [row["package"]["id"] for row in packages] == [PACK, f"{PACK}-topup"]
    assert airalo.get_installation_instructions({"iccid": one["iccid"]})["data"]["instructions"]["ios"]
    both = airalo.sim_usage_bulk([one["iccid"], two["iccid"]])
    assert {iccid: row["data"]["remaining"] for iccid, row in both.items()} == {
        one["iccid"]: 2 * MB,
        two["iccid"]: MB,
    }


@pytest.mark.parametrize(
    ("package", "code"),
    [
        ("test-insufficient-balance-7days-1gb", 11),
        ("test-maintenance-mode-7days-1gb", 13),
        ("test-disabled-top-up-7days-1gb", 23),
        ("test-not-enough-7days-1gb", 33),
        ("test-out-of-stock-7days-1gb", 34),
    ],
)
def test_airalo_refuses_by_its_trigger_packages(airalo: Airalo, package: str, code: int) -> None:
    """Each of the sandbox's ids is refused with the documented code."""
    with pytest.raises(APIError, match=rf'status code: 422.*"code":{code},"reason"'):
        airalo.order(package, 1)


def test_airalo_checks_what_it_is_sent(airalo: Airalo, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown package, and a signature under another secret."""
    with pytest.raises(APIError, match="The selected package is invalid"):
        airalo.order("no-such-package", 1)
    monkeypatch.setattr(airalo._signature, "_secret", "another")
    with pytest.raises(APIError, match='"code":14'):
        airalo.order(PACK, 1)


def test_airalo_takes_orders_to_be_made_later(airalo: Airalo) -> None:
    """An asynchronous order is accepted with a number of 25 characters; bulk orders are made one by one."""
    accepted = airalo.order_async(PACK, 1, webhook_url="https://example.com/hook")
    assert len(accepted["data"]["request_id"]) == 25
    many = airalo.order_bulk({PACK: 1, "connect-3gb-30d": 1})
    assert {name: len(row["data"]["sims"]) for name, row in many.items()} == {PACK: 1, "connect-3gb-30d": 1}


def test_airalo_keeps_orders_for_a_later_day(airalo: Airalo) -> None:
    """A pending one can be cancelled once, a normal one runs at once, the others are refused like any order."""
    day = (datetime.now(UTC) + timedelta(days=9)).strftime("%Y-%m-%d %H:%M")
    wish = {"quantity": 1, "due_date": day}
    kept = airalo.create_future_order({**wish, "package_id": "test-create-pending-future-order-7days-1gb"})["data"]
    assert (len(kept["request_id"]), kept["due_date"]) == (25, day)
    assert kept["latest_cancellation_date"] < day
    airalo.create_future_order({**wish, "package_id": PACK, "description": "later"})
    numbers = {"request_ids": [kept["request_id"]]}
    assert airalo.cancel_future_order(numbers)["meta"]["message"] == "success"
    with pytest.raises(AiraloException, match="status code: 422"):
        airalo.cancel_future_order(numbers)
    for name, code in (("test-out-of-stock-7days-1gb", '"code":34'), ("none", "The selected package is invalid")):
        with pytest.raises(AiraloException, match=code):
            airalo.create_future_order({**wish, "package_id": name})
    soon = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    with pytest.raises(AiraloException, match="due_date"):
        airalo.create_future_order({"quantity": 1, "due_date": soon, "package_id": PACK})


def test_celitech_lists_sizes_and_days(celitech: Celitech) -> None:
    """Its models take every package; sizes are those that the vendor names, spans of one size do not overlap."""
    (place,) = celitech.destinations.list_destinations().destinations
    assert (place.destination, place.destination_iso2) == ("KHM", "KH")
    rows = celitech.packages.list_packages(destination="KHM", include_unlimited=True, limit=160).packages
    assert {row.data_limit_in_gb for row in rows} <= {0.5, 1, 2, 3, 5, 8, 20, 50, -1}
    for row in rows:
        others = [each for each in rows if each.data_limit_in_gb == row.data_limit_in_gb and each.id_ != row.id_]
        assert all(each.max_days < row.min_days or row.max_days < each.min_days for each in others)
    first = celitech.packages.list_packages(destination="KHM", limit=2)
    assert first.after_cursor is not None
    second = celitech.packages.list_packages(destination="KHM", limit=2, after_cursor=first.after_cursor)
    assert not {row.id_ for row in first.packages} & {row.id_ for row in second.packages}


def test_celitech_sells_tops_up_and_reads_usage(celitech: Celitech) -> None:
    """A purchase under a key, a top-up, the list by reference, consumption and the eSIM."""
    wish = CreatePurchaseV2Request(destination="KHM", data_limit_in_gb=1, duration=7, quantity=1, reference_id="trip@1")
    (bought,) = celitech.purchases.create_purchase_v2(wish, idempotency_key="key-1")
    profile = bought.profile
    assert ActivationCode.parse(profile.manual_activation_code).host == "smdp.sandbox.example"
    assert profile.ios_activation_link.startswith("https://esimsetup.apple.com/")
    (again,) = celitech.purchases.create_purchase_v2(wish, idempotency_key="key-1")
    assert again.profile.iccid == profile.iccid
    more = TopUpEsimRequest(iccid=profile.iccid, data_limit_in_gb=1, duration=7, reference_id="trip@2")
    topped = celitech.purchases.top_up_esim(more, idempotency_key="key-2")
    assert topped.profile.iccid == profile.iccid
    listed = celitech.purchases.list_purchases(iccid=profile.iccid).purchases
    assert {row.id_: row.purchase_type for row in listed} == {
        bought.purchase.id_: "First Purchase",
        topped.purchase.id_: "Top-up Purchase",
    }
    (found,) = celitech.purchases.list_purchases(reference_id="trip@1").purchases
    assert (found.id_, found.package.price_in_cents) == (bought.purchase.id_, 450)
    left = celitech.purchases.get_purchase_consumption(bought.purchase.id_)
    assert (left.data_usage_remaining_in_bytes, left.status) == (1 << 30, "NOT_ACTIVE")
    esim = celitech.e_sim.get_esim(profile.iccid).esim
    assert (esim.status, esim.is_top_up_allowed) == ("RELEASED", True)
    assert celitech.e_sim.get_esim_history(profile.iccid).esim.history[0].status == "RELEASED"


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"duration": 7, "quantity": 2}, 422),
        ({"duration": 13, "key": "other"}, 400),
        ({"data_limit_in_gb": 7, "duration": 7, "key": "other"}, 400),
        ({"destination": "THA", "duration": 7, "key": "other"}, 400),
        ({"key": "other"}, 400),
        ({"data_limit_in_gb": -1, "duration": 7, "key": "other"}, 400),
    ],
)
def test_celitech_refuses_what_does_not_fit(celitech: Celitech, wish: dict[str, Any], status: int) -> None:
    """Another body under a key that was used, and wishes outside of what is sold."""
    good: dict[str, Any] = {"destination": "KHM", "data_limit_in_gb": 1, "quantity": 1}
    celitech.purchases.create_purchase_v2(CreatePurchaseV2Request(**good, duration=7), idempotency_key="key-1")
    asked = {**good, **wish}
    key = asked.pop("key", "key-1")
    with pytest.raises(ErrorResponse, match=f"^{status}: "):
        celitech.purchases.create_purchase_v2(CreatePurchaseV2Request(**asked), idempotency_key=key)
    assert len(celitech.purchases.list_purchases().purchases) == 1


def test_airalo_makes_vouchers_and_tells_rates(airalo: Airalo) -> None:
    """What its SDK can do beside orders."""
    made = airalo.create_voucher({"amount": 20, "quantity": 1, "usage_limit": 2, "voucher_code": "ABC1"})
    assert (made["data"]["code"], made["data"]["amount"]) == ("ABC1", 20)
    vouchers = airalo.create_esim_voucher({"vouchers": [{"package_id": PACK, "quantity": 2}]})
    assert [len(row["codes"]) for row in vouchers["data"]] == [2]
    rates = airalo.get_exchange_rates({"date": "2026-11-20", "to": "KHR,EUR"})["data"]
    assert {row["to"] for row in rates["rates"]} == {"KHR", "EUR"}


def test_celitech_moves_days_and_suspends(celitech: Celitech) -> None:
    """Its models take every answer."""
    wish = CreatePurchaseV2Request(destination="KHM", data_limit_in_gb=1, duration=7, quantity=1)
    (bought,) = celitech.purchases.create_purchase_v2(wish)
    start = datetime.now(UTC).date() + timedelta(days=3)
    days = EditPurchaseRequest(
        purchase_id=bought.purchase.id_, start_date=f"{start}", end_date=f"{start + timedelta(days=6)}"
    )
    edited = celitech.purchases.edit_purchase(days)
    assert (edited.purchase_id, edited.new_start_date[:10]) == (bought.purchase.id_, f"{start}")
    assert celitech.i_frame.token().token
    assert celitech.e_sim.suspend_esim(bought.profile.iccid).message
    assert celitech.purchases.get_purchase_consumption(bought.purchase.id_).data_usage_remaining_in_bytes == 0
