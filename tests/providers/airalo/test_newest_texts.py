"""Airalo by its texts of September 2026: what is sold, what a refund asks, what its words for an order mean."""

import re
from typing import Any

import pytest

from esimctl.providers.airalo.provider import REFUND_REASONS
from esimctl.values.money import Money
from esimctl.values.record import replace
from tests.providers.fakes.run import Shop
from tests.vendors import airalo_rows as rows
from tests.vendors.accounts import PACK as PLAN
from tests.vendors.armed import Armed
from tests.vendors.broken import Fault
from tests.vendors.calls import Call, Reply
from tests.vendors.packs import Pack

LIST, ORDER = "GET /v2/orders", "POST /v2/orders"


def another(shop: Shop, code: str) -> Pack:
    """A pack under another id, for five dollars."""
    pack = shop.vendor.counter.pack(PLAN)
    return replace(pack, id=code, cents=500, plan=replace(pack.plan, id=code, price=Money(500, "USD")))


def region(*codes: str, pack: Pack) -> dict[str, Any]:
    """A place of several countries: it has no country of its own."""
    operator = {
        "id": 9, "type": "global", "title": "Asialink", "activation_policy": "first-usage", "rechargeability": True,
        "countries": [{"country_code": each, "title": each} for each in codes],
        "packages": [rows.package(pack)],
    }  # fmt: skip
    return {"slug": "asia", "country_code": "", "title": "Asia", "operators": [operator]}


def plans(shop: Shop, *words: str) -> dict[str, dict[str, Any]]:
    listed = shop("plans", "list", "--provider", "airalo", "--refresh", "--json", *words)
    assert listed.code == 0, listed
    return {plan["id"].partition("/")[2]: plan for plan in listed.json["plans"]}


# -- what is sold (F11)


def test_plans_for_several_countries_that_include_this_one_are_offered_and_marked(shop: Shop) -> None:
    """Those without it are not; what is marked can be bought like any other."""
    asia = another(shop, "asia-1gb")
    regional = [region("KH", "TH", "VN", pack=asia), region("FR", "DE", pack=another(shop, "europe-1gb"))]

    def packages(call: Call, document: Any) -> Any:
        everywhere = call.query.get("filter[type]") == "global"
        return {**document, "data": regional} if everywhere else document

    before = set(plans(shop))
    shop.vendor.retold["/packages"] = packages
    found = plans(shop)
    assert set(found) == {*before, "asia-1gb"}
    assert (found["asia-1gb"]["countries"], "(3 countries)" in found["asia-1gb"]["name"]) == (["KH", "TH", "VN"], True)
    assert "countries)" not in found[PLAN]["name"]
    shop.vendor.counter.packs.append(asia)
    assert shop.buy("asia-1gb").code == 0


def test_figures_as_texts_and_flags_as_numbers_are_read(shop: Shop) -> None:
    """Also under a discount, and where what only decorates a row is of another type."""
    before = {name: plan["data_bytes"] for name, plan in plans(shop).items()}
    shop.vendor.counter.armed = Armed(frozenset({"discounts", "texts"}))

    def decorated(_call: Call, document: Any) -> Any:
        for place in document["data"]:
            for operator in place["operators"]:
                for row in operator["packages"]:
                    assert isinstance(row["price"], str)
                    row |= {"voice": "none", "short_info": ["x"]}
        return {**document, "pricing": {"model": "discount_pricing", "discount_percentage": "10"}}

    shop.vendor.retold["/packages"] = decorated
    found = plans(shop)
    assert {name: plan["data_bytes"] for name, plan in found.items()} == before
    assert (found[PLAN]["price"]["amount"], found["connect-3gb-30d"]["price"]["amount"]) == ("5.07", "11.25")


@pytest.mark.parametrize(
    "odd", [{}, {"data": None}, {"data": 5}, {"data": {"rows": []}}, {"data": [{"slug": "x"}]}, []]
)
def test_a_price_list_of_another_shape_is_a_broken_promise(shop: Shop, odd: Any) -> None:
    """And not a shop that does not sell this."""
    shop.vendor.instead["/packages"] = Reply(200, odd)
    outcome = shop.buy(PLAN)
    assert (outcome.code, outcome.json["error"]["code"]) == (76, "malformed"), outcome
    assert shop.vendor.charges == []


def test_a_list_whose_rows_cannot_be_read_is_one_too(shop: Shop) -> None:
    """One that can be read among them is enough."""
    odd = {"id": "odd", "day": "soon"}
    listed = [odd, rows.package(shop.vendor.counter.pack(PLAN))]

    def packages(call: Call, document: Any) -> Any:
        if call.query.get("filter[type]") == "global":
            return document
        (place,) = document["data"]
        return {**document, "data": [{**place, "operators": [{**place["operators"][0], "packages": listed}]}]}

    shop.vendor.retold["/packages"] = packages
    assert set(plans(shop)) == {PLAN}
    listed.pop()
    assert shop("plans", "list", "--provider", "airalo", "--refresh").code == 76


# -- orders


def become(shop: Shop, word: str) -> None:
    """The list says this of every order."""
    shop.vendor.retold[LIST] = lambda _call, document: {
        **document, "data": [{**row, "status": {"name": word, "slug": word}} for row in document["data"]],
    }  # fmt: skip


def posts(shop: Shop) -> int:
    return sum(1 for call in shop.vendor.calls if call.method == "POST" and call.path.endswith("/orders"))


@pytest.mark.parametrize("text", ["This action is unauthorized.", "Unauthenticated."])
def test_an_order_that_was_carried_out_and_answered_401_is_found(shop: Shop, text: str) -> None:
    """Whatever its text says: the vendor's books are looked at before anything is sent again."""
    said = f'{{"data":[],"meta":{{"message":"{text}"}}}}'
    shop.vendor.faults.append(Fault("/orders", "401", after=True, text=said))
    bought = shop.buy(PLAN, "--request-id", "once")
    assert (bought.code, bought.json["order"]["state"]) == (0, "settled"), bought
    assert (len(shop.vendor.charges), posts(shop)) == (1, 1)


def test_one_that_is_not_listed_although_the_credit_fell_stays_open(shop: Shop) -> None:
    """A list that is late is no proof that nothing was done."""
    shop.vendor.retold[LIST] = lambda _call, document: {**document, "data": []}
    shop.vendor.faults.append(Fault("/orders", "401", after=True))
    outcome = shop.buy(PLAN, env={"ESIMCTL_SETTLE_WINDOW": "60"})
    assert (outcome.code, len(shop.vendor.charges), posts(shop)) == (4, 1, 1), outcome


def test_a_bad_checksum_is_a_definite_no(shop: Shop) -> None:
    shop.vendor.instead[ORDER] = Reply(422, {"code": 14, "reason": "bad checksum"})
    outcome = shop.buy(PLAN)
    assert (outcome.code, outcome.json["error"]["code"]) == (3, "bad_checksum")
    assert outcome.json["order"]["charged"] is False


def test_an_order_that_was_partly_refunded_says_so_and_is_not_booked_otherwise(shop: Shop) -> None:
    """It was carried out; how much came back no answer tells."""
    bought = shop.buy(PLAN)
    become(shop, "partially_refunded")
    shop.vendor.pay_in(100)
    done = shop("reconcile", "--json")
    order = shop.order(bought.json["order"]["id"])
    assert (order["state"], order["paid"]) == ("settled", {"amount": "4.50", "currency": "USD"})
    assert f"airalo gave a part of order {order['id']} back" in done.err


@pytest.mark.parametrize("word", ["failed", "refunded", "canceled", "cancelled"])
def test_an_order_that_came_to_nothing_is_found_as_that(shop: Shop, word: str) -> None:
    """A lost answer, and the list says what became of it."""
    become(shop, word)
    shop.vendor.faults.append(Fault("/orders", "eof", after=True))
    outcome = shop.buy(PLAN)
    assert (outcome.code, outcome.json["error"]["code"]) == (3, word)


def test_a_503_that_says_how_long_is_waited_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a question: it is asked again after that, and not before."""
    import time

    from esimctl.providers import asking

    waited: list[float] = []
    monkeypatch.setattr(asking.time, "sleep", lambda seconds: waited.append(seconds))
    shop.vendor.faults.append(Fault("/packages", "503-2"))
    began = time.monotonic()
    assert PLAN in plans(shop)
    assert 2.0 in waited
    assert time.monotonic() - began < 30


# -- refunds (F12)


def refunds(shop: Shop) -> list[dict[str, Any]]:
    """What was asked for."""
    return [call.document for call in shop.vendor.calls if call.path.endswith("/refund")]


def line_to_give_back(shop: Shop) -> str:
    return str(shop.buy(PLAN, "--name", "phone").json["order"]["id"])


def test_a_refund_states_a_reason_of_the_person_and_none_is_assumed(shop: Shop) -> None:
    """Without one nothing is sent; all of the vendor's reasons are named."""
    order = line_to_give_back(shop)
    refused = shop("transactions", "refund", order, "--yes", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (2, "reason_needed")
    assert all(reason in refused.json["error"]["message"] for reason in REFUND_REASONS)
    assert len(REFUND_REASONS) == 23
    assert (refunds(shop), shop.order(order)["state"]) == ([], "settled")


def test_the_reason_that_was_stated_is_the_one_that_is_sent(shop: Shop) -> None:
    """In the vendor's word, however it was written; it stays with the order."""
    order = line_to_give_back(shop)
    asked = shop("transactions", "refund", order, "--yes", "--reason", "no-coverage", "--json")
    assert (asked.code, asked.json["order"]["state"]) == (4, "refunding")
    (wish,) = refunds(shop)
    assert (wish["reason"], "notes" in wish) == ("NO_COVERAGE", False)
    assert shop.order(order)["reason"] == "NO_COVERAGE"


def test_other_reasons_need_words_and_unknown_ones_are_refused(shop: Shop) -> None:
    order = line_to_give_back(shop)
    for words, code in (
        (("--reason", "NO_COVERAG"), "unknown_reason"),
        (("--reason", "others"), "note_needed"),
        (("--reason", "others", "--note", "x" * 256), "bad_note"),
    ):
        refused = shop("transactions", "refund", order, "--yes", "--json", *words)
        assert (refused.code, refused.json["error"]["code"]) == (2, code), refused
    assert refunds(shop) == []
    shop("transactions", "refund", order, "--yes", "--reason", "others", "--note", "the trip was called off")
    assert refunds(shop)[0] | {"iccids": []} == {
        "iccids": [], "reason": "OTHERS", "notes": "the trip was called off"
    }  # fmt: skip


def test_a_lost_answer_is_asked_again_with_the_same_reason(shop: Shop) -> None:
    """It stands in the books: nobody is asked twice."""
    order = line_to_give_back(shop)
    shop.vendor.faults.append(Fault("/refund", "eof", after=True))
    assert shop("transactions", "refund", order, "--yes", "--reason", "SLOW_SPEED").code == 4
    assert shop("transactions", "refund", order, "--yes").code == 4
    assert [wish["reason"] for wish in refunds(shop)] == ["SLOW_SPEED", "SLOW_SPEED"]


def test_the_sentence_of_a_missing_reason_is_one_line(shop: Shop) -> None:
    refused = shop("transactions", "refund", line_to_give_back(shop), "--yes")
    assert refused.code == 2
    assert len(re.findall("--reason", refused.err)) >= 1
    assert refused.err.count("\n") <= 2


def test_a_202_without_a_number_is_no_request_that_was_taken(shop: Shop) -> None:
    """The vendor's samples of that status hold refusals: it stays open, and may be asked again."""
    order = line_to_give_back(shop)
    refusal = {"data": [], "meta": {"message": "The following ICCIDs do not belong to your company"}}
    shop.vendor.instead["/refund"] = Reply(202, refusal)
    for count in (1, 2):
        asked = shop("transactions", "refund", order, "--yes", "--reason", "NO_COVERAGE", "--json")
        assert (asked.code, len(refunds(shop))) == (4, count), asked


def test_a_person_at_a_terminal_is_asked_for_the_reason(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every reason is shown, none stands there as the default; Enter is no answer."""
    from esimctl.show.terminal import Terminal

    monkeypatch.setattr(Terminal, "can_prompt", property(lambda _self: True))
    order = line_to_give_back(shop)
    nothing = shop("transactions", "refund", order, given="\n")
    assert (nothing.code, refunds(shop)) == (2, []), nothing
    asked = shop("transactions", "refund", order, given="slow speed\ny\n")
    assert all(reason in asked.err for reason in REFUND_REASONS)
    assert (asked.code, [wish["reason"] for wish in refunds(shop)]) == (4, ["SLOW_SPEED"]), asked
    declined = shop("transactions", "refund", shop.buy(PLAN).json["order"]["id"], "--reason", "SLOW_SPEED", given="n\n")
    assert (declined.code, len(refunds(shop))) == (5, 1)
