"""One request and what came back, raw: the thin client that all resellers' adapters share.

No redirect is followed, no proxy, netrc or certificate is taken from the environment, nothing is unpacked (a small
gzip can become gigabytes), a body is read up to a cap, and everything together obeys one deadline.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from esimctl.errors import ConfigurationError
from esimctl.providers.protocol import Answer

if TYPE_CHECKING:
    import httpx

MEBIBYTE = 1 << 20
PARALLEL = 16  #: connections at most
HEADERS = 64  #: headers of an answer that are looked at

_MASK = b"***"


class Client:
    """Talks to one provider; what it is told to `guard` survives in nothing that is kept of an answer.

    `ca_file` are roots that are trusted beside the public ones.
    """

    def __init__(self, agent: str = "esimctl", *, ca_file: str | None = None) -> None:
        self._agent = agent
        self._ca_file = ca_file
        self._secrets: set[bytes] = set()
        self._pools: dict[bool, httpx.Client] = {}
        self._lock = Lock()

    def guard(self, secrets: Iterable[str]) -> None:
        """Take these texts, and how they look encoded, out of every answer from now on."""
        from base64 import b64encode
        from urllib.parse import quote

        for secret in secrets:
            if len(secret) >= 6:
                plain = secret.encode()
                self._secrets |= {plain, quote(secret, safe="").encode(), b64encode(plain).rstrip(b"=")}

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

        exchange = Exchange(deadline)
        before = CURRENT.set(exchange)
        safe = url.startswith("https:")
        client = self._client(0, safe=safe) if fresh else self._kept(safe)
        content = None if body is None else body.encode()
        bound = httpx.Timeout(None, pool=max(0.001, deadline))
        try:
            with client.stream(method, url, headers=self._headers(headers), content=content, timeout=bound) as response:
                status, got = response.status_code, _kept_headers(response.headers)
                text, failure = self._read(response, cap)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            failure = _name(error, sent=exchange.sent, tls=exchange.tls_failed)
            late = isinstance(error, httpx.TimeoutException)
            return Answer(None, failure=failure, sent=exchange.sent, cause="timeout" if late else exchange.cause)
        finally:
            CURRENT.reset(before)
            if fresh:
                client.close()
        if not keep_secrets:
            text, got = self._scrubbed(text), {name: self._clean(value) for name, value in got.items()}
        return Answer(status, text, got, failure=failure)

    def _read(self, response: "httpx.Response", cap: int) -> tuple[bytes, str | None]:
        """The body as it came, and what cut it."""
        import httpx

        pieces, size = [], 0
        try:
            for piece in response.iter_raw(65_536):
                pieces.append(piece)
                size += len(piece)
                if size > cap:
                    return b"".join(pieces)[:cap], "too_long"
        except httpx.HTTPError as error:
            return b"".join(pieces), _name(error, sent=True, tls=False)
        return b"".join(pieces), None

    def _kept(self, safe: bool) -> "httpx.Client":
        """Connections that are used again; they are closed when nobody holds this client any more."""
        with self._lock:
            if safe not in self._pools:
                from weakref import finalize

                self._pools[safe] = self._client(PARALLEL, safe=safe)
                finalize(self, self._pools[safe].close)
            return self._pools[safe]

    def _client(self, keep: int, *, safe: bool) -> "httpx.Client":
        import logging

        import httpx

        from esimctl.providers.network import Transport, rootless

        for name in ("httpx", "httpcore"):  # they would write addresses and cookies
            logging.getLogger(name).setLevel(logging.WARNING)
        transport = Transport(self._tls if safe else rootless(), keep)
        return httpx.Client(transport=transport, trust_env=False, follow_redirects=False, timeout=None)  # noqa: S113

    @cached_property
    def _tls(self) -> "ssl.SSLContext":
        from esimctl.providers.network import verified

        return verified(self._ca_file)

    def _headers(self, own: Mapping[str, str]) -> dict[str, str]:
        for name, value in own.items():
            if not value.isascii() or not value.isprintable():
                raise ConfigurationError("what belongs into {header} has characters that cannot be sent", header=name)
        return {"User-Agent": self._agent, "Accept": "application/json", "Accept-Encoding": "identity", **own}

    def _scrubbed(self, text: bytes) -> bytes:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, _MASK)
        return text

    def _clean(self, text: str) -> str:
        return self._scrubbed(text.encode("utf-8", "replace")).decode("utf-8", "replace")


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


if TYPE_CHECKING:
    import ssl

__all__ = ["MEBIBYTE", "PARALLEL", "Client"]
