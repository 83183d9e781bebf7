"""A life in ticks: data is used, faults strike a part of the orders, a clock is set back or years ahead now and then, a
second machine buys from the same account, the computer sleeps for nine days; and the model.

The model knows the rule, the operator's own figures and which fault strikes; it keeps its own waiting times, failures
and limits in plain numbers, and says to the cent what must have been charged.
"""

import io
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

TICK = timedelta(minutes=5)
START = datetime(2027, 1, 20, 2, 0, tzinfo=UTC)
LOCAL = timezone(timedelta(hours=7))
THRESHOLD, PRICE, MONTH = 500_000_000, 100, 1200  #: octets, cents, cents
COOLDOWN = BACKOFF = timedelta(hours=1)
UNATTENDED = 10  #: attempts until a person shows up
DAY = timedelta(days=1)

REFUSED = ("decline", "out-of-stock")  #: definite: counts as a failure
NOT_SENT = ("unreachable",)  #: definite, but nobody said no
LATER = ("timeout-before", "rate-limit")  #: not executed; the next run sends the same bytes again
AT_ONCE = ("timeout-after", "error-500", "malformed")  #: executed; found by its key in this run or the next
FAULTS = REFUSED + NOT_SENT + LATER + AT_ONCE


@dataclass
class Model:
    """What must happen to the money."""

    last_attempt: datetime | None = None
    last_failed: datetime | None = None
    failures: int = 0
    suspended: bool = False
    unattended: int = 0
    foreign: bool = False  #: somebody else bought from the account, and nobody has looked at it
    waiting: bool = False  #: an order was not executed yet and is sent again by the next run
    spends: list[datetime] = field(default_factory=list)
    attempts: int = 0

    @property
    def cents(self) -> int:
        """What must have been charged so far."""
        return PRICE * len(self.spends)

    def tick(self, now: datetime, left: int, fault: str | None, *, clock_ok: bool) -> None:
        """One run of the program."""
        if self.waiting:
            self.waiting = False
            self.spends.append(now)
            self.failures = 0
            return
        if self.suspended or not clock_ok or left > THRESHOLD or self._held(now):
            return
        self.attempts += 1
        self.unattended += 1
        self.last_attempt = now
        if fault in REFUSED:
            self.failures += 1
            self.last_failed = now
            self.suspended = self.failures >= 3
        elif fault in NOT_SENT:
            self.last_failed = now
        elif fault in LATER:
            self.waiting = True
        else:
            self.failures = 0
            self.spends.append(now)

    @property
    def asks_for_a_person(self) -> bool:
        """Whether nothing goes on before somebody looks."""
        return self.suspended or self.foreign or self.unattended >= UNATTENDED

    def _held(self, now: datetime) -> bool:
        if self.foreign or self.unattended >= UNATTENDED:
            return True
        if self.failures and self.last_failed is not None and now < self.last_failed + BACKOFF:
            return True
        if self.last_attempt is not None and now < self.last_attempt + COOLDOWN:
            return True
        first = now.astimezone(LOCAL).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        for since in (first, now - timedelta(days=31)):
            if PRICE * (1 + sum(at >= since for at in self.spends)) > MONTH:
                return True
        return False

    def resume(self) -> None:
        """A person looks after a day and lets it go on."""
        self.suspended, self.failures, self.unattended, self.foreign = False, 0, 0, False


@dataclass
class Outcome:
    """What a life came to."""

    ticks: int
    model_cents: int
    ledger_cents: int
    operator_cents: int
    attempts: int
    faults: dict[str, int]
    codes: dict[int, int]
    alerts: dict[str, int]
    repeated: list[str]
    strangers: int
    looks: int


class Life:
    """One profile with one line and one rule, driven tick by tick."""

    def __init__(self, seed: int, rate: float = 0.05, appetite: int = 1, step: timedelta = TICK) -> None:
        self.random = random.Random(seed)
        self.rate = rate
        self.step = step
        self.appetite = appetite  #: how many times as much data is used
        self.now = START
        self.model = Model()
        self.strangers = 0  #: orders of the second machine
        self.looks = 0  #: how often a person had to look
        self.held_since: datetime | None = None
        self.faults: dict[str, int] = {}
        self.codes: dict[int, int] = {}
        self._main("buy", "demo-monthly-1gb", "--name", "phone", "--yes")
        self._main("autotopup", "set", "phone", "--below", "500MB", "--plan", "demo-topup-2gb",
                   "--max-price", "2USD", "--max-per-month", "12USD")  # fmt: skip
        self._main("autotopup", "enable", "phone", "--confirm", "12USD")
        self._main("profile", "create", "other")

    def run(self, ticks: int) -> Outcome:
        """Live so many ticks and compare."""
        from esimctl.purchase.opening import open_profile

        session = open_profile(None, self._environ(self.now))
        provider = session.provider("sandbox")
        iccid = str(session.lines["phone"]["iccid"])
        for number in range(ticks):
            self.now += self.step
            if number == ticks // 2:
                self.now += timedelta(days=9)
            self._use(provider, iccid)
            fault = self.random.choice(FAULTS) if self.random.random() < self.rate else None
            back, ahead, other = (self.random.random() < rate for rate in (0.0005, 0.0005, 0.0003 * self.appetite))
            if other and not self.model.waiting:
                self._main("buy", "demo-monthly-1gb", "--profile", "other", "--yes")
                self.model.foreign = True
                self.strangers += 1
            if self.model.waiting:
                back = ahead = False
                fault = None  # one fault an order: what a second one does to its repetition is not this model's
            if fault:
                provider.arm(fault, 1)
            left = self._left(provider, session)
            was = self.model.attempts
            self.model.tick(self.now, left, fault, clock_ok=not (back or ahead))
            if fault and self.model.attempts > was:
                self.faults[fault] = self.faults.get(fault, 0) + 1
            at = self.now - timedelta(minutes=30) if back else self.now + timedelta(days=500) if ahead else self.now
            code = self._main("autotopup", "run", at=at)
            self.codes[code] = self.codes.get(code, 0) + 1
            if fault:
                provider.arm(fault, 0)
            self._look()
            if number % 288 == 287:
                self._same(provider)
        return self._outcome(ticks, provider)

    def _look(self) -> None:
        """A person looks, a day after nothing went on without one."""
        if not self.model.asks_for_a_person or self.model.waiting:
            return
        self.held_since = self.held_since or self.now
        if self.now - self.held_since >= DAY:
            self._main("reconcile", "--acknowledge", "all")
            self._main("autotopup", "resume", "phone")
            self.model.resume()
            self.looks += 1
            self.held_since = None

    def _use(self, provider: Any, iccid: str) -> None:
        """Use some data, less at night; an expired line uses none."""
        from esimctl.errors import EsimctlError

        hour = self.now.astimezone(LOCAL).hour
        octets = self.random.randrange(0, 90_000_000 if 7 <= hour < 23 else 6_000_000)
        octets *= self.appetite
        if octets and self.random.random() < 0.12:
            try:
                provider.use(iccid, octets, self.now)
            except EsimctlError:
                return

    def _left(self, provider: Any, session: Any) -> int:
        """The operator's own figure."""
        from esimctl.profile.naming import line_ref

        reading = provider.reading(line_ref("phone", dict(session.lines["phone"])), self.now)
        return sum(
            bucket.remaining - bucket.reserved
            for bucket in reading.buckets
            if bucket.usage_type == "data" and bucket.start <= self.now < bucket.end
        )

    def _same(self, provider: Any) -> None:
        ledger, operator = self._ledger(), self._charged(provider)
        assert self.model.waiting or ledger in {operator, operator - PRICE}, (self.now, ledger, operator)
        assert operator == self.model.cents, (self.now, operator, self.model.cents)

    def _ledger(self) -> int:
        from esimctl.purchase.opening import open_profile

        ledger = open_profile(None, self._environ(self.now)).store.ledger_for_reading()
        return int(ledger.spent("USD", source="rule", play=True) - ledger.reserved("USD", source="rule", play=True))

    def _charged(self, provider: Any) -> int:
        """What the operator took for anything but the line itself."""
        orders = provider.orders(START - timedelta(days=1), self.now)
        return sum(charge.minor for order in orders if order.kind != "new" for charge in order.charges)

    def _outcome(self, ticks: int, provider: Any) -> Outcome:
        if self.model.waiting or self._ledger() != self._charged(provider):  # let the last one come to its end
            self.now += TICK
            self.model.tick(self.now, THRESHOLD + 1, None, clock_ok=True)
            self._main("autotopup", "run")
        alerts, repeated = self._alerts()
        return Outcome(
            ticks, self.model.cents, self._ledger(), self._charged(provider), self.model.attempts, self.faults,
            self.codes, alerts, repeated, self.strangers, self.looks,
        )  # fmt: skip

    def _alerts(self) -> tuple[dict[str, int], list[str]]:
        """How often each kind was told, and those that were told again within their window.

        What goes on may be told again 1, 6 and 24 hours after it began and then daily; what had ended, after a day.
        """
        from esimctl.purchase.opening import open_profile

        store = open_profile(None, self._environ(self.now)).store
        counts: dict[str, int] = {}
        live: dict[str, list[datetime]] = {}
        last: dict[str, datetime] = {}
        repeated = []
        for entry in store.journal.load().entries:
            if entry["kind"] != "alert":
                continue
            key = entry["key"]
            if entry.get("resolved"):
                live.pop(key, None)
                continue
            told = live.setdefault(key, [])
            if too_soon(entry["class"] == "problem", told, last.get(key), entry["at"]):
                repeated.append(f"{key} at {entry['at']}")
            if not told:
                last[key] = entry["at"]
            told.append(entry["at"])
            counts[entry["alert"]] = counts.get(entry["alert"], 0) + 1
        return counts, repeated

    def _environ(self, at: datetime) -> dict[str, str]:
        return {**os.environ, "ESIMCTL_NOW": at.isoformat()}

    def _main(self, *words: str, at: datetime | None = None) -> int:
        from esimctl.main import main

        with quiet():
            os.environ["ESIMCTL_NOW"] = (at or self.now).isoformat()
            return main(list(words))


def too_soon(problem: bool, told: list[datetime], before: datetime | None, at: datetime) -> bool:
    """Whether something is told within its window: `told` since it began, `before` when it last began."""
    if not told:
        return problem and before is not None and at - before < DAY
    if not problem:
        return True
    hours = {1: 1, 2: 6, 3: 24}.get(len(told))
    return at < told[0] + timedelta(hours=hours) if hours else at - told[-1] < DAY


@contextmanager
def quiet() -> Iterator[tuple[io.StringIO, io.StringIO]]:
    """What the program says goes nowhere but to whoever asks."""
    kept = sys.stdin, sys.stdout, sys.stderr
    out, err = io.StringIO(), io.StringIO()
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(), out, err
    try:
        yield out, err
    finally:
        sys.stdin, sys.stdout, sys.stderr = kept


__all__ = ["Life", "Model", "Outcome", "quiet"]
