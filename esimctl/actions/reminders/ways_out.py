"""Programs and services that are told of an event: each in a process of its own, with a time limit, and without our
environment. Whatever they do, the answer here is only whether they took it."""

import json
import os
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

LIMIT: Final = 10.0  #: seconds

#: what a program of the person's own gets of our environment: nothing that could be a credential
PASSED_ON: Final = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "USER",
    "LOGNAME",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
)

_APPRISE: Final = """
import json, sys
given = json.load(sys.stdin)
try:
    import apprise
except ImportError:
    sys.exit(3)
sender = apprise.Apprise()
if not sender.add(given["url"]):
    sys.exit(2)
sys.exit(0 if sender.notify(title=given["title"], body=given["body"]) else 1)
"""


def run_command(line: str, content: Mapping[str, Any], *, limit: float = LIMIT) -> bool:
    """Run a command with the event as one line of JSON on its stdin."""
    try:
        words = shlex.split(line)
    except ValueError:
        return False
    return _child(words, content, limit)


def notify(url: str, title: str, body: str, *, limit: float = LIMIT) -> bool:
    """Send through Apprise (the extra `notify`); the address travels on stdin, where no process list shows it."""
    return _child([sys.executable, "-I", "-c", _APPRISE], {"url": url, "title": title, "body": body}, limit)


def _child(words: Sequence[str], content: Mapping[str, Any], limit: float) -> bool:
    from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired

    scrubbed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    given = json.dumps(content, ensure_ascii=False).encode() + b"\n"
    try:
        child = Popen(words, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, env=scrubbed, start_new_session=True)  # noqa: S603
    except (OSError, ValueError):
        return False
    try:
        child.communicate(given, timeout=limit)
    except TimeoutExpired:
        _end(child.pid)
        child.wait()
        return False
    except OSError:
        _end(child.pid)
        child.wait()
        return False
    return child.returncode == 0


def _end(pid: int) -> None:
    """The child and all that it started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


__all__ = ["LIMIT", "notify", "run_command"]
