"""What only the embedded operator lets a person do: burn data, give it away, share it, arm faults, forget everything.

Each is an event in the books like any other; the engine decides, and a refusal leaves no trace.
"""

import sqlite3
from collections.abc import Mapping
from datetime import datetime

from esimctl.charging.engine import Engine
from esimctl.charging.events import Event, Gift, Leave, Share
from esimctl.errors import Refused, UsageError
from esimctl.providers.protocol import LineRef, Outcome
from esimctl.providers.sandbox import desk, faults, meter
from esimctl.providers.sandbox import desk as returns
from esimctl.providers.sandbox import stock as story
from esimctl.providers.sandbox.books import OperatorBooks, ticks
from esimctl.providers.sandbox.stock import OperatorStock
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml
from esimctl.values.volume import UNLIMITED, Unlimited


class Controls:
    """The operator's switches. ICCIDs name lines; an unknown one is a UsageError."""

    books: OperatorBooks
    stock: OperatorStock

    def use(self, iccid: str, octets: int, now: datetime, at: datetime | None = None) -> None:
        """Burn octets on a line now, or `at` an earlier instant: a late record, and all after it is worked out anew.

        A line that waits for its installation is installed by this.
        """
        when = now if at is None else at
        if octets <= 0:
            raise UsageError("usage is at least one octet", hint="a volume such as 500MB", code="bad_volume")
        if when > now:
            raise UsageError("usage cannot be in the future", hint="--at is at most now", code="bad_time")
        with self.books.writing() as database:
            facts = meter.facts(database, LineRef(iccid, iccid=iccid))
            if when < facts.ready_at:
                raise UsageError("the line is not active yet at that time", code="not_active", hint="use it later")
            books = meter.engine(database, self.stock.zone, (iccid,), now).line(iccid)
            if books.pending is not None and books.pending[0].starts_on == "installation":
                story.write(database, iccid, when, now, {"verb": "install"})
            dated = {} if when == now else {"dated": ticks(when)}
            story.write(database, iccid, now, now, {"verb": "use", "octets": octets, **dated})

    def install(self, iccid: str, now: datetime) -> None:
        """The eSIM was installed on a phone: a plan that waited for that begins."""
        with self.books.writing() as database:
            meter.facts(database, LineRef(iccid, iccid=iccid))
            story.write(database, iccid, now, now, {"verb": "install"})

    def gift(self, iccid: str, to: str, octets: int, now: datetime, *, key: str) -> str:
        """Give data to another line, once for each key; returns the operator's order number. Raises Refused."""
        body = desk.gift_body(key, iccid, to, octets)
        with self.books.writing() as database:
            kept = database.execute("SELECT number, body FROM purchase WHERE key = ?", (key,)).fetchone()
            if kept is not None:
                if kept[1] != body:
                    raise Refused("this key was used for another order", code="key_conflict")
                return desk.order_number(kept[0])
            for name in (iccid, to):
                meter.facts(database, LineRef(name, iccid=name))
            self._apply(database, (iccid, to), Gift(now, iccid, to, octets))
            number = desk.keep_gift(database, key, body, iccid, now)
            story.write(database, iccid, now, now, {"verb": "gift", "octets": octets}, other=to)
        return desk.order_number(number)

    def share(self, iccid: str, member: str, cap: int | None, now: datetime) -> None:
        """Let another line use this line's data from now on; `cap` in octets per period, None without one."""
        limit: int | Unlimited = UNLIMITED if cap is None else cap
        self._tie(iccid, member, Share(now, iccid, member, limit), {"verb": "share", "cap": cap})

    def unshare(self, iccid: str, member: str, now: datetime) -> None:
        """End that; what the other line took stays taken."""
        self._tie(iccid, member, Leave(now, iccid, member), {"verb": "leave"})

    def restate(self, line: LineRef, changed: Mapping[str, Toml], said: str, since: datetime, now: datetime) -> None:
        """A person knows the line's terms to be others from an earlier instant on: all since then is worked out anew.

        `changed` holds keys of the terms' table, None to drop one.
        """
        with self.books.writing() as database:
            iccid = meter.facts(database, line).iccid
            story.write(database, iccid, since, now, {"verb": "restate", "changed": dict(changed), "said": said})

    def term_begin(self, line: LineRef, now: datetime) -> datetime | None:
        """When the line's present term began; None without one."""
        with self.books.reading() as database:
            iccid = meter.facts(database, line).iccid
            return meter.engine(database, self.stock.zone, (iccid,), now).line(iccid).term_begin

    def cancel(self, line: LineRef, now: datetime, *, deadline: float = 30.0) -> Outcome:
        """Take a line back that nothing has happened to since it was bought; its price is given back, once."""
        with self.books.writing(deadline) as database:
            return returns.take_back(database, line.iccid, now)

    def arm(self, kind: str, times: int = 1) -> None:
        """Arm a fault for the next `times` occasions; 0 disarms it."""
        with self.books.writing() as database:
            faults.arm(database, kind, times)

    def armed(self) -> Mapping[str, int]:
        """The faults that will still strike, and how often."""
        with self.books.reading() as database:
            return faults.armed(database)

    def reset(self) -> None:
        """Forget every line, order and fault."""
        self.books.reset()

    def _tie(self, iccid: str, member: str, event: Event, content: Mapping[str, Toml]) -> None:
        with self.books.writing() as database:
            for name in (iccid, member):
                meter.facts(database, LineRef(name, iccid=name))
            self._apply(database, (iccid, member), event)
            story.write(database, iccid, event.at, event.at, content, other=member)

    def _apply(self, database: sqlite3.Connection, names: tuple[str, ...], event: Event) -> Engine:
        """Ask the engine first: what it refuses is not written."""
        books = meter.engine(database, self.stock.zone, names, event.at)
        reason = books.apply(event)
        if reason is not None:
            raise Refused("{reason}", code="not_possible", reason=Raw(reason))
        return books
