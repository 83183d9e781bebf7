"""Every fault of the line × every tier × before and after the operator executed the order: each cell its outcome."""

import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from esimctl.market.provider import provider_of
from esimctl.profile.opened import Session
from esimctl.store.folder import Store
from esimctl.values.money import Money
from tests.faults import wire
from tests.faults.fakes import TIERS, Booking, FakeProvider, Operator
from tests.faults.forked import command
from tests.faults.forked import run as run_forked
from tests.faults.report import Report
from tests.faults.scratch import renew, scratch
from tests.faults.stories import BUY, EARLIER, environment
from tests.faults.virtual import Hurried
from tests.faults.wire import Line, Talk, code, cut, drips, floods, says

START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
PRICE = Money(1999, "USD")  # 19.99 × 100 is 1998.9999… in binary fractions
LINE = "phone"
HORIZON = FakeProvider.absence_horizon


@dataclass(frozen=True, slots=True)
class Fault:
    """`codes` are the exit codes that the first run may end with, by whether the operator had executed the order."""

    name: str
    talk: Talk
    before: frozenset[int] | None = frozenset({0, 4})
    after: frozenset[int] | None = frozenset({0, 4})
    slow: bool = False
    ends: str = "equal"  #: what the books must come to; see `_settles`
    deadline: str = "20"
    extra: dict[str, Any] = field(default_factory=dict)


def _codes(*codes: int) -> frozenset[int]:
    return frozenset(codes)


_OK = {"status": "done"}
FAULTS: tuple[Fault, ...] = (
    Fault("reset", wire.reset),
    Fault("eof", wire.silent),
    Fault("cut-header", cut(0.1)),
    Fault("cut-body-with-length", cut(0.8)),
    Fault("cut-body-chunked", cut(0.8, chunked=True)),
    Fault("cut-body-without-length", cut(0.8, length=False)),
    Fault("hangs", wire.hangs, slow=True, deadline="1"),
    Fault("drips-header", drips(body=False), slow=True, deadline="1"),
    Fault("drips-body", drips(body=True), slow=True, deadline="1"),
    Fault("half-json", says(200, b'{"order": "N0')),
    Fault("empty", says(200, b"")),
    Fault("portal", says(200, b"<html>Sign in to the hotel</html>", "Content-Type: text/html")),
    Fault("wrong-schema", says(200, b'{"result": []}')),
    Fault("a-list", says(200, b"[1, 2]")),
    Fault("wrong-type", says(200, b'{"order": 7, "status": "done", "minor": "1", "currency": 3}')),
    Fault("duplicate-keys", says(200, b'{"order":"N0","order":"N1","status":"done","minor":1,"currency":"USD"}')),
    Fault("nan", says(200, b'{"order":"N0","status":"done","minor":NaN,"currency":"USD"}')),
    Fault("fraction", says(200, b'{"order":"N0","status":"done","minor":19.99,"currency":"USD"}')),
    Fault("too-deep", says(200, b"[" * 5000 + b"]" * 5000)),
    Fault("too-long", says(200, b" " * (3 << 20))),
    Fault("bomb", wire.bomb),
    Fault("endless-headers", floods(b"X-A: b\r\n")),
    Fault("flood-of-1xx", floods(b"HTTP/1.1 100 Continue\r\n\r\n"), slow=True, deadline="2"),
    Fault("processing", wire.changed(status="processing", http=202), before=None),
    Fault("500", code(500, "internal")),
    Fault("502", says(502, b"<html>bad gateway</html>")),
    Fault("503", code(503, "busy")),
    Fault("503-retry-after", code(503, "busy", "Retry-After: 5")),
    Fault("504", says(504, b"")),
    Fault("408", says(408, b"")),
    Fault("422-unexpected", code(422, "something_unexpected")),
    Fault("418", says(418, b"")),
    Fault("409-in-progress", code(409, "in_progress")),
    Fault("409-duplicate", code(409, "duplicate_reference")),
    Fault("409-key-conflict", code(409, "key_conflict")),
    Fault("429-seconds", code(429, "slow_down", "Retry-After: 3"), _codes(75), _codes(75)),
    Fault("429-date", code(429, "slow_down", "Retry-After: Sat, 21 Nov 2026 02:00:09 GMT"), _codes(75), _codes(75)),
    Fault("429-negative", code(429, "slow_down", "Retry-After: -5"), _codes(75), _codes(75)),
    Fault("429-garbage", code(429, "slow_down", "Retry-After: soon"), _codes(75), _codes(75)),
    Fault("429-a-day", code(429, "slow_down", "Retry-After: 86400"), _codes(75), _codes(75)),
    Fault("400", code(400, "bad"), _codes(3), _codes(3), ends="lying"),
    Fault("402", code(402, "insufficient_funds"), _codes(3), _codes(3), ends="lying"),
    Fault("404", code(404, "unknown"), _codes(3), _codes(3), ends="lying"),
    Fault("422-documented", code(422, "bad_package"), _codes(3), _codes(3), ends="lying"),
    Fault("409-price", code(409, "price_changed"), _codes(5), _codes(5), ends="lying"),
    Fault("401", code(401, "who"), _codes(77), _codes(0)),  # the order is looked for before the door is believed
    Fault("403", code(403, "not_you"), _codes(77), _codes(0)),
    *(
        Fault(f"redirect-{status}", says(status, b"", "Location: {elsewhere}/orders"), _codes(4), _codes(4))
        for status in (301, 302, 303, 307, 308)
    ),
)


class Moving:
    """The clock of a session: it goes on while the program pauses, and when the story says so."""

    rehearsal = False
    frozen = None
    kind = "real"

    def __init__(self, hurried: Hurried) -> None:
        self.hurried, self.base = hurried, START

    def now(self) -> datetime:
        return self.base + timedelta(seconds=self.hurried.ahead)

    def check(self) -> None:
        """It never leaves the years that are counted."""


def session_of(home: Path, environ: Mapping[str, str], clock: Moving) -> Session:
    """A session as a new process would have it, by a clock that a story moves."""
    return Session(Store(home, "default", environ=environ), clock, environ, provider_of)  # type: ignore[arg-type]


class Desk:
    """One cell's stage: a fresh profile, an operator, its line, and a session that talks to it."""

    def __init__(self, place: Path, template: Path, letter: str, deadline: str = "20") -> None:
        self.hurried = Hurried()
        self.clock = Moving(self.hurried)
        self.home = renew(place / "home", template)
        state = str(self.home / "state")  # a template and its copies have marks of their own
        self.environ = {"ESIMCTL_HOME": str(self.home), "ESIMCTL_DEADLINE": deadline, "XDG_STATE_HOME": state}
        self.operator = Operator(letter, self.clock.now)
        self.line = Line(self.operator)
        self.letter, self.base = letter, self.line.base

    def session(self) -> Any:
        """As a new process would have it."""
        session = session_of(self.home, self.environ, self.clock)
        session._providers["fake"] = FakeProvider(self.letter, self.base)  # type: ignore[assignment]
        return session

    def buy(self, request_id: str = "cell") -> int:
        """A purchase; its exit code."""
        from esimctl.errors import EsimctlError
        from esimctl.purchase.offer import Intent
        from esimctl.purchase.walk import purchase

        wish = Intent("topup", line=LINE, amount=PRICE, method="credit", request_id=request_id, confirmed=True)
        with self._hurry():
            try:
                return int(purchase(self.session(), wish).exit_code)
            except EsimctlError as error:
                return int(error.exit_code)

    def recover(self, seconds: int = 90, times: int = 5) -> None:
        """Later runs of the program, until nothing is open or it makes no difference any more; the last a day later."""
        from esimctl.profile.books import open_books
        from esimctl.profile.deadline import Deadline
        from esimctl.purchase.pursue import settle_open

        for pause in (*[timedelta(seconds=seconds)] * times, HORIZON, timedelta(seconds=seconds)):
            self.clock.base += pause
            session = self.session()
            with self._hurry(), open_books(session, "recovery", 5.0) as books:
                if not books.ledger.open_orders():
                    return
                settle_open(books, Deadline(20.0))

    def reconcile(self) -> Any:
        """The command's action."""
        from esimctl.purchase.reconcile import reconcile

        with self._hurry():
            return reconcile(self.session())

    def orders(self) -> list[Any]:
        """The orders of the cell as the journal has them."""
        ledger = self.session().store.ledger_for_reading()
        return [order for order in ledger.all_orders() if order.provider == "fake"]

    @contextmanager
    def _hurry(self) -> Iterator[None]:
        """The program's pauses cost nothing, and it knows the kind of the provider that is put into its session."""
        from esimctl.profile import deadline
        from esimctl.providers.registry import KINDS

        known = mock.patch.dict(KINDS, {"fake": KINDS["sandbox"]})  # type: ignore[arg-type]
        with mock.patch.object(deadline, "time", self.hurried), known:
            yield

    def close(self) -> None:
        self.line.close()


def stage(place: Path) -> Path:
    """A profile with a line of the fake operator, paid from the account's own credit."""
    template = place / "stage"
    template.mkdir(mode=0o700)
    ran = run_forked(command(*BUY), place, environment(template, EARLIER))
    if ran.code != 0:
        raise RuntimeError(str(ran))
    store = Store(template, "default")
    with store.locked(5.0, "stage"):
        store.profile.set_table("provider", "fake", {"kind": "fake", "base_url": "http://127.0.0.1:1"})
        store.profile.set_table("payment", "credit", {"kind": "provider-balance", "provider": "fake", "default": True})
        store.profile.set_table("line", LINE, {"provider": "fake"})
    return template


def matrix_layer(
    *,
    letters: str = "ABCDE",
    faults: Sequence[Fault] = FAULTS,
    slow: bool = True,
    required: int = 400,
    changes: Sequence[Callable[[], None]] = (),
    first: bool = False,
) -> Report:
    """All cells. With `changes` they run in a child of their own, so that seeded bugs stay there."""
    report = Report("http-matrix", required)
    with scratch() as place:
        told, inner = place / "told", place / "inner"
        inner.mkdir()
        act = lambda: _all(inner, told, letters, [f for f in faults if slow or not f.slow], first=first)  # noqa: E731
        ran = run_forked(act, place, dict(os.environ), before=changes)
        if ran.code != 0:
            report.violated("harness", ran.err[-1500:])
            return report
        count(report, told)
    return report


def count(report: Report, told: Path) -> None:
    """Put what the cells told into the report."""
    for row in told.read_text().splitlines():
        kind, _, rest = row.partition("\t")
        if kind == "bad":
            report.violations.append(rest)
        else:
            report.points += 1
            report.fired += int(rest)


def _all(place: Path, told: Path, letters: str, faults: Sequence[Fault], *, first: bool) -> int:
    template = stage(place)
    with told.open("w", buffering=1) as out:
        every = itertools.chain(cells(_cell, place, template, letters, faults), _stories(place, template, letters))
        for fired, bad in every:
            out.write(f"cell\t{int(fired)}\n")
            out.writelines(f"bad\t{violation}\n" for violation in bad)
            if first and bad:
                break
    return 0


Cell = tuple[bool, list[str]]


def cells(
    cell: Callable[..., Cell], place: Path, template: Path, letters: str, faults: Sequence[Fault]
) -> Iterator[Cell]:
    """Every cell that a fault has: by tier, before and after the order was carried out."""
    for letter, fault, after in itertools.product(letters, faults, (False, True)):
        codes = fault.after if after else fault.before
        if codes is not None:
            yield cell(place, template, letter, fault, codes, after=after)


def _cell(place: Path, template: Path, letter: str, fault: Fault, codes: frozenset[int], *, after: bool) -> Cell:
    where = f"{letter} {fault.name} {'after' if after else 'before'}"
    desk = Desk(place, template, letter, fault.deadline)
    stranger = Operator("D", desk.clock.now)
    with wire.listening(stranger) as elsewhere:
        try:
            desk.line.executes = after
            desk.line.talk = _aimed(fault.talk, elsewhere.base)
            exit_code = desk.buy()
            fired = desk.line.talk is None
            bad = [] if exit_code in codes else [f"exit {exit_code}, not one of {sorted(codes)}"]
            if desk.operator.posts > 3:
                bad.append(f"{desk.operator.posts} sendings in one run")
            desk.recover()
            bad += _settles(desk, fault, letter, after=after)
            if stranger.posts:
                bad.append("another host was given the order")
        finally:
            desk.close()
    return fired, [f"{where}: {each}" for each in bad]


def _aimed(talk: Talk, elsewhere: str) -> Talk:
    """Redirects point to the other host, which really listens."""

    class Aimed:
        def __init__(self, connection: Any) -> None:
            self.connection = connection

        def sendall(self, data: bytes) -> None:
            self.connection.sendall(data.replace(b"{elsewhere}", elsewhere.encode()))

        def __getattr__(self, name: str) -> Any:
            return getattr(self.connection, name)

    return lambda connection, status, told: talk(Aimed(connection), status, told)  # type: ignore[arg-type]


def _settles(desk: Desk, fault: Fault, letter: str, *, after: bool) -> Iterator[str]:
    """At most one charge; what was charged is settled, what was not is released; the sums agree."""
    charges, orders = desk.operator.charges, desk.orders()
    if len(charges) > 1:
        yield f"DOUBLED: {len(charges)} charges"
    if len(orders) != 1:
        yield f"{len(orders)} orders in the journal"
        return
    order = orders[0]
    if fault.ends == "lying" and after:
        yield from _caught(desk, order)
        return
    if after and len(charges) != 1:
        yield f"the operator charged {len(charges)} times"
    if not after and letter in "CDE" and charges:
        yield "sent again although this tier has no way to do that safely"
    if fault.ends == "lying" and charges:
        yield "charged after a definite refusal"
    if charges and order.state != "settled":
        yield f"LOST: charged, the order is {order.state} ({order.reason})"
    said_to_exist = order.state == "manual" and order.reason == "exists"  # and is nowhere: a person looks
    if not charges and order.state != "rejected" and not said_to_exist:
        yield f"not charged, the order is {order.state} ({order.reason})"
    if charges and (order.paid is None or (order.paid.minor, order.paid.currency) != charges[0]):
        yield f"charged {charges[0]}, the ledger says {order.paid}"


def _caught(desk: Desk, order: Any) -> Iterator[str]:
    """A refusal that was a lie: the comparison of books takes the order up again, or at least finds the money."""
    if order.state != "rejected":
        yield f"after a definite refusal the order is {order.state}"
    result = desk.reconcile()
    rows = [row for row in result.data.balances if row.fits is False]
    (order,) = desk.orders()
    listed = desk.letter != "D"  # only what carries our reference is known for ours
    if listed and (order.state != "settled" or [row.what for row in result.data.healed] != ["order_reopened"]):
        yield f"LOST: charged after a refusal, and after reconcile the order is {order.state} ({order.reason})"
    if not listed and not result.data.foreign and not rows:
        yield "LOST: charged after a refusal, and reconcile says that all is well"


def _stories(place: Path, template: Path, letters: str) -> Iterator[Cell]:
    """What is not one broken answer: nobody there, no TLS, late listings, other figures, forgotten keys."""
    for letter in letters:
        for story in STORIES:
            desk = Desk(place, template, letter)
            try:
                yield True, [f"{letter} {story.__name__[1:]}: {each}" for each in story(desk)]
            finally:
                desk.close()


def _nobody(desk: Desk) -> Iterator[str]:
    """The port is closed between the price and the order: nothing was sent."""
    session_base, desk.base = desk.base, "http://127.0.0.1:1"
    with mock.patch.object(FakeProvider, "account_balance", return_value=None):
        exit_code = desk.buy()
    desk.base = session_base
    if exit_code != 69 or desk.operator.posts or desk.orders()[0].state != "rejected":
        yield f"exit {exit_code}, {desk.operator.posts} sendings, {desk.orders()[0].state}"


def _no_tls(desk: Desk) -> Iterator[str]:
    """A plain port where TLS was expected."""
    desk.base = desk.base.replace("http://", "https://")
    with mock.patch.object(FakeProvider, "account_balance", return_value=None):
        exit_code = desk.buy()
    if exit_code not in (69, 76) or desk.operator.posts or desk.orders()[0].state != "rejected":
        yield f"exit {exit_code}, {desk.operator.posts} sendings, {desk.orders()[0].state}"


def _late(desk: Desk) -> Iterator[str]:
    """The order was executed, the answer lost, and listings show it only 40 seconds later."""
    desk.operator.lag = timedelta(seconds=40)
    desk.line.talk = wire.reset
    exit_code = desk.buy()
    if exit_code not in (0, 4):
        yield f"exit {exit_code}"
    desk.recover(30)
    yield from _settles(desk, FAULTS[0], desk.letter, after=True)


def _twisted(desk: Desk, twist: Callable[[Booking], None]) -> Iterator[str]:
    desk.operator.twist = twist
    exit_code = desk.buy()
    order = desk.orders()[0]
    if exit_code != 4 or order.state != "settled" or not order.discrepancy:
        yield f"exit {exit_code}, {order.state}, discrepancy {order.discrepancy}"
    if (order.paid.minor, order.paid.currency) != desk.operator.charges[0]:
        yield f"the ledger says {order.paid}, the operator took {desk.operator.charges[0]}"


def _other_price(desk: Desk) -> Iterator[str]:
    def dearer(booking: Booking) -> None:
        booking.charges[0] = (2099, "USD")

    yield from _twisted(desk, dearer)


def _other_currency(desk: Desk) -> Iterator[str]:
    def foreign(booking: Booking) -> None:
        booking.charges[0] = (1999, "THB")

    yield from _twisted(desk, foreign)


def _other_line(desk: Desk) -> Iterator[str]:
    """The answer is about another line than was ordered for."""
    desk.line.talk = wire.changed(line="8985500000000000009")
    exit_code = desk.buy()
    order = desk.orders()[0]
    if exit_code != 4 or order.state != "settled" or not order.discrepancy:
        yield f"exit {exit_code}, {order.state}, discrepancy {order.discrepancy}"


def _twice(desk: Desk) -> Iterator[str]:
    """The operator charges twice for one order: reconcile says so."""
    desk.operator.twist = lambda booking: booking.charges.append(booking.charges[0])
    desk.buy()
    result = desk.reconcile()
    if not [row for row in result.data.balances if row.fits is False]:
        yield "reconcile says that all is well"


def _forgotten(desk: Desk) -> Iterator[str]:
    """The order was executed, the answer lost, nobody looked for a day, and by then the operator forgot the mark."""
    desk.line.talk = _gone_at_once
    desk.environ["ESIMCTL_DEADLINE"] = "1"
    desk.operator.lag = timedelta(hours=30)
    desk.buy()
    posts = desk.operator.posts
    desk.operator.forgetful = True
    desk.environ["ESIMCTL_DEADLINE"] = "20"
    desk.clock.base += timedelta(hours=25)
    desk.recover(90)
    if desk.operator.posts != posts or len(desk.operator.charges) != 1:
        yield f"sent again past the horizon: {desk.operator.posts} sendings, {len(desk.operator.charges)} charges"
    order = desk.orders()[0]
    if order.state == "rejected":
        yield f"LOST: charged, and given up as {order.reason}"


def _gone_at_once(connection: Any, status: int, told: dict[str, Any]) -> None:
    wire.reset(connection, status, told)


def _refused_later(desk: Desk) -> Iterator[str]:
    """Executed, the answer lost, listed only after the window; the reference is sent again and refused definitely."""
    if desk.letter != "B":
        return
    desk.operator.lag = timedelta(seconds=200)
    desk.line.talk = wire.reset
    with mock.patch.object(FakeProvider, "account_balance", return_value=None):
        desk.buy()
        desk.line.executes, desk.line.talk = False, code(402, "insufficient_funds")
        desk.recover(40)
    if desk.line.talk is not None:
        yield "it was not sent again: this cell shows nothing"
    order = desk.orders()[0]
    if order.state != "settled":
        yield f"LOST: charged by the first sending, {order.state} ({order.reason}) by the refusal of the second"


def _skewed(desk: Desk) -> Iterator[str]:
    """The operator's clock is five minutes ahead."""
    desk.operator.skew = timedelta(minutes=5)
    desk.line.talk = wire.reset
    desk.buy()
    desk.recover()
    yield from _settles(desk, FAULTS[0], desk.letter, after=True)


STORIES: tuple[Callable[[Desk], Iterator[str]], ...] = (
    _nobody,
    _no_tls,
    _late,
    _other_price,
    _other_currency,
    _other_line,
    _twice,
    _forgotten,
    _skewed,
    _refused_later,
)

__all__ = ["FAULTS", "TIERS", "Desk", "Fault", "matrix_layer", "session_of", "stage"]
