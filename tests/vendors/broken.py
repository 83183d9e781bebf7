"""Every way in which an answer can go wrong on the wire.

A fault strikes a path before the vendor has done anything, or `after` it has: what the client sees is the same.
"""

import gzip
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler

from tests.vendors.calls import Reply

STATUSES = {"400", "401", "402", "403", "404", "408", "409", "422", "429", "500", "502", "503", "504"}

#: every kind of misbehaviour whose effect on an order is unknown to the client
AMBIGUOUS = (
    "eof", "reset", "hang", "drip-headers", "drip-body", "cut-header", "cut-length", "cut-chunked", "cut-plain",
    "empty", "html", "half", "duplicate-keys", "nan", "deep", "wrong-type", "no-http", "gzip-bomb", "big-body",
    "408", "409", "500", "502", "503", "504", "many-1xx",
)  # fmt: skip


@dataclass
class Fault:
    """`kind` strikes requests whose path ends in `path`, `times` times; `after` the vendor has carried them out.

    A kind is one of WAYS, a redirect's status, or a status with how long to wait: `503`, `429-2`. `text` is its body.
    """

    path: str
    kind: str
    after: bool = False
    times: int = 1
    text: str = ""


class Connection(BaseHTTPRequestHandler):
    """What a fault needs of a connection."""

    other: str = ""  #: the host of a redirect

    def put(self, reply: Reply, *, close: bool = False) -> None:
        """Send an answer."""
        raise NotImplementedError

    def cut(self) -> None:
        """Reset it."""
        raise NotImplementedError


def misbehave(handler: Connection, fault: Fault, reply: Reply | None) -> None:
    """Let the fault strike an answer, None where nothing was done."""
    handler.close_connection = True
    status, _, wait = fault.kind.partition("-")
    if status in STATUSES:
        headers = {"Retry-After": wait} if wait else {}
        handler.put(Reply(int(status), fault.text.encode() or b'{"message":"no"}', headers), close=True)
    elif fault.kind.startswith("30"):
        handler.put(Reply(int(fault.kind), b"", {"Location": handler.other + handler.path}))
    elif reply is None:
        WAYS[fault.kind](handler, 200, b'{"data": [], "success": true}')
    else:
        WAYS[fault.kind](handler, reply.status, reply.body)


def raw(handler: Connection, data: bytes) -> None:
    try:
        handler.wfile.write(data)
        handler.wfile.flush()
    except OSError:
        return


def head(status: int, *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} x", *lines, "", ""]).encode()


def hang(handler: Connection, _status: int, _body: bytes) -> None:
    """Until the client gives up."""
    handler.connection.settimeout(20)
    try:
        handler.connection.recv(1)
    except OSError:
        return


def drip(handler: Connection, data: bytes) -> None:
    """A byte every 50 ms, until the client gives up."""
    for byte in data * 40:
        try:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.05)


def chunked(handler: Connection, pieces: Iterator[bytes], *more: str) -> None:
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


def plain(text: str) -> Callable[[Connection, int, bytes], None]:
    return lambda handler, _status, _body: handler.put(Reply(200, text.encode()))


#: kind → what goes over the wire instead of an answer
WAYS: Mapping[str, Callable[[Connection, int, bytes], None]] = {
    "eof": lambda _handler, _s, _b: None,
    "reset": lambda handler, _s, _b: handler.cut(),
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
    "gzip-bomb": lambda handler, _s, _b: handler.put(Reply(200, bomb(), {"Content-Encoding": "gzip"})),
    "big-body": lambda handler, _s, _b: chunked(handler, (b" " * 65_536 for _ in range(3200))),
    "many-1xx": lambda handler, _s, _b: drip(handler, b"HTTP/1.1 103 Early Hints\r\n\r\n"),
}


__all__ = ["AMBIGUOUS", "WAYS", "Connection", "Fault", "misbehave"]
