"""How counter purchases are paid: with methods that exist, for what was shown, in reports and exports too."""

import csv
import io

import pytest

from tests.conftest import Runner

USD = {"amount": "1.50", "currency": "USD"}


@pytest.fixture
def sim(run: Runner) -> Runner:
    """A weekly pack of Smart from a counter."""
    words = ("--provider", "manual", "--carrier", "smart", "--plan", "smart-laor-7d", "--price", "1.50USD")
    assert run("lines", "add", "sim", *words).code == 0
    return run


@pytest.mark.parametrize("method", ["cash", "elsewhere"])
def test_the_methods_that_are_booked_exist(sim: Runner, method: str) -> None:
    """What `lines add`, `buy` and `renew` write into the books can be named everywhere, and is listed."""
    listed = {row["name"]: row for row in sim("payments", "list", "--json").json["payments"]}
    assert listed[method]["provider"] == "manual"
    done = sim("renew", "sim", "--paid", "R-1", "--pay", method, "--json")
    assert done.json["order"]["payment_method"] == method
    words = ("--before-expiry", "2d", "--plan", "smart-laor-7d", "--max-price", "2USD", "--max-per-month", "8USD")
    rule = sim("autotopup", "set", "sim", *words, "--pay", method, "--json")
    assert rule.json["rules"][0]["pay"] == [method]


def test_an_order_of_lines_add_is_paid_with_a_method_that_is_listed(sim: Runner) -> None:
    listed = {row["name"] for row in sim("payments", "list", "--json").json["payments"]}
    booked = {order["payment_method"] for order in sim("transactions", "list", "--json").json["transactions"]}
    assert booked <= listed


def test_without_a_counter_line_nothing_is_listed_that_nobody_uses(run: Runner) -> None:
    assert {row["name"] for row in run("payments", "list", "--json").json["payments"]} & {"cash", "elsewhere"} == set()


@pytest.mark.parametrize("verb", ["default", "remove"])
def test_what_is_always_there_cannot_be_changed_and_says_so(sim: Runner, verb: str) -> None:
    words = ("--yes",) if verb == "remove" and "--yes" in sim("payments", "remove", "--help").out else ()
    done = sim("payments", verb, "cash", *words, "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "built_in_method")
    assert "there is no payment method" not in done.json["error"]["message"]


def test_one_wallet_of_ones_own_is_still_the_obvious_one(sim: Runner) -> None:
    assert sim("payments", "add", "wing", "--kind", "e-wallet").code == 0
    done = sim("renew", "sim", "--paid", "R-2", "--json")
    assert done.json["order"]["payment_method"] == "wing"


@pytest.mark.parametrize(
    ("words", "paid"),
    [
        ((), USD),
        (("--price", "1.25USD"), {"amount": "1.25", "currency": "USD"}),
        (("--price", "6000KHR"), {"amount": "6000", "currency": "KHR"}),
    ],
)
def test_paid_means_what_was_shown_unless_another_price_is_said(
    sim: Runner, words: tuple[str, ...], paid: dict[str, str]
) -> None:
    shown = sim("renew", "sim", "--dry-run", *words, "--json").json["order"]["price"]
    order = sim("renew", "sim", "--paid", "R-3", *words, "--json").json["order"]
    assert order["paid"] == paid == shown
    listed = sim("transactions", "list", "--json").json["transactions"][-1]
    assert listed["paid"] == paid


def test_no_price_is_unknown_in_report_and_exports_afterwards(sim: Runner) -> None:
    assert sim("renew", "sim", "--paid", "R-4").code == 0
    assert sim("topup", "sim", "--amount", "5USD", "--paid", "R-5").code == 0
    report = sim("report", "--json")
    assert "prices or volumes are not known" not in sim("report").out
    (month,) = report.json["report"]
    assert (month["unknown"]["paid"], month["spend"]) == (0, [{"amount": "8.00", "currency": "USD"}])
    rows = list(csv.DictReader(io.StringIO(sim("transactions", "export", "--format", "csv").out)))
    assert [row["paid"] for row in rows] == ["1.50", "1.50", "5.00"]
