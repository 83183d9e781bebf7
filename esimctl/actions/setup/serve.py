"""`sandbox serve`: the embedded operator behind a vendor's wire format, on loopback, until it is told to stop."""

import signal
import threading
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING, Any

from esimctl.actions.result import Result
from esimctl.errors import UsageError, nearest

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.charging.money import Money
    from esimctl.providers.sandbox.faces.server import Served

APIS = ("esim-access", "airalo", "celitech")
CREDIT = 100_000  #: cents that an account begins with


class Serving:
    """A face whose port is open. It is stopped by SIGTERM, by Ctrl-C, or by `stop`."""

    def __init__(self, api: str, served: "Served") -> None:
        self.api = api
        self.served = served
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=served.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()
        self._before: dict[signal.Signals, Any] = {}
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                self._before[number] = signal.signal(number, self._told)
        except ValueError:  # not the main thread: whoever started us calls `stop`
            pass

    @property
    def result(self) -> Result:
        """Where it listens."""
        result = Result("sandbox-serve", {"api": self.api, "base_url": self.served.base_url})
        variable = f"ESIMCTL_{self.api.upper().replace('-', '_')}_BASE_URL"
        result.note("use it: {variable}={url}; Ctrl-C ends it", variable=variable, url=self.served.base_url)
        return result

    def stop(self) -> None:
        """Let `wait` return."""
        self._stopped.set()

    def wait(self) -> None:
        """Serve until told to stop, then close the port."""
        self._stopped.wait()
        self.served.closing.set()
        self.served.shutdown()
        self.served.server_close()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _told(self, _number: int, _frame: FrameType | None) -> None:
        self._stopped.set()


def serve(session: "Session", api: str, port: int, credit: "Money | None", delay: timedelta) -> Serving:
    """Open the face of a vendor on a port of loopback, 0 for any that is free."""
    from esimctl.charging.moments import zone
    from esimctl.providers.sandbox.books import Books
    from esimctl.providers.sandbox.faces.open import open_face

    if api not in APIS:
        close = nearest(api, APIS)
        raise UsageError(
            "there is no interface {api!r}",
            hint="did you mean {near}?" if close else "interfaces: {known}",
            code="unknown_api",
            api=api,
            near=" or ".join(close),
            known=", ".join(APIS),
        )
    if credit is not None and credit.currency != "USD":
        raise UsageError("accounts at these vendors are in USD", code="wrong_currency")
    cents = CREDIT if credit is None else credit.minor
    place = zone(str(session.section("provider").get("sandbox", {}).get("zone", session.zone)))
    try:
        served = open_face(api, port, Books(session.home), place, session.clock.now, credit=cents, delay=delay)
    except (OSError, OverflowError) as why:
        raise UsageError(
            "port {port} cannot be opened: {why}", hint="--port 0 takes a free one", code="port_taken", port=port,
            why=getattr(why, "strerror", None) or str(why),
        ) from why  # fmt: skip
    return Serving(api, served)


__all__ = ["APIS", "Serving", "serve"]
