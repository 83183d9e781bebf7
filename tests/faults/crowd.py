"""Many processes at once, some of them killed: the books stay equal to the cent, and a limit lets one through."""

import json
import os
import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.faults import forked
from tests.faults.forked import KILLED, command
from tests.faults.operator import sales
from tests.faults.report import Report
from tests.faults.scratch import renew, scratch
from tests.faults.stories import RULE, environment
from tests.faults.verdict import equal, opened, reader, recovered

PATIENCE = "600s"
LINES = 24


def crowd_layer(
    *,
    workers: int = 16,
    each: int = 100,
    seeds: Sequence[int] = (1, 2, 3, 4, 5),
    required: int | None = None,
    changes: Sequence[Callable[[], None]] = (),
) -> Report:
    """`workers` processes with `each` orders, three in ten of them killed; after recovery everything must be equal."""
    total = workers * each * len(seeds)
    report = Report("crowd", total // 5 if required is None else required, points=total)
    began = time.monotonic()
    for seed in seeds:
        with scratch() as place:
            home = _many_lines(place, LINES if each > 20 else 6)
            _crowd(place, home, seed, workers, each, report, changes)
    report.figures["seconds"] = round(time.monotonic() - began)
    return report


def _many_lines(place: Path, count: int) -> Path:
    home = place / "home"
    home.mkdir(mode=0o700)
    for number in range(count):
        words = ("buy", "smart-laor-7d", "--provider", "sandbox", "--name", f"line{number}", "--yes", "--json")
        ran = forked.run(command(*words), place, environment(home))
        if ran.code != 0:
            raise RuntimeError(str(ran))
    return home


def _crowd(
    place: Path, home: Path, seed: int, workers: int, each: int, report: Report, changes: Sequence[Callable[[], None]]
) -> None:
    lines = sorted(opened(environment(home)).lines)
    children = []
    for worker in range(workers):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                _work(place, home, random.Random(f"{seed}/{worker}"), worker, each, lines, changes)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    for child in children:
        _, status = os.waitpid(child, 0)
        if status:
            report.violated(f"seed {seed}", "a worker of the harness failed")
    environ = environment(home)
    where = f"seed {seed}"
    for violation in (*reader(environ), *recovered(environ), *equal(environ)):
        report.violated(where, violation)
    codes = _confirmed(place, environ, workers, where, report)
    sold = sales(home)
    cents = sum(minor for sale in sold for minor, _ in sale.charges)
    report.figures[f"seed{seed}"] = f"{len(sold)} sales, {cents} cents, codes {codes}"
    if unexpected := codes.keys() - {"0", str(KILLED)}:
        report.violated(where, f"exit codes {sorted(unexpected)}")


def _confirmed(place: Path, environ: Mapping[str, str], workers: int, where: str, report: Report) -> dict[str, int]:
    """Whatever a process said that it had bought is in the ledger; how often each exit code came."""
    codes: dict[str, int] = {}
    ledger = opened(environ).store.ledger_for_reading()
    for worker in range(workers):
        told = json.loads((place / f"worker{worker}.json").read_text())
        report.fired += told["killed"]
        for code, number in told["codes"].items():
            codes[code] = codes.get(code, 0) + number
        for acknowledged in told["acknowledged"]:
            order = ledger.order(acknowledged)
            if order is None or order.state != "settled":
                report.violated(where, f"LOST: {acknowledged} was acknowledged and is {order and order.state}")
    return codes


def _work(
    place: Path, home: Path, chance: random.Random, worker: int, each: int, lines: list[str],
    changes: Sequence[Callable[[], None]],
) -> None:  # fmt: skip
    out, err = place / f"out{worker}", place / f"err{worker}"
    lock = home / "profiles/default/lock"
    killed, acknowledged, codes = 0, [], {}  # type: ignore[var-annotated]
    for _ in range(each):
        cents = chance.randrange(100, 1000)
        words = ("topup", chance.choice(lines), "--amount", f"{cents // 100}.{cents % 100:02d}USD", "--yes", "--json")
        child = forked.start(command(*words, "--wait", PATIENCE), out, err, environment(home), before=changes)
        if chance.random() < 0.3:
            _kill_at_work(child, lock, chance)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        codes[code] = codes.get(code, 0) + 1
        killed += code == KILLED
        if code == 0:
            acknowledged.append(json.loads(out.read_text())["order"]["id"])
    told = {"killed": killed, "acknowledged": acknowledged, "codes": codes}
    (place / f"worker{worker}.json").write_text(json.dumps(told))


def _kill_at_work(child: int, lock: Path, chance: random.Random) -> None:
    """Most die while they hold the lock: a process that waits for it has nothing to lose."""
    mine = f"pid {child},"
    if chance.random() < 0.8:
        forked.wait_for(lambda: mine in lock.read_text(errors="replace") or _ended(child), 120.0)
    time.sleep(chance.random() * 0.04)
    if not _ended(child):
        os.kill(child, signal.SIGKILL)


def _ended(child: int) -> bool:
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def cap_layer(
    *,
    rounds: int = 100,
    at_once: int = 20,
    required: int | None = None,
    changes: Sequence[Callable[[], None]] = (),
    first: bool = False,
    rules: bool = False,
) -> Report:
    """`at_once` purchases begin together and the monthly limit has room for one: exactly one is charged, every time.

    With `rules` they are runs of `autotopup run` over four rules that all want to buy.
    """
    report = Report("rule-race" if rules else "cap-race", rounds * at_once if required is None else required)
    began = time.monotonic()
    with scratch() as place:
        template = _many_lines(place, 4)
        limit = opened(environment(template)).store
        with limit.locked(5.0, "limit"):
            limit.profile.edit(_limit("7.50 USD" if rules else "8.00 USD"))
        if rules:
            _enabled(place, template)
        for number in range(rounds):
            home = renew(place / "race", template)
            codes = _race(place, home, at_once, changes, rules=rules)
            report.points += at_once
            report.fired += len(codes)
            sold = len(sales(home)) - len(sales(template))
            fits = set(codes) <= {0, 5, 75} if rules else sorted(codes) == [0] + [5] * (at_once - 1)
            if sold != 1 or not fits:
                report.violated(f"round {number}", f"{sold} charged, exit codes {sorted(codes)}")
            for violation in equal(environment(home)):
                report.violated(f"round {number}", violation)
            if first and report.violations:
                break
    report.figures |= {"rounds": rounds, "seconds": round(time.monotonic() - began)}
    return report


def _limit(amount: str) -> Callable[[Any], None]:
    """Four lines cost 6.00: what is above that is left."""

    def limited(doc: Any) -> None:
        doc["settings"]["limits"] = {"per_month": amount}

    return limited


def _enabled(place: Path, home: Path) -> None:
    """A rule for each line, and so much used that all of them want to buy."""
    for number in range(4):
        for words in RULE:
            named = [f"line{number}" if word == "phone" else word for word in words]
            ran = forked.run(command(*named), place, environment(home))
            if ran.code != 0:
                raise RuntimeError(f"{named}: {ran}")


def _race(place: Path, home: Path, at_once: int, changes: Sequence[Callable[[], None]], *, rules: bool) -> list[int]:
    """All of them wait at one gate, then it opens."""
    reading, writing = os.pipe()

    def runner(number: int) -> Callable[[], int]:
        words = ("topup", f"line{number % 4}", "--amount", "2USD", "--yes", "--json", "--wait", PATIENCE)
        act = command("autotopup", "run", "--json", "--wait", PATIENCE) if rules else command(*words)

        def go() -> int:
            os.close(writing)
            os.read(reading, 1)
            return act()

        return go

    children = [
        forked.start(runner(number), place / f"out{number}", place / f"err{number}", environment(home), before=changes)
        for number in range(at_once)
    ]
    os.close(reading)
    os.close(writing)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


__all__ = ["cap_layer", "crowd_layer"]
