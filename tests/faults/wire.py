"""The operator's end of the line, on bare sockets, so that a fault can strike at any byte of an answer."""

import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.faults.fakes import Booking, Operator

HANG = 30.0  #: seconds after which a hanging line is given up; the program must have gone long before
Talk = Callable[[socket.socket, int, dict[str, Any]], None]


def answer(status: int, body: bytes, *headers: str, length: int | None = None) -> bytes:
    """An HTTP answer; `length` is what it claims of its body."""
    lines = [f"HTTP/1.1 {status} x", "Connection: close", f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def whole(status: int, told: dict[str, Any], *headers: str) -> bytes:
    """The honest answer."""
    return answer(status, json.dumps(told).encode(), "Content-Type: application/json", *headers)


class Line:
    """A listening socket and who is behind it. `talk` answers the next order instead of the operator."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self.talk: Talk | None = None
        self.executes = True  #: whether the operator still does what a broken answer was about
        self.ended = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Hang up."""
        self.ended.set()
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)

    def _serve(self) -> None:
        while not self.ended.is_set():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, suppress(OSError, ValueError):
                connection.settimeout(HANG)
                self._one(connection)

    def _one(self, connection: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65_536)
            if not piece:
                return
            data += piece
            if data.startswith(b"\x16"):  # TLS, where nobody speaks it
                connection.sendall(answer(400, b""))
                return
        head, _, body = data.partition(b"\r\n\r\n")
        first, *headers = head.decode("latin-1").split("\r\n")
        length = next((int(h.split(":")[1]) for h in headers if h.lower().startswith("content-length:")), 0)
        while len(body) < length:
            body += connection.recv(65_536)
        method, target, _ = first.split(" ")
        if method == "POST" and target == "/orders":
            self._order(connection, body.decode())
        else:
            connection.sendall(whole(200, self._asked(method, target)))

    def _order(self, connection: socket.socket, body: str) -> None:
        self.operator.posts += 1
        talk, self.talk = self.talk, None
        if talk is None:
            connection.sendall(whole(*self.operator.take(body)))
            return
        status, told = (
            self.operator.take(body) if self.executes else (200, json.loads(body) | {"order": "N0", "status": "done"})
        )
        if self.executes and self.operator.letter == "E" and "order" in told:
            status, told = self.operator.complete(told["order"])
        talk(connection, status, told)

    def _asked(self, method: str, target: str) -> dict[str, Any]:
        parts = urlsplit(target)
        if method == "POST":
            return self.operator.complete(parts.path.rsplit("/", 1)[1])[1]
        if parts.path == "/balance":
            return {"minor": self.operator.wallet}
        mark = parse_qs(parts.query).get("mark", [None])[0]
        return {"orders": [_row(each) for each in self.operator.find(mark)]}


def _row(booking: Booking) -> dict[str, Any]:
    minor, currency = booking.charges[0] if booking.charges else (booking.minor, booking.currency)
    return {
        "order": booking.number, "mark": booking.mark, "line": booking.line, "status": booking.status, "minor": minor,
        "currency": currency, "at": booking.at.isoformat(), "charges": booking.charges,
    }  # fmt: skip


@contextmanager
def listening(operator: Operator) -> Iterator[Line]:
    """A line that is hung up afterwards."""
    line = Line(operator)
    try:
        yield line
    finally:
        line.close()


def says(status: int, body: bytes, *headers: str) -> Talk:
    """An answer that has nothing to do with what happened."""
    return lambda connection, _status, _told: connection.sendall(answer(status, body, *headers))


def code(status: int, word: str, *headers: str) -> Talk:
    """An error of the operator's."""
    return says(status, json.dumps({"code": word}).encode(), *headers)


def reset(connection: socket.socket, _status: int, _told: dict[str, Any]) -> None:
    """RST instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def silent(_connection: socket.socket, _status: int, _told: dict[str, Any]) -> None:
    """EOF instead of an answer."""


def hangs(connection: socket.socket, _status: int, _told: dict[str, Any]) -> None:
    """Nothing comes, and the line stays open."""
    _until_gone(connection)


def _until_gone(connection: socket.socket) -> None:
    end = time.monotonic() + HANG
    while time.monotonic() < end and connection.recv(1):
        pass


def cut(part: float, *, chunked: bool = False, length: bool = True) -> Talk:
    """The beginning of the honest answer."""

    def talk(connection: socket.socket, status: int, told: dict[str, Any]) -> None:
        data = whole(status, told)
        if chunked:
            body = json.dumps(told).encode()
            data = b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % len(body) + body
        elif not length:
            data = b"HTTP/1.1 200 x\r\nConnection: close\r\n\r\n" + json.dumps(told).encode()
        connection.sendall(data[: int(len(data) * part)])

    return talk


def drips(*, body: bool) -> Talk:
    """A byte now and then: no single reading times out."""

    def talk(connection: socket.socket, status: int, told: dict[str, Any]) -> None:
        data = whole(status, told)
        start = data.index(b"\r\n\r\n") + 4 if body else 0
        connection.sendall(data[:start])
        end = time.monotonic() + HANG
        for position in range(start, len(data)):
            if time.monotonic() > end:
                return
            connection.sendall(data[position : position + 1])
            time.sleep(0.05)

    return talk


def changed(**changes: Any) -> Talk:
    """The honest answer with other values; None takes a key away."""

    def talk(connection: socket.socket, status: int, told: dict[str, Any]) -> None:
        merged = {name: value for name, value in {**told, **changes}.items() if value is not None}
        connection.sendall(whole(changes.get("http", status), merged))

    return talk


def bomb(connection: socket.socket, _status: int, _told: dict[str, Any]) -> None:
    """A small gzip that would become large."""
    connection.sendall(answer(200, gzip.compress(b"0" * (8 << 20)), "Content-Encoding: gzip"))


def floods(what: bytes) -> Talk:
    """The same bytes over and over."""

    def talk(connection: socket.socket, _status: int, _told: dict[str, Any]) -> None:
        connection.sendall(b"HTTP/1.1 200 x\r\n" if what.startswith(b"X-") else b"")
        for _ in range(4000):
            connection.sendall(what * 20)

    return talk


__all__ = [
    "Line", "Talk", "answer", "bomb", "changed", "code", "cut", "drips", "floods", "hangs", "listening", "reset",
    "says",    "silent", "whole",
]  # fmt: skip
