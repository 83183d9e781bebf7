"""`sandbox serve` as a process: one line when the port is open, an end when it is told so, wrong words refused."""

import json
import select
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Runner
from tests.process.runner import start
from tests.providers.faces.served import APIS, ask


def begun(home: Path, *words: str) -> "tuple[subprocess.Popen[bytes], bytes]":
    """The process and its first line."""
    process = start(["sandbox", "serve", *words], home)
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 20)[0], "no line"
    return process, process.stdout.readline()


@pytest.mark.parametrize("api", APIS)
def test_the_line_says_where_and_a_signal_ends_it(tmp_path: Path, api: str) -> None:
    """The port is open when the line is there; SIGTERM ends it with 0, and a held request does not keep it."""
    process, line = begun(tmp_path, "--api", api, "--port", "0", "--json")
    document = json.loads(line)
    assert {key: document[key] for key in ("schema", "api")} == {"schema": "esimctl.sandbox-serve/1", "api": api}
    status, _, headers = ask(document["base_url"] + "/")
    assert status in (200, 401)
    assert headers["server"] == "esimctl-sandbox"
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, b"")
    assert b"Traceback" not in err


def test_ctrl_c_ends_it_and_the_port_is_named(tmp_path: Path) -> None:
    """A person sees one line, and beside it how to use it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process, line = begun(tmp_path, "--api", "airalo", "--port", str(port), "-o", "table")
    assert line.decode() == f"airalo: http://127.0.0.1:{port}\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert f"ESIMCTL_AIRALO_BASE_URL=http://127.0.0.1:{port}" in err.decode()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--api", "airallo"), "did you mean airalo?"),
        (("--api", "airalo", "--port", "70000"), "70000"),
        (("--api", "airalo", "--credit", "5EUR"), "USD"),
        ((), "--api"),
    ],
)
def test_wrong_words_are_refused(run: Runner, words: tuple[str, ...], says: str) -> None:
    """Exit 2 before a port is opened."""
    outcome = run("sandbox", "serve", *words)
    assert outcome.code == 2
    assert says in outcome.err


def test_a_port_that_is_taken_is_said(run: Runner) -> None:
    """With the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        outcome = run("sandbox", "serve", "--api", "airalo", "--port", str(taken.getsockname()[1]))
    assert outcome.code == 2
    assert "--port 0" in outcome.err
