"""Runs the program's own `main` in forked children of a process that has everything loaded, under strace if asked.

Every child is a real process that really dies. It waits for its tracer in `sigtimedwait`, which no fault counts, so the
k-th call of a name is the same call in every run. No `--seccomp-bpf`: strace 6.1 then forgets to inject signals.
"""

import os
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from tests.faults.virtual import hurry

STRACE = which("strace")

#: system calls at which the program's files can change or fail to
CALLS = (
    "openat,write,pwrite64,writev,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,link,linkat,"
    "mkdir,mkdirat,rmdir,chmod,fchmod,fchmodat,flock,close,exit_group"
)
#: those among them whose failure can be reported to the program
FAILING = frozenset(
    [
        "openat",
        "write",
        "pwrite64",
        "fsync",
        "fdatasync",
        "ftruncate",
        "rename",
        "renameat",
        "renameat2",
        "unlink",
        "unlinkat",
        "link",
        "linkat",
        "mkdir",
        "mkdirat",
        "rmdir",
        "chmod",
        "fchmod",
        "fchmodat",
        "flock",
    ]
)

SHOWN = 120  #: characters of what a call was about
Act = Callable[[], int]
KILLED = -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Ran:
    """How a child ended. `code` is negative for a signal."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Point:
    """The k-th call of a name, and what it was about."""

    call: str
    k: int
    what: str

    def __str__(self) -> str:
        return f"{self.call}#{self.k} {self.what}"


def command(*words: str) -> Act:
    """The program's command line, as an act of a child."""

    def act() -> int:
        from esimctl.main import main

        return main(list(words))

    return act


def run(
    act: Act,
    place: Path,
    environ: Mapping[str, str],
    *,
    strace: Sequence[str] | None = None,
    before: Sequence[Callable[[], None]] = (),
) -> Ran:
    """Run an act in a child with exactly this environment, `before` applied in the child first; `strace` are options.

    `place` holds the child's output. A child that raises ends with 99 and its traceback on stderr.
    """
    out, err = place / "out", place / "err"
    child = start(act, out, err, environ, before=before, waits=strace is not None)
    tracer = None
    if strace is not None:
        assert STRACE is not None
        tracer = subprocess.Popen(  # -qq would also hide the line that we wait for
            [STRACE, "-f", *strace, "-p", str(child)], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        if b"attached" not in said:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise RuntimeError(f"strace did not attach: {said + tracer.stderr.read()!r}")
        os.kill(child, signal.SIGUSR1)
    _, status = os.waitpid(child, 0)
    if tracer is not None:
        assert tracer.stderr is not None
        tracer.stderr.read()
        tracer.wait()
        tracer.stderr.close()
    return Ran(os.waitstatus_to_exitcode(status), out.read_text(), err.read_text())


def start(
    act: Act,
    out: Path,
    err: Path,
    environ: Mapping[str, str],
    *,
    before: Sequence[Callable[[], None]] = (),
    waits: bool = False,
) -> int:
    """Fork; returns the child's pid."""
    sys.stdout.flush()
    sys.stderr.flush()
    if not waits:
        child = os.fork()
        if child == 0:
            _live(act, out, err, environ, before)
        return child
    reading, writing = os.pipe()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    child = os.fork()
    if child == 0:
        os.close(reading)
        _live(act, out, err, environ, before, writing)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
    os.close(writing)
    os.read(reading, 1)  # its own preparations are done: from here on every call is the program's
    os.close(reading)
    return child


def _live(
    act: Act,
    out: Path,
    err: Path,
    environ: Mapping[str, str],
    before: Sequence[Callable[[], None]],
    ready: int | None = None,
) -> None:
    code = 99
    try:
        os.environ.clear()
        os.environ.update(environ)
        for number, path in ((0, Path("/dev/null")), (1, out), (2, err)):
            flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            fd = os.open(path, flags, 0o600)
            os.dup2(fd, number)
            os.close(fd)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.stdout, sys.stderr = (os.fdopen(fd, "w", encoding="utf-8", closefd=False) for fd in (1, 2))
        hurry()
        for change in before:
            change()
        if ready is not None:
            os.write(ready, b"!")
            os.close(ready)
            signal.sigwait({signal.SIGUSR1})
        code = act()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        os.write(2, traceback.format_exc().encode(errors="replace"))
    finally:
        os._exit(code & 0xFF)


def traced(
    act: Act,
    place: Path,
    environ: Mapping[str, str],
    *,
    options: Sequence[str] = (),
    before: Sequence[Callable[[], None]] = (),
) -> tuple[Ran, list[str]]:
    """Run under strace with paths shown; the log's lines as well."""
    log = place / "trace"
    log.unlink(missing_ok=True)
    ran = run(
        act, place, environ, strace=["-y", "-s", "80", "-o", str(log), "-e", f"trace={CALLS}", *options], before=before
    )
    return ran, log.read_text(errors="replace").splitlines()


def points_of(lines: Sequence[str], home: Path, *, failing: bool = False) -> list[Point]:
    """The calls of a trace that concern `home`, and the end; with `failing`, those that can report a failure.

    Counted by name, as strace counts. The pid column is padded, hence the splitting at any white space.
    """
    seen: Counter[str] = Counter()
    found = []
    where = str(home)
    for line in lines:
        _, _, rest = line.partition(" ")
        name, bracket, arguments = rest.strip().partition("(")
        if not bracket or not name.isidentifier():
            continue
        seen[name] += 1
        if failing and name not in FAILING:
            continue
        if where in arguments or name == "exit_group":
            found.append(Point(name, seen[name], arguments.replace(where, "~")[:SHOWN]))
    return found


def inject(point: Point, what: str) -> list[str]:
    """strace's options for one fault: `signal=KILL`, `error=EIO`, `retval=1` …"""
    return ["-o", "/dev/null", "-e", f"trace={point.call}", "-e", f"inject={point.call}:{what}:when={point.k}"]


def spread(points: Sequence[Point], most: int | None) -> list[Point]:
    """All of them, or `most` of them spread evenly, first and last included."""
    if most is None or len(points) <= most:
        return list(points)
    return [points[round(index * (len(points) - 1) / max(most - 1, 1))] for index in range(most)]


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Wait for an event; whether it came."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.001)
    return True


__all__ = [
    "CALLS",
    "KILLED",
    "STRACE",
    "Act",
    "Point",
    "Ran",
    "command",
    "inject",
    "points_of",
    "run",
    "spread",
    "start",
    "traced",
    "wait_for",
]
