"""Crash points and failing calls: at every system call that concerns our files the process dies, or the call fails."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.faults import forked
from tests.faults.forked import KILLED, Point, inject, points_of, spread
from tests.faults.operator import sales
from tests.faults.report import Report
from tests.faults.scratch import renew, scratch
from tests.faults.stories import Story, environment, judge, make, stories
from tests.faults.verdict import recover

ERRORS = ("EIO", "ENOSPC", "EDQUOT", "EROFS")
Change = Callable[[], None]


def warm() -> None:
    """Load in this process what children would otherwise load, so that every child makes the same calls."""
    with scratch() as place:
        for name, story in stories().items():
            template = make(story, place / name)
            for act in (story.act(template), lambda: 0):
                forked.run(act, place, environment(template))
        from unittest import mock

        from esimctl.main import main

        home, before = place / "warm", signal.getsignal(signal.SIGTERM)
        with mock.patch.dict(os.environ, environment(home), clear=True), _silent():
            for words in (
                ["buy", "smart-laor-7d", "--provider", "sandbox", "--name", "phone", "--yes", "--json"],
                ["renew", "phone", "--yes", "--json"],
                ["topup", "phone", "--amount", "2USD", "--yes", "--json", "--wait", "1s", "--request-id", "warm"],
                ["topup", "phone", "--amount", "3USD", "--yes", "--json", "--wait", "1s", "--request-id", "warm"],
                ["sandbox", "fault", "decline"],
                ["topup", "phone", "--plan", "demo-topup-2gb", "--yes", "--json"],
                ["payments", "add", "purse", "--kind", "cash"],
                ["lines", "rename", "phone", "fon"],
                ["balance", "--json"],
                ["balance", "--json", "--cached"],
            ):
                main(words)
            from esimctl.store import backup, evidence, mend, migrate, vault  # noqa: F401

            recover(os.environ)
        signal.signal(signal.SIGTERM, before)  # `main` took it, and this process is somebody else's


def _silent() -> object:
    import io
    from contextlib import ExitStack, redirect_stderr, redirect_stdout

    stack = ExitStack()
    stack.enter_context(redirect_stdout(io.TextIOWrapper(io.BytesIO())))
    stack.enter_context(redirect_stderr(io.TextIOWrapper(io.BytesIO())))
    return stack


def no_strace(report: Report) -> Report:
    """The report of a layer that needs strace where there is none."""
    report.not_run = "strace is not installed"
    return report


def trials(story: Story, place: Path, *, failing: bool, changes: Sequence[Change] = ()) -> tuple[Path, list[Point]]:
    """The story's template, and the points of its act as a first undisturbed run shows them."""
    template = make(story, place / "template")
    home = renew(place / "home", template)
    ran, lines = forked.traced(story.act(home), place, environment(home), before=(*story.before, *changes))
    if ran.code != 0:
        raise RuntimeError(f"{story.name} fails undisturbed: {ran}")
    return template, points_of(lines, home, failing=failing)


def strike(
    story: Story,
    place: Path,
    template: Path,
    point: Point,
    what: str,
    changes: Sequence[Change] = (),
    *,
    rerun: bool = True,
) -> tuple[forked.Ran, list[str]]:
    """One fault in one fresh copy: how the act ended, and what was violated."""
    home = renew(place / "home", template)
    ran = forked.run(
        story.act(home), place, environment(home), strace=inject(point, what), before=(*story.before, *changes)
    )
    return ran, judge(story, home, ran, len(sales(template)), rerun=rerun, changes=changes)


def kill_layer(
    *, only: Sequence[str] = (), most: int | None = None, required: int = 800, changes: Sequence[Change] = (),
    first: bool = False, calls: frozenset[str] | None = None,
) -> Report:  # fmt: skip
    """SIGKILL at every relevant call of every story; with `calls` only at those of these names."""
    report = Report("crash", required)
    if forked.STRACE is None:
        return no_strace(report)
    began = time.monotonic()
    for story in _chosen(only):
        with scratch() as place:
            template, points = trials(story, place, failing=False, changes=changes)
            if len(points) < 15:
                report.violated(story.name, f"only {len(points)} points: the trace is broken")
            for point in spread([point for point in points if calls is None or point.call in calls], most):
                ran, bad = strike(story, place, template, point, "signal=KILL", changes, rerun=not first)
                report.points += 1
                report.fired += ran.code == KILLED
                for violation in bad:
                    report.violated(f"{story.name} {point}", violation)
                if first and report.violations:
                    return report
            report.figures[story.name] = len(points)
    report.figures["seconds"] = round(time.monotonic() - began)
    if report.fired < 0.95 * report.points:
        report.violated("harness", f"{report.points - report.fired} of {report.points} kills did not happen")
    return report


def short_write_layer(*, required: int = 100, changes: Sequence[Change] = (), first: bool = False) -> Report:
    """The kernel takes less than it is given, at every write, as it may: every story still ends well."""
    report = Report("short-writes", required)
    for story in stories().values():
        with scratch() as place:
            template = make(story, place / "template")
            home, told = renew(place / "home", template), place / "told"
            act = _counted(story.act(home), told)
            ran = forked.run(act, place, environment(home), before=(*story.before, shorten, *changes))
            report.points += 1
            report.fired += int(told.read_text() or 0) if told.exists() else 0
            bad = judge(story, home, ran, len(sales(template)), changes=changes)
            for violation in [*bad, *([f"exit {ran.code}: {ran.err[:200]}"] if ran.code else [])]:
                report.violated(story.name, violation)
            if first and report.violations:
                break
    return report


def _counted(act: forked.Act, told: Path) -> forked.Act:
    def counted() -> int:
        code = act()
        told.write_text(str(Short.cut))
        return code

    return counted


class Short:
    """`os` for the modules that write: a call takes 37 bytes at most."""

    cut = 0

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)

    def write(self, fd: int, data: bytes) -> int:
        Short.cut += len(data) > 37
        return os.write(fd, data[:37])


def shorten() -> None:
    """In a child: every write of the store is short."""
    from esimctl.store import files

    files.os = Short()  # type: ignore[attr-defined]


def error_layer(
    *, only: Sequence[str] = (), most: int | None = None, required: int = 1500, changes: Sequence[Change] = (),
    errors: Sequence[str] = ERRORS, first: bool = False,
) -> Report:  # fmt: skip
    """Every relevant call fails once: with each error in turn."""
    report = Report("errors", required)
    if forked.STRACE is None:
        return no_strace(report)
    began = time.monotonic()
    codes: dict[int, int] = {}
    for story in _chosen(only):
        with scratch() as place:
            template, points = trials(story, place, failing=True, changes=changes)
            for number, point in enumerate(spread(points, most)):
                for error in errors if most is None else (errors[number % len(errors)],):
                    ran, bad = strike(
                        story, place, template, point, f"error={error}", changes, rerun=most is None and not first
                    )
                    report.points += 1
                    report.fired += _came_back(ran)
                    codes[ran.code] = codes.get(ran.code, 0) + 1
                    for violation in bad:
                        report.violated(f"{story.name} {error} {point}", violation)
                    if first and report.violations:
                        return report
    report.figures["codes"] = dict(sorted(codes.items()))
    report.figures["seconds"] = round(time.monotonic() - began)
    return report


def _came_back(ran: forked.Ran) -> bool:
    """An injected error took effect unless the child died of something else."""
    return ran.code >= 0


def nested_layer(
    *,
    outer: int | None = 16,
    most: int | None = 24,
    required: int = 300,
    changes: Sequence[Change] = (),
    first: bool = False,
) -> Report:
    """A crash while recovering from a crash: the second recovery ends where the first would have."""
    report = Report("nested", required)
    if forked.STRACE is None:
        return no_strace(report)
    story = stories()["topup"]
    with scratch() as place:
        template, points = trials(story, place, failing=False)
        sold = len(sales(template))
        for point in spread([p for p in points if p.call in WRITES], outer):
            home = renew(place / "home", template)
            ran = forked.run(
                story.act(home), place, environment(home), strace=inject(point, "signal=KILL"), before=changes
            )
            if ran.code != KILLED:
                continue
            wreck = renew(place / "wreck", home)
            trial = renew(place / "home", wreck)
            again, lines = forked.traced(lambda: recover(os.environ), place, environment(trial), before=changes)
            if again.code != 0:
                report.violated(str(point), f"recovery fails: {again}")
                continue
            for inner in spread(points_of(lines, trial), most):
                home = renew(place / "home", wreck)
                act = lambda: recover(os.environ)  # noqa: E731
                died = forked.run(act, place, environment(home), strace=inject(inner, "signal=KILL"), before=changes)
                report.points += 1
                report.fired += died.code == KILLED
                for violation in judge(story, home, died, sold, rerun=False, changes=changes):
                    report.violated(f"{point} then {inner}", violation)
                if first and report.violations:
                    return report
    return report


WRITES = frozenset({"write", "pwrite64", "fsync", "rename", "fdatasync", "unlink"})


def _chosen(only: Sequence[str]) -> list[Story]:
    every = stories()
    return [every[name] for name in only] if only else list(every.values())


__all__ = ["ERRORS", "WRITES", "error_layer", "kill_layer", "nested_layer", "short_write_layer", "trials", "warm"]
