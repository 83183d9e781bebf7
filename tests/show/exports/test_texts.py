"""Every format with every text: what came in is there as data, and nothing of it is a command."""

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings

from esimctl.documents.exported import MetricFamily
from esimctl.show.exports import render
from esimctl.show.exports.accounts import capital, part
from esimctl.show.exports.calendar import folded
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.text import clean
from tests.show.exports.rows import HEAD, TEXTS, event, move, order

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def text(form: str, *rows: Any, **head: Any) -> str:
    return "".join(render(form, replace(HEAD, **head), rows))


@given(TEXTS, TEXTS, TEXTS)
@settings(max_examples=150, deadline=None)
def test_csv(plan: str, number: str, reason: str) -> None:
    """Two records whatever is in them; no cell begins a formula; apart from the guard the text is there, visible."""
    made = text("csv", order(plan=plan, provider_order=number, reason=reason))
    assert made.count("\r\n") == made.count("\n") == made.count("\r") == 2
    (row,) = csv.DictReader(io.StringIO(made, newline=""), strict=True)
    for name, told in (("plan", plan), ("provider_order", number), ("reason", reason)):
        assert not row[name].startswith(FORMULA)
        assert row[name].removeprefix("'") == clean(told, 10_000).removeprefix("'")
    assert (row["data_bytes"], row["paid"], row["imported"]) == ("20000000000", "9.00", "no")


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_json_lines(plan: str) -> None:
    """One document a line, the text exactly as it was, no escape sequence raw."""
    made = text("json", order(plan=plan), order(plan=plan))
    assert made.count("\n") == 2
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]", made)
    first, second = made.splitlines()
    assert first == second
    assert json.loads(first)["order"]["plan"] == plan


@given(TEXTS, TEXTS, TEXTS)
@settings(max_examples=150, deadline=None)
def test_hledger(plan: str, number: str, method: str) -> None:
    """One transaction: its postings are its own, its comments stay comments, each holds one tag and all of its text."""
    made = text("hledger", move(plan=plan, provider_order=number, method=method))
    lines = made.split("\n")
    postings = [line for line in lines if re.match(r"    [a-z]", line)]
    assert [line.rpartition("  ")[2] for line in postings] == ["9.00 USD", "-9.00 USD"]
    (head,) = [line for line in lines if line.startswith("2026")]
    assert re.fullmatch(r"2026-11-20 \* \([^()]*\) payment topup", head)
    tags = [line for line in lines if line.startswith("    ; ")]
    assert len(tags) == 10
    assert all("," not in tag and "\x1b" not in tag for tag in tags)
    (told,) = [tag.removeprefix("    ; plan: ") for tag in tags if tag.startswith("    ; plan: ")]
    assert unquote(told, errors="strict") == clean(plan, 10_000)


@given(TEXTS, TEXTS)
@settings(max_examples=150, deadline=None)
def test_beancount(plan: str, provider: str) -> None:
    """Strings end where they end, and the two postings are the only ones."""
    made = text("beancount", move(plan=plan, provider=provider))
    opened, transaction = made.rstrip("\n").split("\n\n")
    lines = transaction.split("\n")
    assert [line.rpartition("  ")[2] for line in lines[-2:]] == ["9.00 USD", "-9.00 USD"]
    for line in lines[1:-2]:
        assert re.fullmatch(r'  [a-z-]+: "(?:[^"\\]|\\["\\])*"', line), line
    assert opened.count("1970-01-01 open ") == 2


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_calendar(plan: str) -> None:
    """One event, no line longer than 75 octets, the description unfolds to the text."""
    made = text("ics", event(plan=plan))
    assert made.replace("\r\n", "").count("\n") == 0
    assert all(len(line.encode()) <= 75 for line in made.split("\r\n"))
    lines = made.replace("\r\n ", "").split("\r\n")
    assert [lines.count(name) for name in ("BEGIN:VEVENT", "END:VEVENT", "BEGIN:VALARM")] == [1, 1, 1]
    (told,) = [line.removeprefix("DESCRIPTION:") for line in lines if line.endswith("esimctl renew phone")]
    unescaped = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], told)
    assert unescaped == (f"{clean(plan, 10_000)}\n" if plan else "") + "esimctl renew phone"


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_metrics(plan: str) -> None:
    """One sample on one line, its label closed where it ends."""
    family = MetricFamily("esimctl_x", "gauge", "X.", [({"plan": plan}, "1")])
    made = text("prometheus", family)
    assert made.count("\n") == 3
    assert re.fullmatch(r'esimctl_x\{plan="(?:[^"\\\n]|\\["\\])*"\} 1', made.split("\n")[2])


@given(TEXTS, TEXTS)
@settings(max_examples=300, deadline=None)
def test_no_two_names_have_one_account(one: str, other: str) -> None:
    """Legal in both account books, and different names stay different."""
    for name in (one, other):
        assert re.fullmatch(r"[A-Za-z0-9-]*", part(name))
        assert re.fullmatch(r"[A-Z0-9][A-Za-z0-9-]*", capital(part(name)))
    assert (part(one) == part(other)) == (one == other)
    assert (capital(part(one)) == capital(part(other))) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("a_b", "a-b"), ("a_b", "a-u-b"), ("a-_", "a_-"), ("_a", "-a"), ("zz-u-a", "_a"), ("1", "z1"), ("", "zz")],
)
def test_names_that_nearly_collide(one: str, other: str) -> None:
    assert part(one) != part(other)
    assert capital(part(one)) != capital(part(other))


@pytest.mark.parametrize("character", ["a", "é", "គ", "📱"])
def test_folding_cuts_no_character(character: str) -> None:
    whole = "SUMMARY:" + character * 200
    made = folded(whole)
    assert all(len(line.encode()) <= 75 for line in made.split("\r\n"))
    assert made.replace("\r\n ", "") == whole + "\r\n"


def test_refunds_fees_and_other_currencies_add_up() -> None:
    """Each currency of a transaction sums to nothing; a refund is the payment the other way."""
    made = text(
        "hledger",
        move(fee=Money(30, "USD")),
        move(move="refund", money=Money(20_000, "KHR")),
        move(move="foreign", line=None, method=None, method_kind=None, plan=None, id=None, kind="foreign"),
    )
    assert "expenses:esim:fees:default  0.30 USD" in made
    assert "liabilities:esim:methods:default:sandbox:sandbox-card  20000 KHR" in made
    assert "expenses:esim:lines:default:phone  -20000 KHR" in made
    assert "assets:esim:accounts:default:sandbox  -9.00 USD" in made
    declared = made.partition("\n\n")[0].split("\n")
    assert "account liabilities:esim:methods:default:sandbox:sandbox-card" in declared
    assert {"commodity KHR", "commodity USD", "payee refund topup", "tag plan"} <= set(declared)
    sums: dict[str, int] = {}
    for amount, currency in re.findall(r"  (-?[\d.]+) ([A-Z]{3})\n", made):
        sums[currency] = sums.get(currency, 0) + int(amount.replace(".", ""))
    assert sums == {"USD": 0, "KHR": 0}


def test_a_part_of_the_books_opens_only_what_is_new_in_it() -> None:
    """Behind the parts before it nothing is opened twice; alone the plugin opens the rest."""
    earlier, later = move(before=True), move(line="tablet")
    made = text("beancount", earlier, later, since=datetime(2026, 11, 20, tzinfo=UTC))
    assert made.count(" open ") == 1
    assert "open Expenses:Esim:Lines:Default:Tablet" in made
    assert 'plugin "beancount.plugins.auto_accounts"' in made
    assert made.count(' * "sandbox"') == 1
    assert "auto_accounts" not in text("beancount", later)


@pytest.mark.parametrize(("minutes", "told"), [(0, "PT0S"), (1440, "-P1D"), (10080, "-P7D"), (90, "-PT90M")])
def test_alarms(minutes: int, told: str) -> None:
    assert f"TRIGGER:{told}\r\n" in text("ics", event(alarms=(minutes,)))


def test_a_day_without_a_time_is_a_date() -> None:
    made = text("ics", event(day=date(2026, 12, 20)))
    assert "DTSTART;VALUE=DATE:20261220\r\n" in made
    assert "DURATION" not in made
