"""`python -m tests.vendors` as a process: one line when the port is open, an end when it is told so, wrong words."""

import json
import select
import signal
import socket
from pathlib import Path

import pytest

from tests.conftest import Runner
from tests.vendors.__main__ import main
from tests.vendors.accounts import APIS
from tests.vendors.served import ask, started


@pytest.mark.parametrize("api", APIS)
def test_the_line_says_where_and_a_signal_ends_it(tmp_path: Path, api: str) -> None:
    """The port is open when the line is there; SIGTERM ends it with 0, and its books go away with it."""
    process, line = started(tmp_path, api, "--port", "0")
    assert list(tmp_path.iterdir())
    assert line.startswith("http://127.0.0.1:")
    status, _, headers = ask(line.strip() + "/")
    assert status in (200, 401)
    assert headers["server"] == "esimctl-tests-vendors"
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, b"")
    assert b"Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_ctrl_c_ends_it_and_the_port_is_named(tmp_path: Path) -> None:
    """A person sees one line, and beside it how to use it; a held request does not keep it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process, line = started(tmp_path, "esim-access", "--port", str(port), "--fault", "timeout-before")
    assert line == f"http://127.0.0.1:{port}\n"
    with socket.create_connection(("127.0.0.1", port)) as held:
        body = json.dumps({"transactionId": "t1"})
        held.sendall(
            f"POST /api/v1/open/esim/order HTTP/1.1\r\nHost: localhost\r\nRT-AccessCode: any\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        assert not select.select([held], [], [], 1)[0], "the fault was armed"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert f"ESIMCTL_ESIM_ACCESS_BASE_URL=http://127.0.0.1:{port}" in err.decode()


def test_behaviours_credit_and_books_are_as_the_words_say(tmp_path: Path) -> None:
    """What is armed is answered, the account has what was given, and the books stay where they were asked for."""
    words = ("--arm", "day-plans", "--credit", "12.50USD", "--delay", "1h", "--home", str(tmp_path / "books"))
    process, line = started(tmp_path, "esim-access", *words)

    def call(path: str, **fields: object) -> dict[str, object]:
        body = json.dumps(fields).encode()
        document = ask(f"{line.strip()}/api/v1/open/{path}", body, RT_AccessCode="any")[1]
        assert document["success"], document
        found: dict[str, object] = document["obj"]
        return found

    assert call("balance/query")["balance"] == 125_000
    assert call("package/list")["packageList"]
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("airallo",), "airalo"),
        (("airalo", "--port", "70000"), "70000"),
        (("airalo", "--credit", "5EUR"), "USD"),
        (("airalo", "--arm", "nothing"), "late-rows"),
        (("airalo", "--fault", "nothing"), "timeout-after"),
        ((), "API"),
    ],
)
def test_wrong_words_are_refused(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str) -> None:
    """Exit 2 before a port is opened."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """With the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as ended:
        main(["airalo", "--port", str(taken.getsockname()[1])])
    assert ended.value.code == 2
    assert "--port 0" in capsys.readouterr().err


def test_the_program_itself_serves_nobody(run: Runner) -> None:
    """The doubles are no part of it."""
    outcome = run("sandbox", "serve", "--api", "airalo")
    assert outcome.code == 2
    assert "serve" in outcome.err
