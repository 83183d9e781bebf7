"""Exports and balances against the raw journal, to the octet and the cent: random books, and the articles' stories."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings

from esimctl.market.provider import provider_of
from esimctl.profile.opened import Clock, Session
from esimctl.records.exporting import export
from esimctl.show.exports import render
from tests import recount
from tests.books import lay_down
from tests.cli import test_counter_stories as stories
from tests.cli.money_sums import add, minor
from tests.conftest import Runner
from tests.ledger.samples import History, histories

FOLDERS = iter(range(10**6))


POSTING = re.compile(r"^  (?:  )?([A-Za-z]\S*)  (-?[\d.]+) (PLAY)?([A-Z]{3})$", re.MULTILINE)


def account_sums(text: str, prefix: str) -> dict[tuple[tuple[bool, str], str], int]:
    """((play, account behind the prefix), currency) → sum of its postings in an account book."""
    totals: dict[tuple[tuple[bool, str], str], int] = {}
    for account, amount, play, currency in POSTING.findall(text):
        assert bool(play) == account.lower().startswith("equity:esim:play:"), "a commodity and a root of its own"
        for play_money, root in ((False, "expenses:esim:"), (True, "equity:esim:play:")):
            whole = f"{root}{prefix}"
            if account.lower().startswith(whole):
                add(totals, ((play_money, account.lower().removeprefix(whole)), currency), minor(amount, currency))
    return {place: total for place, total in totals.items() if total}


def by_line(row: recount.Row) -> tuple[bool, str | None]:
    """Whether it is play money, by who sold it, and the line."""
    return row.provider == "sandbox", row.line


def net_by_line(entries: list[recount.Entry]) -> dict[tuple[tuple[bool, str], str], int]:
    """((play, line), currency) → paid less what came back, imported records too."""
    taken, back = recount.imported(entries)
    totals = recount.sums_by([*recount.paid(entries), *taken], by_line)
    for place, total in recount.sums_by([*recount.refunds(entries), *back], by_line).items():
        add(totals, place, -total)
    return {place: total for place, total in totals.items() if total}


def check_money(entries: list[recount.Entry], made: Callable[[str], str]) -> None:
    """Every export that holds money against the recount."""
    lines = net_by_line(entries)
    fees = recount.sums_by(recount.fees(entries), lambda row: (row.provider == "sandbox", ""))
    foreign = recount.sums_by(recount.foreign(entries), lambda row: (row.provider == "sandbox", row.provider))
    for text in (made("hledger"), made("beancount")):
        assert account_sums(text, "lines:default:") == lines
        assert account_sums(text, "fees:default") == fees
        assert account_sums(text, "foreign:default:") == foreign
    from_sheet: dict[tuple[bool, str], int] = {}
    from_objects: dict[tuple[bool, str], int] = {}
    for row in csv.DictReader(io.StringIO(made("csv"), newline=""), strict=True):
        name, play = "paid" if row["paid"] else "price", row["play"] == "yes"
        if row["settled_at"]:
            add(from_sheet, (play, row[f"{name}_currency"]), minor(row[name], row[f"{name}_currency"]))
        if row["refund"]:
            add(from_sheet, (play, row["refund_currency"]), -minor(row["refund"], row["refund_currency"]))
    for line in made("json").splitlines():
        order = json.loads(line)["order"]
        money, play = order["paid"] or order["price"], order["play_money"]
        if order["settled_at"]:
            add(from_objects, (play, money["currency"]), minor(money["amount"], money["currency"]))
        if order["refund"]:
            back = order["refund"]
            add(from_objects, (play, back["currency"]), -minor(back["amount"], back["currency"]))
    spent: dict[tuple[bool, str], int] = {}
    for ((play, _), currency), total in lines.items():
        add(spent, (play, currency), total)
    held = [{place: total for place, total in each.items() if total} for each in (from_sheet, from_objects, spent)]
    assert held[0] == held[1] == held[2]


@given(histories())
@settings(max_examples=20, deadline=None)
def test_random_books(tmp_path_factory: pytest.TempPathFactory, history: History) -> None:
    """Orders in all their ways, renames, refunds in other currencies, corrections, fees, imports, strangers."""
    home = tmp_path_factory.mktemp("books")
    store = lay_down(home / "home", history.entries)
    entries = recount.journal(store.folder)
    assert entries == history.entries, "the raw journal is what was laid down"
    session = Session(store, Clock({"ESIMCTL_NOW": "2027-11-20T02:00:00Z"}), {}, provider_of)

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
    told = re.findall(r'^esimctl_data_remaining_bytes\{profile="default",line="(\w+)".*\} (\d+)$', text, re.MULTILINE)
    totals: dict[str, int] = {}
    for line, octets in told:
        add(totals, line, int(octets))
    assert totals == shown
