"""The sums of every document that holds money, each by a small reader of its own that shares nothing with the program.

A sum has a place: (play, month, line, kind, move), `move` being payment, refund, fee or foreign, and a currency; it is
in minor units. Documents that say less have less in their places.
"""

import csv
import io
import json
import re
from calendar import month_abbr
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

EXPONENTS = {"USD": 2, "THB": 2, "KHR": 0}


class Place(NamedTuple):
    """What a sum is of."""

    play: bool
    month: str
    line: str | None
    kind: str
    move: str
    currency: str


Sums = dict[Place, int]
Nets = dict[tuple[bool, str, str | None, str], int]  #: (play, month, line, currency) → minor units


def minor(amount: str, currency: str) -> int:
    """Decimal text in minor units."""
    assert re.fullmatch(r"-?\d+(\.\d+)?", amount), amount
    assert len(amount.partition(".")[2]) == EXPONENTS[currency], (amount, currency)
    return int(amount.replace(".", ""))


def add(sums: dict[Any, int], place: Any, value: int) -> None:
    sums[place] = sums.get(place, 0) + value


def of_sheet(text: str) -> Sums:
    """The CSV of orders."""
    sums: Sums = {}
    for row in csv.DictReader(io.StringIO(text, newline=""), strict=True):
        play, what = row["play"] == "yes", "paid" if row["paid"] else "price"
        if row["settled_at"]:
            currency = row[f"{what}_currency"]
            place = Place(play, row["month"], row["line"], row["kind"], "payment", currency)
            add(sums, place, minor(row[what], currency))
        if row["refund"]:
            currency = row["refund_currency"]
            place = Place(play, row["refund_month"], row["line"], row["kind"], "refund", currency)
            add(sums, place, minor(row["refund"], currency))
    return kept(sums)


def of_orders(orders: list[dict[str, Any]], zone: ZoneInfo) -> Sums:
    """Order objects, of an export or of a list; months by their instants."""
    sums: Sums = {}
    for order in orders:
        money, back = order["paid"] or order["price"], order["refund"]
        if order["settled_at"]:
            place = (order["play_money"], month(order["settled_at"], zone), order["line"], order["kind"], "payment")
            add(sums, Place(*place, money["currency"]), minor(money["amount"], money["currency"]))
            assert order.get("month") in (None, place[1])
        if back:
            place = (order["play_money"], month(order["refunded_at"], zone), order["line"], order["kind"], "refund")
            add(sums, Place(*place, back["currency"]), minor(back["amount"], back["currency"]))
            assert order.get("refund_month") in (None, place[1])
    return kept(sums)


def month(instant: str, zone: ZoneInfo) -> str:
    """The local month of an instant."""
    return datetime.fromisoformat(instant).astimezone(zone).strftime("%Y-%m")


def of_book(text: str, tag: re.Pattern[str], posting: re.Pattern[str]) -> Sums:
    """An account book: the legs that are no method and no account, by what its tags say; every move adds up to 0."""
    sums: Sums = {}
    for block in text.split("\n\n"):
        lines = block.strip("\n").split("\n")
        if not re.match(r"\d{4}-\d\d-\d\d \*", lines[0]):
            continue
        told = {found[1]: found[2] for line in lines if (found := tag.match(line))}
        legs = [found for line in lines if (found := posting.match(line))]
        rest: dict[tuple[bool, str], int] = {}
        for leg in legs:
            account, amount, play, currency = leg.group(1).lower(), leg[2], bool(leg[3]), leg[4]
            value = minor(amount, currency)
            add(rest, (play, currency), value)
            assert play == account.startswith("equity:esim:play:") == (told.get("play") == "yes")
            parts = account.split(":")[3 if play else 2 :]
            if parts[0] in {"methods", "accounts"}:
                continue
            assert parts[1] == told["profile"] == "default"
            move = "fee" if parts[0] == "fees" else told["move"]
            place = Place(play, lines[0][:7], told.get("line"), told["kind"], move, currency)
            add(sums, place, -value if move == "refund" else value)
        assert legs
        assert not any(rest.values()), block
    return kept(sums)


def of_hledger(text: str) -> Sums:
    """A journal for hledger."""
    tag = re.compile(r"    ; ([a-z-]+): (.*)")
    return of_book(text, tag, re.compile(r"    ([a-z]\S*)  (-?[\d.]+) (PLAY)?([A-Z]{3})$"))


def of_beancount(text: str) -> Sums:
    """A ledger for beancount."""
    tag = re.compile(r'  ([a-z-]+): "(.*)"$')
    return of_book(text, tag, re.compile(r"  ([A-Z]\S*)  (-?[\d.]+) (PLAY)?([A-Z]{3})$"))


def of_metrics(text: str) -> dict[tuple[bool, str], int]:
    """(play, currency) → what was paid, before refunds."""
    sums: dict[tuple[bool, str], int] = {}
    for labels, amount in re.findall(r"^esimctl_spend_total\{(.*)\} (\S+)$", text, re.MULTILINE):
        told = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        add(sums, (told.get("play") == "true", told["currency"]), minor(amount, told["currency"]))
    return kept(sums)


def kept(sums: dict[Any, int]) -> dict[Any, int]:
    """What is not nothing."""
    return {place: value for place, value in sums.items() if value}


def nets(sums: Sums) -> Nets:
    """(play, month, line, currency) → payments less refunds, as a report has it."""
    totals: Nets = {}
    for place, value in sums.items():
        if place.move in {"payment", "refund"}:
            key = (place.play, place.month, place.line, place.currency)
            add(totals, key, -value if place.move == "refund" else value)
    return kept(totals)


def of_report(document: dict[str, Any], what: str = "spend") -> Nets:
    """(play, month, line, currency) → a sort of money of a report by line."""
    sums: Nets = {}
    for row in document["report"]:
        for money in row[what]:
            key = (row["play_money"], row["month"], row["group"], money["currency"])
            add(sums, key, minor(money["amount"], money["currency"]))
    return kept(sums)


def of_table(text: str, what: str = "spend") -> Nets:
    """The same of its CSV."""
    sums: Nets = {}
    for row in csv.DictReader(io.StringIO(text, newline=""), strict=True):
        for amount, currency in re.findall(r"(-?[\d.]+) ([A-Z]{3})", row[what]):
            key = (row["play_money"] == "yes", row["month"], row["group"] or None, currency)
            add(sums, key, minor(amount, currency))
    return kept(sums)


def of_page(text: str) -> Nets:
    """What was spent by the tables of its page, as a person reads them: digits in groups, play money in a part below.

    Their last rows are checked to be the sums of those above them.
    """
    sums: Nets = {}
    text = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")
    for part in re.split(r"(?=<h2>)", text):
        play = part.startswith("<h2>SANDBOX")
        own: Nets = {}
        total: Nets = {}
        for row in re.findall(r"<tr>(<td.*?)</tr>", part, re.DOTALL):
            cells = dict(re.findall(r'data-label="([^"]*)"><span>(.*?)</span></td>', row))
            for amount, currency in re.findall(r"(-?[\d.,]+) ([A-Z]{3})", cells.get("Spent", "")):
                value = minor(amount.replace(",", ""), currency)
                if cells["Month"] == "Total":
                    add(total, (play, "", None, currency), value)
                else:
                    line = None if cells["Line"] == "-" else cells["Line"]
                    name, year = cells["Month"].split()
                    month = f"{year}-{list(month_abbr).index(name):02}"
                    add(sums, (play, month, line, currency), value)
                    add(own, (play, "", None, currency), value)
        assert kept(total) == kept(own)
    return kept(sums)


def lives(orders: list[dict[str, Any]]) -> dict[str, str]:
    """How an earlier life of a name is called in these documents → the same in every home: by its first order."""
    found: dict[str, str] = {}
    for place, order in enumerate(orders):
        line = order["line"]
        if line not in found:
            found[line] = f"life-{place}" if re.match(r"L[0-9]", line) else line
    return found


def called(sums: dict[Any, int], names: dict[str, str]) -> dict[Any, int]:
    """The sums with their lines so called."""
    return {
        tuple(names.get(part, part) if isinstance(part, str) else part for part in place): value
        for place, value in sums.items()
    }


def records(text: str) -> Iterator[dict[str, Any]]:
    """The order objects of an export."""
    for line in text.splitlines():
        yield json.loads(line)["order"]
