"""The wire itself: connections that obey one deadline and know whether a byte of a request has left.

A timeout of httpcore bounds every single read; a server that drips a byte a second is bounded by nothing. Here each
step gets what is left of the whole, by the monotonic clock, resolving of names included.
"""

import socket
import ssl
import time
from collections.abc import Iterable
from contextvars import ContextVar
from threading import Thread
from typing import Any

import h11
import httpcore

from esimctl.providers.unreached import cause_of_socket, cause_of_tls

CONNECTING = 10.0  #: seconds at most for one connection, TLS included


class Exchange:
    """One request on its way: until when it may take, whether a byte of it left, and whether TLS failed."""

    __slots__ = ("cause", "end", "sent", "stream", "tls_failed")

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.sent = False
        self.tls_failed = False
        self.cause: str | None = None  #: what stood in the way, where that is known
        self.stream: Stream | None = None  #: the connection that it was written to

    @property
    def left(self) -> float:
        """Seconds left, below 0 when time is up."""
        return self.end - time.monotonic()

    def look_behind(self) -> None:
        """After the last octet of an answer, before its connection is given back: nothing may stand behind it."""
        if self.stream is not None:
            self.stream.look_behind()


#: The exchange of this thread.
CURRENT: ContextVar[Exchange] = ContextVar("CURRENT")


class Stream(httpcore.NetworkStream):
    """A connection whose every step is bounded by the exchange that uses it just now."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self._heard = bytearray()  #: what came since the last request was written
        self._spoilt = False  #: more came than was asked for: whatever stands there would pass for the next answer

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes; ReadTimeout when the whole exchange has taken too long."""
        left = CURRENT.get().left
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        data = self._inner.read(max_bytes, left)
        self._heard += data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """From the first call on nobody can say that nothing was sent."""
        exchange = CURRENT.get()
        if exchange.left <= 0:
            raise httpcore.WriteTimeout("the deadline has passed")
        exchange.sent, exchange.stream = True, self
        self._heard.clear()
        self._inner.write(buffer, exchange.left)

    def close(self) -> None:
        """Close it."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "Stream":
        """TLS, verified; a certificate that fails is told apart from a server that is gone."""
        exchange = CURRENT.get()
        try:
            inner = self._inner.start_tls(ssl_context, server_hostname, _bounded(exchange))
        except httpcore.ConnectError as error:
            exchange.cause = cause_of_tls(error.__cause__ or error.__context__)
            exchange.tls_failed = exchange.cause is not None
            raise
        return Stream(inner)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore wants to know of the socket. One that can be read before it was asked again is closed."""
        if info == "is_readable" and (self._spoilt or self._pending()):
            return True
        return self._inner.get_extra_info(info)

    def look_behind(self) -> None:
        """What came in one packet with an answer would be handed on as the next one: such a connection is used up.

        The answer is read once more by the parser that httpcore uses, which says what is left over.
        """
        parser = h11.Connection(h11.CLIENT)
        parser.send(h11.Request(method="GET", target="/", headers=[("Host", "it")]))
        parser.send(h11.EndOfMessage())
        parser.receive_data(bytes(self._heard))
        event = parser.next_event()
        while isinstance(event, h11.InformationalResponse | h11.Response | h11.Data):
            event = parser.next_event()
        self._spoilt = not isinstance(event, h11.EndOfMessage) or parser.trailing_data[0] != b""

    def _pending(self) -> bool:
        """Whether octets lie ready that TLS has unpacked already: the socket itself knows nothing of them."""
        tls = self._inner.get_extra_info("ssl_object")
        return isinstance(tls, ssl.SSLSocket) and tls.pending() > 0


class Backend(httpcore.NetworkBackend):
    """Connects within the deadline: one address after the other."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Stream:
        """A connection to the first address that answers. ConnectError or ConnectTimeout: nothing was sent."""
        exchange = CURRENT.get()
        failure: Exception = httpcore.ConnectError("no address")
        for address in resolved(host, port, _bounded(exchange)):
            try:
                return Stream(self._inner.connect_tcp(address, port, _bounded(exchange), local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                exchange.cause = cause_of_socket(error.__cause__ or error.__context__)
        raise failure


def _bounded(exchange: Exchange) -> float:
    left = min(CONNECTING, exchange.left)
    if left <= 0:
        raise httpcore.ConnectTimeout("the deadline has passed")
    return left


def resolved(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a host. The system's resolver knows no deadline, so it works in a thread that may be left."""
    if host.replace(".", "").isdigit() or ":" in host:
        return [host]
    found: list[Any] = []
    problem: list[OSError] = []

    def ask() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            problem.append(error)

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if problem:
        CURRENT.get().cause = cause_of_socket(problem[0])
        raise httpcore.ConnectError(str(problem[0])) from problem[0]
    if not found:
        raise httpcore.ConnectTimeout("the name was not resolved in time")
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def connections(context: ssl.SSLContext, keep: int) -> httpcore.ConnectionPool:
    """Connections of ours. `keep` says how many idle ones are kept for the next request."""
    return httpcore.ConnectionPool(
        ssl_context=context,
        max_connections=max(1, keep),
        max_keepalive_connections=keep,
        keepalive_expiry=15.0,
        retries=0,
        network_backend=Backend(),
    )
