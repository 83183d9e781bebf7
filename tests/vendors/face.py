"""A vendor's interface over the embedded operator: who may come in, what is an order, how answers fail.

Armed faults strike orders here: `timeout-before` and `timeout-after` hold the connection until the client leaves or the
server ends, `unreachable` resets it before anything is done.
"""

from abc import abstractmethod
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from esimctl.errors import EsimctlError
from esimctl.malformed import Malformed
from esimctl.providers.sandbox import faults
from esimctl.providers.sandbox.books import ticks
from tests.vendors import levers
from tests.vendors.armed import Armed
from tests.vendors.calls import Call, Reply, Silence
from tests.vendors.wire import Vendor

if TYPE_CHECKING:
    from sqlite3 import Connection

    from tests.vendors.counter import Counter, Sold

RETRY_AFTER = "5"

_NOT_JSON = b'<html><title>502 Bad Gateway</title>{"data": {"id": '


class Face(Vendor):
    """A vendor's interface: what is asked, what is ordered, and how refusals sound."""

    api: ClassVar[str]

    def __init__(self, counter: "Counter") -> None:
        super().__init__()
        self.counter = counter
        self.page_size = 1000  #: rows of a page, at most
        self._first = 0  #: number of the first charge that counts

    @property
    def charges(self) -> list[int]:
        """Cents of every charge of this account since `count_anew`."""
        return [cents for _, cents in self._charged() if cents > 0]

    def count_anew(self) -> None:
        """Forget the charges until now."""
        self._first = max((number for number, _ in self._charged()), default=0) + 1

    def _charged(self) -> list[tuple[int, int]]:
        with self.counter.reading_books() as database:
            found = database.execute(
                "SELECT number, minor FROM charge WHERE method = ? AND number >= ?", (self.api, self._first)
            )
            return found.fetchall()

    def sold(self) -> list["Sold"]:
        """Everything that the account bought."""
        with self.counter.reading_books() as database:
            return self.counter.sold(database)

    def sell(self, name: str, key: str | None = None, quantity: int = 1) -> list["Sold"]:
        """Somebody buys a pack on the same account, elsewhere."""
        pack = self.counter.pack(name)
        assert pack is not None
        with self.counter.books.writing() as database:
            return self.counter.sell(database, pack, self.counter.clock(), key=key, quantity=quantity)

    def pay_in(self, cents: int) -> None:
        """Credit is paid into the account."""
        with self.counter.books.writing() as database:
            self.counter.book(database, cents)

    def arm(self, *names: str) -> None:
        """From now on it does what these behaviours are, and no other; see `Armed`."""
        self.counter.armed = Armed(frozenset(names))

    def use(self, iccid: str, octets: int) -> None:
        """Let an eSIM use data, as a phone would."""
        levers.use(self.counter, iccid, octets)

    def now(self) -> datetime:
        """What its clock says: the time of the account, which may be a rehearsal's, and how far the clock is off."""
        return self.counter.clock() + timedelta(seconds=self.clock_ahead)

    @abstractmethod
    def gate(self, call: Call) -> Reply | None:
        """The refusal of a caller who may not come in; also the answer where the gate itself is asked."""

    @abstractmethod
    def order_key(self, call: Call) -> str | None:
        """What names an order; None for everything that is no order."""

    @abstractmethod
    def take(self, database: "Connection", call: Call, now: datetime) -> Reply:
        """Execute an order."""

    @abstractmethod
    def answer(self, call: Call, now: datetime) -> Reply:
        """Everything else."""

    @abstractmethod
    def failure(self, status: int) -> Reply:
        """How this vendor says 400, 404, 429, 500 and 503."""

    def respond(self, call: Call) -> Reply | Silence:
        """The answer to one request, faults included."""
        if call.path.startswith(levers.BASE):
            return levers.pulled(self.counter, call)
        now = self.counter.clock()
        try:
            barred = self.gate(call)
            if barred is not None:
                return barred
            key = self.order_key(call)
            return self.answer(call, now) if key is None else self._ordered(call, key, now)
        except Malformed:
            return self.failure(400)
        except EsimctlError:  # the books are in use or cannot be read
            return self.failure(503)

    def _ordered(self, call: Call, key: str, now: datetime) -> Reply | Silence:
        with self.counter.books.writing(30.0) as database:
            if faults.keeps_away(database, key, ticks(now)):
                return Silence.CUT
            if faults.strikes(database, "timeout-before"):
                return Silence.HELD
            if faults.strikes(database, "rate-limit"):
                return self.failure(429)
            reply = self.take(database, call, now)
            self.counter.meanwhile(database, now)
            if faults.strikes(database, "timeout-after"):
                return Silence.HELD
            if faults.strikes(database, "error-500"):
                return self.failure(500)
            if faults.strikes(database, "malformed"):
                return Reply(reply.status, _NOT_JSON)
        return reply


__all__ = ["RETRY_AFTER", "Face"]
