"""The dead man's switch: a start before a run and its exit status after it, in the form of healthchecks.io.

`<address>/start`, then `<address>/<exit status>`, both with the run's id; a run that another one keeps out is only
logged. What the other side answers, or that it does not, changes nothing.
"""

import os
from threading import Thread
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from esimctl.alerts.channels import LATE, REFUSED
from esimctl.errors import EsimctlError, ExitCode
from esimctl.profile.alert_targets import targets
from esimctl.profile.deadline import Deadline

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

SUCCESS: Final = frozenset({int(ExitCode.DONE), int(ExitCode.OWN_RULES)})  #: as in the unit of `schedule install`
LIMIT: Final = 10.0  #: seconds
START: Final = 2.0  #: how long a run waits for its start to be taken


class Heartbeat:
    """The heartbeat addresses of one run."""

    def __init__(self, session: "Session") -> None:
        self.id = os.urandom(16).hex()
        self.answers: dict[str, str | None] = {}  #: name → None where it took the end of the run, else why not
        try:
            self._addresses = {t.name: t.value for t in targets(session) if t.kind == "heartbeat" and t.valid}
        except EsimctlError:
            self._addresses = {}

    def start(self) -> None:
        """Say that a run begins."""
        self._send("start", "", START)

    def end(self, code: int, summary: str) -> None:
        """Say how it ended: 0 is success, any other status a failure, as it is for systemd.

        A run that one's own rules kept from ordering has done its work. One that another run kept out is only logged:
        where that goes on no success comes in time, and the other side raises its alarm.
        """
        what = "log" if code == int(ExitCode.BUSY) else "0" if code in SUCCESS else str(code)
        self.answers = self._send(what, f"exit {code}; {summary}", LIMIT)

    def _send(self, what: str, body: str, limit: float) -> dict[str, str | None]:
        """To all addresses side by side, and why each did not take it; within the limit, or it is late."""
        answers: dict[str, str | None] = dict.fromkeys(self._addresses, LATE)

        def post(name: str, address: str) -> None:
            answers[name] = _post(address, what, self.id, body, limit)

        threads = [Thread(target=post, args=each, daemon=True) for each in self._addresses.items()]
        for thread in threads:
            thread.start()
        deadline = Deadline(limit)
        for thread in threads:
            thread.join(deadline.left)
        return dict(answers)


def ping(address: str) -> str | None:
    """One event that only shows in the other side's log; why it was not taken, by the names of `ways_out.WHY`."""
    return _post(address, "log", os.urandom(16).hex(), "a test", LIMIT)


def _post(address: str, what: str, run_id: str, body: str, limit: float) -> str | None:
    """One request without redirects; the answer is not read beyond its status."""
    from http.client import HTTPConnection, HTTPSConnection

    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        if parts.scheme == "https":
            from esimctl.providers.tls import verified

            connection: HTTPConnection = HTTPSConnection(host, parts.port, timeout=limit, context=verified())
        else:
            connection = HTTPConnection(host, parts.port, timeout=limit)
        path, own = parts.path.rstrip("/"), f"{parts.query}&" if parts.query else ""
        form = f"{run_id[:8]}-{run_id[8:12]}-4{run_id[13:16]}-8{run_id[17:20]}-{run_id[20:]}"
        connection.request("POST", f"{path}/{what}?{own}rid={form}", body.encode(), {"User-Agent": "esimctl"})
        status = connection.getresponse().status
        connection.close()
    except TimeoutError:
        return LATE
    except Exception:  # whatever the other side does, it changes nothing
        return REFUSED
    return None if 200 <= status < 300 else REFUSED
