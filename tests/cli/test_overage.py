"""Overage and pay per use: a charge in list, report and audit, and what was used."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Runner, balance_of, usd

OWN = """
[plan.smart-own-metered]
carrier = "smart"
name = "My 1 GB, then by the MB"
price = "2.00 USD"
source = "the shop at the corner"
as_of = 2026-10-01
[plan.smart-own-metered.terms]
data = "1GB"
term = "1 month"
overage = { action = "charge", price_per_mb = "0.01 USD", max_charge = "5.00 USD" }
"""


def at(day: int, hour: int = 9, month: int = 11) -> str:
    return f"2026-{month:02}-{day:02}T{hour:02}:00:00+07:00"


def overage(run: Runner, now: str, *words: str) -> list[dict[str, Any]]:
    rows = run("transactions", "list", *words, "--json", now=now).json["transactions"]
    return [row for row in rows if row["kind"] == "overage"]


def month(run: Runner, now: str, *words: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = run("report", *words, "--json", now=now).json["totals"]
    (row,) = rows
    return row


@pytest.fixture
def metered(run: Runner) -> Runner:
    """Pay per use of the embedded operator with 5 USD of play money: 300 MB used on the tenth."""
    assert run("buy", "demo-payg", "--name", "p", "--yes", now=at(1)).code == 0
    assert run("topup", "p", "--amount", "5USD", "--yes", now=at(1, 10)).code == 0
    run("balance", "p", now=at(1, 11))
    assert run("sandbox", "use", "p", "300MB", now=at(10)).code == 0
    assert run("balance", "p", "--refresh", now=at(10, 10)).code == 0
    return run


def test_a_charge_is_a_row_of_the_list(metered: Runner) -> None:
    (row,) = overage(metered, at(10, 11))
    assert (row["id"], row["line"], row["plan"], row["state"], row["charged"]) == (
        None, "p", "demo-payg", "settled", True,
    )  # fmt: skip
    assert (row["price"], row["paid"], row["payment_method"]) == (usd("3.00"), usd("3.00"), "main-balance")
    assert (row["play_money"], row["attention"]) == (True, [])
    assert "overage\tp\tdemo-payg\t3.00 USD" in metered("transactions", "list", now=at(10, 11)).out
    kinds = [each["kind"] for each in metered("transactions", "list", "--json", now=at(10, 11)).json["transactions"]]
    assert kinds == ["new", "topup", "overage"], "in the order of time"


def test_the_list_s_options_hold_for_charges(metered: Runner) -> None:
    metered("buy", "demo-monthly-5gb", "--name", "other", "--yes", now=at(11))
    assert len(overage(metered, at(12), "--line", "p", "--since", "2026-11-10", "--until", "2026-11-11")) == 1
    for words in (("--line", "other"), ("--since", "2026-11-11"), ("--until", "2026-11-10"), ("--state", "rejected")):
        assert overage(metered, at(12), *words) == [], words


def test_a_row_for_each_line_and_day(metered: Runner) -> None:
    metered("sandbox", "use", "p", "50MB", now=at(10, 12))
    metered("sandbox", "use", "p", "20MB", now=at(11))
    metered("balance", "p", "--refresh", now=at(11, 10))
    assert [row["price"]["amount"] for row in overage(metered, at(12))] == ["3.50", "0.20"]
    assert balance_of(metered, "p", at(12))["main_balance"] == usd("1.30"), "5.00 less what the list says"


def test_the_report_has_a_figure_of_its_own_beside_spend(metered: Runner) -> None:
    row = month(metered, at(10, 11))
    assert (row["overage"], row["spend"], row["used_bytes"]) == ([usd("3.00")], [usd("6.00")], 300_000_000)
    assert (row["play_money"], row["purchases"], row["unknown"]["overage"]) == (True, 2, 0)
    assert month(metered, at(2, month=12), "--month", "2026-12")["overage"] == []
    page = metered("report", "--format", "markdown", now=at(10, 11)).out
    assert "Use beyond plans, from the main balance" in page
    assert "3.00 USD" in page


def test_the_audit_accounts_for_it_and_finds_nothing(metered: Runner) -> None:
    metered("reconcile", now=at(10, 12))
    done = metered("transactions", "audit", "--json", now=at(10, 13))
    assert (done.code, done.json["findings"]) == (0, [])
    (row,) = done.json["overage"]
    assert (row["line"], row["amount"], row["source"], row["play_money"]) == ("p", usd("3.00"), "provider", True)
    assert metered("transactions", "audit", "--line", "p", "--since", "2026-11-11", "--json", now=at(12)).json[
        "overage"
    ] == []  # fmt: skip


def test_pay_per_use_shows_what_was_used(metered: Runner) -> None:
    assert balance_of(metered, "p", at(10, 11))["data"]["used_bytes"] == 300_000_000
    assert metered("lines", "show", "p", "--json", now=at(10, 11)).json["line"]["used_bytes"] == 300_000_000
    told = metered("usage", "forecast", "p", "--json", now=at(15)).json
    assert told["reason"] == "pay per use: there is no pack that could run out"


def test_beyond_a_pack_of_the_embedded_operator_up_to_its_most(run: Runner) -> None:
    run("buy", "demo-overage-4gb", "--name", "o", "--yes", now=at(1))
    run("topup", "o", "--amount", "9USD", "--yes", now=at(1, 10))
    run("sandbox", "use", "o", "4.2GB", now=at(2))
    run("balance", "o", "--refresh", now=at(2, 10))
    run("sandbox", "use", "o", "1GB", now=at(3))
    run("balance", "o", "--refresh", now=at(3, 10))
    assert [row["price"]["amount"] for row in overage(run, at(4))] == ["2.00", "3.00"], "5.00 a period at most"
    assert month(run, at(4))["overage"] == [usd("5.00")]


def test_without_a_charge_nothing_is_said(run: Runner) -> None:
    run("buy", "demo-overage-4gb", "--name", "o", "--yes", now=at(1))
    run("sandbox", "use", "o", "4.2GB", now=at(2))
    run("balance", "o", "--refresh", now=at(2, 10))
    assert (overage(run, at(3)), month(run, at(3))["overage"]) == ([], []), "there was no money to take"


@pytest.fixture
def counter(run: Runner, tmp_path: Path) -> Runner:
    """A SIM from a counter with 1 GB and a price beyond it."""
    (tmp_path / "own.toml").write_text(OWN, "utf-8")
    assert run("plans", "import", str(tmp_path / "own.toml"), now=at(1, 8)).code == 0
    done = run(
        "lines", "add", "c", "--provider", "manual", "--carrier", "smart", "--plan", "smart-own-metered",
        "--started", "2026-11-01", now=at(1),
    )  # fmt: skip
    assert done.code == 0, done.err
    return run


def test_a_counter_line_is_charged_by_the_model(counter: Runner) -> None:
    counter("topup", "c", "--amount", "5USD", "--paid", "slip", "--yes", now=at(1, 10))
    assert counter("usage", "record", "c", "--used", "1.2GB", now=at(10)).code == 0, "the plan lets one go on"
    (row,) = overage(counter, at(11))
    assert (row["price"], row["play_money"], row["provider"]) == (usd("2.00"), False, "manual")
    assert month(counter, at(11))["overage"] == [usd("2.00")]
    assert month(counter, at(11))["used_bytes"] == 1_200_000_000
    assert balance_of(counter, "c", at(11))["main_balance"] == usd("3.00")
    counter("usage", "record", "c", "--used", "1.25GB", now=at(12))
    assert [each["price"]["amount"] for each in overage(counter, at(13))] == ["2.00", "0.50"]
    (first, _) = counter("transactions", "audit", "--json", now=at(13)).json["overage"]
    assert (first["source"], first["amount"]) == ("modelled", usd("2.00"))


def test_a_main_balance_that_was_read_is_charged_and_not_twice(counter: Runner) -> None:
    counter("usage", "record", "c", "--balance", "5USD", "--remaining", "1GB", now=at(2))
    counter("usage", "record", "c", "--used", "1.2GB", "--balance", "3USD", now=at(10))
    assert [row["price"]["amount"] for row in overage(counter, at(11))] == ["2.00"]
    assert balance_of(counter, "c", at(11))["main_balance"] == usd("3.00"), "as it was read, after the charge"


def test_a_price_that_nobody_knows_stays_unknown(counter: Runner) -> None:
    counter("usage", "record", "c", "--used", "1.2GB", now=at(10))
    row = month(counter, at(11))
    assert (overage(counter, at(11)), row["overage"], row["unknown"]["overage"]) == ([], [], 1)


def test_a_reading_that_is_taken_back_takes_its_charge_back(counter: Runner) -> None:
    counter("topup", "c", "--amount", "5USD", "--paid", "slip", "--yes", now=at(1, 10))
    counter("usage", "record", "c", "--used", "1.2GB", now=at(10))
    assert counter("usage", "undo", "c", now=at(10, 10)).code == 0
    assert overage(counter, at(11)) == []


def test_pay_per_use_from_a_counter(run: Runner) -> None:
    run("lines", "add", "m", "--provider", "manual", "--carrier", "metfone", "--plan", "metfone-payg", now=at(1))
    assert balance_of(run, "m", at(2))["data"]["used_bytes"] is None, "nobody has looked"
    run("topup", "m", "--amount", "5USD", "--paid", "slip", "--yes", now=at(2))
    run("usage", "record", "m", "--used", "100MB", now=at(10))
    run("usage", "record", "m", "--used", "150MB", now=at(12))
    assert balance_of(run, "m", at(13))["data"]["used_bytes"] == 150_000_000
    assert run("lines", "show", "m", "--json", now=at(13)).json["line"]["used_bytes"] == 150_000_000
    row = month(run, at(13))
    assert (row["used_bytes"], row["overage"], row["unknown"]["used"]) == (150_000_000, [usd("4.50")], 0)
    days = run("usage", "history", "m", "--json", now=at(13)).json
    assert sum(each["used_bytes"] or 0 for each in days["usage"]) == 150_000_000


def test_play_money_and_money_stand_apart(metered: Runner) -> None:
    metered("lines", "add", "m", "--provider", "manual", "--carrier", "metfone", "--plan", "metfone-payg", now=at(11))
    metered("topup", "m", "--amount", "5USD", "--paid", "slip", "--yes", now=at(11, 10))
    metered("usage", "record", "m", "--used", "100MB", now=at(12))
    rows = metered("report", "--json", now=at(13)).json["totals"]
    assert [(row["play_money"], row["overage"]) for row in rows] == [(False, [usd("3.00")]), (True, [usd("3.00")])]


def test_money_that_was_read_says_nothing_of_data(run: Runner) -> None:
    """Between a look at the money and the first look at the data nobody knows what was used."""
    run("lines", "add", "s", "--provider", "manual", "--carrier", "smart", now=at(1))
    run("usage", "record", "s", "--balance", "5USD", now=at(2))
    run("usage", "record", "s", "--remaining", "2GB", now=at(8))
    told = run("usage", "history", "s", "--json", now=at(9)).json
    assert [day for day in told["usage"] if day["used_bytes"] is not None] == []


def test_explain_tells_the_charge_and_the_money_that_was_read(counter: Runner) -> None:
    counter("usage", "record", "c", "--balance", "5USD", "--remaining", "1GB", now=at(2))
    counter("usage", "record", "c", "--used", "1.2GB", now=at(10))
    steps = counter("balance", "c", "--explain", "--json", now=at(11)).json["lines"][0]["explanation"]
    told = [step["text"] for step in steps]
    assert "the operator says that the main balance is 5.00 USD" in told
    assert "2.00 USD charged for use that nothing covered" in told
    assert balance_of(counter, "c", at(11))["main_balance"] == usd("3.00")
