"""Exports before judges that nobody here wrote: hledger, ledger, beancount, icalendar, khal, promtool, jq, duckdb, csv.

The books they see hold several currencies, fees, refunds, other people's charges, corrections, imported records, and
hostile text wherever a provider could put some. Each judge must accept the whole and come to the same totals as the
recount of the raw journal.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from esimctl.values.text import clean
from tests import recount
from tests.books import lay_down
from tests.cli.money_sums import EXPONENTS
from tests.conftest import Runner
from tests.ledger.samples import START, life, prepared, step
from tests.show.exports.rows import HOSTILE
from tests.tools import judged, library, program

NOW = "2026-11-20T09:00:00+07:00"
PART = "2026-03-05"


def entries() -> Iterator[dict[str, Any]]:
    """Two hundred moves in a few weeks, on four lines."""
    for number, text in enumerate(HOSTILE * 3):
        at = START + timedelta(hours=5 * number)
        name, line = f"o{number}", ("phone", "tablet", "my_router", "my-router")[number % 4]
        currency = ("USD", "KHR")[number % 2]
        changes: dict[str, Any] = {
            "at": at, "line": line, "currency": currency, "plan": text, "provider": ("sandbox", "shop")[number % 2],
            "method": ("card", "my_cash", "my-cash")[number % 3], "price_minor": 100 + number,
            "method_kind": ("credit-card", "cash")[number % 2], "terms": {"data": "20GB"},
        }  # fmt: skip
        yield from (prepared(name, **changes), step("attempted", name, at=at, n=1))
        paid = (
            {}
            if number % 5 == 0
            else {"paid_minor": 90 + number, "paid_currency": ("THB" if number % 7 == 0 else currency)}
        )
        fee = {"fee_minor": 7} if number % 6 == 0 else {}
        yield step("settled", name, at=at, confirmed_by="provider", provider_order=f"{number} {text}", **paid, **fee)
        if number % 4 == 0:
            yield step("refunding", name, at=at, reason="requested")
            back = ("THB", 5) if number % 8 == 0 else (currency, 50)
            yield step("refunded", name, at=at + timedelta(hours=1), amount_minor=back[1], currency=back[0])
        elif number % 9 == 1:
            yield step("paid", name, at=at, paid_minor=123, paid_currency=currency)
        if number % 10 == 3:
            yield {"kind": "foreign", "at": at, "provider": "shop", "provider_order": f"F {text}", "plan": text,
                   "amount_minor": 250, "currency": "USD", "reason": text or "x"}  # fmt: skip
        if number % 10 == 4:
            yield {"kind": "imported", "at": at, "order": f"i{number}", "order_kind": "new", "line": "old",
                   "plan": text,
                   "provider": "elsewhere", "method": "cash", "price_minor": 300, "currency": "USD",
                   "paid_minor": 299, "ordered_at": at, "paid_at": at, "provider_order": f"i {text}"}  # fmt: skip
    yield from life("open", at=at)[:2]


@pytest.fixture
def books(tmp_path: Path) -> list[recount.Entry]:
    """The profile with these entries, and what its raw journal holds."""
    lay_down(tmp_path / "home", entries())
    return recount.journal(tmp_path / "home/profiles/default")


def made(run: Runner, tmp_path: Path, form: str, *words: str) -> Path:
    """An export in a file."""
    path = tmp_path / f"out.{form}"
    done = run("transactions", "export", "--format", form, "--to", str(path), *words, now=NOW)
    assert done.code == 0, done.err
    return path


def expected(books: list[recount.Entry], *, play: bool = False) -> dict[str, int]:
    """What all account books must say was spent of one kind of money, net, fees included."""
    taken, back = recount.imported(books)
    spent = [*recount.paid(books), *recount.fees(books), *recount.foreign(books), *taken]
    paid, returned = (
        [row for row in rows if (row.provider == "sandbox") is play] for rows in (spent, recount.refunds(books) + back)
    )
    return recount.net(recount.sums(paid), less=recount.sums(returned))


def played(totals: dict[str, int]) -> dict[str, int]:
    """The same in commodities of play money."""
    return {f"PLAY{currency}": total for currency, total in totals.items()}


def minor(amount: str, currency: str) -> int:
    whole, _, rest = amount.partition(".")
    sign = -1 if whole.startswith("-") else 1
    return sign * int(whole.lstrip("-") + rest.ljust(EXPONENTS[currency.removeprefix("PLAY")], "0"))


def balance(hledger: str, path: str, *query: str) -> dict[str, int]:
    """commodity → what hledger says that the accounts of a query come to."""
    totals: dict[str, int] = {}
    told = judged(hledger, "-f", path, "bal", *query, "-O", "csv", "--no-total", "--layout=bare")
    for row in csv.DictReader(io.StringIO(told)):
        currency = row["commodity"]
        totals[currency] = totals.get(currency, 0) + minor(row["balance"], currency)
    return {currency: total for currency, total in totals.items() if total}


def test_hledger(run: Runner, books: list[recount.Entry], tmp_path: Path) -> None:
    """Strictly right, whole and in part; the balances to the cent; the tags hold the text of the plans."""
    hledger, path = program("hledger", "hledger"), str(made(run, tmp_path, "hledger"))
    judged(hledger, "check", "-s", "-f", path, "ordereddates", "payees")
    assert balance(hledger, path, "expenses") == expected(books)
    assert balance(hledger, path, "equity:esim:play:(lines|fees|foreign)") == played(expected(books, play=True))
    assert balance(hledger, path, "equity") == balance(hledger, path) == {}, "play money stays among itself"
    told = json.loads(judged(hledger, "-f", path, "print", "-O", "json"))
    every = (recount.paid(books), recount.refunds(books), recount.foreign(books), recount.imported(books)[0])
    assert len(told) == sum(map(len, every))
    assert {tag[0] for each in told for tag in each["ttags"]} <= {
        "order", "profile", "play", "provider", "provider-order", "method", "line", "plan", "kind", "move", "time",
        "payment", "origin", "reason",
    }, "no text has made a tag of its own"  # fmt: skip
    whole = judged(hledger, "-f", path, "bal")
    parts = b"".join(
        made(run, tmp_path, "hledger", *words).read_bytes() for words in (("--until", PART), ("--since", PART))
    )
    judged(hledger, "check", "-s", "-f", str(made(run, tmp_path, "hledger", "--since", PART)), "ordereddates")
    judged(hledger, "check", "-s", "-f", "-", "ordereddates", "payees", given=parts)
    assert judged(hledger, "-f", "-", "bal", given=parts) == whole


def test_ledger(run: Runner, books: list[recount.Entry], tmp_path: Path) -> None:
    """The file for hledger is one for ledger at its strictest: the sums, and the text of the plans in its tags."""
    ledger, path = program("ledger", "ledger"), str(made(run, tmp_path, "hledger"))
    words = ("--args-only", "--pedantic", "--check-payees", "-f")
    totals: dict[str, int] = {}
    for amount, currency in re.findall(
        r"^ *(-?[\d.]+) ([A-Z]+)",
        judged(ledger, *words, path, "bal", "^expenses", "--flat", "--no-total"),
        re.MULTILINE,
    ):
        totals[currency] = totals.get(currency, 0) + minor(amount, currency)
    assert totals == expected(books)
    assert judged(ledger, *words, path, "bal").split()[-1] == "0"
    parts = b"".join(
        made(run, tmp_path, "hledger", *words).read_bytes() for words in (("--until", PART), ("--since", PART))
    )
    both = judged(ledger, *words, "-", "bal", given=parts)
    assert both == judged(ledger, *words, str(made(run, tmp_path, "hledger")), "bal")
    plans = judged(ledger, *words, path, "reg", "--format", '%(tag("plan"))\n').split("\n")
    assert {clean(text, 1000) for text in HOSTILE if text.strip()} <= {unquote(plan) for plan in plans}


def test_beancount(run: Runner, books: list[recount.Entry], tmp_path: Path) -> None:
    """bean-check says nothing, whole, in part and of the parts together; the sums are the same."""
    check, path = program("bean-check", "beancount"), made(run, tmp_path, "beancount")
    assert judged(check, str(path)) == ""
    query = "select currency, sum(number) where account ~ '^Expenses' group by currency"
    told = judged(program("bean-query", "beancount"), "-f", "csv", str(path), query)
    totals = {row[0].strip(): minor(row[1].strip(), row[0].strip()) for row in list(csv.reader(io.StringIO(told)))[1:]}
    assert {currency: total for currency, total in totals.items() if total} == expected(books)
    first = made(run, tmp_path, "beancount", "--until", PART).read_bytes()
    second = made(run, tmp_path, "beancount", "--since", PART)
    assert judged(check, str(second)) == ""
    path.write_bytes(first + second.read_bytes())
    assert judged(check, str(path)) == ""


def test_the_csv_module_and_jq(run: Runner, books: list[recount.Entry], tmp_path: Path) -> None:
    """Rows and objects come to what was paid for orders; foreign charges are no orders."""
    want = recount.net(recount.sums([*recount.paid(books), *recount.imported(books)[0]]))
    totals: dict[str, int] = {}
    text = made(run, tmp_path, "csv").read_text("utf-8")
    for row in csv.DictReader(io.StringIO(text, newline=""), strict=True):
        if row["settled_at"]:
            name = "paid" if row["paid"] else "price"
            currency = row[f"{name}_currency"]
            totals[currency] = totals.get(currency, 0) + minor(row[name], currency)
    assert totals == want
    filtered = '.order | select(.settled_at) | (.paid // .price) | "\\(.currency) \\(.amount)"'
    totals = {}
    for line in judged(program("jq", "jq"), "-r", filtered, str(made(run, tmp_path, "json"))).splitlines():
        currency, amount = line.split(" ")
        totals[currency] = totals.get(currency, 0) + minor(amount, currency)
    assert totals == want


def test_octets_of_the_packs(run: Runner, books: list[recount.Entry], tmp_path: Path) -> None:
    """What was bought, by line, to the octet."""
    bought: dict[str, int] = {}
    text = made(run, tmp_path, "csv").read_text("utf-8")
    for row in csv.DictReader(io.StringIO(text, newline="")):
        if row["settled_at"] and row["data_bytes"]:
            bought[row["line"]] = bought.get(row["line"], 0) + int(row["data_bytes"])
    assert bought == recount.bought_octets(books)


@pytest.fixture
def lines(run: Runner) -> Runner:
    """Lines with every kind of date, one with a hostile plan."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    run("balance", "--refresh")
    run("policy", "set", "demo", "refund", "allowed=yes", "within=14 days", "--source", "shop")
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "metfone", "--data", "10GB", "--days", "30")
    run("lines", "add", "found", "--provider", "manual", "--carrier", "cootel")
    run("usage", "import", "found", "-", given="CooTel data balance: 3GB; expire date: 2026-12-01.")
    return run


def test_icalendar(lines: Runner, tmp_path: Path) -> None:
    """The library reads every event, its alarm, its id and its version."""
    reader = library("icalendar", "icalendar").Calendar
    events = reader.from_ical(made(lines, tmp_path, "ics").read_bytes()).walk("VEVENT")
    assert len(events) == len({str(event["UID"]) for event in events}) == 7
    for event in events:
        assert event.errors == []
        assert event.walk("VALARM")
        assert {"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "SUMMARY", "DESCRIPTION"} <= set(event)
    assert sorted(type(event["DTSTART"].dt).__name__ for event in events) == ["date"] * 3 + ["datetime"] * 4
    later = made(lines, tmp_path, "ics", "--since", "2026-12-10").read_bytes()
    assert 0 < len(reader.from_ical(later).walk("VEVENT")) < 7


def test_khal(lines: Runner, tmp_path: Path) -> None:
    """A calendar program takes the file in, and again: the same ids are the same events."""
    khal, path = program("khal", "khal"), str(made(lines, tmp_path, "ics"))
    (tmp_path / "cal").mkdir()
    (tmp_path / "khal.conf").write_text(
        f"[calendars]\n[[esim]]\npath = {tmp_path}/cal\n[sqlite]\npath = {tmp_path}/khal.db\n[locale]\n"
        "local_timezone = Asia/Phnom_Penh\ndefault_timezone = Asia/Phnom_Penh\ntimeformat = %H:%M\n"
        "dateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\n"
        "longdatetimeformat = %Y-%m-%d %H:%M\n"
    )
    for _ in range(2):
        judged(khal, "-c", str(tmp_path / "khal.conf"), "import", "--batch", "-a", "esim", path)
    assert len(list((tmp_path / "cal").iterdir())) == 7
    words = ("list", "2026-12-20", "1d", "--format", "{start-long}|{end-long}|{title}")
    told = judged(khal, "-c", str(tmp_path / "khal.conf"), *words)
    assert "2026-12-20 09:00|2026-12-20 09:01|SANDBOX: phone ends" in told
    assert "sim ends" in told


def test_promtool_and_the_parser_of_prometheus(lines: Runner, tmp_path: Path) -> None:
    """Silent and 0; every family once; no label holds a number of a SIM."""
    text = made(lines, tmp_path, "prometheus").read_text("utf-8")
    assert judged(program("promtool", "prometheus"), "check", "metrics", given=text.encode()) == ""
    parser = library("prometheus_client.parser", "prometheus-client")
    families = list(parser.text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families) >= 10
    samples = {(s.name, s.labels.get("line")): s.value for family in families for s in family.samples}
    assert samples["esimctl_data_remaining_bytes", "sim"] == 10 * 10**9
    assert samples["esimctl_data_known", "found"] == 1
    assert ("esimctl_plan_unlimited", "found") in samples
    assert ("esimctl_data_allowance_bytes", "found") not in samples, "unknown is absent"


def test_metrics_of_hostile_books(run: Runner, books: list[recount.Entry], tmp_path: Path) -> None:
    """The counters are the recount's."""
    text = made(run, tmp_path, "prometheus").read_text("utf-8")
    judged(program("promtool", "prometheus"), "check", "metrics", given=text.encode())
    told = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    rows = {
        "spend": [*recount.paid(books), *recount.imported(books)[0]],
        "refund": recount.refunds(books),
        "foreign_spend": recount.foreign(books),
    }
    for (name, found), play in product(rows.items(), (False, True)):
        label = ',play="true"' if play else ""
        sums = recount.sums([row for row in found if (row.provider == "sandbox") is play])
        shown = {c: told[f'esimctl_{name}_total{{profile="default",currency="{c}"{label}}}'] for c in sums}
        assert {currency: minor(amount, currency) for currency, amount in shown.items()} == sums
