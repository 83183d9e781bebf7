"""A made-up year of many lines as journal entries, and what is true of it, for tests and benches.

The generator keeps its own simple books (a base bucket a month, leftovers carried once or lost) and shares no code with
the charging engine. `Year.truth` is what it did; `Year.entries` is what a journal would say of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from esimctl.ledger.fold import Ledger
from tests.ledger.samples import numbered, prepared, step

Entry = dict[str, Any]
FIRST = datetime(2025, 12, 31, 17, tzinfo=UTC)  #: the local midnight in Phnom Penh that begins 2026
ZONE = timedelta(hours=7)
GB = 10**9
PLANS = (("smart", "10GB", 10 * GB, 500, "USD"), ("metfone", "25GB", 25 * GB, 30_000, "KHR"),
         ("cellcard", "7GB", 7 * GB, 333, "USD"))  # fmt: skip


@dataclass
class Truth:
    """What happened, by line."""

    used: list[tuple[str, datetime, datetime, int]] = field(default_factory=list)
    carried: list[tuple[str, datetime, int]] = field(default_factory=list)
    lost: list[tuple[str, datetime, int]] = field(default_factory=list)
    bought: list[tuple[str, datetime, int]] = field(default_factory=list)


@dataclass
class Year:
    """The entries in order of time, without `seq` and postings; the carriers and owners of the lines."""

    entries: list[Entry]
    truth: Truth
    lines: dict[str, dict[str, Any]]

    def folded(self) -> tuple[list[Entry], Ledger]:
        """The entries as a journal holds them, and the ledger that they come to."""
        ledger = Ledger()
        return numbered(*self.entries, ledger=ledger), ledger


class _Line:
    """One line's year: buys every month, looks at it some times, uses what it likes."""

    def __init__(self, random: Random, number: int, truth: Truth, months: int, looks: int) -> None:
        self.random, self.truth, self.months, self.looks = random, truth, months, looks
        self.name = f"line-{number:04}"
        self.carrier, self.data, self.octets, self.price, self.currency = random.choice(PLANS)
        self.carries = random.random() < 0.4
        self.day = random.randrange(28)
        self.hour = random.randrange(24)
        self.base = self.rolled = self.forfeited = self.topup = 0
        self.month = self.orders = self.granted = 0

    def boundary(self, month: int) -> datetime:
        """When its n-th term begins: on its day of the local month."""
        local = FIRST + ZONE
        first = datetime(local.year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        return first + timedelta(days=self.day, hours=self.hour) - ZONE

    def entries(self) -> Iterator[Entry]:
        last: datetime | None = None
        for month in range(self.months):
            start, end = self.boundary(month), self.boundary(month + 1)
            if last is not None:
                yield self.reading(start - timedelta(seconds=1), last)
                last = start - timedelta(seconds=1)
            self.turn(month, start)
            yield from self.buy("new" if month == 0 else "renew", start)
            if last is None:
                last = start
                yield self.reading(start, None)
            else:
                yield self.reading(start, last)
                last = start
            at = start
            for look in range(self.looks):
                at += (end - start) / (self.looks + 1) + timedelta(seconds=self.random.randrange(3600))
                if look == 0 and self.random.random() < 0.2:
                    yield from self.buy("topup", at - timedelta(hours=1))
                yield self.reading(at, last)
                last = at

    def turn(self, month: int, at: datetime) -> None:
        """A term ends: what is left is carried once or lost, what was carried before is lost, so are top-ups."""
        self.month = month
        if month == 0:
            return
        gone = self.rolled + self.topup
        left, self.rolled, self.topup = self.base, 0, 0
        if self.carries:
            self.rolled = self.granted = left
            if left:
                self.truth.carried.append((self.name, at, left))
        else:
            gone += left
        self.base = 0
        self.forfeited += gone
        if gone:
            self.truth.lost.append((self.name, at - timedelta(microseconds=1), gone))

    def buy(self, kind: str, at: datetime) -> Iterator[Entry]:
        self.orders += 1
        small = kind == "topup"
        octets, price = (2 * GB, self.price // 4) if small else (self.octets, self.price)
        order = f"{self.name}-o{self.orders}"
        yield prepared(
            order, at=at, line=self.name, order_kind=kind, price_minor=price, currency=self.currency,
            plan=f"{self.carrier}-{'topup' if small else 'monthly'}",
            terms={"data": "2GB" if small else self.data, "term": "1 month"}, provider="sandbox",
            source=f"rule:{self.name}" if small else "person", method=self.random.choice(["card", "wallet"]),
        )  # fmt: skip
        yield step("attempted", order, at=at, n=1)
        if kind != "new" and self.random.random() < 0.03:
            yield step("rejected", order, at=at, reason="declined")
            return
        yield step(
            "settled", order, at=at, confirmed_by="provider", provider_order=f"p-{order}", paid_minor=price,
            paid_currency=self.currency,
        )  # fmt: skip
        self.truth.bought.append((self.name, at, octets))
        if kind == "new":
            yield {"kind": "line.added", "at": at, "line": self.name, "provider": "sandbox", "order": order}
        if small:
            self.topup += octets
        else:
            self.base = octets

    def reading(self, at: datetime, last: datetime | None) -> Entry:
        """Use something since the last look, oldest data first, and write down what is left."""
        if last is not None:
            self.use(last, at)
        month, start, end = self.month, self.boundary(self.month), self.boundary(self.month + 1)
        buckets = [_bucket(f"base-{month}", "base", self.octets, self.base, start, end)] if self.base else []
        if self.rolled:
            buckets.append(_bucket(f"rolled-{month}", "rollover", self.granted, self.rolled, start, end))
        if self.topup:
            buckets.append(_bucket(f"topup-{month}", "topup", 2 * GB, self.topup, start, end))
        data = {
            "status": "active", "remaining_bytes": self.base + self.rolled + self.topup, "unlimited": False,
            "out_of_bucket_bytes": 0, "forfeited_bytes": self.forfeited, "expires_at": end, "buckets": buckets,
        }  # fmt: skip
        return {"kind": "reading", "at": at, "line": self.name, "read_at": at, "source": "provider", "data": data}

    def use(self, last: datetime, at: datetime) -> None:
        left = self.base + self.rolled + self.topup
        used = 0
        for name in ("rolled", "topup", "base"):
            # one octet stays in every bucket: one that is gone from a reading could not be told from one that ended
            most = max(0, getattr(self, name) - 1)
            part = self.random.randrange(most + 1) if self.random.random() < 0.6 else most // 7
            setattr(self, name, getattr(self, name) - part)
            used += part
        assert self.base + self.rolled + self.topup == left - used
        if used:
            self.truth.used.append((self.name, last, at, used))


def _bucket(name: str, category: str, granted: int, left: int, start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "id": name, "category": category, "usage_type": "data", "granted": granted, "remaining": left, "start": start,
        "end": end, "status": "active", "reserved": 0, "shared": False, "provisional": False, "unlimited": False,
    }  # fmt: skip


def year(lines: int, *, seed: int = 9, months: int = 12, looks: int = 2) -> Year:
    """A year of so many lines, the same for the same seed, with some purchases refused."""
    random, truth = Random(seed), Truth()
    made = [_Line(random, number, truth, months, looks) for number in range(lines)]
    entries = [entry for line in made for entry in line.entries()]
    entries.sort(key=lambda entry: entry["at"])
    owners = ("Sokha", "小李", "<b>Mia</b>", None)
    tables = {}
    for place, line in enumerate(made):
        owner = owners[place % len(owners)]
        tables[line.name] = {"provider": "sandbox", "carrier": line.carrier} | ({"owner": owner} if owner else {})
    return Year(entries, truth, tables)


__all__ = ["FIRST", "GB", "Truth", "Year", "year"]
