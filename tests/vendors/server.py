"""The HTTP server around a face: loopback only, one thread a connection, armed faults in front of orders.

No answer (`timeout-before`, `timeout-after`) holds the connection until the client leaves or the server ends;
`unreachable` resets it before anything is done.
"""

import socket
import struct
import threading
from abc import ABC, abstractmethod
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from esimctl.errors import EsimctlError
from esimctl.providers.addresses import is_loopback
from esimctl.providers.sandbox import faults
from esimctl.providers.sandbox.books import ticks
from esimctl.providers.strict_json import Malformed
from tests.vendors import levers
from tests.vendors.calls import Call, Reply, Silence

if TYPE_CHECKING:
    from sqlite3 import Connection

    from tests.vendors.counter import Counter

LOOPBACK = "127.0.0.1"
LONGEST_BODY = 1 << 20
MOST_THROWN_AWAY = 16 << 20
RETRY_AFTER = "5"
IDLE = 120.0  #: seconds that a connection may stay silent

_NOT_JSON = b'<html><title>502 Bad Gateway</title>{"data": {"id": '


class Face(ABC):
    """A vendor's interface: what is asked, what is ordered, and how refusals sound."""

    api: ClassVar[str]

    def __init__(self, counter: "Counter") -> None:
        self.counter = counter

    @abstractmethod
    def gate(self, call: Call) -> Reply | None:
        """The refusal of a caller who may not come in; also the answer where the gate itself is asked."""

    @abstractmethod
    def order_key(self, call: Call) -> str | None:
        """What names an order; None for everything that is no order."""

    @abstractmethod
    def take(self, database: "Connection", call: Call, now: datetime) -> Reply:
        """Execute an order."""

    @abstractmethod
    def answer(self, call: Call, now: datetime) -> Reply:
        """Everything else."""

    @abstractmethod
    def failure(self, status: int) -> Reply:
        """How this vendor says 400, 404, 429, 500 and 503."""

    def respond(self, call: Call) -> Reply | Silence:
        """The answer to one request, faults included."""
        now = self.counter.clock()
        try:
            barred = self.gate(call)
            if barred is not None:
                return barred
            key = self.order_key(call)
            return self.answer(call, now) if key is None else self._ordered(call, key, now)
        except Malformed:
            return self.failure(400)
        except EsimctlError:  # the books are in use or cannot be read
            return self.failure(503)

    def _ordered(self, call: Call, key: str, now: datetime) -> Reply | Silence:
        with self.counter.books.writing(30.0) as database:
            if faults.keeps_away(database, key, ticks(now)):
                return Silence.CUT
            if faults.strikes(database, "timeout-before"):
                return Silence.HELD
            if faults.strikes(database, "rate-limit"):
                return self.failure(429)
            reply = self.take(database, call, now)
            self.counter.meanwhile(database, now)
            if faults.strikes(database, "timeout-after"):
                return Silence.HELD
            if faults.strikes(database, "error-500"):
                return self.failure(500)
            if faults.strikes(database, "malformed"):
                return Reply(reply.status, _NOT_JSON)
        return reply


class Served(ThreadingHTTPServer):
    """A running face. `base_url` is its host root; the port is open from the beginning."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, face: Face, port: int) -> None:
        """OSError or OverflowError where the port cannot be opened."""
        self.face = face
        self.closing = threading.Event()
        super().__init__((LOOPBACK, port), Handler)

    @property
    def base_url(self) -> str:
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no error; what a face did wrong was answered with 500."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE
    server: Served

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # the client left
            self.close_connection = True

    def do_GET(self) -> None:
        """Any request."""
        if not self._from_here():
            self._put(Reply(403, {"message": "this server is for programs on this machine"}))
            return
        body = self._body()
        if body is None:
            return
        call = Call.of(self.command, self.path, dict(self.headers), body)
        try:
            face = self.server.face
            reply = levers.pulled(face.counter, call) if call.path.startswith(levers.BASE) else face.respond(call)
        except Exception:
            reply = self.server.face.failure(500)
        if reply is Silence.HELD:
            self._hold()
        elif reply is Silence.CUT:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        else:
            self._put(reply)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _from_here(self) -> bool:
        """A page in a browser must not reach it under a name of its own (DNS rebinding)."""
        return is_loopback(urlsplit("//" + self.headers.get("Host", "")).hostname or "")

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not (length.isascii() and length.isdigit()):
            self._put(self.server.face.failure(411), close=True)
            return None
        if int(length[:12]) > LONGEST_BODY:
            self._throw_away(min(int(length[:12]), MOST_THROWN_AWAY))
            self._put(self.server.face.failure(413), close=True)
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

    def _put(self, reply: Reply, *, close: bool = False) -> None:
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
        """The time of the server's own clock, which may be a rehearsal's."""
        return format_datetime(self.server.face.counter.clock(), usegmt=True)

    def version_string(self) -> str:
        return "esimctl-tests-vendors"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: a request may carry a secret."""


__all__ = ["RETRY_AFTER", "Face", "Served"]
