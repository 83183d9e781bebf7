"""`doctor --cron`: the way that a scheduler takes, walked once: its environment, secrets, lock, clock, write access."""

import os
from os.path import realpath
from subprocess import DEVNULL, SubprocessError, run
from typing import TYPE_CHECKING

from esimctl.autotopup.clock import is_sane
from esimctl.documents.setup import CheckRow
from esimctl.errors import EsimctlError
from esimctl.setup.schedule import task_of, verdict
from esimctl.setup.schedulers.carried import login
from esimctl.setup.schedulers.install import asked
from esimctl.setup.schedulers.read_back import CRON, Given
from esimctl.setup.schedulers.scheduler import person
from esimctl.setup.schedulers.systemd import Systemd
from esimctl.setup.schedulers.texts import Task

if TYPE_CHECKING:
    from subprocess import CompletedProcess

    from esimctl.profile.opened import Session

SECONDS = 120.0  #: for one process of a rehearsal


def cron_checks(session: "Session") -> list[CheckRow]:
    """What is found on that way. Spends nothing."""
    installed = verdict(session, "nothing is installed that would run the rules")
    found = _finding("installed", *installed, "warn")
    return [found, *_lingering(session), _writable(session), _clock(session), *_walked(session)]


def _finding(name: str, ok: bool, detail: str, fix: str | None = None, otherwise: str = "fail") -> CheckRow:
    status = "ok" if ok else otherwise
    return CheckRow(name=f"cron_{name}", ok=status != "fail", status=status, detail=detail, fix=None if ok else fix)


def _writable(session: "Session") -> CheckRow:
    """Lock and write access, really taken."""
    if not session.store.exists():
        return _finding("lock", True, "there is no profile yet")
    try:
        with session.store.locked(0.0, "doctor"):
            return _finding("lock", True, "the lock can be taken and the folder written")
    except EsimctlError as error:
        return _finding("lock", False, error.message, error.hint or "esimctl doctor")


def _clock(session: "Session") -> CheckRow:
    if not session.store.exists():
        return _finding("clock", True, "there is no journal yet")
    sane = is_sane(session, session.store.ledger_for_reading(), session.clock.now())
    return _finding("clock", sane, "fits the journal" if sane else "does not fit the journal", "esimctl doctor --clock")


def _lingering(session: "Session") -> list[CheckRow]:
    """A user's systemd ends with the last login, unless it lingers; said only where it runs our timer."""
    where = Systemd(session.environ)
    if not where.held(task_of(session)).there:
        return []
    lingers, fix = where.lingers(), f"loginctl enable-linger {login()}"
    if lingers:
        return [_finding("linger", True, "systemd runs it also while you are not logged in")]
    detail = "systemd runs it only while you are logged in"
    if lingers is None:
        return [_finding("linger", True, f"{detail}, unless your manager lingers: {fix}")]
    return [_finding("linger", False, detail, fix, "warn")]


def _walked(session: "Session") -> list[CheckRow]:
    """A rehearsal for each scheduler that has it, with what its installed text gives; else with what cron would get."""
    task = task_of(session)
    found = [where for where, held in asked(session.environ, task) if held.there]
    if not found:
        return [_rehearsed(session, "cron", would_be_given(task))]
    return [_rehearsed(session, where.kind, where.given(task)) for where in found]


def would_be_given(task: Task) -> Given:
    """What cron would give to a run, if it were installed now."""
    return Given({**CRON, **person(), **task.environment}, task.words)


def _rehearsed(session: "Session", kind: str, given: Given | None) -> CheckRow:
    """No terminal, no session bus, hardly any environment, and in the same profile of the same home."""
    again = "esimctl schedule install"
    if given is None:
        return _finding("run", False, f"{kind}: what is installed was changed by hand, and is not rehearsed", again)
    name = session.store.name
    place = _run(session, given, [*given.program, "profile", "path", "--profile", name])
    if isinstance(place, str):
        return _finding("run", False, f"{kind}: {place}", f"install esimctl again, then: {again}")
    there, here = place.stdout.strip(), str(session.store.folder)
    if place.returncode or not _same(there, here):
        said = there if not place.returncode else _said(place)
        return _finding("run", False, f"{kind}: it runs in another home than this ({here}): {said}"[:300], again)
    done = _run(session, given, [*given.words, "--dry-run", "--json"])
    if isinstance(done, str):
        return _finding("run", False, f"{kind}: {done}", f"install esimctl again, then: {again}")
    if done.returncode in (0, 5):
        return _finding("run", True, f"{kind}: a rehearsal without a terminal ended with {done.returncode}")
    return _finding("run", False, f"{kind}: exit {done.returncode}: {_said(done)}"[:300], "esimctl doctor")


def _run(session: "Session", given: Given, words: list[str]) -> "CompletedProcess[str] | str":
    """The words in that environment and no other, begun where a scheduler begins; a text is why it did not work."""
    clock = {name: session.environ[name] for name in ("ESIMCTL_NOW",) if name in session.environ}
    home = given.environment.get("HOME", "")
    try:
        return run(  # noqa: S603
            words, env={**given.environment, **clock}, stdin=DEVNULL, capture_output=True, encoding="utf-8",
            errors="surrogateescape", timeout=SECONDS, check=False, cwd=home if os.access(home, os.X_OK) else "/",
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        return f"{words[0]}: {error.strerror}"
    except SubprocessError:
        return f"{words[0]}: it did not end within {SECONDS:.0f} seconds"


def _said(done: "CompletedProcess[str]") -> str:
    """The first line of what a process said."""
    said = (done.stderr or done.stdout).strip().splitlines()
    return said[0] if said else "nothing was said"


def _same(one: str, other: str) -> bool:
    return realpath(one) == realpath(other)
