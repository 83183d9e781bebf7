"""After an ordinary life at a reseller its books and ours agree: `reconcile` finds nothing, `audit` neither."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Runner
from tests.providers.fakes.matrix import hurry
from tests.providers.fakes.run import Shop
from tests.vendors.accounts import APIS, CREDENTIALS, PACK, TOPUP, address
from tests.vendors.served import double
from tests.vendors.wire import serving


@pytest.fixture(params=APIS)
def shop(
    request: pytest.FixtureRequest, run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    hurry(monkeypatch)
    with serving(double(request.param, tmp_path / "vendor")) as served:
        yield Shop(run, served, request.param, {**CREDENTIALS, address(request.param): served.url}).open()


def test_nothing_is_found_where_nothing_is_wrong(shop: Shop) -> None:
    """One line, one top-up, one refusal: every order is settled or closed, the credit is what it should be."""
    assert shop.buy(PACK, "--name", "phone").code == 0
    assert shop("topup", "phone", "--plan", f"{shop.kind}/{TOPUP[shop.kind]}", "--yes").code == 0
    reconciled = shop("reconcile", "--json")
    assert reconciled.code == 0, reconciled
    assert reconciled.json["foreign"] == []
    audited = shop("transactions", "audit", "--json")
    assert (audited.code, audited.json["findings"]) == (0, []), audited


def test_the_same_request_id_is_the_same_document(shop: Shop) -> None:
    """Nothing is sent again, the activation code is in both."""
    first = shop.buy(PACK, "--request-id", "trip")
    calls = len(shop.vendor.charges)
    second = shop.buy(PACK, "--request-id", "trip")
    assert (first.code, first.json) == (second.code, second.json)
    assert len(shop.vendor.charges) == calls == 1


def test_a_dry_run_sends_and_writes_nothing(shop: Shop) -> None:
    """It asks for the price, no more."""
    planned = shop("buy", f"{shop.kind}/{PACK}", "--dry-run", "--json")
    assert (planned.code, planned.json["order"]["state"]) == (0, "planned")
    assert shop.vendor.charges == []
    assert shop("transactions", "list", "--json").json["transactions"] == []
