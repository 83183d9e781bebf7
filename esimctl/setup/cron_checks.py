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
from esimctl.values.sentence import Param, Raw, Sentence, Told, in_document

if TYPE_CHECKING:
    from subprocess import CompletedProcess

    from esimctl.profile.opened import Session

SECONDS = 120.0  #: for one process of a rehearsal


def cron_checks(session: "Session") -> list[CheckRow]:
    """What is found on that way. Spends nothing."""
    installed = verdict(session, Sentence("nothing is installed that would run the rules"))
    found = _finding("installed", *installed, "warn")
    return [found, *_lingering(session), _writable(session), _clock(session), *_walked(session)]


def _finding(
    name: str, ok: bool, detail: Sentence, fix: str | Sentence | None = None, otherwise: str = "fail"
) -> CheckRow:
    status = "ok" if ok else otherwise
    mending = None if ok or fix is None else in_document(fix)
    return CheckRow(name=f"cron_{name}", ok=status != "fail", status=status, detail=Told(detail), fix=mending)


def _writable(session: "Session") -> CheckRow:
    """Lock and write access, really taken."""
    if not session.store.exists():
        return _finding("lock", True, Sentence("there is no profile yet"))
    try:
        with session.store.locked(0.0, "doctor"):
            return _finding("lock", True, Sentence("the lock can be taken and the folder written"))
    except EsimctlError as error:
        return _finding("lock", False, error.said, error.way or "esimctl doctor")


def _clock(session: "Session") -> CheckRow:
    if not session.store.exists():
        return _finding("clock", True, Sentence("there is no journal yet"))
    sane = is_sane(session, session.store.ledger_for_reading(), session.clock.now())
    said = Sentence("fits the journal") if sane else Sentence("does not fit the journal")
    return _finding("clock", sane, said, "esimctl doctor --clock")


def _lingering(session: "Session") -> list[CheckRow]:
    """A user's systemd ends with the last login, unless it lingers; said only where it runs our timer."""
    where = Systemd(session.environ)
    if not where.held(task_of(session)).there:
        return []
    lingers, fix = where.lingers(), f"loginctl enable-linger {login()}"
    if lingers:
        return [_finding("linger", True, Sentence("systemd runs it also while you are not logged in"))]
    if lingers is None:
        said = "systemd runs it only while you are logged in, unless your manager lingers: {command}"
        return [_finding("linger", True, Sentence(said, {"command": Raw(fix)}))]
    return [_finding("linger", False, Sentence("systemd runs it only while you are logged in"), fix, "warn")]


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
    again, named = "esimctl schedule install", Raw(kind)
    anew = Sentence("install esimctl again, then: {command}", {"command": Raw(again)})
    if given is None:
        said = Sentence("{kind}: what is installed was changed by hand, and is not rehearsed", {"kind": named})
        return _finding("run", False, said, again)
    name = session.store.name
    place = _run(session, given, [*given.program, "profile", "path", "--profile", name])
    if isinstance(place, Sentence):
        return _finding("run", False, Sentence("{kind}: {why}", {"kind": named, "why": place}), anew)
    there, here = place.stdout.strip(), str(session.store.folder)
    if place.returncode or not _same(there, here):
        told = (there if not place.returncode else _said(place))[: max(0, 250 - len(here))]
        params: dict[str, Param] = {"kind": named, "here": Raw(here), "said": Raw(told)}
        said = Sentence("{kind}: it runs in another home than this ({here}): {said}", params)
        return _finding("run", False, said, again)
    done = _run(session, given, [*given.words, "--dry-run", "--json"])
    if isinstance(done, Sentence):
        return _finding("run", False, Sentence("{kind}: {why}", {"kind": named, "why": done}), anew)
    if done.returncode in (0, 5):
        ended: dict[str, Param] = {"kind": named, "code": done.returncode}
        return _finding("run", True, Sentence("{kind}: a rehearsal without a terminal ended with {code}", ended))
    failed: dict[str, Param] = {"kind": named, "code": done.returncode, "said": Raw(_said(done)[:280])}
    return _finding("run", False, Sentence("{kind}: exit {code}: {said}", failed), "esimctl doctor")


def _run(session: "Session", given: Given, words: list[str]) -> "CompletedProcess[str] | Sentence":
    """The words in that environment and no other, begun where a scheduler begins; a sentence is why it did not work."""
    clock = {name: session.environ[name] for name in ("ESIMCTL_NOW",) if name in session.environ}
    home = given.environment.get("HOME", "")
    try:
        return run(  # noqa: S603
            words, env={**given.environment, **clock}, stdin=DEVNULL, capture_output=True, encoding="utf-8",
            errors="surrogateescape", timeout=SECONDS, check=False, cwd=home if os.access(home, os.X_OK) else "/",
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        return Sentence("{program}: {why}", {"program": Raw(words[0]), "why": Raw(error.strerror)})
    except SubprocessError:
        params: dict[str, Param] = {"program": Raw(words[0]), "seconds": round(SECONDS)}
        return Sentence("{program}: it did not end within {seconds} seconds", params)


def _said(done: "CompletedProcess[str]") -> str:
    """The first line of what a process said."""
    said = (done.stderr or done.stdout).strip().splitlines()
    return said[0] if said else "nothing was said"


def _same(one: str, other: str) -> bool:
    return realpath(one) == realpath(other)
