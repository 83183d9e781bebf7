"""What a manager of an account calls beside buying: vouchers, notices, rates, suspending, other days for a purchase."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.vendors.accounts import PACK
from tests.vendors.airalo_future import due
from tests.vendors.armed import Armed
from tests.vendors.served import ask, served

JSON = {"Content_Type": "application/json", "Accept": "application/json"}
Asking = Callable[..., tuple[int, Any]]


def asking(url: str, **headers: str) -> Asking:
    """`call("path", field=…)` posts, `call("path")` gets, `method` says otherwise."""

    def call(path: str, method: str | None = None, **fields: Any) -> tuple[int, Any]:
        body = json.dumps(fields).encode() if fields or method in ("POST", "PUT") else None
        status, document, _ = ask(f"{url}/{path}", body, method, **JSON, **headers)
        return status, document

    return call


def signed_in(url: str) -> Asking:
    """At Airalo's."""
    form = urlencode({"client_id": "any", "client_secret": "any", "grant_type": "client_credentials"}).encode()
    token = ask(f"{url}/v2/token", form)[1]["data"]["access_token"]
    return asking(f"{url}/v2", Authorization=f"Bearer {token}")


@pytest.fixture
def airalo(tmp_path: Path) -> Iterator[Asking]:
    with served("airalo", tmp_path / "vendor") as url:
        yield signed_in(url)


@pytest.fixture
def esim_access(tmp_path: Path) -> Iterator[Asking]:
    with served("esim-access", tmp_path / "vendor") as url:
        yield asking(f"{url}/api/v1/open", RT_AccessCode="any")


@pytest.fixture
def celitech(tmp_path: Path) -> Iterator[Asking]:
    with served("celitech", tmp_path / "vendor") as url:
        form = urlencode({"client_id": "any", "client_secret": "any"}).encode()
        token = ask(f"{url}/oauth2/token", form)[1]["access_token"]
        yield asking(f"{url}/v1", Authorization=f"Bearer {token}")


def test_airalo_makes_vouchers_for_money_and_for_esims(airalo: Asking) -> None:
    """Within the vendor's limits; a code of one's own stands for one voucher."""
    status, made = airalo("voucher/airmoney", amount=20, quantity=1, usage_limit=5, voucher_code="ABC", is_paid=True)
    assert (status, made["data"]["code"], made["data"]["amount"], made["data"]["usage_limit"]) == (200, "ABC", 20, 5)
    status, made = airalo("voucher/esim", vouchers=[{"package_id": PACK, "quantity": 2, "booking_reference": "B7"}])
    (row,) = made["data"]
    assert (status, row["package_id"], len(row["codes"]), row["booking_reference"]) == (200, PACK, 2, "B7")


@pytest.mark.parametrize(
    ("path", "fields", "named"),
    [
        ("voucher/airmoney", {"quantity": 1}, "amount"),
        ("voucher/airmoney", {"amount": 100_001, "quantity": 1}, "amount"),
        ("voucher/airmoney", {"amount": 1, "quantity": 101}, "quantity"),
        ("voucher/airmoney", {"amount": 1, "quantity": 2, "voucher_code": "A"}, "voucher_code"),
        ("voucher/airmoney", {"amount": 1, "quantity": 1, "usage_limit": 0}, "usage_limit"),
        ("voucher/esim", {"vouchers": []}, "vouchers"),
        ("voucher/esim", {"vouchers": [{"package_id": "none", "quantity": 1}]}, "package_id"),
        ("voucher/esim", {"vouchers": [{"package_id": PACK, "quantity": 101}]}, "quantity"),
        ("notifications/opt-in", {"type": "async_orders"}, "webhook_url"),
        ("notifications/opt-in", {"type": "smoke_signals", "webhook_url": "https://example.com"}, "type"),
        ("notifications/opt-out", {"type": "async_orders"}, "type"),
        ("simulator/webhook", {"event": "nothing"}, "event"),
        ("simulator/webhook", {"event": "low_data_notification", "type": "data_12"}, "type"),
        ("refund", {"iccids": ["1"], "reason": "BOREDOM"}, "reason"),
        ("refund", {"iccids": ["1"], "reason": "OTHERS"}, "notes"),
        ("refund", {"iccids": ["1"] * 6, "reason": "NO_COVERAGE"}, "iccids"),
    ],
)
def test_airalo_names_the_field_that_is_wrong(airalo: Asking, path: str, fields: dict[str, Any], named: str) -> None:
    """422 with the field under `data`, as for every parameter."""
    status, said = airalo(path, **fields)
    assert (status, list(said["data"]), said["meta"]["message"]) == (422, [named], "the parameter is invalid")


def test_airalo_keeps_notices_until_they_are_ended(airalo: Asking) -> None:
    """Opting in answers with what is kept; opting out has no body."""
    assert airalo("notifications/opt-in", type="email_low_data", contact_point="a@example.com", levels=[50])[0] == 200
    kept = airalo("notifications/opt-in?type=email_low_data")[1]["data"]["notification"]
    assert (kept["type"], kept["contact_point"], kept["levels"]) == ("email_low_data", "a@example.com", [50])
    assert airalo("notifications/opt-out", type="email_low_data") == (204, b"")
    assert airalo("notifications/opt-in?type=email_low_data")[1]["data"]["notification"] is None
    sent = airalo("simulator/webhook", event="low_data_notification", type="data_75", iccid="1")
    assert sent == (200, {"success": "Notification sent"})


def test_airalo_tells_rates_and_gives_an_esim_another_brand(airalo: Asking) -> None:
    """Rates from the dollar by text; a brand shows in the eSIM and in the list."""
    rates = airalo("finance/exchange-rates?date=2026-11-20&to=khr,thb,xxx")[1]["data"]
    assert (rates["date"], [row["to"] for row in rates["rates"]]) == ("2026-11-20", ["KHR", "THB"])
    assert airalo("finance/exchange-rates?date=yesterday")[0] == 422
    iccid = airalo("orders", package_id=PACK, quantity=1)[1]["data"]["sims"][0]["iccid"]
    assert airalo(f"sims/{iccid}/brand", "PUT", brand_settings_name="ours")[1]["data"]["iccid"] == iccid
    assert airalo(f"sims/{iccid}")[1]["data"]["brand_settings_name"] == "ours"
    assert [row["brand_settings_name"] for row in airalo("sims")[1]["data"]] == ["ours"]
    assert airalo("sims/8985500000000000000/brand", "PUT", brand_settings_name="ours")[0] == 404


def test_airalo_pages_name_their_neighbours_and_may_come_as_objects(airalo: Asking, tmp_path: Path) -> None:
    """The first has no page before it, the last none after it; an armed one keys its answers by index."""
    for _ in range(3):
        assert airalo("orders", package_id=PACK, quantity=1)[0] == 200
    first, last = airalo("orders?limit=2&page=1")[1], airalo("orders?limit=2&page=2")[1]
    assert (first["links"]["prev"], first["links"]["next"] is not None) == (None, True)
    assert (last["links"]["prev"] is not None, last["links"]["next"]) == (True, None)
    with served("airalo", tmp_path / "vendor", armed=Armed(frozenset({"object-lists"}))) as url:
        assert list(signed_in(url)("orders?limit=2&page=2")[1]["data"]) == ["2"]
    assert isinstance(airalo("orders?limit=2&page=2")[1]["data"], list)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("2026-11-22 23:59", False),
        ("2026-11-23 00:00", True),
        ("2027-11-22 00:00", True),
        ("2028-01-01 00:00", False),
        ("soon", False),
    ],
)
def test_an_order_for_a_later_day_is_for_the_day_after_tomorrow_or_later(text: str, fits: bool) -> None:
    """Whatever the hour: 25 hours from now may still be tomorrow."""
    now = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    assert (due({"due_date": text}, now) is not None) is fits


def test_esim_access_suspends_resumes_and_revokes(esim_access: Asking) -> None:
    """The state shows in the query; a revoked eSIM is gone for good, its price stays paid."""
    bought = {"transactionId": "t1", "packageInfoList": [{"packageCode": PACK, "count": 1}]}
    number = esim_access("esim/order", **bought)[1]["obj"]["orderNo"]

    def state() -> Any:
        asked = esim_access("esim/query", orderNo=number, pager={"pageNum": 1, "pageSize": 5})[1]
        return asked["obj"]["esimList"][0]

    iccid, left = state()["iccid"], esim_access("balance/query", "POST")[1]["obj"]["balance"]
    assert esim_access("esim/unsuspend", iccid=iccid)[1]["errorCode"] == "200002"
    assert esim_access("esim/suspend", iccid=iccid)[1]["success"] is True
    assert state()["esimStatus"] == "SUSPENDED"
    assert esim_access("esim/cancel", iccid=iccid)[1]["errorCode"] == "200002"
    more = {"transactionId": "t2", "packageCode": f"TOPUP_{PACK}", "iccid": iccid}
    assert esim_access("esim/topup", **more)[1]["errorCode"] == "200002"
    assert esim_access("esim/unsuspend", iccid=iccid)[1]["success"] is True
    assert state()["esimStatus"] == "GOT_RESOURCE"
    assert esim_access("esim/sendSms", iccid=iccid, message="hello")[1]["success"] is True
    assert esim_access("esim/sendSms", iccid=iccid, message="x" * 501)[1]["errorCode"] == "000105"
    assert esim_access("esim/revoke", iccid=iccid)[1]["success"] is True
    assert esim_access("esim/suspend", iccid=iccid)[1]["errorCode"] == "200002"
    assert state()["esimStatus"] == "REVOKED"
    assert esim_access("balance/query", "POST")[1]["obj"]["balance"] == left


def test_esim_access_keeps_a_webhook(esim_access: Asking) -> None:
    """It is told again when asked for."""
    assert esim_access("webhook/query", "POST")[1]["obj"] == {"webhook": None}
    assert esim_access("webhook/save", webhook="ftp://example.com")[1]["errorCode"] == "000105"
    assert esim_access("webhook/save", webhook="https://example.com/hook")[1]["success"] is True
    assert esim_access("webhook/query", "POST")[1]["obj"] == {"webhook": "https://example.com/hook"}


def test_celitech_moves_days_suspends_and_gives_a_frame_its_token(celitech: Asking) -> None:
    """Days of a purchase that was not begun; a suspended eSIM has nothing left and takes no more."""
    wish = {"destination": "KHM", "dataLimitInGB": 1, "duration": 7, "quantity": 1}
    (bought,) = celitech("purchases/v2", **wish)[1]
    number, iccid = bought["purchase"]["id"], bought["profile"]["iccid"]
    start = datetime.now(UTC).date() + timedelta(days=5)
    days = {"purchaseId": number, "startDate": f"{start}", "endDate": f"{start + timedelta(days=6)}"}
    status, edited = celitech("purchases/edit", **days)
    assert (status, edited["purchaseId"], edited["newStartDate"][:10]) == (200, number, f"{start}")
    assert celitech("purchases")[1]["purchases"][0]["startDate"][:10] == f"{start}"
    assert celitech("purchases/edit", **{**days, "endDate": f"{start + timedelta(days=91)}"})[0] == 400
    assert celitech("purchases/edit", **{**days, "purchaseId": "none"})[0] == 404
    assert len(celitech("iframe/token", "POST")[1]["token"]) >= 40
    status, said = celitech(f"esim/{iccid}/suspend", "POST")
    assert (status, list(said)) == (200, ["message"])
    assert celitech(f"purchases/{number}/consumption")[1]["dataUsageRemainingInBytes"] == 0
    assert celitech(f"esim?iccid={iccid}")[1]["esim"]["isTopUpAllowed"] is False
    assert celitech("purchases/topup", iccid=iccid, dataLimitInGB=1, duration=7)[0] == 400
    assert celitech("esim/8985500000000000000/suspend", "POST")[0] == 404


@pytest.mark.parametrize(
    ("query", "sizes"),
    [
        ("dataLimitInGB=1.0", {1}),
        ("dataLimitInGB=1", {1}),
        ("dataLimitInGB=-1&includeUnlimited=true", {-1}),
        ("limit=2.0&dataLimitInGB=0", None),
    ],
)
def test_celitech_takes_numbers_as_a_clients_floats_are_written(celitech: Asking, query: str, sizes: Any) -> None:
    """1.0 is 1, and 0 asks for nothing in particular."""
    rows = celitech(f"packages?destination=KHM&{query}")[1]["packages"]
    assert rows
    assert {row["dataLimitInGB"] for row in rows} == sizes if sizes else len(rows) == 2


def test_celitech_lists_the_packages_that_hold_the_days(celitech: Asking) -> None:
    """A span of days asks for the packages that can be bought for it."""
    rows = celitech("packages?destination=KHM&startDate=2026-12-01&endDate=2026-12-07")[1]["packages"]
    assert rows
    assert all(row["minDays"] <= 7 <= row["maxDays"] for row in rows)
    assert celitech("packages?startDate=tomorrow&endDate=2026-12-07")[0] == 400
