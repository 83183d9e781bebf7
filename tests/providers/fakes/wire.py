"""An HTTP server on loopback around a vendor's books, with every way in which an answer can go wrong.

A fault strikes a path `before` the vendor has done anything, or `after` it has: what the client sees is the same.
"""

import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Call:
    """A request as the vendor sees it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body or b"{}")


@dataclass
class Fault:
    """`kind` strikes requests whose path ends in `path`, `times` times; `after` the vendor has carried them out."""

    path: str
    kind: str
    after: bool = False
    times: int = 1
    text: str = ""


class Vendor:
    """Books behind a server. A subclass answers calls with a status and a document."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.latency = 0.0
        self.busy = self.most_busy = 0  #: requests at the same time
        self.clock_ahead = 0.0  #: seconds
        self.lock = threading.Lock()
        self.url = ""

    def answer(self, call: Call) -> tuple[int, Any]:
        raise NotImplementedError

    def count(self, path: str) -> int:
        """How many requests a path has seen."""
        return sum(1 for call in self.calls if call.path.endswith(path))

    def now(self) -> float:
        return time.time() + self.clock_ahead

    def fault_for(self, call: Call) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and call.path.endswith(fault.path):
                fault.times -= 1
                return fault
        return None


STATUSES = {"400", "401", "402", "403", "404", "408", "409", "422", "500", "502", "503", "504"}

#: every kind of misbehaviour whose effect on an order is unknown to the client
AMBIGUOUS = (
    "eof", "reset", "hang", "drip-headers", "drip-body", "cut-header", "cut-length", "cut-chunked", "cut-plain",
    "empty", "html", "half", "duplicate-keys", "nan", "deep", "wrong-type", "no-http", "gzip-bomb", "big-body",
    "408", "409", "500", "502", "503", "504", "many-1xx",
)  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """One request: the vendor's answer, or a fault."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    vendor: Vendor
    other: str = ""

    def do_GET(self) -> None:
        self.serve()

    do_POST = do_GET  # noqa: N815

    def serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        headers = {key.lower(): value for key, value in self.headers.items()}
        call = Call(self.command, parts.path, query, headers, body)
        with self.vendor.lock:
            self.vendor.calls.append(call)
            fault = self.vendor.fault_for(call)
            status, document = (0, None) if fault is not None and not fault.after else self.vendor.answer(call)
        if self.vendor.latency:
            self.vendor.busy += 1
            self.vendor.most_busy = max(self.vendor.most_busy, self.vendor.busy)
            time.sleep(self.vendor.latency)
            self.vendor.busy -= 1
        if fault is None:
            self.put(status, document if isinstance(document, bytes) else json.dumps(document).encode())
        else:
            self.misbehave(fault, status, document)

    def put(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(self.vendor.now() if timestamp is None else timestamp)

    def misbehave(self, fault: Fault, status: int, document: Any) -> None:
        kind = fault.kind
        self.close_connection = True
        if kind in STATUSES:
            self.put(int(kind), fault.text.encode() or b'{"message":"no"}', {"Connection": "close"})
        elif kind.startswith("429"):
            wait = {"Retry-After": kind[4:]} if kind[4:] else {}
            self.put(429, b'{"message":"Too Many Attempts."}', wait)
        elif kind.startswith("30"):
            self.put(int(kind), b"", {"Location": self.other + self.path})
        else:
            WAYS[kind](self, status or 200, json.dumps(document or {"data": [], "success": True}).encode())

    def log_message(self, *_args: Any) -> None:
        """Nothing: a test looks at the calls."""


def raw(handler: Handler, data: bytes) -> None:
    try:
        handler.wfile.write(data)
        handler.wfile.flush()
    except OSError:
        return


def head(status: int, *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} x", *lines, "", ""]).encode()


def reset(handler: Handler, _status: int, _body: bytes) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def hang(handler: Handler, _status: int, _body: bytes) -> None:
    """Until the client gives up."""
    handler.connection.settimeout(20)
    try:
        handler.connection.recv(1)
    except OSError:
        return


def drip(handler: Handler, data: bytes) -> None:
    """A byte every 50 ms, until the client gives up."""
    for byte in data * 40:
        try:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.05)


def chunked(handler: Handler, pieces: Iterator[bytes], *more: str) -> None:
    raw(handler, head(200, "Transfer-Encoding: chunked", "Content-Type: application/json", *more))
    try:
        for piece in pieces:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.wfile.write(b"0\r\n\r\n")
    except OSError:
        return


@cache
def bomb() -> bytes:
    """200 MB of spaces, packed."""
    return gzip.compress(b" " * (200 << 20), compresslevel=1)


def plain(text: str) -> Callable[[Handler, int, bytes], None]:
    return lambda handler, _status, _body: handler.put(200, text.encode())


WAYS: dict[str, Callable[[Handler, int, bytes], None]] = {
    "eof": lambda _handler, _s, _b: None,
    "reset": reset,
    "hang": hang,
    "drip-headers": lambda handler, _s, _b: drip(handler, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 200),
    "drip-body": lambda handler, s, b: (raw(handler, head(s, f"Content-Length: {40 * len(b)}")), drip(handler, b))[1],
    "cut-header": lambda handler, _s, _b: raw(handler, b"HTTP/1.1 200 OK\r\nContent-"),
    "cut-length": lambda handler, s, b: raw(handler, head(s, f"Content-Length: {len(b)}") + b[: len(b) // 2]),
    "cut-chunked": lambda handler, s, b: raw(
        handler, head(s, "Transfer-Encoding: chunked") + b"%x\r\n%s" % (len(b), b[:-1])
    ),
    "cut-plain": lambda handler, s, b: raw(handler, head(s, "Connection: close") + b[: len(b) // 2]),
    "empty": plain(""),
    "html": plain("<html>Sign in to the hotel's network</html>"),
    "half": plain('{"success": true, "obj": {"orderNo": "B1"'),
    "duplicate-keys": plain('{"success": true, "success": true, "obj": {"orderNo": "B1"}, "data": {}, "data": {}}'),
    "nan": plain('{"success": true, "obj": {"orderNo": NaN}, "data": {"id": NaN}}'),
    "deep": plain("[" * 5000 + "]" * 5000),
    "wrong-type": plain('[{"success": "perhaps", "data": 5, "purchase": []}]'),
    "no-http": lambda handler, _s, _b: raw(handler, b"220 mail.example ESMTP\r\n"),
    "gzip-bomb": lambda handler, _s, _b: handler.put(200, bomb(), {"Content-Encoding": "gzip"}),
    "big-body": lambda handler, _s, _b: chunked(handler, (b" " * 65_536 for _ in range(3200))),
    "many-1xx": lambda handler, _s, _b: drip(handler, b"HTTP/1.1 103 Early Hints\r\n\r\n"),
}


@dataclass
class Served:
    """A running server and the host that nobody must be sent to."""

    vendor: Vendor
    url: str
    elsewhere: list[str] = field(default_factory=list)


class Quiet(ThreadingHTTPServer):
    """A client that leaves early is no error; threads end with the test."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The client went away."""


class Elsewhere(BaseHTTPRequestHandler):
    """The host of a redirect: whatever reaches it is a leak."""

    seen: list[str]

    def do_GET(self) -> None:
        self.seen.append(f"{self.command} {self.path} {dict(self.headers)}")
        self.send_response(200)
        self.end_headers()

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_args: Any) -> None:
        """Nothing."""


@contextmanager
def serving(vendor: Vendor) -> Iterator[Served]:
    """The vendor on a port of loopback, and another host beside it."""
    seen: list[str] = []
    stranger = Quiet(("127.0.0.1", 0), type("Stranger", (Elsewhere,), {"seen": seen}))
    other = f"http://127.0.0.1:{stranger.server_address[1]}"
    server = Quiet(("127.0.0.1", 0), type("Bound", (Handler,), {"vendor": vendor, "other": other}))
    threads = [threading.Thread(target=each.serve_forever, args=(0.02,), daemon=True) for each in (server, stranger)]
    for thread in threads:
        thread.start()
    vendor.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield Served(vendor, vendor.url, seen)
    finally:
        for each in (server, stranger):
            each.shutdown()
            each.server_close()
