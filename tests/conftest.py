"""What all tests share: a clean environment, and the program run in-process with its three values."""

import gc
import io
import json
import os
import pickle
import signal
import sys
import tempfile
import tomllib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from esimctl.main import COLLECT_AFTER
from tests.faults.scratch import memory
from tests.tools import complaint, heard
from tests.validation import validate

#: variables that would make the program, Rich or Python talk differently on a developer's machine
NOISY = ("FORCE_COLOR", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "TERM", "TZ", "GITHUB_ACTIONS")

NOW = "2026-11-20T09:00:00+07:00"


class Outcome(NamedTuple):
    """What a script sees of one run."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        assert self.out.endswith("\n"), "a document ends with a newline"
        assert self.out.count("\n") == 1, "exactly one line"
        document = json.loads(self.out)
        validate(document)
        return document


Runner = Callable[..., Outcome]


def pytest_configure() -> None:
    """What makes each of thousands of tests quicker, before any of them is read, also in the other processes."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):  # a program that is installed is compiled once
        sys.dont_write_bytecode = False
    place = memory()
    if place is not None:  # nobody waits for a disk where the crash layers do not look at one
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(place))
        os.environ.setdefault("TMPDIR", str(place))
        tempfile.tempdir = None  # whoever asked before asks again
    tomllib.loads = _remembering(tomllib.loads)
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])  # as in every process of the program


def pytest_collection_finish() -> None:
    """Thousands of tests and what they import stay to the end: no look for cycles goes through them again."""
    gc.collect()
    gc.freeze()


def _remembering(loads: Callable[[str], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """`tomllib.loads` that parses a text once: tests open the same profile and the same entries again and again."""

    @lru_cache(maxsize=4096)
    def parsed(text: str) -> bytes:
        return pickle.dumps(loads(text))

    def remembered(text: str, /, **how: Any) -> dict[str, Any]:
        table: dict[str, Any] = loads(text, **how) if how else pickle.loads(parsed(text))
        return table

    return remembered


def pytest_sessionstart() -> None:
    """A shell without job control starts what runs in its background with Ctrl-C ignored; here it is to be heard."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Hear which judges were missing, also from the other processes of the run."""
    if report.skipped and isinstance(report.longrepr, tuple):
        heard(report.longrepr[2])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run on CI that had to do without too many foreign judges is no success."""
    if session.exitstatus == 0 and complaint(in_ci()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which judges were missing."""
    said = complaint(in_ci())
    if said:
        terminalreporter.write_line(said, red=True)


def in_ci() -> bool:
    """Whether this is the run that decides what lands."""
    return os.environ.get("CI", "") not in ("", "0", "false")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the developer's machine reaches the program; its home is the test's own."""
    for name in list(os.environ):
        if name.startswith(("ESIMCTL_", "LC_", "XDG_")) or name in {"LANG", "LANGUAGE", *NOISY}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("ESIMCTL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The test's own home, which the first command makes."""
    return tmp_path / "home"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Runner:
    """`run("buy", PLAN, "--yes", now=…, given=…)`: the program in-process, without terminals, by a rehearsal clock."""

    def call(*words: str, now: str | None = NOW, given: str = "", env: dict[str, str] | None = None) -> Outcome:
        from esimctl.main import main

        out, err = io.StringIO(), io.StringIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.StringIO(given))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            if now is not None:
                patch.setenv("ESIMCTL_NOW", now)
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            code = main([str(word) for word in words])
        return Outcome(code, out.getvalue(), err.getvalue())

    return call


def day(text: str) -> str:
    """Nine in the morning in Phnom Penh of a day of 2026: "11-20"."""
    return f"2026-{text}T09:00:00+07:00"


def usd(amount: str) -> dict[str, str]:
    """Money as documents have it."""
    return {"amount": amount, "currency": "USD"}


def standing(run: Runner, at: str) -> Runner:
    """The program by a clock that stands there, unless it is told another time."""

    def stood(*words: str, now: str = at, **more: Any) -> Outcome:
        return run(*words, now=now, **more)

    return stood


def balance_of(run: Runner, line: str, now: str = NOW, *words: str) -> dict[str, Any]:
    """What `balance` says of one line."""
    document: dict[str, Any] = run("balance", line, "--json", *words, now=now).json["lines"][0]
    return document


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes: equal before and after means that nothing was written."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
