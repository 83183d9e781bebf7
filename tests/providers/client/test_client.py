"""The thin client: one deadline over everything, no redirect, nothing from the environment, nothing unpacked."""

import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from esimctl.providers.client import MEBIBYTE, Client
from esimctl.providers.protocol import Answer
from esimctl.values.secrecy import remember
from tests.vendors.broken import AMBIGUOUS, Fault
from tests.vendors.calls import Call, Reply
from tests.vendors.wire import Quiet, Served, Vendor, serving

SECRET = "canary-secret-0123456789"


class Echo(Vendor):
    """Answers with what it was sent."""

    def respond(self, call: Call) -> Reply:
        return Reply(200, {"headers": call.headers, "body": call.body.decode()})


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(Echo()) as running:
        yield running


def exchange(served: Served, deadline: float = 5.0, **more: Any) -> Answer:
    return Client().exchange("POST", f"{served.url}/x", headers={}, body="{}", deadline=deadline, **more)


@pytest.mark.parametrize("kind", ["drip-headers", "drip-body", "many-1xx", "hang"])
@pytest.mark.parametrize("fresh", [True, False])
def test_a_slow_server_is_cut_at_the_deadline(served: Served, kind: str, fresh: bool) -> None:
    """A byte every 50 ms keeps every single read alive; the whole is bounded all the same, and was sent."""
    served.vendor.faults.append(Fault("/x", kind))
    answer = exchange(served, 0.3, fresh=fresh)
    assert (answer.failure, answer.sent) == ("timeout", True)
    assert served.vendor.count("/x") == 1


@pytest.mark.parametrize("kind", [kind for kind in AMBIGUOUS if kind not in {"hang", "many-1xx"}])
def test_no_fault_raises_or_is_taken_for_nothing_sent(served: Served, kind: str) -> None:
    """Whatever comes back, or does not: an answer that says that bytes had left, after one request."""
    served.vendor.faults.append(Fault("/x", kind))
    answer = exchange(served, 0.4)
    assert answer.sent
    assert answer.status is None or answer.status >= 200
    assert served.vendor.count("/x") == 1


@pytest.mark.parametrize("status", ["301", "302", "303", "307", "308"])
def test_a_redirect_is_an_answer(served: Served, status: str) -> None:
    """The other host sees no request."""
    served.vendor.faults.append(Fault("/x", status))
    assert exchange(served).status == int(status)
    assert served.elsewhere == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"])
def test_no_proxy_of_the_environment_is_used(served: Served, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The request goes straight to its host."""
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert exchange(served).status == 200


def test_a_netrc_changes_nothing(served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Our own header stays what it was."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    answer = Client().exchange("GET", f"{served.url}/x", headers={"Authorization": "Bearer own"}, deadline=5)
    assert b"Bearer own" in answer.body
    assert b"Basic" not in answer.body


def test_nothing_packed_is_asked_for_or_unpacked(served: Served) -> None:
    """200 MB of spaces come as a few hundred kilobytes and stay so."""
    served.vendor.faults.append(Fault("/x", "gzip-bomb"))
    answer = exchange(served)
    assert answer.status == 200
    assert len(answer.body) < MEBIBYTE
    assert answer.body[:2] == b"\x1f\x8b"
    assert served.vendor.calls[0].headers["accept-encoding"] == "identity"


def test_a_body_is_read_up_to_its_cap(served: Served) -> None:
    """200 MB that come unpacked are cut after a mebibyte."""
    served.vendor.faults.append(Fault("/x", "big-body"))
    answer = exchange(served)
    assert (answer.failure, len(answer.body)) == ("too_long", MEBIBYTE)


def test_credentials_are_taken_out_of_what_is_kept(served: Served) -> None:
    """A server that sends back what it got does not bring them into evidence."""
    client = Client()
    remember([SECRET])
    answer = client.exchange("POST", f"{served.url}/x", headers={"X-Key": SECRET}, body=f"a={SECRET}", deadline=5)
    assert SECRET.encode() not in answer.body
    assert b"***" in answer.body


def test_nobody_there_is_not_sent() -> None:
    """A closed port, an unknown name: not a byte left."""
    for url in ("http://127.0.0.1:9/x", "http://does-not-exist.invalid/x"):
        answer = Client().exchange("POST", url, headers={}, body="{}", deadline=3)
        assert (answer.failure, answer.sent) == ("unreachable", False)


class Wrapped(BaseHTTPRequestHandler):
    """Behind a certificate that nobody vouches for."""

    seen: list[str]

    def do_POST(self) -> None:
        self.seen.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that signed itself, with its key."""
    folder = tmp_path_factory.mktemp("tls")
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    command = ["openssl", *words.split(), "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def test_a_certificate_that_nobody_vouches_for(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS fails before a request exists, and no variable of the environment makes it pass."""
    seen: list[str] = []
    server = Quiet(("127.0.0.1", 0), type("Bound", (Wrapped,), {"seen": seen}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(certificate / "cert.pem"))
    try:
        url = f"https://localhost:{server.server_address[1]}/x"
        answer = Client().exchange("POST", url, headers={}, body="{}", deadline=5)
    finally:
        server.shutdown()
        server.server_close()
    assert (answer.failure, answer.sent, seen) == ("tls", False, [])


def test_plain_text_behind_https_is_a_failure_of_tls(served: Served) -> None:
    """The vendor's port speaks no TLS: nothing was sent to it."""
    url = served.url.replace("http://", "https://") + "/x"
    answer = Client().exchange("POST", url, headers={}, body="{}", deadline=5)
    assert answer.failure in {"tls", "unreachable"}
    assert not answer.sent
