"""Would a provider answer a scheduler's run: no terminal, no session bus, no agent, a bare PATH? Tried, not guessed.

The check runs once more as a process of its own in the little environment that cron gives. Our own variables stay:
a crontab can set those.
"""

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from esimctl.errors import reason_of

if TYPE_CHECKING:
    from esimctl.actions.session import Session

SECONDS = 60.0
PATH = "/usr/bin:/bin"
OUR_OWN_AWAY = frozenset({"ESIMCTL_DEBUG", "ESIMCTL_OUTPUT"})


def bare_environment(session: "Session") -> dict[str, str]:
    """What cron gives, and our own variables."""
    own = {
        name: text for name, text in session.environ.items() if name.startswith("ESIMCTL_") and name not in OUR_OWN_AWAY
    }
    kept = {
        name: session.environ[name] for name in ("HOME", "LOGNAME", "CREDENTIALS_DIRECTORY") if name in session.environ
    }
    from esimctl.actions.scheduling.carried import carried

    path = carried(session).get("PATH", PATH)  # a schedule that needs more than cron's carries it
    return {**kept, "PATH": path, "ESIMCTL_HOME": str(session.home), **own, "ESIMCTL_NO_INPUT": "1"}


def answers_unattended(session: "Session", name: str) -> tuple[bool, str, str | None]:
    """Whether `providers check` works so, in a word what it said, and what mends it."""
    import subprocess

    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
    command = [sys.executable, "-m", "esimctl", "providers", "check", name, "--json", "--profile", session.store.name]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            env=bare_environment(session),
            cwd=package,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            start_new_session=True,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return False, f"it could not be tried: {reason_of(error)}", None
    return told(done.stdout)


def told(out: bytes) -> tuple[bool, str, str | None]:
    """The outcome in the answer of that process."""
    try:
        document: dict[str, Any] = json.loads(out)
    except ValueError:
        return False, "it ended without an answer", None
    if "error" in document:
        return False, str(document["error"]["message"]), document["error"]["hint"]
    failed = [row for row in document["checks"] if not row["ok"]]
    if failed:
        return False, str(failed[0]["detail"]), failed[0]["fix"]
    return True, "works without a terminal and a session bus", None
