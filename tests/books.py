"""Books of any length for benches and tests: a profile whose journal was written record by record, but not by commands.

The records are what commands would have written, framed, chained and archived by the store's own code; only the check
that reads every record back is left out and the TOML is written on one line a value, which makes a hundred thousand
orders a matter of a minute.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from esimctl.ledger.entries import Entry
from esimctl.ledger.fold import Ledger
from esimctl.ledger.postings import due
from esimctl.profile.opened import FIRST_PROFILE
from esimctl.store import frames
from esimctl.store.folder import Store
from esimctl.store.journal import SEGMENT_RECORDS
from esimctl.store.opening import Opened, keep_index
from esimctl.store.segments import Loaded, Position

START = datetime(2025, 1, 1, 2, 0, tzinfo=UTC)
PLANS = (("demo-monthly-20gb", 900, "20GB"), ("demo-monthly-5gb", 400, "5GB"), ("smart-laor-7d", 150, "15GB"))


def key(name: str) -> str:
    """A key, quoted where TOML wants it."""
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name)


def toml(value: Any) -> str:
    """A value of an entry on one line: what JSON and TOML write alike, instants, and tables within the line."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key(name)} = {toml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


class Writer:
    """Appends entries to a profile's journal without reading them back, and keeps the ledger beside it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ledger = Ledger()
        self.at = Position()
        self.opened = Opened(self.ledger, [], Loaded(), None)
        self._pieces: list[bytes] = []

    def add(self, entry: dict[str, Any]) -> Entry:
        """Number it, let it pay its postings, frame it."""
        whole = {"seq": self.ledger.next_seq, **{key: value for key, value in entry.items() if value is not None}}
        if whole["kind"].startswith("order."):
            owed = due(self.ledger.subject(whole), whole)
            if owed is not None:
                whole["postings"] = owed
        if self.at.records >= SEGMENT_RECORDS:
            self.flush()
            self.at = Position(self.at.segment + 1, 0, 0, self.at.next_seq, self.at.last_hash)
        if self.at.length == 0:
            self._frame(frames.encode_head(self.at.segment, self.at.next_seq, self.at.last_hash), 0)
        block = f"[[tx]]\n{''.join(f'{key(name)} = {toml(value)}{chr(10)}' for name, value in whole.items())}".encode()
        self._frame(frames.frame(block, whole["seq"], self.at.last_hash), 1)
        self.ledger.take(whole)
        self.opened.recent.append(whole["at"])
        return whole

    def _frame(self, data: bytes, records: int) -> None:
        self._pieces.append(data)
        at = self.at
        self.at = Position(
            at.segment, at.length + len(data), at.records + records, at.next_seq + records, frames.hash_of(data)
        )

    def flush(self) -> None:
        """Everything so far is on disk."""
        if self._pieces:
            path = self.store.journal.path(self.at.segment)
            with path.open("ab") as file:
                file.write(b"".join(self._pieces))
            path.chmod(0o600)
            self._pieces = []

    def keep(self) -> None:
        """The index that a command would have kept about now."""
        self.flush()
        keep_index(self.store.folder, self.store.journal, self.opened, self.at)


def write_books(
    home: Path,
    orders: int,
    *,
    lines: int = 1000,
    seed: int = 1,
    every: int = 1500,
    since: datetime = START,
    apart: timedelta = timedelta(minutes=5),
) -> Store:
    """A profile `default` with so many orders; some refused, refunded, foreign; the index is kept `every` entries."""
    return write_entries(home, history(Random(seed), orders, lines, since, apart), every=every)


def write_entries(
    home: Path, entries: Iterable[Entry], profile: Mapping[str, Any] | None = None, *, every: int = 1500
) -> Store:
    """A profile `default` with these entries; the index is kept `every` so many."""
    store = Store(home, "default")
    store.create({"schema": 1, **FIRST_PROFILE, **(profile or {})})
    writer = Writer(store)
    with store.locked():
        for place, entry in enumerate(entries):
            writer.add(entry)
            if place % every == every - 1:
                writer.keep()
        writer.keep()
    return store


def lay_down(home: Path, entries: Iterable[Entry], profile: Mapping[str, Any] | None = None) -> Store:
    """A profile `default` whose journal holds exactly these entries."""
    store = Store(home, "default")
    store.create({"schema": 1, **FIRST_PROFILE, **(profile or {})})
    writer = Writer(store)
    with store.locked():
        for entry in entries:
            writer.add({key: value for key, value in entry.items() if key not in {"seq", "postings"}})
        writer.flush()
    return store


def history(
    random: Random, orders: int, lines: int, since: datetime = START, apart: timedelta = timedelta(minutes=5)
) -> Iterator[dict[str, Any]]:
    """Entries of so many orders, one after the other, `apart` on the average."""
    at = since
    for number in range(orders):
        at += apart * random.randrange(1, 10) / 5
        yield from order(random, number, f"line-{number % lines:04d}", at)
        if number % 500 == 499:
            yield {
                "kind": "foreign", "at": at, "provider": "sandbox", "provider_order": f"F-{number}",
                "amount_minor": 250, "currency": "USD", "reason": "not_ours",
            }  # fmt: skip


def order(random: Random, number: int, line: str, at: datetime) -> Iterator[dict[str, Any]]:
    """One order: most are settled, one in twenty is refused, one in fifty refunded, the payment sometimes untold."""
    plan, price, data = random.choice(PLANS)
    currency = "KHR" if number % 7 == 0 else "USD"
    price = price * 40 if currency == "KHR" else price
    name, key = f"{at:%y%m%d}-{number:08x}", f"00000000-0000-4000-8000-{number:012x}"
    yield {
        "kind": "order.prepared", "at": at, "order": name, "order_kind": "new" if number % 97 == 0 else "topup",
        "line": line, "provider": "sandbox", "plan": plan, "price_minor": price, "currency": currency,
        "method": random.choice(("sandbox-card", "cash")), "method_kind": random.choice(("credit-card", "cash")),
        "request_id": key, "key": key, "tier": "A", "endpoint": "sandbox:orders",
        "request": f'{{"key":"{key}","kind":"topup","plan":"{plan}","price":{{"amount":"{price}"}},"promotion":null}}',
        "request_sha256": "0" * 64, "source": random.choice(("person", "person", "rule:phone")),
        "terms": {"price": f"{price / 100:.2f} USD", "data": data, "term": "1 month"},
    }  # fmt: skip
    yield {"kind": "order.attempted", "at": at, "order": name, "n": 1}
    if number % 20 == 7:
        yield {"kind": "order.rejected", "at": at, "order": name, "reason": "declined"}
        return
    told = {} if number % 11 == 3 else {"paid_minor": price, "paid_currency": currency}
    yield {
        "kind": "order.settled", "at": at + timedelta(seconds=2), "order": name, "confirmed_by": "provider",
        "provider_order": f"SB-{number}", "expires_at": at + timedelta(days=30), **told,
    }  # fmt: skip
    if number % 50 == 1:
        yield {"kind": "order.refunding", "at": at + timedelta(seconds=3), "order": name, "reason": "requested"}
        yield {
            "kind": "order.refunded", "at": at + timedelta(seconds=5), "order": name, "amount_minor": price,
            "currency": currency,
        }  # fmt: skip
