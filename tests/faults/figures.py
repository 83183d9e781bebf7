"""What safety costs: fsyncs of one purchase, milliseconds on this disk, and reading after years of history."""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any

from tests.faults import forked
from tests.faults.forked import command
from tests.faults.report import Report
from tests.faults.scratch import scratch
from tests.faults.stories import BUY, environment, make, stories

MOST_FSYNCS = 7
MOST_MILLISECONDS = 60.0  #: p95 of what we add to the operator's own time
MOST_RATIO = 1.5  #: reading 10 000 transactions against reading ten


def fsyncs(name: str) -> int:
    """fsyncs of our own files in one purchase; the operator's books are not ours."""
    with scratch() as place:
        story = stories()[name]
        home = make(story, place / "home")
        ran, lines = forked.traced(story.act(home), place, environment(home), before=story.before)
        if ran.code != 0:
            raise RuntimeError(str(ran))
        calls = [line for line in lines if "sync(" in line and str(home) in line and f"{home}/sandbox" not in line]
        return len(calls)


def fsync_layer(*, required: int = 3) -> Report:
    """At most seven for each kind of purchase."""
    report = Report("fsyncs", required)
    if forked.STRACE is None:
        report.not_run = "strace is not installed"
        return report
    for name in ("buy", "renew", "topup"):
        count = fsyncs(name)
        report.figures[name] = count
        report.points += 1
        report.fired += count > 0
        if count > MOST_FSYNCS:
            report.violated(name, f"{count} fsyncs")
    return report


@contextmanager
def on_disk() -> Iterator[Path]:
    """A folder on a real disk: in memory an fsync costs nothing."""
    place = Path(tempfile.mkdtemp(prefix="esimctl-figures-", dir="/var/tmp"))
    try:
        yield place
    finally:
        rmtree(place, ignore_errors=True)


def latency_layer(*, purchases: int = 100) -> Report:
    """What a purchase takes beside the operator's own time, on a real disk."""
    report = Report("latency", purchases, points=purchases)
    load = os.getloadavg()[0]
    if load > 2 * (os.cpu_count() or 1):
        report.not_run = f"the machine is busy (load {load:.1f}): milliseconds would say nothing"
        return report
    with on_disk() as place:
        home = place / "home"
        home.mkdir(mode=0o700)
        forked.run(command(*BUY), place, environment(home))
        told = place / "told.json"
        ran = forked.run(lambda: _buy_often(told, purchases), place, environment(home))
        if ran.code != 0:
            raise RuntimeError(str(ran))
        times = sorted(json.loads(told.read_text()))
        p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
        report.fired = len(times)
        report.figures = {"p50_ms": round(p50, 1), "p95_ms": round(p95, 1)}
        if p95 > MOST_MILLISECONDS:
            report.violated("p95", f"{p95:.1f} ms")
    return report


def _buy_often(told: Path, purchases: int) -> int:
    from esimctl.main import main
    from esimctl.providers.sandbox.provider import SandboxProvider
    from esimctl.purchase import walk as purchase

    spent = {"operator": 0.0, "purchase": 0.0}
    for name in ("quote", "send", "look_up"):
        _timed(SandboxProvider, name, spent, "operator")
    _timed(purchase, "purchase", spent, "purchase")
    times = []
    for _ in range(purchases):
        spent.update(operator=0.0, purchase=0.0)
        if main(["topup", "phone", "--amount", "1USD", "--yes", "--json"]) != 0:
            return 1
        times.append((spent["purchase"] - spent["operator"]) * 1000)
    told.write_text(json.dumps(times))
    return 0


def _timed(owner: Any, name: str, spent: dict[str, float], kind: str) -> None:
    real: Callable[..., Any] = getattr(owner, name)

    def timed(*words: Any, **more: Any) -> Any:
        began = time.perf_counter()
        try:
            return real(*words, **more)
        finally:
            spent[kind] += time.perf_counter() - began

    setattr(owner, name, timed)


def history(home: Path, transactions: int) -> None:
    """A journal with so many settled top-ups, written through the store as a purchase writes them."""
    from tests.faults.verdict import opened

    forked.run(command(*BUY), home.parent, environment(home, "2020-01-01T00:00:00+00:00"))
    session = opened(environment(home))
    at = datetime(2020, 1, 1, tzinfo=UTC)
    left = transactions - 1
    while left > 0:
        with session.store.locked(5.0, "history"):
            ledger = session.store.ledger_for_writing()
            for _ in range(min(left, 100)):
                at += timedelta(hours=5)
                session.store.append(ledger, list(_topup(at, left)))
                left -= 1


def _topup(at: datetime, number: int) -> Iterator[dict[str, Any]]:
    name = f"old-{number:06d}"
    yield {
        "at": at, "kind": "order.prepared", "order": name, "order_kind": "topup", "line": "phone",
        "provider": "sandbox", "price_minor": 100, "currency": "USD", "method": "sandbox-card",
        "method_kind": "credit-card", "amount_minor": 100, "amount_currency": "USD", "request_id": name, "key": name,
        "tier": "A", "endpoint": "x", "request": "{}", "request_sha256": "0" * 64, "source": "person",
    }  # fmt: skip
    yield {"at": at, "kind": "order.attempted", "order": name, "n": 1}
    yield {
        "at": at, "kind": "order.settled", "order": name, "confirmed_by": "provider", "paid_minor": 100,
        "paid_currency": "USD", "provider_order": name,
    }  # fmt: skip


def snapshot_layer(*, few: int = 10, many: int = 10_000, repeats: int = 31) -> Report:
    """`balance --json --cached` after ten transactions and after 10 000."""
    report = Report("snapshot", 2)
    took = {}
    with scratch() as place:
        for count in (few, many):
            home = place / str(count)
            home.mkdir(mode=0o700)
            history(home, count)
            told = place / f"{count}.json"
            ran = forked.run(lambda told=told: _read_often(told, repeats), place, environment(home))  # type: ignore[misc]
            if ran.code != 0:
                raise RuntimeError(str(ran))
            times = sorted(json.loads(told.read_text()))
            took[count] = times[len(times) // 2]
            report.points += 1
            report.fired += 1
            report.figures[f"{count}_ms"] = round(took[count] * 1000, 2)
    report.figures["ratio"] = round(took[many] / took[few], 2)
    if took[many] > MOST_RATIO * took[few]:
        report.violated("balance", f"{took[many] / took[few]:.2f} times as long")
    return report


def _read_often(told: Path, repeats: int) -> int:
    """Whole processes' worth of reading: each in a child, as nothing is kept between commands."""
    from esimctl.main import main

    times = []
    for _ in range(repeats):
        child = os.fork()
        if child == 0:
            os._exit(main(["balance", "--json"]))
        _, status, used = os.wait4(child, 0)
        if status:
            return 1
        times.append(used.ru_utime + used.ru_stime)  # the processor's seconds: the same on a busy machine
    told.write_text(json.dumps(times))
    return 0


def entries_read(transactions: int) -> int:
    """How many journal entries one reading of the ledger takes in: what a snapshot is there to bound."""
    from esimctl.store.segments import Segments
    from tests.faults.verdict import opened

    with scratch() as place:
        home = place / "home"
        home.mkdir(mode=0o700)
        history(home, transactions)
        counted: list[int] = []
        real = Segments.load

        def load(self: Any, *words: Any) -> Any:
            loaded = real(self, *words)
            counted.append(len(loaded.entries))
            return loaded

        Segments.load = load  # type: ignore[method-assign]
        try:
            opened(environment(home)).store.ledger_for_reading()
        finally:
            Segments.load = real  # type: ignore[method-assign]
        return sum(counted)


__all__ = ["entries_read", "fsync_layer", "fsyncs", "latency_layer", "snapshot_layer"]
