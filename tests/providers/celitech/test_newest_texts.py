"""Celitech by the texts of its SDK 2.0.10: connectivity, destinations, days, profiles, and answers of another shape."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from esimctl.providers.protocol import LineRef, OutgoingOrder, Wish
from tests.providers.fakes.matrix import document, heal
from tests.providers.fakes.run import Shop
from tests.vendors.accounts import PACK
from tests.vendors.armed import Armed
from tests.vendors.broken import Fault
from tests.vendors.calls import Call, Reply

pytestmark = pytest.mark.usefixtures("quick")

BUY = ("buy", f"celitech/{PACK}", "--name", "phone")
TOPUP = ("topup", "phone", "--plan", f"celitech/{PACK}")


def bought(shop: Shop) -> str:
    """A line called phone; its ICCID."""
    assert shop(*BUY, "--yes").code == 0
    return str(shop.vendor.sold()[0].iccid)


def line(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = shop("balance", "phone", "--refresh", "--json").json["lines"][0]
    return found


def tell(shop: Shop, end: str, **fields: Any) -> None:
    """Of the eSIM or its use the vendor tells other fields."""

    def told(_call: Call, document: Any) -> Any:
        return {"esim": {**document["esim"], **fields}} if "esim" in document else {**document, **fields}

    shop.vendor.retold[end] = told


# -- what a line is (F8, deleted profiles)


def test_a_phone_that_is_offline_has_begun_its_plan_all_the_same(shop: Shop) -> None:
    """NOT_ACTIVE speaks of the connection: used data, an enabled profile or a begun term is an active line."""
    bought(shop)
    assert line(shop)["status"] == "pending"
    tell(shop, "/consumption", status="NOT_ACTIVE", dataUsageRemainingInBytes=250_000_000)
    assert line(shop)["status"] == "active"
    del shop.vendor.retold["/consumption"]
    tell(shop, "/esim", status="ENABLED", connectivityStatus="NOT_ACTIVE")
    assert line(shop)["status"] == "active"


@pytest.mark.parametrize("profile", ["RELEASED", "DOWNLOADED", "INSTALLED"])
def test_one_that_no_network_has_seen_waits(shop: Shop, profile: str) -> None:
    bought(shop)
    tell(shop, "/esim", status=profile)
    assert line(shop)["status"] == "pending"


def test_a_profile_that_was_deleted_is_gone_and_nothing_feeds_it(shop: Shop) -> None:
    """Its data cannot be used any more: no rule buys for it, and nothing is offered."""
    iccid = bought(shop)
    words = ("--below", "5GB", "--plan", f"celitech/{PACK}", "--max-price", "5USD", "--max-per-month", "20USD")
    assert shop("autotopup", "set", "phone", *words).code == 0
    assert shop("autotopup", "enable", "phone", "--confirm", "20USD").code == 0
    shop.vendor.use(iccid, 750 << 20)
    shop.vendor.counter.armed = Armed(frozenset({"deleted-profiles"}))
    shown = line(shop)
    assert (shown["status"], shown["data"]["remaining_bytes"]) == ("closed", 0)
    run = shop("autotopup", "run", "--json")
    assert run.json["orders"] == [], run
    assert len(shop.vendor.charges) == 1
    refused = shop(*TOPUP, "--yes", "--json")
    assert (refused.code, len(shop.vendor.charges)) == (2, 1), refused


# -- what extends it (F9)


def test_a_line_is_topped_up_for_its_own_destination(shop: Shop) -> None:
    """A Thai line that was taken over is shown Thai packages and their prices, a Cambodian one its own."""
    (sold,) = shop.vendor.sell(PACK)
    iccid = sold.iccid
    there = {"destination": "THA", "destinationISO2": "TH"}

    def packages(call: Call, document: Any) -> Any:
        thai = {**shop.vendor.packages[0].row(), **there, "id": "tha-1", "priceInCents": 999}
        return {**document, "packages": [thai]} if call.query["destination"] == "THA" else document

    def purchases(_call: Call, document: Any) -> Any:
        rows = document["purchases"]
        return {
            **document,
            "purchases": [
                {**row, "package": {**row["package"], **there, "id": "tha-1"}} if row["esim"]["iccid"] == iccid else row
                for row in rows
            ],
        }

    shop.vendor.retold |= {"/packages": packages, "/purchases": purchases}
    assert shop("lines", "add", "bangkok", "--provider", "celitech", "--iccid", iccid).code == 0
    listed = shop("plans", "list", "--line", "bangkok", "--json").json["plans"]
    assert [(plan["id"], plan["price"]["amount"], plan["countries"]) for plan in listed] == [
        ("celitech/tha-1", "9.99", ["TH"])
    ]
    assert shop("topup", "bangkok", "--plan", f"celitech/{PACK}", "--yes").code == 2
    assert shop(*BUY, "--yes").code == 0
    ours = shop("plans", "list", "--line", "phone", "--json").json["plans"]
    assert {plan["id"] for plan in ours} == {f"celitech/{each.pack.id}" for each in shop.vendor.packages}
    assert "celitech/tha-1" not in [
        plan["id"] for plan in shop("plans", "list", "--provider", "celitech", "--json").json["plans"]
    ]


# -- when it begins (F10)


@pytest.mark.parametrize(
    ("at", "zone", "start"),
    [
        ("2026-11-28T20:00:00+00:00", "Asia/Phnom_Penh", "2026-11-29"),  # 03:00 there, still yesterday in UTC
        ("2026-11-29T03:00:00+00:00", "Asia/Phnom_Penh", "2026-11-29"),
        ("2026-11-29T03:00:00+00:00", "America/New_York", "2026-11-29"),  # yesterday there
        ("2026-11-29T12:00:00+00:00", "Pacific/Auckland", "2026-11-30"),
    ],
)
def test_a_plan_by_dates_begins_on_no_day_that_is_over(
    shop: Shop, at: str, zone: str, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by UTC, nor in Cambodia, nor where the person is: a day that is over is refused or lost."""
    from zoneinfo import ZoneInfo

    from esimctl.providers.accounts import Account
    from esimctl.providers.celitech.provider import Celitech

    sent: list[Any] = []
    request = Celitech.request

    def caught(self: Celitech, order: OutgoingOrder) -> Any:
        moved = OutgoingOrder(order.id, order.key, order.wish, order.price, datetime.fromisoformat(at).astimezone(UTC))
        object.__setattr__(self.account, "zone", ZoneInfo(zone))
        assert isinstance(self.account, Account)
        sent.append(json.loads(request(self, moved).body))
        return request(self, order)

    monkeypatch.setattr(Celitech, "request", caught)
    assert shop.buy("connect-2gb-15d").code == 0
    assert (sent[0]["startDate"], "duration" in sent[0]) == (start, False)
    days = datetime.fromisoformat(sent[0]["endDate"]) - datetime.fromisoformat(sent[0]["startDate"])
    assert days.days == 14, "both days count"


# -- answers of another shape

ODD = [{}, {"purchases": None}, {"purchases": 5}, {"purchases": {"rows": []}}, [], {"data": []}]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("kind", ["wrong-type", "half", "empty"])
def test_an_order_that_was_carried_out_is_never_absent(shop: Shop, odd: Any, kind: str) -> None:
    """Answered in another shape, and so is the list: nobody knows, until one of them can be read."""
    shop.vendor.instead["/purchases"] = Reply(200, odd)
    shop.vendor.faults.append(Fault("purchases/v2", kind, after=True, times=9))
    outcome = shop(*BUY, "--yes", "--json", "--request-id", "once")
    assert (outcome.code, document(outcome)["state"]) == (4, "unknown"), outcome
    assert heal(shop, BUY, runs=3).code == 4
    shop.vendor.instead.clear()
    shop.vendor.faults.clear()
    healed = heal(shop, BUY)
    assert (healed.code, document(healed)["state"], len(shop.vendor.charges)) == (0, "settled", 1), healed


@pytest.mark.parametrize("odd", ODD)
def test_so_it_is_for_a_topup(shop: Shop, odd: Any) -> None:
    bought(shop)
    quoted = shop("plans", "list", "--line", "phone", "--json")
    assert quoted.code == 0
    shop.vendor.faults.append(Fault("purchases/topup", "wrong-type", after=True, times=9))
    turned = lambda _call, document: odd if shop.vendor.count("purchases/topup") else document  # noqa: E731
    shop.vendor.retold["/purchases"] = turned
    outcome = shop(*TOPUP, "--yes", "--json", "--request-id", "once")
    assert (outcome.code, document(outcome)["state"]) == (4, "unknown"), outcome
    assert len(shop.vendor.charges) == 2
    shop.vendor.retold.clear()
    shop.vendor.faults.clear()
    assert heal(shop, TOPUP).code == 0
    assert len(shop.vendor.charges) == 2


@pytest.mark.parametrize("odd", [{}, {"packages": None}, {"packages": 5}, {"packages": [{"id": "x"}]}, []])
def test_a_price_list_of_another_shape_is_a_broken_promise(shop: Shop, odd: Any) -> None:
    shop.vendor.instead["/packages"] = Reply(200, odd)
    outcome = shop.buy(PACK)
    assert (outcome.code, outcome.json["error"]["code"]) == (76, "malformed"), outcome


def test_a_replay_that_cannot_be_read_says_that_the_order_was_carried_out(shop: Shop) -> None:
    """Only what was is remembered under a key. It is looked for, and a person is asked where it is nowhere."""
    from esimctl.providers.celitech.provider import Celitech
    from esimctl.providers.protocol import Answer, Verdict
    from esimctl.values.money import Money

    wish = Wish("new", LineRef("phone"), "celitech-balance", "provider-balance", plan=f"celitech/{PACK}")
    order = OutgoingOrder("o", "k", wish, Money(350, "USD"), datetime.now(UTC))
    replay = Answer(200, b"[]", {"idempotent-replayed": "true"})
    told = Celitech.understand(Celitech.__new__(Celitech), order, replay)
    assert (told.verdict, told.charged, told.reason) == (Verdict.ACCEPTED, True, "exists")
    first = Celitech.understand(Celitech.__new__(Celitech), order, Answer(200, b"[]"))
    assert (first.verdict, first.charged) == (Verdict.AMBIGUOUS, None)


def test_an_order_that_was_carried_out_and_answered_401_is_found(shop: Shop) -> None:
    """Before it is sent again under its key with a new token."""
    shop.vendor.faults.append(Fault("purchases/v2", "401", after=True))
    done = shop(*BUY, "--yes", "--json")
    assert (done.code, len(shop.vendor.charges), shop.vendor.count("purchases/v2")) == (0, 1, 1), done


def test_with_a_zone_that_is_none_nothing_is_bought(shop: Shop) -> None:
    """The day on which a plan begins depends on it: nothing is bought, while what only reads says it and goes on."""
    from pathlib import Path

    path = Path(shop("profile", "path").out.strip()) / "profile.toml"
    path.write_text(path.read_text().replace("Asia/Phnom_Penh", "Nowhere/Land"))
    refused = shop(*BUY, "--yes", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (78, "profile_mistake"), refused
    assert shop.vendor.count("purchases/v2") == 0
