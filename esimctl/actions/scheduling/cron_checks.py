"""`doctor --cron`: the way that a scheduler takes, walked once: its environment, secrets, lock, clock, write access."""

from typing import TYPE_CHECKING, Any

from esimctl.actions.autotopup.clock import is_sane
from esimctl.actions.scheduling.schedule import present, task_of
from esimctl.errors import EsimctlError

if TYPE_CHECKING:
    from esimctl.actions.session import Session

#: all that Debian's cron gives to a job
BARE = {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}


def cron_checks(session: "Session") -> list[dict[str, Any]]:
    """Named findings: `name`, `ok`, `detail`, and `fix` (a command) where something is wrong. Spends nothing."""
    return [_installed(session), _writable(session), _clock(session), _walked(session)]


def _finding(name: str, ok: bool, detail: str, fix: str | None = None) -> dict[str, Any]:
    return {"name": f"cron_{name}", "ok": ok, "detail": detail, "fix": None if ok else fix}


def _installed(session: "Session") -> dict[str, Any]:
    kinds = present(session, task_of(session))
    detail = f"installed in {', '.join(kinds)}" if kinds else "nothing is installed that would run the rules"
    return _finding("installed", bool(kinds), detail, "esimctl schedule install")


def _writable(session: "Session") -> dict[str, Any]:
    """Lock and write access, really taken."""
    if not session.store.exists():
        return _finding("lock", True, "there is no profile yet")
    try:
        with session.store.locked(0.0, "doctor"):
            return _finding("lock", True, "the lock can be taken and the folder written")
    except EsimctlError as error:
        return _finding("lock", False, error.message, error.hint or "esimctl doctor")


def _clock(session: "Session") -> dict[str, Any]:
    if not session.store.exists():
        return _finding("clock", True, "there is no journal yet")
    sane = is_sane(session, session.store.ledger_for_reading(), session.clock.now())
    return _finding("clock", sane, "fits the journal" if sane else "does not fit the journal", "set the clock")


def _walked(session: "Session") -> dict[str, Any]:
    """A rehearsal of the run as cron would start it: no terminal, no session bus, hardly any environment."""
    from subprocess import DEVNULL, TimeoutExpired, run

    task = task_of(session)
    environment = {**BARE, **task.environment}
    for name in ("HOME", "LOGNAME", "USER", "ESIMCTL_NOW"):
        if name in session.environ:
            environment[name] = session.environ[name]
    words = [*task.words, "--dry-run", "--json"]
    try:
        done = run(words, env=environment, stdin=DEVNULL, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    except (OSError, TimeoutExpired) as error:
        return _finding("run", False, f"{words[0]}: {error}", "install esimctl again, then: esimctl schedule install")
    if done.returncode in (0, 5):
        return _finding("run", True, f"a rehearsal without a terminal ended with {done.returncode}")
    said = (done.stderr or done.stdout).strip().splitlines()
    return _finding(
        "run", False, f"exit {done.returncode}: {said[0] if said else 'nothing was said'}"[:300], "esimctl doctor"
    )


__all__ = ["cron_checks"]
