"""Money that comes back at a counter: whom to call, what to say, how it is booked, and the pages for being stuck."""

from typing import Any

import pytest

from tests.conftest import Runner, standing

GB = 10**9
LATER = "2026-11-22T09:00:00+07:00"


@pytest.fixture
def sim(run: Runner) -> Runner:
    """A pack of Cellcard from a counter, with a receipt, and a renewal two days later."""
    words = ("--provider", "manual", "--carrier", "cellcard", "--data", "20GB", "--days", "30", "--price", "4USD")
    assert run("lines", "add", "sim", *words, "--receipt", "PNH-42").code == 0

    later = standing(run, LATER)
    assert later("renew", "sim", "--paid", "PNH-43").code == 0
    return later


def orders(run: Runner) -> list[str]:
    return [str(row["id"]) for row in run("transactions", "list", "--json").json["transactions"]]


def ends(run: Runner) -> Any:
    """When the line ends: the renewal began a term of its own."""
    return run("balance", "sim", "--json").json["lines"][0]["expires_at"]


def test_without_money_it_says_whom_to_call_until_when_and_what_to_say(sim: Runner) -> None:
    order = orders(sim)[1]
    done = sim("transactions", "refund", order, "--json")
    error = done.json["error"]
    assert (done.code, error["code"]) == (3, "no_refunds")
    for part in ("812", "until 2026-12-06", "I paid 4.00 USD", "on 2026-11-22", "receipt PNH-43", "I ask for a refund"):
        assert part in error["message"]
    assert error["hint"] == f"when the money is back: esimctl transactions refund {order} --received MONEY"
    assert sim("transactions", "show", order, "--json").json["order"]["state"] == "settled"


def test_what_came_back_is_booked_and_the_pack_is_gone(sim: Runner) -> None:
    order = orders(sim)[1]
    assert ends(sim) == "2026-12-22T02:00:00Z"
    done = sim("transactions", "refund", order, "--received", "4USD", "--json")
    document = done.json["order"]
    assert (done.code, document["state"], document["refund"]) == (0, "refunded", {"amount": "4.00", "currency": "USD"})
    assert ends(sim) == "2026-12-20T02:00:00Z"
    assert [row["line"] for row in sim("lines", "list", "--json").json["lines"]] == ["sim"], "the SIM stays"
    (report,) = sim("report", "--json").json["report"]
    assert report["spend"] == report["refunds"] == [{"amount": "4.00", "currency": "USD"}]
    assert sim("doctor", "--json").json["checks"][0]["ok"]
    assert sim("transactions", "audit").code == 0


def test_the_same_again_is_harmless_and_another_sum_is_refused(sim: Runner) -> None:
    order = orders(sim)[1]
    first = sim("transactions", "refund", order, "--received", "4USD", "--json")
    assert sim("transactions", "refund", order, "--received", "4USD", "--json").json["order"] == first.json["order"]
    assert sim("transactions", "refund", order, "--json").code == 0
    assert sim("transactions", "refund", order, "--received", "3USD").code == 2


def test_a_part_leaves_the_pack_where_it_is(sim: Runner) -> None:
    order = orders(sim)[1]
    done = sim("transactions", "refund", order, "--received", "1.50USD", "--json")
    assert done.json["order"]["refund"] == {"amount": "1.50", "currency": "USD"}
    assert "a part came back" in done.err
    assert ends(sim) == "2026-12-22T02:00:00Z"
    sim("reconcile")
    assert [row["line"] for row in sim("lines", "list", "--json").json["lines"]] == ["sim"]


def test_a_line_that_was_bought_with_it_and_never_renewed_goes_with_it(run: Runner) -> None:
    words = ("--provider", "manual", "--carrier", "cellcard", "--data", "20GB", "--days", "30", "--price", "4USD")
    assert run("lines", "add", "sim", *words).code == 0
    done = run("transactions", "refund", orders(run)[0], "--received", "4USD")
    assert (done.code, "sim went back with it" in done.err) == (0, True)
    assert run("lines", "list", "--json").json["lines"] == []


def test_the_first_pack_of_a_line_that_was_renewed_since_takes_only_itself(sim: Runner) -> None:
    assert sim("transactions", "refund", orders(sim)[0], "--received", "4USD").code == 0
    sim("reconcile")
    assert [row["line"] for row in sim("lines", "list", "--json").json["lines"]] == ["sim"]
    (line,) = sim("balance", "sim", "--json").json["lines"]
    assert (line["data"]["granted_bytes"], line["expires_at"]) == (20 * GB, "2026-12-22T02:00:00Z")


@pytest.mark.parametrize("given", ["4.01USD", "0USD", "400USD"])
def test_more_than_was_paid_cannot_have_come_back(sim: Runner, given: str) -> None:
    done = sim("transactions", "refund", orders(sim)[1], "--received", given, "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "bad_refund")


def test_money_on_the_main_balance_comes_back_too(sim: Runner) -> None:
    assert sim("topup", "sim", "--amount", "5USD", "--paid", "PNH-44").code == 0
    assert sim("transactions", "refund", orders(sim)[2], "--received", "5USD").code == 0
    assert sim("balance", "sim", "--json").json["lines"][0]["main_balance"] is None


def test_a_sellers_own_refund_takes_no_figure_of_ours(run: Runner) -> None:
    assert run("buy", "demo-monthly-5gb", "--provider", "sandbox", "--name", "phone", "--yes").code == 0
    done = run("transactions", "refund", orders(run)[0], "--received", "4USD", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "not_by_hand")


def test_an_unknown_order_is_named_with_the_nearest(sim: Runner) -> None:
    assert sim("transactions", "refund", "260101-00000000", "--received", "4USD").code == 2


@pytest.mark.parametrize(
    ("page", "parts"),
    [
        ("refund", ("--received MONEY", "transactions audit --bundle", "policy show CARRIER", "812, 1204")),
        ("password", ("eSIM Access", "providers login esim-access", "Airalo", "CELITECH", "Smart Axiata", "888, 1204")),
    ],
)
def test_being_stuck_has_a_page(run: Runner, page: str, parts: tuple[str, ...]) -> None:
    shown = run("help", page)
    text = " ".join(shown.out.split())
    assert shown.code == 0
    assert all(part in text for part in parts), text
    assert max(map(len, shown.out.splitlines())) <= 80


def test_a_mistyped_page_is_told_its_name(run: Runner) -> None:
    assert "refund" in run("help", "refunds").err
