"""What stands behind an answer, and what the environment would like to know of a connection."""

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from esimctl.providers.client import Client

HONEST = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhonest"
FORGED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhonest\r\n0\r\n\r\n"


@contextmanager
def talking(first: bytes) -> Iterator[tuple[str, list[int]]]:
    """A server whose every connection begins with `first`, and goes on honestly; how often each one was asked."""
    asked: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve(connection: socket.socket, place: int) -> None:
            with connection:
                while connection.recv(65_536):
                    asked[place] += 1
                    connection.sendall(first if asked[place] == 1 else HONEST)

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                asked.append(0)
                threading.Thread(target=serve, args=(connection, len(asked) - 1), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/x", asked
        finally:
            server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("first", [HONEST + FORGED, CHUNKED + FORGED, HONEST + b"\r\n", HONEST + b"H"])
def test_what_stands_behind_an_answer_is_not_the_next_one(first: bytes) -> None:
    """Two answers in one packet, or a part of a second one: the connection is closed, the next question has its own."""
    client = Client()
    with talking(first) as (url, asked):
        answers = [client.exchange("GET", url, headers={}, deadline=5).body for _ in range(2)]
    assert answers == [b"honest", b"honest"]
    assert asked == [1, 1]


@pytest.mark.parametrize("first", [HONEST, CHUNKED])
def test_a_clean_connection_is_used_again(first: bytes) -> None:
    """Nothing behind the answer: no second connection."""
    client = Client()
    with talking(first) as (url, asked):
        answers = [client.exchange("GET", url, headers={}, deadline=5).body for _ in range(3)]
    assert answers == [b"honest"] * 3
    assert asked == [3]


ASK = """
import sys
from esimctl.providers.client import Client
answer = Client(ca_file=sys.argv[2]).exchange("GET", sys.argv[1], headers={}, deadline=10)
sys.stdout.write(answer.body.decode())
"""


def test_no_keys_are_logged(tmp_path: Path) -> None:
    """SSLKEYLOGFILE would let whoever has it read what was said; the connection is made, the file is not."""
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    key, certificate, log = tmp_path / "key.pem", tmp_path / "cert.pem", tmp_path / "keys.log"
    subprocess.run(
        ["openssl", *words.split(), "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with context.wrap_socket(server.accept()[0], server_side=True) as connection:
                connection.recv(65_536)
                connection.sendall(HONEST)

        threading.Thread(target=serve, daemon=True).start()
        url = f"https://localhost:{server.getsockname()[1]}/x"
        done = subprocess.run(
            [sys.executable, "-c", ASK, url, str(certificate)],
            env={**os.environ, "SSLKEYLOGFILE": str(log), "SSL_CERT_FILE": "/nowhere", "SSL_CERT_DIR": "/nowhere"},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (done.stdout, done.returncode) == ("honest", 0), done.stderr
    assert not log.exists()
