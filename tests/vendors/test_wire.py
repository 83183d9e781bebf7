"""The wire itself: who may come in, what is refused and how, forms of every kind, what is remembered."""

import hmac
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.vendors.accounts import APIS, PACK
from tests.vendors.calls import Call, encode
from tests.vendors.served import ask, served

JSON = {"Content_Type": "application/json", "Accept": "application/json"}
OPEN = "/api/v1/open/"


@pytest.fixture
def esim_access(tmp_path: Path) -> Iterator[Any]:
    with served("esim-access", tmp_path / "vendor") as url:

        def call(path: str, **fields: Any) -> Any:
            status, document, _ = ask(url + OPEN + path, json.dumps(fields).encode(), RT_AccessCode="any", **JSON)
            assert status == 200
            return document

        yield call


@pytest.fixture
def airalo(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    with served("airalo", tmp_path / "vendor") as url:
        form = urlencode({"client_id": "any", "client_secret": "any", "grant_type": "client_credentials"}).encode()
        status, document, _ = ask(f"{url}/v2/token", form)
        assert (status, document["data"]["token_type"]) == (200, "Bearer")
        token = document["data"]["access_token"]
        assert 40 <= len(token) < 56, "the SDK takes longer ones for encrypted, shorter than 12 are sent encrypted"
        yield url, {"Authorization": f"Bearer {token}", "Accept": "application/json"}


def order(key: str, **more: Any) -> dict[str, Any]:
    return {"transactionId": key, "packageInfoList": [{"packageCode": PACK, "count": 1}], **more}


def test_a_repeated_transaction_is_the_same_request(esim_access: Any) -> None:
    """Same number, one charge, also where the body differs."""
    first = esim_access("esim/order", **order("t1", amount=45_000))
    again = esim_access("esim/order", **order("t1"))
    assert first["obj"] == again["obj"]
    assert first["obj"]["orderNo"].startswith("B")
    assert esim_access("balance/query")["obj"]["balance"] == 10_000_000 - 45_000
    listed = esim_access("esim/query", orderNo=first["obj"]["orderNo"], pager={"pageNum": 1, "pageSize": 20})
    (esim,) = listed["obj"]["esimList"]
    assert (esim["transactionId"], esim["totalVolume"], esim["esimStatus"]) == ("t1", 1 << 30, "GOT_RESOURCE")
    assert esim["ac"].startswith("LPA:1$")


@pytest.mark.parametrize(
    ("path", "fields", "code"),
    [
        ("esim/order", order("t1", amount=1), "200005"),
        ("esim/order", {"transactionId": "t1", "packageInfoList": [{"packageCode": "none"}]}, "310241"),
        ("esim/order", {"transactionId": "t1", "packageInfoList": [{"packageCode": PACK, "count": 31}]}, "000105"),
        ("esim/order", {"transactionId": "t" * 51}, "000105"),
        ("esim/order", {"transactionId": "t1", "packageInfoList": [{"packageCode": PACK, "count": 30}] * 2}, "000105"),
        (
            "esim/topup",
            {"transactionId": "t1", "packageCode": f"TOPUP_{PACK}", "iccid": "8985500000000000000"},
            "310403",
        ),
        ("esim/topup", {"transactionId": "t1", "packageCode": PACK, "iccid": "8985500000000000000"}, "310243"),
        ("esim/query", {"orderNo": "B1"}, "310272"),
        ("esim/cancel", {"iccid": "8985500000000000000"}, "310403"),
        ("esim/nothing", {}, "000103"),
    ],
)
def test_esim_access_refuses_with_its_codes(esim_access: Any, path: str, fields: dict[str, Any], code: str) -> None:
    """Business errors come with status 200 and `success: false`; nothing is charged."""
    answer = esim_access(path, **fields)
    assert (answer["success"], answer["errorCode"], answer["obj"]) == (False, code, None)
    assert esim_access("balance/query")["obj"]["balance"] == 10_000_000


def test_an_empty_account_cannot_buy(tmp_path: Path) -> None:
    """200007, and several eSIMs are sold together or not at all."""
    with served("esim-access", tmp_path / "vendor", credit=1000) as url:

        def call(path: str, fields: dict[str, Any]) -> Any:
            return ask(url + OPEN + path, json.dumps(fields).encode(), RT_AccessCode="any", **JSON)[1]

        three = {"transactionId": "t1", "packageInfoList": [{"packageCode": PACK, "count": 3}]}
        assert call("esim/order", three)["errorCode"] == "200007"
        assert call("balance/query", {})["obj"]["balance"] == 100_000
        three["packageInfoList"][0]["count"] = 2  # type: ignore[index]
        assert call("esim/order", three)["success"]
        assert call("balance/query", {})["obj"]["balance"] == 10_000
        span = {"startTime": "2020-01-01T00:00:00+0000", "endTime": "2100-01-01T00:00:00+0000"}
        listed = call("esim/query", {**span, "pager": {"pageNum": 1, "pageSize": 5}})["obj"]
        assert (len(listed["esimList"]), listed["pager"]["total"]) == (2, 2)
        assert len({esim["orderNo"] for esim in listed["esimList"]}) == 1


def test_a_signature_must_look_like_one(tmp_path: Path) -> None:
    """No access code is 000101, three headers that do not belong together are 101003."""
    with served("esim-access", tmp_path / "vendor") as url:
        where = url + OPEN + "balance/query"
        assert ask(where, b"{}", **JSON)[1]["errorCode"] == "000101"
        good = {
            "RT_Timestamp": "1628670421",
            "RT_RequestID": "4ce9d9cdac9e4e17b3a2c66c358c1ce2",
            "RT_AccessCode": "11111",
        }
        text = "16286704214ce9d9cdac9e4e17b3a2c66c358c1ce211111{}"
        signature = hmac.new(b"1111", text.encode(), sha256).hexdigest()
        assert ask(where, b"{}", **JSON, **good, RT_Signature=signature)[1]["success"]
        assert ask(where, b"{}", **JSON, **good, RT_Signature="short")[1]["errorCode"] == "101003"
        assert ask(where, b"not json", **JSON, RT_AccessCode="a")[1]["errorCode"] == "000104"


def test_airalo_takes_forms_of_every_kind(airalo: tuple[str, dict[str, str]]) -> None:
    """The specification says multipart, the SDKs send JSON; numbers may be texts."""
    url, headers = airalo
    part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    fields = {"package_id": PACK, "quantity": "2", "type": "sim", "description": "by form"}
    body = "".join("--xx\r\n" + part.format(key, value) for key, value in fields.items()) + "--xx--\r\n"
    status, document, _ = ask(
        f"{url}/v2/orders", body.encode(), **headers, Content_Type="multipart/form-data; boundary=xx"
    )
    assert (status, len(document["data"]["sims"]), document["data"]["description"]) == (200, 2, "by form")
    query = urlencode({"filter[description]": "by f", "include": "sims,status"})
    found = ask(f"{url}/v2/orders?{query}", **headers)[1]
    assert [row["id"] for row in found["data"]] == [document["data"]["id"]]
    assert found["data"][0]["status"]["slug"] == "completed"
    other = urlencode({"filter[description]": "by nobody"})
    assert ask(f"{url}/v2/orders?{other}", **headers)[1]["data"] == []
    assert ask(f"{url}/v2/orders/{document['data']['id']}", **headers)[0] == 200
    assert ask(f"{url}/v2/orders/1", **headers)[0] == 401
    assert ask(f"{url}/v2/balance", **headers)[1]["data"]["balances"]["availableBalance"]["amount"] == 991.0


def test_airalo_answers_a_wrong_parameter_as_a_page_to_those_who_do_not_accept_json(
    airalo: tuple[str, dict[str, str]],
) -> None:
    """As the real one does."""
    url, headers = airalo
    body = json.dumps({"package_id": "none", "quantity": 1}).encode()
    status, document, _ = ask(f"{url}/v2/orders", body, **headers, Content_Type="application/json")
    assert (status, document["data"]) == (422, {"package_id": "The selected package is invalid."})
    plain = {"Authorization": headers["Authorization"], "Content_Type": "application/json"}
    status, document, _ = ask(f"{url}/v2/orders", body, **plain)
    assert status == 500
    assert document.startswith(b"<!DOCTYPE html>")
    assert ask(f"{url}/v2/sims/8985500000000000000/usage", **headers)[0] == 404
    assert ask(f"{url}/v2/balance", Authorization="Bearer wrong")[0] == 401
    assert ask(f"{url}/v2/token", urlencode({"client_id": "a"}).encode())[0] == 401
    assert ask(f"{url}/v2/token", b"")[0] == 422


def test_a_replayed_key_says_so(tmp_path: Path) -> None:
    """Celitech: the same answer, with the header that tells it."""
    with served("celitech", tmp_path / "vendor") as url:
        form = urlencode({"client_id": "any", "client_secret": "any"}).encode()
        token = ask(f"{url}/oauth2/token", form)[1]["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Idempotency_Key": "one", **JSON}
        wish = {"destination": "KH", "dataLimitInGB": 1, "duration": 7, "quantity": 1, "referenceId": "a"}
        first = ask(f"{url}/v1/purchases/v2", json.dumps(wish).encode(), **headers)
        again = ask(f"{url}/v1/purchases/v2", json.dumps(wish).encode(), **headers)
        assert (first[0], first[1]) == (200, again[1])
        assert ("idempotent-replayed" in first[2], again[2]["idempotent-replayed"]) == (False, "true")
        headers["Idempotency_Key"] = "a b"
        assert ask(f"{url}/v1/purchases/v2", json.dumps(wish).encode(), **headers)[0] == 400
        assert ask(f"{url}/v1/packages", Authorization="Bearer wrong")[1] == {"message": "Unauthorized"}
        assert ask(f"{url}/oauth2/token", b"client_id=a")[0] == 401


@pytest.mark.parametrize("api", APIS)
def test_a_page_under_another_name_gets_nothing(tmp_path: Path, api: str) -> None:
    """DNS rebinding: the server answers only to names of this machine."""
    with served(api, tmp_path / "vendor") as url:
        assert ask(f"{url}/v2/balance", Host="evil.example")[0] == 403
        assert ask(f"{url}/nothing", Host="localhost:1")[0] != 403
        assert ask(f"{url}/v2/x", b"x" * ((1 << 20) + 1))[0] in (200, 413)


def test_amounts_are_written_as_they_are() -> None:
    """Decimals keep their digits, texts are escaped, a repeated query word counts once."""
    from decimal import Decimal

    assert (
        encode({"a": Decimal("4.50"), "b": [None, True, 'x"'], "c": {}}) == '{"a":4.50,"b":[null,true,"x\\""],"c":{}}'
    )
    call = Call.of("GET", "/p?limit=7&page=0&limit=9", {"X-Y": "z"}, b"")
    assert (call.number("limit", 25, 8), call.number("page", 1, 9), call.headers) == (8, 1, {"x-y": "z"})
