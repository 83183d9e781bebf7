"""One request and what came back, raw: the thin client that all resellers' adapters share.

No redirect is followed, no proxy, netrc or certificate is taken from the environment, nothing is unpacked (a small
gzip can become gigabytes), a body is read up to a cap, and everything together obeys one deadline.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from esimctl.errors import ConfigurationError
from esimctl.providers.protocol import Answer
from esimctl.values.secrecy import without_known
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    import ssl

    import httpcore

    from esimctl.providers.network import Exchange

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
        self._pools: dict[bool, httpcore.ConnectionPool] = {}
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
        import httpcore

        from esimctl.providers.network import CURRENT, Exchange

        content, sent = None if body is None else body.encode(), self._headers(headers)
        safe = url.startswith("https:")
        pool = self._pool(0, safe=safe) if fresh else self._kept(safe)
        exchange = Exchange(deadline)
        before = CURRENT.set(exchange)
        try:
            request = httpcore.Request(
                method,
                url,
                headers=_framed(method, url, sent, content),
                content=content,
                extensions={"timeout": {"pool": max(0.001, deadline)}},
            )
            response = pool.handle_request(request)
            try:
                status, got = response.status, _kept_headers(response.headers)
                text, failure = self._read(exchange, response, cap)
            finally:
                response.close()
        except Exception as error:  # whatever a stranger's bytes do to a library is a failure of the way
            failure = _name(error, sent=exchange.sent, tls=exchange.tls_failed)
            late = isinstance(error, httpcore.TimeoutException)
            return Answer(None, failure=failure, sent=exchange.sent, cause="timeout" if late else exchange.cause)
        finally:
            CURRENT.reset(before)
            if fresh:
                pool.close()
        if not keep_secrets:
            text, got = _scrubbed(text), {name: without_known(value) for name, value in got.items()}
        return Answer(status, text, got, failure=failure)

    def _read(self, exchange: "Exchange", response: "httpcore.Response", cap: int) -> tuple[bytes, str | None]:
        """The body as it came, and what cut it. A connection on which more came is not used again."""
        pieces, size = [], 0
        try:
            for piece in response.iter_stream():
                pieces.append(piece)
                size += len(piece)
                if size > cap:
                    return b"".join(pieces)[:cap], "too_long"
            exchange.look_behind()
        except Exception as error:
            return b"".join(pieces), _name(error, sent=True, tls=False)
        return b"".join(pieces), None

    def _kept(self, safe: bool) -> "httpcore.ConnectionPool":
        """Connections that are used again; they are closed when nobody holds this client any more."""
        with self._lock:
            if safe not in self._pools:
                from weakref import finalize

                self._pools[safe] = self._pool(PARALLEL, safe=safe)
                finalize(self, self._pools[safe].close)
            return self._pools[safe]

    def _pool(self, keep: int, *, safe: bool) -> "httpcore.ConnectionPool":
        import logging

        from esimctl.providers.network import connections
        from esimctl.providers.tls import rootless

        logging.getLogger("httpcore").setLevel(logging.WARNING)  # it would write addresses and cookies
        return connections(self._tls if safe else rootless(), keep)

    @cached_property
    def _tls(self) -> "ssl.SSLContext":
        from esimctl.providers.tls import verified

        return verified(self._ca_file)

    def _headers(self, own: Mapping[str, str]) -> dict[str, str]:
        for name, value in own.items():
            if not value.isascii() or not value.isprintable():
                raise ConfigurationError(
                    "what belongs into {header} has characters that cannot be sent", header=Raw(name)
                )
        return {"User-Agent": self._agent, "Accept": "application/json", "Accept-Encoding": "identity", **own}


def _scrubbed(text: bytes) -> bytes:
    return without_known(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _framed(method: str, url: str, own: Mapping[str, str], content: bytes | None) -> list[tuple[bytes, bytes]]:
    """Our headers, with those that say whom the request is for and how long it is."""
    host = urlsplit(url).netloc
    size = None if content is None and method not in ("POST", "PUT", "PATCH") else str(len(content or b""))
    whole = {"Host": host, **own, **({} if size is None else {"Content-Length": size})}
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in whole.items()]


def _kept_headers(headers: "Iterable[tuple[bytes, bytes]]") -> dict[str, str]:
    """The first of them, by lower-case name; a header that stands twice is joined by a comma."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1").lower(), []).append(_text(value))
    return {name: ", ".join(values)[:1000] for name, values in list(found.items())[:HEADERS]}


def _text(value: bytes) -> str:
    """The text of a header: UTF-8 where it is that, as hardly any is, else octet for octet."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _name(error: Exception, *, sent: bool, tls: bool) -> str:
    """What went wrong, in one word."""
    import httpcore

    if tls:
        return "tls"
    if isinstance(error, httpcore.TimeoutException):
        return "timeout" if sent else "unreachable"
    return "connection_lost" if sent else "unreachable"
