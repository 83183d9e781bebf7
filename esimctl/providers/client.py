"""One request and what came back, raw: the thin client that all resellers' adapters share.

No redirect is followed, no proxy, netrc or certificate is taken from the environment, nothing is unpacked (a small
gzip can become gigabytes), a body is read up to a cap, and everything together obeys one deadline.
"""

from collections.abc import Mapping
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, cast

from esimctl.errors import ConfigurationError
from esimctl.providers.protocol import Answer
from esimctl.values.secrecy import without_known

if TYPE_CHECKING:
    import ssl

    import httpx
    from httpx import SyncByteStream

    from esimctl.providers.network import Transport

MEBIBYTE = 1 << 20
PARALLEL = 16  #: connections at most
HEADERS = 64  #: headers of an answer that are looked at


class Client:
    """Talks to one provider. Secrets that are known (`secrecy`) survive in nothing that is kept of an answer.

    `ca_file` are roots that are trusted beside the public ones.
    """

    def __init__(self, agent: str = "esimctl", *, ca_file: str | None = None) -> None:
        self._agent = agent
        self._ca_file = ca_file
        self._pools: dict[bool, Transport] = {}
        self._lock = Lock()

    def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: str | None = None,
        deadline: float,
        cap: int = MEBIBYTE,
        fresh: bool = False,
        keep_secrets: bool = False,
    ) -> Answer:
        """One request. Never raises for what the network does: `failure` names it, `sent` says if a byte left.

        `fresh` opens a connection of its own, so that an idle one that has died cannot make an order ambiguous.
        `keep_secrets` leaves the answer as it is, for those that bring a secret.
        """
        import httpx

        from esimctl.providers.network import CURRENT, Exchange

        content, sent = None if body is None else body.encode(), self._headers(headers)
        bound = {"timeout": {"pool": max(0.001, deadline)}}
        safe = url.startswith("https:")
        transport = self._transport(0, safe=safe) if fresh else self._kept(safe)
        exchange = Exchange(deadline)
        before = CURRENT.set(exchange)
        try:
            request = httpx.Request(method, url, headers=sent, content=content, extensions=bound)
            response = transport.handle_request(request)
            try:
                status, got = response.status_code, _kept_headers(response.headers)
                text, failure = self._read(transport, response, cap)
            finally:
                response.close()
        except Exception as error:  # whatever a stranger's bytes do to a library is a failure of the way
            failure = _name(error, sent=exchange.sent, tls=exchange.tls_failed)
            late = isinstance(error, httpx.TimeoutException)
            return Answer(None, failure=failure, sent=exchange.sent, cause="timeout" if late else exchange.cause)
        finally:
            CURRENT.reset(before)
            if fresh:
                transport.close()
        if not keep_secrets:
            text, got = _scrubbed(text), {name: without_known(value) for name, value in got.items()}
        return Answer(status, text, got, failure=failure)

    def _read(self, transport: "Transport", response: "httpx.Response", cap: int) -> tuple[bytes, str | None]:
        """The body as it came, and what cut it. A connection on which more came is not used again."""
        pieces, size = [], 0
        try:
            for piece in cast("SyncByteStream", response.stream):
                pieces.append(piece)
                size += len(piece)
                if size > cap:
                    return b"".join(pieces)[:cap], "too_long"
        except Exception as error:
            return b"".join(pieces), _name(error, sent=True, tls=False)
        transport.look_behind(response)
        return b"".join(pieces), None

    def _kept(self, safe: bool) -> "Transport":
        """Connections that are used again; they are closed when nobody holds this client any more."""
        with self._lock:
            if safe not in self._pools:
                from weakref import finalize

                self._pools[safe] = self._transport(PARALLEL, safe=safe)
                finalize(self, self._pools[safe].close)
            return self._pools[safe]

    def _transport(self, keep: int, *, safe: bool) -> "Transport":
        import logging

        from esimctl.providers.network import Transport
        from esimctl.providers.tls import rootless

        for name in ("httpx", "httpcore"):  # they would write addresses and cookies
            logging.getLogger(name).setLevel(logging.WARNING)
        return Transport(self._tls if safe else rootless(), keep)

    @cached_property
    def _tls(self) -> "ssl.SSLContext":
        from esimctl.providers.tls import verified

        return verified(self._ca_file)

    def _headers(self, own: Mapping[str, str]) -> dict[str, str]:
        for name, value in own.items():
            if not value.isascii() or not value.isprintable():
                raise ConfigurationError("what belongs into {header} has characters that cannot be sent", header=name)
        return {"User-Agent": self._agent, "Accept": "application/json", "Accept-Encoding": "identity", **own}


def _scrubbed(text: bytes) -> bytes:
    return without_known(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _kept_headers(headers: "httpx.Headers") -> dict[str, str]:
    """The first of them, by lower-case name; a header that stands twice is joined by a comma."""
    return {name.lower(): headers[name][:1000] for name in list(headers)[:HEADERS]}


def _name(error: Exception, *, sent: bool, tls: bool) -> str:
    """What went wrong, in one word."""
    import httpx

    if tls:
        return "tls"
    if isinstance(error, httpx.TimeoutException):
        return "timeout" if sent else "unreachable"
    return "connection_lost" if sent else "unreachable"
