"""A whole life through our own adapters, a real HTTP server and the embedded operator behind each wire format."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from esimctl.providers.sandbox.books import OperatorBooks
from tests.conftest import Runner
from tests.vendors.accounts import APIS
from tests.vendors.served import Clock, Rehearsal, served

GB = 1 << 30  #: whatever a vendor calls a gigabyte


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the vendor keeps its books; the client's are in `tmp_path / "home"`."""
    return tmp_path / "vendor"


@pytest.fixture(params=APIS)
def shop(request: Any, run: Runner, home: Path) -> Iterator[Rehearsal]:
    with served(request.param, home) as url:
        yield Rehearsal(run, request.param, url)


def charges(home: Path) -> list[int]:
    """What the operator took, in cents; what it gave back is negative."""
    with OperatorBooks(home).reading() as database:
        return [minor for (minor,) in database.execute("SELECT minor FROM charge ORDER BY number")]


def test_buying_using_topping_up_and_reading(shop: Rehearsal, home: Path) -> None:
    """One GB bought, some of it used as by a phone, one GB added; the books on both sides fit."""
    bought = shop.buy()
    assert bought.code == 0, bought
    order = bought.json["order"]
    assert order["price"] == {"amount": "4.50", "currency": "USD"}
    assert order["activation"]["lpa"].startswith("LPA:1$smdp.sandbox.example$")
    line, size = shop.line(), GB
    assert (line["status"], line["data"]["remaining_bytes"]) == ("pending", size)
    shop.use("300MiB")
    line = shop.line()
    assert line["status"] == "active"
    assert line["data"]["remaining_bytes"] == size - (300 << 20)
    assert line["expires_at"] is not None
    topped = shop.top_up()
    assert topped.code == 0, topped
    assert shop.line()["data"]["remaining_bytes"] == 2 * size - (300 << 20)
    assert charges(home) == [450, 450]
    assert shop("reconcile", "--json").code == 0
    assert shop("transactions", "audit", "--json").code == 0


def test_everything_used_up_and_the_end_of_the_term(run: Runner, home: Path) -> None:
    """The vendors' words for both come out as ours."""
    for api in APIS:
        clock, own = Clock(), home / api
        with served(api, own, clock) as url:
            shop = Rehearsal(run, api, url)
            shop.environ |= {"ESIMCTL_HOME": str(own / "client")}
            shop("providers", "add", api, "--json")
            assert shop.buy().code == 0
            shop.use("2GB")
            spent = shop.line()
            assert (spent["status"], spent["data"]["remaining_bytes"]) == ("active", 0), api
            clock.ahead = timedelta(days=8)
            shop.environ["ESIMCTL_NOW"] = clock().isoformat()
            assert shop.line()["status"] == "expired", api


def test_data_without_limit_is_unlimited(shop: Rehearsal, home: Path) -> None:
    """Zeros and -1 on the wire are no figures."""
    bought = shop.buy(pack="demo-unlimited-10d")
    assert bought.code == 0, bought
    shop.use("5GB")
    data = shop.line()["data"]
    assert (data["unlimited"], data["remaining_bytes"]) == (True, None)
    assert charges(home) == [2200]


def test_a_check_spends_nothing_and_lists_what_the_profile_does_not_know(shop: Rehearsal, home: Path) -> None:
    """Credentials, clock, coverage and credit; a line bought elsewhere is found and adopted with its command."""
    assert shop.buy().code == 0
    assert shop("lines", "remove", "phone", "--yes").code == 0
    checked = shop("providers", "check", shop.api, "--import", "--json")
    assert checked.code == 0, checked
    assert checked.json["ok"]
    (unknown,) = checked.json["lines"]
    words = unknown["adopt"].replace("NAME", "again").split()[1:]
    adopted = shop(*words, "--json")
    assert adopted.code == 0, adopted
    assert adopted.json["line"]["plan"] == f"{shop.api}/connect-1gb-7d"
    assert shop("balance", "again", "--refresh", "--json").json["lines"][0]["data"]["remaining_bytes"] == GB
    assert shop("providers", "check", shop.api, "--import", "--json").json["lines"] == []
    assert charges(home) == [450]


@pytest.mark.parametrize("fault", ["decline", "out-of-stock"])
def test_a_refusal_costs_nothing(shop: Rehearsal, home: Path, fault: str) -> None:
    """The vendor's own code for it is a definite refusal, and the next order is taken."""
    shop.pull("fault", kind=fault)
    refused = shop.buy()
    assert (refused.code, refused.json["order"]["charged"]) == (3, False)
    assert charges(home) == []
    assert shop.buy().code == 0


@pytest.mark.parametrize(
    "fault", ["unreachable", "rate-limit", "timeout-before", "timeout-after", "error-500", "malformed"]
)
def test_armed_faults_strike_at_most_one_charge(shop: Rehearsal, home: Path, fault: str) -> None:
    """Whatever happens on the way: one charge at most, nothing paid is lost, and the request id tells in the end."""
    shop.pull("fault", kind=fault)
    shop.environ["ESIMCTL_DEADLINE"] = "3"
    first = shop.buy("--request-id", "trip-1")
    assert first.code in (0, 3, 4, 69, 75), first
    executed = fault in ("timeout-after", "error-500", "malformed")
    if executed:
        assert len(charges(home)) == 1
    for _ in range(40):  # a vendor's second has to pass before what it does not list is absent
        last = shop.buy("--request-id", "trip-1")
        assert last.code in (0, 3, 4), last
        state = last.json["order"]["state"]
        if state in ("settled", "rejected"):
            break
        sleep(0.1)  # absence is proven by two looks, the second after the settle window
    assert (state, charges(home)) in (("settled", [450]), ("rejected", [])), (first, last)
    assert state == "settled" or not executed


def test_a_second_charge_is_found(shop: Rehearsal, home: Path) -> None:
    """The operator charges twice: where the vendor tells a balance, the order or the books say so."""
    shop.pull("fault", kind="duplicate-charge")
    bought = shop.buy()
    assert charges(home) == [450, 450]
    reconciled = shop("reconcile", "--json")
    found = {bought.code, reconciled.code}
    tells_balance = next(row["balance"] for row in reconciled.json["providers"] if row["provider"] == shop.api)
    assert found == ({0, 4} if tells_balance else {0}), (bought, reconciled)


def test_slow_goods_are_waited_for(run: Runner, home: Path) -> None:
    """The order is taken, the eSIM is not there yet; once it is, the order is settled with its code."""
    for api in APIS:
        clock, own = Clock(), home / api
        with served(api, own, clock, delay=timedelta(minutes=10)) as url:
            shop = Rehearsal(run, api, url)
            shop.environ |= {"ESIMCTL_HOME": str(own / "client"), "ESIMCTL_DEADLINE": "2"}
            assert shop("providers", "add", api, "--json").code == 0
            waiting = shop.buy()
            assert waiting.code == 4, (api, waiting)
            assert charges(own) == [450]
            clock.ahead = timedelta(minutes=11)
            assert shop("reconcile", "--json").code == 0
            number = waiting.json["order"]["id"]
            order = shop("transactions", "show", number, "--json").json["order"]
            assert order["state"] == "settled", (api, order)
            assert order["activation"]["lpa"]


def test_an_unused_esim_is_given_back_once(run: Runner, home: Path) -> None:
    """eSIM Access returns the price at once; the operator gives it back one time."""
    with served("esim-access", home) as url:
        shop = Rehearsal(run, "esim-access", url)
        number = shop.buy().json["order"]["id"]
        refunded = shop("transactions", "refund", number, "--yes", "--json")
        assert refunded.code == 0, refunded
        assert charges(home) == [450, -450]
        balance = next(row for row in shop("providers", "check", "--json").json["checks"] if row["name"] == "balance")
        assert "balance" in balance["name"]


def test_no_secret_is_in_anything_that_was_printed_or_kept(shop: Rehearsal, tmp_path: Path) -> None:
    """Credentials and tokens are nowhere but in the token's own private file."""
    assert shop.buy().code == 0
    assert shop.top_up().code == 0
    text = "".join(shop.printed)
    assert not any(f"canary-{word}" in text for word in ("code", "key", "id", "secret"))
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"canary-" not in path.read_bytes(), path
