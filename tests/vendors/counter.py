"""An account at the embedded operator as a face sells from it: its credit, its orders, its eSIMs.

Every face has an account of its own in the same books, so that nothing of one shows in another. A refused order leaves
nothing behind: these interfaces remember only what they took.
"""

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from esimctl.providers.lpa import ActivationCode
from esimctl.providers.protocol import LineRef, Reading, ReadingBucket
from esimctl.providers.sandbox import desk, faults, meter
from esimctl.providers.sandbox import desk as goods
from esimctl.providers.sandbox import desk as returns
from esimctl.providers.sandbox.books import OperatorBooks, moment, ticks
from esimctl.providers.sandbox.stock import OperatorStock
from esimctl.values.money import Money
from tests.vendors.armed import NOTHING, Armed
from tests.vendors.packs import Pack, packs


@dataclass(frozen=True, slots=True)
class Sold:
    """One eSIM or top-up that was sold. `batch` names the order that it was part of; `gone`: it was given back."""

    number: int
    batch: str
    pack: Pack
    iccid: str
    at: datetime
    ready_at: datetime
    cents: int
    note: Mapping[str, Any]
    gone: bool
    lpa: str
    msisdn: str

    def ready(self, now: datetime) -> bool:
        return now >= self.ready_at


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one pack. `octets` is None where it has no limit; `start` is None while it waits."""

    octets: int | None
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Usage:
    """What is left on an eSIM: all its packs together, and each by its number."""

    reading: Reading
    total: int | None
    remaining: int | None
    waiting: bool  #: nothing has been used yet
    packs: Mapping[int, Left]

    @property
    def spent(self) -> bool:
        return self.remaining == 0


class Counter:
    """The account of one face. `clock` tells the time; `credit` (cents) is what the account begins with."""

    def __init__(
        self,
        api: str,
        books: OperatorBooks,
        zone: tzinfo,
        clock: Callable[[], datetime],
        *,
        gigabyte: int,
        carrier: str | None = None,
        credit: int,
        delay: timedelta = timedelta(0),
        armed: Armed = NOTHING,
    ) -> None:
        self.api = api
        self.armed = armed
        self.books = books
        self.clock = clock
        self.packs = list(packs(gigabyte, carrier))
        self.stock = OperatorStock(lambda: tuple(pack.plan for pack in self.packs), lambda: (), zone)
        self.delay = delay
        self._first_credit = credit
        self._wallet = f"{api}:USD"

    def pack(self, name: str | None) -> Pack | None:
        """The pack of that id."""
        return next((pack for pack in self.packs if pack.id == name), None)

    def reading_books(self) -> AbstractContextManager[sqlite3.Connection]:
        """The books to look into."""
        return self.books.reading()

    # -- selling

    def sell(
        self,
        database: sqlite3.Connection,
        pack: Pack,
        now: datetime,
        *,
        key: str | None = None,
        quantity: int = 1,
        iccid: str | None = None,
        note: Mapping[str, Any] | None = None,
    ) -> list[Sold]:
        """Sell a pack so many times, all or none; raises desk.Refusal and leaves the books as they were."""
        if self.credit(database) < pack.cents * quantity:
            raise goods.Refusal("insufficient_funds", "the account's credit is too low")
        batch = key or secrets.token_hex(12)
        database.execute("SAVEPOINT sale")
        for place in range(quantity):
            body = self._body(f"{self.api}:{batch}:{place}", pack, iccid)
            status, document = desk.take(database, self.stock, body, now)
            if status not in (200, 202):
                left = faults.armed(database)
                database.execute("ROLLBACK TO sale")
                for kind in faults.armed(database):
                    database.execute("UPDATE fault SET times = ? WHERE kind = ?", (left.get(kind, 0), kind))
                raise goods.Refusal(str(document["error"]), str(document["message"]))
        self._late(database, batch, now)
        self._keep(database, batch, note or {})
        database.execute("RELEASE sale")
        sold = self.sold(database, batch=batch)
        self.book(database, -sum(each.cents for each in sold))
        return sold

    def _body(self, key: str, pack: Pack, iccid: str | None) -> str:
        form = {
            "key": key,
            "kind": "topup" if pack.topup else "new",
            "plan": pack.id,
            "amount": None,
            "iccid": iccid,
            "method": self.api,
            "method_kind": "account",
            "confirmed": False,
            "promotion": None,
            "price": Money(pack.cents, "USD").as_json(),
        }
        return json.dumps(form, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def _late(self, database: sqlite3.Connection, batch: str, now: datetime) -> None:
        """What is ready at once is ready after `delay`."""
        if not self.delay:
            return
        ready, then = ticks(now), ticks(now + self.delay)
        start = f"{self.api}:{batch}:"
        rows = database.execute(
            "UPDATE purchase SET ready_at = ?1 WHERE substr(key, 1, ?2) = ?3 AND ready_at = ?4 RETURNING iccid",
            (then, len(start), start, ready),
        ).fetchall()
        for row in rows:
            database.execute("UPDATE line SET ready_at = ? WHERE iccid = ? AND created_at = ?", (then, *row, ready))
            database.execute("UPDATE event SET at = ? WHERE iccid = ? AND recorded_at = ?", (then, *row, ready))

    def _keep(self, database: sqlite3.Connection, batch: str, note: Mapping[str, Any]) -> None:
        """What came with an order and is told again: the operator's own books have no place for it."""
        database.execute("CREATE TABLE IF NOT EXISTS note (batch TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT")
        database.execute("INSERT INTO note VALUES (?, ?)", (f"{self.api}:{batch}", json.dumps(dict(note))))

    def give_back(self, database: sqlite3.Connection, sold: Sold, now: datetime) -> bool:
        """Take an unused eSIM back; its price returns to the credit, once."""
        if sold.gone:
            return False
        outcome = returns.take_back(database, sold.iccid, now)
        if outcome.charged is not False:
            return False
        self.book(database, sold.cents)
        return True

    # -- looking

    def shown(self, database: sqlite3.Connection, now: datetime) -> list[Sold]:
        """What lists show of all that was bought: rows that are late are left out."""
        return [each for each in self.sold(database) if self.shows(each, now)]

    def shows(self, sold: Sold, now: datetime) -> bool:
        """Whether lists show it by now."""
        return sold.at + self.armed.hidden <= now

    def sold(self, database: sqlite3.Connection, *, batch: str | None = None, iccid: str | None = None) -> list[Sold]:
        """What this account bought, in order: all of it, one order, or what is on one eSIM."""
        start = f"{self.api}:" if batch is None else f"{self.api}:{batch}:"
        rows = database.execute(
            "SELECT number, key, iccid, plan, created_at, ready_at FROM purchase"
            " WHERE substr(key, 1, ?1) = ?2 AND status = 200 AND (?3 IS NULL OR iccid = ?3) ORDER BY number",
            (len(start), start, iccid),
        ).fetchall()
        return list(self._found(database, rows))

    def _found(self, database: sqlite3.Connection, rows: list[Any]) -> Iterator[Sold]:
        if not rows:
            return
        notes = dict(database.execute("SELECT batch, content FROM note"))
        paid = dict(database.execute("SELECT purchase, sum(minor) FROM charge WHERE minor > 0 GROUP BY purchase"))
        lines = {iccid: rest for iccid, *rest in database.execute("SELECT iccid, msisdn, matching_id FROM line")}
        for number, key, iccid, plan, created_at, ready_at in rows:
            pack = self.pack(plan)
            if pack is None:  # of a catalogue that this version no longer has
                continue
            order = key.rpartition(":")[0]
            msisdn, matching_id = lines.get(iccid, ("", ""))
            yield Sold(
                number=number,
                batch=order.removeprefix(f"{self.api}:"),
                pack=pack,
                iccid=iccid,
                at=moment(created_at),
                ready_at=moment(ready_at),
                cents=paid.get(number, 0),
                note=json.loads(notes[order]),
                gone=iccid not in lines,
                lpa=ActivationCode(goods.HOST, matching_id).text if matching_id else "",
                msisdn=msisdn,
            )

    def usage(self, mine: list[Sold], now: datetime) -> Usage:
        """What is left on an eSIM, `mine` being all that was sold for it."""
        reading = self._read(mine[0].iccid, now)
        base = next((each for each in mine if not each.pack.topup), None)
        waiting = reading.use_by is not None and base is not None
        extra = base.pack.octets if waiting and base is not None else 0
        endless = reading.unlimited or extra is None
        left = {each.number: _left(each, reading, waiting=waiting, now=now) for each in mine}
        fresh = waiting and not reading.used_bytes
        return Usage(
            reading,
            None if endless else (reading.granted_bytes or 0) + (extra or 0),
            None if endless else (reading.remaining_bytes or 0) + (extra or 0),
            fresh,
            left,
        )

    def _read(self, iccid: str, now: datetime) -> Reading:
        line = LineRef(iccid, iccid=iccid)
        with self.books.reading() as database:
            if faults.mark(database, "stale-usage") is None:
                return meter.reading(database, self.stock, meter.facts(database, line), now)
        with self.books.writing() as database:
            old = faults.mark(database, "stale-usage")
            faults.strikes(database, "stale-usage")
            return meter.reading(database, self.stock, meter.facts(database, line), now, newest=old)

    def meanwhile(self, database: sqlite3.Connection, now: datetime) -> None:
        """What happens on the account right after an order, where that is armed."""
        if "deposits" in self.armed:
            self.book(database, self.armed.deposit)
        if "others" in self.armed:
            cheapest = min((pack for pack in self.packs if not pack.topup), key=lambda pack: pack.cents)
            self.sell(database, cheapest, now, key=f"web-{secrets.token_hex(8)}")

    def credit(self, database: sqlite3.Connection) -> int:
        """What the account has, in cents."""
        row = database.execute("SELECT minor FROM wallet WHERE currency = ?", (self._wallet,)).fetchone()
        return self._first_credit if row is None else int(row[0])

    def book(self, database: sqlite3.Connection, cents: int) -> None:
        """Let the credit change by so much."""
        database.execute("INSERT OR IGNORE INTO wallet VALUES (?, ?)", (self._wallet, self._first_credit))
        database.execute("UPDATE wallet SET minor = minor + ? WHERE currency = ?", (cents, self._wallet))


def _left(sold: Sold, reading: Reading, *, waiting: bool, now: datetime) -> Left:
    """What is left of one pack: a top-up is known by its beginning, the base pack is the only one of its kind."""
    if waiting and not sold.pack.topup:
        return Left(sold.pack.octets, None, None)
    bucket = next((each for each in reading.buckets if _is_of(each, sold)), None)
    if bucket is None:
        return Left(sold.pack.octets, None, None) if now < sold.ready_at else _over(sold, reading)
    return Left(None if bucket.unlimited else bucket.remaining, bucket.start, bucket.end)


def _over(sold: Sold, reading: Reading) -> Left:
    """A pack whose term is over: nothing is left, and its days are told from where they began or ended."""
    term = timedelta(days=sold.pack.days)
    if sold.pack.topup:
        return Left(0, sold.ready_at, sold.ready_at + term)
    return Left(0, None if reading.expires_at is None else reading.expires_at - term, reading.expires_at)


def _is_of(bucket: ReadingBucket, sold: Sold) -> bool:
    if sold.pack.topup:
        return bucket.category == "topup" and bucket.start == sold.ready_at
    return bucket.category == "base"


__all__ = ["Counter", "Left", "Sold", "Usage"]
