"""Account books of two profiles and of two kinds of money, before hledger, ledger, beancount and duckdb."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.conftest import Runner
from tests.tools import judged, library, program

PLAN = "demo-monthly-20gb"  #: 9 USD of play money
SIM = ("--provider", "manual", "--carrier", "smart", "--data", "5GB", "--days", "30")


@pytest.fixture
def two(run: Runner) -> Runner:
    """In each of two profiles a line `phone` for 9 USD of play money and a line `sim` for 6 (7) USD of money."""
    for profile, price in (("default", "6USD"), ("mum_2", "7USD")):
        if profile != "default":
            assert run("profile", "create", profile).code == 0
        assert run("buy", PLAN, "--name", "phone", "--yes", "--profile", profile).code == 0
        assert run("lines", "add", "sim", *SIM, "--price", price, "--profile", profile).code == 0
    return run


def made(run: Runner, folder: Path, form: str, profile: str = "default") -> Path:
    """An export in a file of its own."""
    path = folder / f"{profile}.{form}"
    words = ("transactions", "export", "--format", form, "--to", str(path), "--profile", profile)
    assert run(*words).code == 0
    return path


def test_hledger_has_no_play_money_in_any_sum_of_money(two: Runner, tmp_path: Path) -> None:
    """It said 15.00 USD: by root, by account, by line, by payee, by tag."""
    hledger, path = program("hledger", "hledger"), str(made(two, tmp_path, "hledger"))

    def sums(*query: str) -> list[str]:
        told = judged(hledger, "-f", path, "bal", "--no-elide", "--flat", "-N", *query)
        return [" ".join(line.split()[:2]) for line in told.splitlines()]

    assert sums("expenses") == sums("expenses:esim:lines") == ["6.00 USD"]
    assert sums("lines") == sums("desc:payment new", "acct:lines") == ["9.00 PLAYUSD", "6.00 USD"]
    assert sums("equity:esim:play:lines") == sums("tag:play", "acct:lines") == ["9.00 PLAYUSD"]
    assert sums("assets", "liabilities") == ["-6.00 USD"]
    assert sums("desc:SANDBOX", "acct:lines") == ["9.00 PLAYUSD"]
    assert judged(hledger, "-f", path, "accounts", "play").count("\n") == 2


def test_beancount_has_no_play_money_in_any_sum_of_money(two: Runner, tmp_path: Path) -> None:
    path, query = made(two, tmp_path, "beancount"), program("bean-query", "beancount")
    told = judged(
        query, "-f", "csv", str(path), "select account, sum(position) where currency ~ 'PLAY' group by account"
    )
    assert told.count("Equity:Esim:Play:") == told.count("PLAYUSD") == 2
    assert "SANDBOX payment new" in path.read_text()


def test_two_profiles_are_one_set_of_books(two: Runner, tmp_path: Path) -> None:
    """Included in one file they open nothing twice, and two people's `phone` and `sim` are two accounts each."""
    for form in ("beancount", "hledger"):
        paths = [made(two, tmp_path, form, profile) for profile in ("default", "mum_2")]
        mark = '"' if form == "beancount" else ""
        (tmp_path / f"all.{form}").write_text("".join(f"include {mark}{path}{mark}\n" for path in paths))
    both = str(tmp_path / "all.beancount")
    assert judged(program("bean-check", "beancount"), both) == ""
    told = judged(
        program("bean-query", "beancount"), "-f", "csv", both, "select account, sum(position) group by account"
    )
    assert {"Expenses:Esim:Lines:Default:Sim", "Expenses:Esim:Lines:Mum-U-2:Sim"} <= {
        row.split(",")[0].strip() for row in told.splitlines()
    }
    halves = [("--until", "2026-11-21"), ("--since", "2026-11-21")]
    assert two("lines", "add", "later", *SIM, "--price", "1USD", now="2026-11-22T02:00:00Z").code == 0
    for number, words in enumerate(halves):
        path = tmp_path / f"half-{number}.beancount"
        assert two("transactions", "export", "--format", "beancount", "--to", str(path), *words).code == 0
    (tmp_path / "all.beancount").write_text(
        "".join(f'include "{tmp_path}/{name}.beancount"\n' for name in ("half-0", "half-1", "mum_2"))
    )
    assert judged(program("bean-check", "beancount"), both) == "", "parts beside each other, and another's books"
    both = str(tmp_path / "all.hledger")
    judged(program("hledger", "hledger"), "check", "-s", "ordereddates", "payees", "-f", both)
    for tool, words in (("hledger", ()), ("ledger", ("--args-only", "--pedantic", "--check-payees"))):
        told = judged(program(tool, tool), *words, "-f", both, "bal", "--flat", "expenses")
        rows = [line.split() for line in told.splitlines()]
        assert ["6.00", "USD", "expenses:esim:lines:default:sim"] in rows
        assert ["7.00", "USD", "expenses:esim:lines:mum-U-2:sim"] in rows
        assert rows[-1] == ["13.00", "USD"], tool
    words = ("export", "--format", "json", "--profile", "mum_2")
    orders = [json.loads(line)["order"] for line in two("transactions", *words).out.splitlines()]
    assert [(order["line"], order["play_money"], order["profile"]) for order in orders] == [
        ("phone", True, "mum_2"), ("sim", False, "mum_2"),
    ]  # fmt: skip


def test_a_month_is_the_one_of_the_report(run: Runner, tmp_path: Path) -> None:
    """31 October, 18:30 UTC is November in Phnom Penh: for `report` it was, for a sheet it was October."""
    assert run("lines", "add", "sim", *SIM, "--price", "6USD", now="2026-10-31T18:30:00Z").code == 0
    spent = {month: run("report", "--month", month, "--json").json["totals"] for month in ("2026-10", "2026-11")}
    assert [bool(spent[month] and spent[month][0]["spend"]) for month in spent] == [False, True]
    duckdb = library("duckdb", "duckdb")
    words = f"select date::varchar, month from read_csv('{made(run, tmp_path, 'csv')}')"
    assert duckdb.sql(words).fetchall() == [("2026-11-01", "2026-11")]
    (order,) = run("transactions", "export", "--format", "json").out.splitlines()
    assert json.loads(order)["order"]["month"] == "2026-11"


def test_duckdb_sums_by_kind_month_and_profile(two: Runner, tmp_path: Path) -> None:
    """`date` is a DATE, without a word said to it; the columns that were there stay where they were."""
    duckdb = library("duckdb", "duckdb")
    for profile in ("default", "mum_2"):
        made(two, tmp_path, "csv", profile)
    table = f"read_csv('{tmp_path}/*.csv')"
    kinds = dict(row[:2] for row in duckdb.sql(f"describe select * from {table}").fetchall())
    assert kinds["date"] == "DATE"
    assert kinds["created_at"].startswith("TIMESTAMP")
    assert list(kinds)[22:] == [
        "imported",
        "stated_at",
        "date",
        "month",
        "refund_date",
        "refund_month",
        "play",
        "profile",
    ]
    told = duckdb.sql(f"select profile, play, month, sum(paid) from {table} group by all order by all").fetchall()
    assert [(*row[:3], float(row[3])) for row in told] == [
        ("default", False, "2026-11", 6.0), ("default", True, "2026-11", 9.0),
        ("mum_2", False, "2026-11", 7.0), ("mum_2", True, "2026-11", 9.0),
    ]  # fmt: skip


def test_lists_as_csv_say_which_money_it_is_and_when(two: Runner, tmp_path: Path) -> None:
    """What a sheet sums and sorts by, behind the columns of the list; tab-separated rows are what they were."""
    listed = list(csv.DictReader(io.StringIO(two("transactions", "list", "-o", "csv").out)))
    assert [(row["play_money"], row["date"], row["month"]) for row in listed] == [
        ("yes", "2026-11-20", "2026-11"), ("no", "2026-11-20", "2026-11"),
    ]  # fmt: skip
    for words in (
        ("lines", "list"), ("balance", "--cached"), ("transactions", "receipt", listed[0]["id"]),
        ("transactions", "show", listed[0]["id"]),
    ):  # fmt: skip
        (first, *_) = csv.DictReader(io.StringIO(two(*words, "-o", "csv").out))
        assert first["play_money"] == "yes", words
    assert len(two("transactions", "list").out.splitlines()[0].split("\t")) == 9
