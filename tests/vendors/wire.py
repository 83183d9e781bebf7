"""The HTTP server around a vendor: loopback only, one thread a connection, faults of the wire where they are wanted."""

import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from esimctl.providers.accounts import is_loopback
from esimctl.values.record import replace
from tests.vendors.broken import Connection, Fault, misbehave
from tests.vendors.calls import Call, Reply, Silence

LOOPBACK = "127.0.0.1"
LONGEST_BODY = 1 << 20
MOST_THROWN_AWAY = 16 << 20
IDLE = 120.0  #: seconds that a connection may stay silent


class Vendor(ABC):
    """Whoever answers calls, with what a test wants to know of them and to go wrong with them."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.instead: dict[str, Reply] = {}  #: end of `GET /path` → what is answered there, and nothing is done
        self.retold: dict[str, Callable[[Call, Any], Any]] = {}  #: likewise → the document as it is told
        self.latency = 0.0  #: seconds that an answer takes
        self.busy = self.most_busy = 0  #: requests at the same time
        self.clock_ahead = 0.0  #: seconds by which its clock is off
        self.lock = threading.Lock()

    @abstractmethod
    def respond(self, call: Call) -> Reply | Silence:
        """The answer to one request."""

    def reply_to(self, call: Call) -> Reply | Silence:
        """The answer as a test wants it."""
        for end, reply in self.instead.items():
            if call.named.endswith(end):
                return reply
        told = self.respond(call)
        for end, retell in self.retold.items():
            if call.named.endswith(end) and isinstance(told, Reply):
                told = replace(told, document=retell(call, told.document))
        return told

    def failure(self, status: int) -> Reply:
        """How it says that a request is none."""
        return Reply(status, {"message": "no"})

    def now(self) -> datetime:
        """Its time."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_ahead)

    def count(self, path: str) -> int:
        """How many requests a path has seen."""
        return sum(1 for call in self.calls if call.path.endswith(path))

    def heard(self, call: Call) -> Fault | None:
        """A request has come; the fault that strikes it."""
        with self.lock:
            self.calls.append(call)
            for fault in self.faults:
                if fault.times > 0 and call.path.endswith(fault.path):
                    fault.times -= 1
                    return fault
        return None


class Handler(Connection):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE
    server: "Server"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # the client left
            self.close_connection = True

    def do_GET(self) -> None:
        """Any request."""
        if not self._from_here():
            self.put(Reply(403, {"message": "this server is for programs on this machine"}))
            return
        body = self._body()
        if body is None:
            return
        call = Call.of(self.command, self.path, dict(self.headers), body)
        fault = self.server.vendor.heard(call)
        reply = None if fault is not None and not fault.after else self._answer(call)
        if self.server.vendor.latency:
            self._wait()
        if reply is Silence.HELD:
            self._hold()
        elif reply is Silence.CUT:
            self.cut()
        elif fault is not None:
            misbehave(self, fault, reply)
        else:
            assert reply is not None
            self.put(reply)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _answer(self, call: Call) -> Reply | Silence:
        try:
            return self.server.vendor.reply_to(call)
        except Exception:
            return self.server.vendor.failure(500)

    def _wait(self) -> None:
        vendor = self.server.vendor
        with vendor.lock:
            vendor.busy += 1
            vendor.most_busy = max(vendor.most_busy, vendor.busy)
        time.sleep(vendor.latency)
        with vendor.lock:
            vendor.busy -= 1

    def _from_here(self) -> bool:
        """A page in a browser must not reach it under a name of its own (DNS rebinding)."""
        return is_loopback(urlsplit("//" + self.headers.get("Host", "")).hostname or "")

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not (length.isascii() and length.isdigit()):
            self.put(self.server.vendor.failure(411), close=True)
            return None
        if int(length[:12]) > LONGEST_BODY:
            self._throw_away(min(int(length[:12]), MOST_THROWN_AWAY))
            self.put(self.server.vendor.failure(413), close=True)
            return None
        return self.rfile.read(int(length))

    def _throw_away(self, octets: int) -> None:
        """Read what is not wanted: most clients listen only when they have said everything."""
        while octets > 0:
            octets -= len(self.rfile.read(min(octets, 1 << 16))) or octets

    def _hold(self) -> None:
        """Until the client leaves, or the server ends."""
        self.close_connection = True
        self.connection.settimeout(0.1)
        while not self.server.closing.is_set():
            try:
                if not self.connection.recv(1024):
                    return
            except TimeoutError:
                continue

    def cut(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def put(self, reply: Reply, *, close: bool = False) -> None:
        body = reply.body
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if close:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The time of the vendor's own clock."""
        return format_datetime(self.server.vendor.now(), usegmt=True)

    def version_string(self) -> str:
        return "esimctl-tests-vendors"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: a request may carry a secret."""


class Quiet(ThreadingHTTPServer):
    """A client that leaves early is no error; threads end with the test."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The client went away."""


class Server(Quiet):
    """A running vendor. `base_url` is its host root; the port is open from the beginning."""

    def __init__(self, vendor: Vendor, port: int = 0, other: str = "") -> None:
        """OSError or OverflowError where the port cannot be opened; `other` is the host that its redirects lead to."""
        self.vendor = vendor
        self.closing = threading.Event()
        super().__init__((LOOPBACK, port), type("Bound", (Handler,), {"other": other}))

    @property
    def base_url(self) -> str:
        return f"http://{LOOPBACK}:{self.server_address[1]}"


@contextmanager
def running(server: Quiet) -> Iterator[None]:
    """As long as it answers; held requests do not keep a vendor's."""
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield
    finally:
        if isinstance(server, Server):
            server.closing.set()
        server.shutdown()
        server.server_close()


class Elsewhere(BaseHTTPRequestHandler):
    """The host of a redirect: whatever reaches it is a leak."""

    seen: list[str]

    def do_GET(self) -> None:
        self.seen.append(f"{self.command} {self.path} {dict(self.headers)}")
        self.send_response(200)
        self.end_headers()

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@dataclass
class Served:
    """A running vendor and what reached the host that nobody must be sent to."""

    vendor: Any
    url: str
    elsewhere: list[str] = field(default_factory=list)


@contextmanager
def serving(vendor: Vendor) -> Iterator[Served]:
    """The vendor on a port of loopback, and another host beside it."""
    seen: list[str] = []
    stranger = Quiet((LOOPBACK, 0), type("Stranger", (Elsewhere,), {"seen": seen}))
    server = Server(vendor, 0, f"http://{LOOPBACK}:{stranger.server_address[1]}")
    with running(stranger), running(server):
        yield Served(vendor, server.base_url, seen)


__all__ = ["Quiet", "Served", "Server", "Vendor", "running", "serving"]
