"""After an ordinary life at a reseller its books and ours agree: `reconcile` finds nothing, `audit` neither."""

from collections.abc import Iterator

import pytest

from tests.conftest import Runner
from tests.providers.fakes import airalo, celitech, esim_access
from tests.providers.fakes.matrix import hurry
from tests.providers.fakes.run import Shop
from tests.vendors.wire import Vendor, serving

LIVES: dict[str, tuple[type[Vendor], dict[str, str], str, str]] = {
    "esim-access": (
        esim_access.EsimAccessVendor,
        {"ACCESS_CODE": esim_access.ACCESS_CODE},
        "CKH002",
        "TOPUP_CKH002",
    ),
    "airalo": (
        airalo.AiraloVendor,
        {"CLIENT_ID": airalo.CLIENT_ID, "CLIENT_SECRET": airalo.CLIENT_SECRET},
        "angkor-7days-1gb",
        "angkor-7days-1gb-topup",
    ),
    "celitech": (
        celitech.CelitechVendor,
        {"CLIENT_ID": celitech.CLIENT_ID, "CLIENT_SECRET": celitech.CLIENT_SECRET},
        "pkg-1",
        "pkg-0",
    ),
}


@pytest.fixture(params=list(LIVES))
def shop(request: pytest.FixtureRequest, run: Runner, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    hurry(monkeypatch)
    vendor, credentials, _, _ = LIVES[request.param]
    with serving(vendor()) as served:
        words = request.param.upper().replace("-", "_")
        environ = {f"ESIMCTL_{words}_{field}": value for field, value in credentials.items()}
        yield Shop(run, served, request.param, {**environ, f"ESIMCTL_{words}_BASE_URL": served.url}).open()


def test_nothing_is_found_where_nothing_is_wrong(shop: Shop) -> None:
    """One line, one top-up, one refusal: every order is settled or closed, the credit is what it should be."""
    _, _, plan, topup = LIVES[shop.kind]
    assert shop.buy(plan, "--name", "phone").code == 0
    assert shop("topup", "phone", "--plan", f"{shop.kind}/{topup}", "--yes").code == 0
    reconciled = shop("reconcile", "--json")
    assert reconciled.code == 0, reconciled
    assert reconciled.json["foreign"] == []
    audited = shop("transactions", "audit", "--json")
    assert (audited.code, audited.json["findings"]) == (0, []), audited


def test_the_same_request_id_is_the_same_document(shop: Shop) -> None:
    """Nothing is sent again, the activation code is in both."""
    _, _, plan, _ = LIVES[shop.kind]
    first = shop.buy(plan, "--request-id", "trip")
    calls = len(shop.vendor.charges)
    second = shop.buy(plan, "--request-id", "trip")
    assert (first.code, first.json) == (second.code, second.json)
    assert len(shop.vendor.charges) == calls == 1


def test_a_dry_run_sends_and_writes_nothing(shop: Shop) -> None:
    """It asks for the price, no more."""
    _, _, plan, _ = LIVES[shop.kind]
    planned = shop("buy", f"{shop.kind}/{plan}", "--dry-run", "--json")
    assert (planned.code, planned.json["order"]["state"]) == (0, "planned")
    assert shop.vendor.charges == []
    assert shop("transactions", "list", "--json").json["transactions"] == []
