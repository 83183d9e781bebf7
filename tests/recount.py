"""Totals counted again from the raw journal, with a TOML reader and nothing of the program: the judge of every figure.

`journal(folder)` reads the segments of a profile's folder; the other functions take its entries. Money is integer minor
units beside a currency, volumes are octets. Lines have their present names.
"""

import tomllib
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

Entry = dict[str, Any]

UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
ENDED = {"order.settled", "order.rejected", "order.cancelled"}


class Row(NamedTuple):
    """Money that moved once: paid (or a fee, or somebody else's), or come back."""

    order: str
    at: datetime
    line: str | None
    provider: str
    method: str | None
    kind: str
    source: str
    plan: str | None
    provider_order: str | None
    currency: str
    minor: int


def journal(folder: Path) -> list[Entry]:
    """Every entry of the profile in that folder, in order."""
    found: list[Entry] = []
    for path in sorted((folder / "journal").glob("[0-9]*.toml")):
        found += tomllib.loads(path.read_text("utf-8")).get("tx", [])
    return found


def now_called(entries: Iterable[Entry]) -> Callable[[str, int], str]:
    """A function from a line's name at the time of an entry to its present name."""
    renames = [(each["seq"], each["line"], each["to"]) for each in entries if each["kind"] == "line.renamed"]

    def called(line: str, seq: int) -> str:
        for when, old, new in renames:
            if when > seq and line == old:
                line = new
        return line

    return called


def _lives(entries: list[Entry]) -> dict[str, list[Entry]]:
    lives: dict[str, list[Entry]] = {}
    for each in entries:
        if each["kind"].startswith("order."):
            lives.setdefault(each["order"], []).append(each)
    return lives


def _row(life: list[Entry], called: Callable[[str, int], str], at: datetime, currency: str, minor: int) -> Row:
    first = life[0]
    numbers = [each["provider_order"] for each in life if "provider_order" in each]
    return Row(
        first["order"], at, called(first["line"], first["seq"]), first["provider"], first["method"],
        first["order_kind"], first["source"], first.get("plan"), numbers[-1] if numbers else None, currency, minor,
    )  # fmt: skip


def paid(entries: list[Entry]) -> list[Row]:
    """What was really paid for every settled order, by its last correction; the price where no payment was told."""
    called, found = now_called(entries), []
    for life in _lives(entries).values():
        settled = [each for each in life if each["kind"] == "order.settled"]
        if not settled:
            continue
        first = life[0]
        currency, minor = first["currency"], first["price_minor"]
        for each in life:
            if "paid_minor" in each:
                currency, minor = each.get("paid_currency", first["currency"]), each["paid_minor"]
        found.append(_row(life, called, settled[-1]["at"], currency, minor))
    return found


def fees(entries: list[Entry]) -> list[Row]:
    """What was taken beside the price."""
    called = now_called(entries)
    return [
        _row(life, called, each["at"], each.get("fee_currency", life[0]["currency"]), each["fee_minor"])
        for life in _lives(entries).values()
        for each in life
        if each["kind"] == "order.settled" and each.get("fee_minor")
    ]


def refunds(entries: list[Entry]) -> list[Row]:
    """What came back, as positive amounts."""
    called = now_called(entries)
    return [
        _row(life, called, each["at"], each["currency"], each["amount_minor"])
        for life in _lives(entries).values()
        for each in life
        if each["kind"] == "order.refunded"
    ]


def reserved(entries: list[Entry]) -> list[Row]:
    """The prices of orders whose end is not known: perhaps spent."""
    called = now_called(entries)
    return [
        _row(life, called, life[0]["at"], life[0]["currency"], life[0]["price_minor"])
        for life in _lives(entries).values()
        if not ENDED & {each["kind"] for each in life}
    ]


def foreign(entries: list[Entry]) -> list[Row]:
    """Charges of somebody else, by the last word on each; without an amount they are not counted."""
    last: dict[tuple[str, str], tuple[datetime, Entry]] = {}
    for each in entries:
        if each["kind"] == "foreign":
            place = (each["provider"], each["provider_order"])
            at = min(each["at"], each.get("ordered_at", each["at"]))
            last[place] = (last[place][0] if place in last else at, each)
    return [
        Row(number, at, None, provider, None, "foreign", "foreign", each.get("plan"), number, each["currency"],
            each["amount_minor"])
        for (provider, number), (at, each) in last.items()
        if "amount_minor" in each and "currency" in each
    ]  # fmt: skip


def imported(entries: list[Entry]) -> tuple[list[Row], list[Row]]:
    """Payments and refunds that were taken over from elsewhere: (paid, refunds)."""
    called, taken, back = now_called(entries), [], []
    for each in entries:
        if each["kind"] != "imported":
            continue
        row = Row(
            each["order"], each["paid_at"], called(each["line"], each["seq"]),
            each["provider"], each["method"], each["order_kind"], "imported", each.get("plan"),
            each.get("provider_order"), each.get("paid_currency", each["currency"]),
            each.get("paid_minor", each["price_minor"]),
        )  # fmt: skip
        taken.append(row)
        if "refund_minor" in each:
            back.append(row._replace(currency=each["refund_currency"], minor=each["refund_minor"]))
    return taken, back


def sums(rows: Iterable[Row]) -> dict[str, int]:
    """currency → minor units."""
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.currency] = totals.get(row.currency, 0) + row.minor
    return totals


def sums_by(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[tuple[Any, str], int]:
    """(key, currency) → minor units; `key` says by what, e.g. `lambda row: row.line`."""
    totals: dict[tuple[Any, str], int] = {}
    for row in rows:
        place = (key(row), row.currency)
        totals[place] = totals.get(place, 0) + row.minor
    return totals


def net(*parts: dict[str, int], less: dict[str, int] | None = None) -> dict[str, int]:
    """Sums added up, less others; currencies that come to nothing are left out."""
    totals: dict[str, int] = {}
    for part, sign in [*((part, 1) for part in parts), *([(less, -1)] if less else [])]:
        for currency, minor in part.items():
            totals[currency] = totals.get(currency, 0) + sign * minor
    return {currency: minor for currency, minor in totals.items() if minor}


def posted(entries: list[Entry], prefix: str) -> dict[str, int]:
    """currency → what the postings of accounts that begin with `prefix` come to: the books beside the orders."""
    totals: dict[str, int] = {}
    for each in entries:
        for posting in each.get("postings", ()):
            if posting["account"].startswith(prefix):
                totals[posting["currency"]] = totals.get(posting["currency"], 0) + posting["minor"]
    return {currency: minor for currency, minor in totals.items() if minor}


def octets(text: str) -> int:
    """`20GB` as octets, by its own small table."""
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
    return int(Decimal(digits) * UNITS[text[len(digits) :].strip()])


def bought_octets(entries: list[Entry]) -> dict[str, int]:
    """line → the volume of every settled pack by the terms that it was bought with; unlimited ones are left out."""
    called, totals = now_called(entries), {}
    for life in _lives(entries).values():
        data = life[0].get("terms", {}).get("data")
        if any(each["kind"] == "order.settled" for each in life) and data not in (None, "unlimited"):
            line = called(life[0]["line"], life[0]["seq"])
            totals[line] = totals.get(line, 0) + octets(data)
    return totals


def last_readings(entries: list[Entry]) -> dict[str, Entry]:
    """line → the reading that was true last."""
    called, found = now_called(entries), {}
    for each in entries:
        if each["kind"] == "reading":
            line = called(each["line"], each["seq"])
            if line not in found or found[line]["read_at"] <= each["read_at"]:
                found[line] = each
    return found
