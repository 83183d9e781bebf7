"""After an ordinary life at a reseller its books and ours agree: `reconcile` finds nothing, `audit` neither."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Runner
from tests.providers.fakes import esim_access
from tests.providers.fakes.matrix import hurry
from tests.providers.fakes.run import Shop
from tests.vendors.accounts import PACK, TOPUP
from tests.vendors.served import double
from tests.vendors.wire import Vendor, serving

LIVES: dict[str, tuple[Callable[[Path], Vendor], dict[str, str], str, str]] = {
    "esim-access": (
        lambda _place: esim_access.EsimAccessVendor(),
        {"ACCESS_CODE": esim_access.ACCESS_CODE},
        "CKH002",
        "TOPUP_CKH002",
    ),
    "airalo": (
        lambda place: double("airalo", place),
        {"CLIENT_ID": "any-id", "CLIENT_SECRET": "any-secret"},
        PACK,
        TOPUP["airalo"],
    ),
    "celitech": (
        lambda place: double("celitech", place),
        {"CLIENT_ID": "any-id", "CLIENT_SECRET": "any-secret"},
        PACK,
        TOPUP["celitech"],
    ),
}


@pytest.fixture(params=list(LIVES))
def shop(
    request: pytest.FixtureRequest, run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    hurry(monkeypatch)
    vendor, credentials, _, _ = LIVES[request.param]
    with serving(vendor(tmp_path / "vendor")) as served:
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
