"""The vendors' own SDKs against doubles that are armed: what the newest texts allow is still an answer for them."""

from pathlib import Path

import pytest
from airalo import Airalo
from airalo.constants.api_constants import ApiConstants
from airalo.helpers.cached import Cached
from celitech import Celitech
from celitech.models import CreatePurchaseV2Request, ErrorResponse, TopUpEsimRequest

from tests.vendors.accounts import PACK
from tests.vendors.armed import Armed
from tests.vendors.served import Clock, served


@pytest.mark.parametrize("name", ["own-ids", "late-rows", "other-times", "discounts", "texts", "deposits", "others"])
def test_airalos_sdk_buys_and_tops_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    monkeypatch.setattr(Cached, "_cache_path", cache)
    with served("airalo", tmp_path / "vendor", armed=Armed(frozenset({name}))) as url:
        monkeypatch.setattr(ApiConstants, "PRODUCTION_URL", f"{url}/v2/")
        sdk = Airalo({"client_id": "any", "client_secret": "a/secret"})
        rows = {row["package_id"]: row for row in sdk.get_country_packages("KH", flat=True)["data"]}
        assert float(rows[PACK]["price"]) == 5.63
        order = sdk.order(PACK, 1, "a word")["data"]
        (sim,) = order["sims"]
        topped = sdk.topup(f"{PACK}-topup", sim["iccid"])["data"]
        assert (topped["type"], "sims" in topped) == ("topup", False)
        assert sdk.sim_usage(sim["iccid"])["data"]["total"] == 2048
        assert ("total_amount_paid" in order) is (name == "discounts")


@pytest.mark.parametrize("name", ["own-ids", "late-rows", "other-times", "no-deduplication", "deposits", "others"])
def test_celitechs_sdk_takes_every_answer(tmp_path: Path, name: str) -> None:
    """Its models check types and fields."""
    with served("celitech", tmp_path / "vendor", Clock(), armed=Armed(frozenset({name}))) as url:
        sdk = Celitech(client_id="any", client_secret="any", base_url=f"{url}/v1", base_oauth_url=url)
        wish = CreatePurchaseV2Request(destination="KHM", data_limit_in_gb=1, quantity=1, duration=7, reference_id="r")
        (bought,) = sdk.purchases.create_purchase_v2(wish, idempotency_key="key-1")
        more = TopUpEsimRequest(iccid=bought.profile.iccid, data_limit_in_gb=1, duration=7)
        assert sdk.purchases.top_up_esim(more, idempotency_key="key-2").profile.iccid == bought.profile.iccid
        listed = sdk.purchases.list_purchases(iccid=bought.profile.iccid).purchases
        assert len(listed) == (0 if name == "late-rows" else 2)
        assert sdk.e_sim.get_esim(bought.profile.iccid).esim.status == "RELEASED"


def test_a_deleted_profile_is_one_for_the_sdk_too(tmp_path: Path) -> None:
    """It takes no top-up any more."""
    with served("celitech", tmp_path / "vendor", Clock(), armed=Armed(frozenset({"deleted-profiles"}))) as url:
        sdk = Celitech(client_id="any", client_secret="any", base_url=f"{url}/v1", base_oauth_url=url)
        wish = CreatePurchaseV2Request(destination="KHM", data_limit_in_gb=1, quantity=1, duration=7)
        (bought,) = sdk.purchases.create_purchase_v2(wish, idempotency_key="key-1")
        esim = sdk.e_sim.get_esim(bought.profile.iccid).esim
        assert (esim.status, esim.is_top_up_allowed) == ("DELETED", False)
        with pytest.raises(ErrorResponse):
            sdk.purchases.top_up_esim(TopUpEsimRequest(iccid=esim.iccid, data_limit_in_gb=1, duration=7))


def test_an_unlimited_package_there_has_one_number_of_days(tmp_path: Path) -> None:
    """And a gigabyte 2^30 octets."""
    with served("celitech", tmp_path / "vendor", Clock()) as url:
        sdk = Celitech(client_id="any", client_secret="any", base_url=f"{url}/v1", base_oauth_url=url)
        rows = sdk.packages.list_packages(destination="KHM", include_unlimited=True, limit=160).packages
        assert [row for row in rows if row.data_limit_in_gb == -1]
        assert all(row.min_days == row.max_days for row in rows if row.data_limit_in_gb == -1)
        assert all(row.data_limit_in_bytes == row.data_limit_in_gb * 2**30 for row in rows if row.data_limit_in_gb > 0)
