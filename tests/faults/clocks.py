"""Clocks that jump, back and forth, over every state that a stop can leave: no limit opens, nothing is lost.

And one that was wrong once and is taken back: see `taken_back`.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from shutil import which

from tests.faults import forked
from tests.faults.forked import command
from tests.faults.operator import sales
from tests.faults.report import Report
from tests.faults.scratch import renew, scratch
from tests.faults.stories import BUY, EARLIER, die_after_sending, environment
from tests.faults.taken_back import taken_back
from tests.faults.verdict import equal, opened, reader, recovered

_DAY = timedelta(days=1)
JUMPS: tuple[tuple[timedelta, ...], ...] = (
    (-400 * _DAY,), (-31 * _DAY,), (-2 * _DAY,), (-timedelta(hours=1),), (-timedelta(minutes=6),),
    (-timedelta(seconds=1),),
    (timedelta(0),), (timedelta(seconds=1),), (timedelta(minutes=6),), (2 * _DAY,), (31 * _DAY,), (400 * _DAY,),
    (2 * _DAY, -2 * _DAY), (400 * _DAY, -400 * _DAY), (-2 * _DAY, 2 * _DAY), (-400 * _DAY, timedelta(0)),
)  # fmt: skip
WRECKS = ("settled", "open", "torn", "full")  #: how the home is left before the clock jumps
TOPUP = ("topup", "phone", "--amount", "2USD", "--yes", "--json")


def clock_layer(
    *, required: int | None = None, changes: Sequence[Callable[[], None]] = (), first: bool = False
) -> Report:
    """Every jump over every wreck, by the rehearsal clock; and the machine's own clock where there is faketime."""
    report = Report("clocks", len(JUMPS) * len(WRECKS) if required is None else required)
    with scratch() as place:
        for wreck in WRECKS:
            template = _wreck(place / wreck, wreck)
            for jumps in JUMPS:
                home = renew(place / "home", template)
                where = f"{wreck} {' then '.join(str(jump) for jump in jumps)}"
                _jump(home, wreck, jumps, where, report, changes)
                if first and report.violations:
                    return report
        taken_back(place, report, changes, first=first)
        report.figures["faketime"] = _by_faketime(place, report)
    return report


def taken_back_layer(*, changes: Sequence[Callable[[], None]] = (), first: bool = False) -> Report:
    """The part about a clock that was wrong once, alone."""
    report = Report("clocks", 1)
    with scratch() as place:
        taken_back(place, report, changes, first=first)
    return report


def _wreck(home: Path, kind: str) -> Path:
    home.mkdir(mode=0o700)
    place = home.parent
    for words in (BUY, TOPUP):
        ran = forked.run(command(*words), place, environment(home, EARLIER))
        if ran.code != 0:
            raise RuntimeError(str(ran))
    if kind in ("open", "torn"):
        forked.run(command(*TOPUP), place, environment(home, EARLIER), before=(die_after_sending,))
    if kind == "torn":
        journal = home / "profiles/default/journal/000001.toml"
        journal.write_bytes(journal.read_bytes() + b'[[tx]]\nseq = 9\nkind = "ord')
    if kind == "full":
        store = opened(environment(home, EARLIER)).store
        with store.locked(5.0, "limit"):
            store.profile.edit(_full)
    return home


def _full(doc: object) -> None:
    doc["settings"]["limits"] = {"per_day": "3.50 USD"}  # type: ignore[index]  # all of it is spent


def _jump(
    home: Path,
    wreck: str,
    jumps: tuple[timedelta, ...],
    where: str,
    report: Report,
    changes: Sequence[Callable[[], None]],
) -> None:
    began = len(sales(home))
    bought, now = 0, datetime.fromisoformat(EARLIER)
    for jump in jumps:
        now += jump
        meant = command(*TOPUP, "--again")  # not what the run that was killed was at
        ran = forked.run(meant, home.parent, environment(home, now.isoformat()), before=changes)
        report.points += 1
        report.fired += 1
        if ran.code not in ((0, 5) if wreck in ("settled", "full") else (0, 4, 5)):  # 4: the open order waits
            report.violated(where, f"exit {ran.code}: {ran.out[:300]}{ran.err[:300]}")
        bought += ran.code == 0
        if wreck == "full" and ran.code == 0 and now < datetime.fromisoformat(EARLIER) + _DAY:
            report.violated(where, "the clock was set back and a limit that is used up let a purchase through")
    environ = environment(home, (datetime.fromisoformat(EARLIER) + 500 * _DAY).isoformat())
    for violation in (*reader(environ), *recovered(environ), *equal(environ)):
        report.violated(where, violation)
    if len(sales(home)) - began != bought:
        report.violated(where, f"{bought} bought, {len(sales(home)) - began} sold")
    high = None
    for entry in opened(environ).store.journal.load().entries:
        if high is not None and entry["at"] < high:
            report.violated(where, f"entry {entry['seq']} stands before the one before it")
        high = entry["at"]


def _by_faketime(place: Path, report: Report) -> str:
    """The same through the machine's clock, the monotonic one left alone."""
    tool = which("faketime")
    if tool is None:
        return "not installed"
    home = place / "fake"
    home.mkdir(mode=0o700)
    environ = {
        **{name: value for name, value in environment(home).items() if name != "ESIMCTL_NOW"},
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    #: before the first entry, and before the release, nothing is written; set back within the books it goes on
    for number, (offset, code) in enumerate((("+0d", 0), ("-2d", 5), ("+40d", 0), ("+38d", 0), ("-400d", 5))):
        words = BUY if number == 0 else TOPUP
        ran = subprocess.run(
            [tool, "-f", offset, sys.executable, "-m", "esimctl", *words], env=environ, capture_output=True, text=True
        )
        report.points += 1
        report.fired += 1
        if ran.returncode != code:
            report.violated(f"faketime {offset}", f"exit {ran.returncode}: {ran.stdout[:200]}{ran.stderr[:200]}")
    for violation in (*reader(environ), *equal(environ)):
        report.violated("faketime", violation)
    return "5 jumps"


__all__ = ["JUMPS", "clock_layer", "taken_back_layer"]
