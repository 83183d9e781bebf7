"""Programs and services that are told of an event: each in a process of its own, with a time limit, and without our
environment. Whatever they do, the answer here is only whether they took it."""

import json
import os
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final

LIMIT: Final = 10.0  #: seconds
CHECKING: Final = 30.0  #: seconds for a look at an address, while a person waits

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
if "body" not in given:
    sys.exit(0)
sys.exit(0 if sender.notify(title=given["title"], body=given["body"]) else 1)
"""

_SENDER: Final = (sys.executable, "-I", "-c", _APPRISE)


class Service(Enum):
    """What Apprise says of an address before anything is sent."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    UNTOLD = "untold"  #: Apprise is not there, or did not answer


def run_command(line: str, content: Mapping[str, Any], *, limit: float = LIMIT) -> bool:
    """Run a command with the event as one line of JSON on its stdin."""
    try:
        words = shlex.split(line)
    except ValueError:
        return False
    return _child(words, content, limit)


def notify(url: str, title: str, body: str, *, limit: float = LIMIT) -> bool:
    """Send through Apprise (the extra `notify`); the address travels on stdin, where no process list shows it."""
    return _child(_SENDER, {"url": url, "title": title, "body": body}, limit)


def service_of(url: str) -> Service:
    """Whether Apprise knows the service of an address and can use it; nothing is sent."""
    code = _status(_SENDER, {"url": url}, CHECKING)
    return {0: Service.KNOWN, 2: Service.UNKNOWN}.get(-1 if code is None else code, Service.UNTOLD)


def _child(words: Sequence[str], content: Mapping[str, Any], limit: float) -> bool:
    return _status(words, content, limit) == 0


def _status(words: Sequence[str], content: Mapping[str, Any], limit: float) -> int | None:
    """The exit code of a program that was given a line of JSON; None where it did not run to its end."""
    from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired

    scrubbed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    given = json.dumps(content, ensure_ascii=False).encode() + b"\n"
    try:
        child = Popen(words, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, env=scrubbed, start_new_session=True)  # noqa: S603
    except (OSError, ValueError):
        return None
    try:
        child.communicate(given, timeout=limit)
    except TimeoutExpired:
        _end(child.pid)
        child.wait()
        return None
    except OSError:
        _end(child.pid)
        child.wait()
        return None
    return child.returncode


def _end(pid: int) -> None:
    """The child and all that it started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


__all__ = ["LIMIT", "Service", "notify", "run_command", "service_of"]
