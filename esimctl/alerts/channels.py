"""Programs and services that are told of an event: each in a process of its own, with a time limit, and without our
environment. Whatever they do, the answer here is only None where they took it, else the name of a reason of `WHY`."""

import json
import os
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from threading import Lock
from typing import Final

from esimctl.documents.document import JSON
from esimctl.values.sentence import Sentence

LIMIT: Final = 10.0  #: seconds for one message, while a person waits
CHECKING: Final = 30.0  #: seconds for a look at an address, while a person waits

LATE, REFUSED, ABSENT = "late", "refused", "absent"
#: why a way out took nothing
WHY: Final[Mapping[str, Sentence]] = {
    LATE: Sentence("it did not answer in time"),
    REFUSED: Sentence("it did not take the message"),
    ABSENT: Sentence("the program that it needs is not here"),
}

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

#: the text is plain, so that a service of HTML mails keeps its lines and its < and >
_APPRISE: Final = """
import json, sys
given = json.load(sys.stdin)
try:
    import apprise
except ImportError:
    sys.exit(3)
sender = apprise.Apprise()
if not sender.add(given.pop("url")):
    sys.exit(2)
if not given:
    sys.exit(0)
sys.exit(0 if sender.notify(**given, body_format="text") else 1)
"""

_SENDER: Final = (sys.executable, "-I", "-c", _APPRISE)
_NO_APPRISE, _NO_SERVICE = 3, 2


class Service(Enum):
    """What Apprise says of an address before anything is sent."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    UNTOLD = "untold"  #: Apprise is not there, or did not answer


class Children:
    """Programs that run for us, each the head of its own group. `end` ends all, and none begins after it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: set[Popen[bytes]] = set()
        self.over = False

    def begin(self, words: Sequence[str]) -> Popen[bytes] | None:
        """Start one; None where all is over. OSError and ValueError as `Popen` has them."""
        scrubbed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        with self._lock:
            if self.over:
                return None
            child = Popen(words, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, env=scrubbed, start_new_session=True)  # noqa: S603
            self._running.add(child)
            return child

    def ended(self, child: Popen[bytes], *, kill: bool = False) -> None:
        """One has ended, or is to be ended with all that it started."""
        with self._lock:
            if kill:
                _end(child.pid)
            self._running.discard(child)
        child.wait()

    def end(self) -> None:
        """End whatever runs still; whoever waits for it hears of it."""
        with self._lock:
            self.over = True
            for child in self._running:
                if child.returncode is None:  # the id of one that has ended may be another's by now
                    _end(child.pid)


def run_command(
    line: str, content: Mapping[str, JSON], *, limit: float = LIMIT, children: Children | None = None
) -> str | None:
    """Run a command with the event as one line of JSON on its stdin."""
    try:
        words = shlex.split(line)
    except ValueError:
        return ABSENT
    code = _status(words, content, limit, children or Children())
    return code if isinstance(code, str) else None if code == 0 else REFUSED


def notify(
    url: str, title: str, body: str, urgency: str, *, limit: float = LIMIT, children: Children | None = None
) -> str | None:
    """Send through Apprise (the extra `notify`); the address travels on stdin, where no process list shows it.

    `urgency` is one of Apprise's types: info, success, warning, failure.
    """
    given = {"url": url, "title": title, "body": body, "notify_type": urgency}
    code = _status(_SENDER, given, limit, children or Children())
    return code if isinstance(code, str) else {0: None, _NO_APPRISE: ABSENT}.get(code, REFUSED)


def service_of(url: str) -> Service:
    """Whether Apprise knows the service of an address and can use it; nothing is sent."""
    code = _status(_SENDER, {"url": url}, CHECKING, Children())
    if code == _NO_SERVICE:
        return Service.UNKNOWN
    return Service.KNOWN if code == 0 else Service.UNTOLD


def _status(words: Sequence[str], content: Mapping[str, JSON], limit: float, children: Children) -> int | str:
    """The exit code of a program that was given a line of JSON; LATE or ABSENT where it did not run to its end."""
    given = json.dumps(content, ensure_ascii=False).encode() + b"\n"
    try:
        child = children.begin(words)
    except (OSError, ValueError):
        return ABSENT
    if child is None:
        return LATE
    try:
        child.communicate(given, timeout=limit)
    except TimeoutExpired:
        children.ended(child, kill=True)
        return LATE
    except OSError:
        children.ended(child, kill=True)
        return REFUSED
    except BaseException:  # a signal, while a person waits for a test
        children.ended(child, kill=True)
        raise
    children.ended(child)
    return LATE if children.over else child.returncode


def _end(pid: int) -> None:
    """The child and all that it started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
