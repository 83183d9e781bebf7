"""Exports and balances against the raw journal, to the octet and the cent: random books, and the articles' stories."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from esimctl.actions.records.exporting import export
from esimctl.actions.session import Clock, Session
from esimctl.show.exports import render
from tests import recount
from tests.books import lay_down
from tests.cli import test_counter_stories as stories
from tests.conftest import Runner
from tests.ledger.samples import History, histories

EXPONENTS = {"USD": 2, "THB": 2, "KHR": 0}
FOLDERS = iter(range(10**6))


def minor(amount: str, currency: str) -> int:
    """Decimal text in minor units, by its own small table."""
    assert re.fullmatch(r"-?\d+(\.\d+)?", amount)
    assert len(amount.partition(".")[2]) == EXPONENTS[currency]
    return int(amount.replace(".", ""))


def add(totals: dict[Any, int], key: Any, value: int) -> None:
    totals[key] = totals.get(key, 0) + value


def account_sums(text: str, prefix: str, pattern: str) -> dict[tuple[str, str], int]:
    """(account behind the prefix, currency) → sum of its postings in an account book."""
    totals: dict[tuple[str, str], int] = {}
    for account, amount, currency in re.findall(pattern, text, re.MULTILINE):
        if account.startswith(prefix):
            add(totals, (account.removeprefix(prefix), currency), minor(amount, currency))
    return {place: total for place, total in totals.items() if total}


def net_by_line(entries: list[recount.Entry]) -> dict[tuple[str, str], int]:
    """(line, currency) → paid less what came back, imported records too."""
    taken, back = recount.imported(entries)
    totals = recount.sums_by([*recount.paid(entries), *taken], lambda row: row.line)
    for place, total in recount.sums_by([*recount.refunds(entries), *back], lambda row: row.line).items():
        add(totals, place, -total)
    return {place: total for place, total in totals.items() if total}


def check_money(entries: list[recount.Entry], made: Callable[[str], str]) -> None:
    """Every export that holds money against the recount."""
    by_line = net_by_line(entries)
    hledger = made("hledger")
    assert account_sums(hledger, "expenses:esim:lines:", r"^    ([a-z]\S*)  (-?[\d.]+) ([A-Z]{3})$") == by_line
    beancount = account_sums(made("beancount"), "Expenses:Esim:Lines:", r"^  ([A-Z]\S*)  (-?[\d.]+) ([A-Z]{3})$")
    assert beancount == {(line.capitalize(), currency): total for (line, currency), total in by_line.items()}
    fees = recount.net(recount.sums(recount.fees(entries)))
    foreign = recount.sums_by(recount.foreign(entries), lambda row: row.provider)
    told = account_sums(hledger, "expenses:esim:", r"^    ([a-z]\S*)  (-?[\d.]+) ([A-Z]{3})$")
    assert {c: total for (account, c), total in told.items() if account == "fees"} == fees
    assert {(a[8:], c): total for (a, c), total in told.items() if a.startswith("foreign:")} == foreign
    from_sheet: dict[str, int] = {}
    from_objects: dict[str, int] = {}
    for row in csv.DictReader(io.StringIO(made("csv"), newline=""), strict=True):
        name = "paid" if row["paid"] else "price"
        if row["settled_at"]:
            add(from_sheet, row[f"{name}_currency"], minor(row[name], row[f"{name}_currency"]))
        if row["refund"]:
            add(from_sheet, row["refund_currency"], -minor(row["refund"], row["refund_currency"]))
    for line in made("json").splitlines():
        order = json.loads(line)["order"]
        money = order["paid"] or order["price"]
        if order["settled_at"]:
            add(from_objects, money["currency"], minor(money["amount"], money["currency"]))
        if order["refund"]:
            add(
                from_objects,
                order["refund"]["currency"],
                -minor(order["refund"]["amount"], order["refund"]["currency"]),
            )
    spent: dict[str, int] = {}
    for (_, currency), total in by_line.items():
        add(spent, currency, total)
    assert recount.net(from_sheet) == recount.net(from_objects) == recount.net(spent)


@given(histories())
@settings(max_examples=20, deadline=None)
def test_random_books(tmp_path_factory: pytest.TempPathFactory, history: History) -> None:
    """Orders in all their ways, renames, refunds in other currencies, corrections, fees, imports, strangers."""
    home = tmp_path_factory.mktemp("books")
    store = lay_down(home / "home", history.entries)
    entries = recount.journal(store.folder)
    assert entries == history.entries, "the raw journal is what was laid down"
    session = Session(store, Clock({"ESIMCTL_NOW": "2027-11-20T02:00:00Z"}), {})

    def made(form: str) -> str:
        held = export(session, form)
        return "".join(render(form, held.head, held.counted()))

    check_money(entries, made)


STORIES = [
    stories.test_the_tourist_with_seven_days_from_the_airport,
    stories.test_the_resident_on_monthly_packs_keeps_what_is_left_by_renewing_in_time,
    stories.test_the_resident_who_pays_late_has_lost_it,
    stories.test_the_family_pool,
    stories.test_the_frequent_traveller_with_roaming,
    stories.test_the_student_with_a_night_pack,
    stories.test_ten_gigabytes_bought_half_used,
]


@pytest.mark.parametrize("story", STORIES, ids=[story.__name__.removeprefix("test_") for story in STORIES])
def test_stories_of_the_articles(story: Callable[[Runner], None], run: Runner, tmp_path: Path) -> None:
    """R-09 to R-12 on lines bought at a counter: money of every export, octets of the packs that were bought."""
    story(run)
    now = "2027-01-20T09:00:00+07:00"
    entries = recount.journal(tmp_path / "home/profiles/default")

    def made(form: str) -> str:
        done = run("transactions", "export", "--format", form, now=now)
        assert done.code == 0
        return done.out

    check_money(entries, made)
    bought: dict[str, int] = {}
    for row in csv.DictReader(io.StringIO(made("csv"), newline="")):
        if row["settled_at"] and row["data_bytes"]:
            add(bought, row["line"], int(row["data_bytes"]))
    assert bought == recount.bought_octets(entries)


@pytest.mark.parametrize("used", ["1GB", "3GB", "4.999999999GB"])
def test_the_balance_after_a_reading_is_the_reading(run: Runner, tmp_path: Path, used: str) -> None:
    """What the embedded operator and a person's reading say is in the journal, the balance and the metrics alike."""
    run("buy", "demo-monthly-5gb", "--name", "phone", "--yes")
    run("sandbox", "use", "phone", used)
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "metfone", "--data", "10GB", "--days", "30")
    run("usage", "record", "sim", "--used", used)
    shown = {
        line["line"]: line["data"]["remaining_bytes"] for line in run("balance", "--refresh", "--json").json["lines"]
    }
    readings = recount.last_readings(recount.journal(tmp_path / "home/profiles/default"))
    assert {line: entry["data"]["remaining_bytes"] for line, entry in readings.items()} == shown
    assert shown == {"phone": 5 * 10**9 - recount.octets(used), "sim": 10 * 10**9 - recount.octets(used)}
    text = run("transactions", "export", "--format", "prometheus").out
    told = re.findall(r'^esimctl_data_remaining_bytes\{line="(\w+)".*\} (\d+)$', text, re.MULTILINE)
    totals: dict[str, int] = {}
    for line, octets in told:
        add(totals, line, int(octets))
    assert totals == shown
