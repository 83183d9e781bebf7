"""KHQR through the command line: look before you pay, draw your own, and who says that it was paid."""

import json
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from tests.conftest import Runner, tree
from tests.providers.test_khqr import INDIVIDUAL

THEN = "2024-09-20T15:46:00+07:00"  #: while the bank's own code was valid
TOKEN = "canary-token-3f9a"


def test_who_is_paid_comes_before_everything_else(run: Runner) -> None:
    khqr = run("payments", "khqr", "show", INDIVIDUAL, "--json", now=THEN).json["khqr"]
    assert list(khqr)[:3] == ["state", "payee", "amount"]
    assert khqr["payee"]["name"] == "John Smith"
    assert (khqr["amount"], khqr["bill"]) == ({"amount": "100.00", "currency": "USD"}, "#12345")
    assert khqr["md5"] == "b472c69759d229f650f331ecd2853504"
    told = run("payments", "khqr", "show", INDIVIDUAL, "-o", "table", now=THEN)
    assert told.out.startswith(
        "pays John Smith, PHNOM PENH\njohn_smith@devb\namount: 100.00 USD\nbill: #12345\nexpires:"
    )
    assert "nobody else" in told.err


@pytest.mark.parametrize(
    ("text", "words", "now", "code", "name"),
    [
        (INDIVIDUAL[:-1] + "F", (), THEN, 2, "bad_khqr"),
        ("hello", (), THEN, 2, "bad_khqr"),
        (INDIVIDUAL, (), "2024-09-20T15:50:00+07:00", 3, "khqr_expired"),
        (INDIVIDUAL, ("--amount", "5USD"), THEN, 5, "khqr_amount_differs"),
        (INDIVIDUAL, ("--amount", "100KHR"), THEN, 5, "khqr_amount_differs"),
    ],
)
def test_a_code_that_is_not_right_is_refused(
    run: Runner, tmp_path: Path, text: str, words: tuple[str, ...], now: str, code: int, name: str
) -> None:
    before = tree(tmp_path)
    done = run("payments", "khqr", "show", text, *words, "--json", now=now)
    assert (done.code, done.json["error"]["code"]) == (code, name)
    assert "do not pay it" in done.json["error"]["message"]
    assert tree(tmp_path) == before


def test_the_right_amount_and_payee_pass(run: Runner) -> None:
    assert run("payments", "khqr", "show", INDIVIDUAL, "--amount", "100USD", now=THEN).code == 0
    run("payments", "khqr", "payee", "john", "--account", "john_smith@devb", "--shown", "John", now=THEN)
    run("payments", "khqr", "payee", "dara", "--account", "dara@abaa", "--shown", "Dara", now=THEN)
    assert run("payments", "khqr", "show", INDIVIDUAL, "--payee", "john", now=THEN).code == 0
    assert run("payments", "khqr", "show", INDIVIDUAL, "--payee", "dara", now=THEN).code == 5


@pytest.fixture
def made(run: Runner) -> dict[str, Any]:
    """A code of one's own over 2.50 dollars."""
    done = run("payments", "khqr", "payee", "family", "--account", "dara@abaa", "--shown", "Dara Sok")
    assert done.code == 0, done.err
    khqr: dict[str, Any] = run("payments", "khqr", "make", "family", "2.50USD", "--json").json["khqr"]
    return khqr


def test_a_code_of_ones_own(run: Runner, made: dict[str, Any]) -> None:
    assert made["amount"] == {"amount": "2.50", "currency": "USD"}
    assert (made["created_at"], made["expires_at"]) == ("2026-11-20T02:00:00Z", "2026-11-20T02:10:00Z")
    shown = run("payments", "khqr", "show", made["payload"], "--amount", "2.50USD", "--json").json["khqr"]
    assert shown == made
    again = run("payments", "khqr", "make", "family", "2.50USD", "--json").json["khqr"]
    assert again["bill"] != made["bill"]
    assert again["md5"] != made["md5"]


def test_it_is_never_said_to_pay_a_carrier(run: Runner, made: dict[str, Any]) -> None:
    done = run("payments", "khqr", "make", "family", "20000KHR")
    assert "whom you set up, and no carrier" in done.err
    for word in ("Smart", "Metfone", "Cellcard", "CooTel"):
        assert word not in done.out + done.err


@pytest.mark.skipif(shutil.which("zbarimg") is None, reason="zbar-tools is not installed")
def test_a_picture_is_drawn_and_read_again(run: Runner, made: dict[str, Any], tmp_path: Path) -> None:
    picture = tmp_path / "pay.png"
    drawn = run("payments", "khqr", "make", "family", "1USD", "--png", str(picture), "--json").json["khqr"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert run("payments", "khqr", "show", str(picture), "--json").json["khqr"]["md5"] == drawn["md5"]


def test_a_picture_that_is_none(run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "nothing.png"
    file.write_bytes(b"nothing")
    assert run("payments", "khqr", "show", str(file)).code in (2, 78)


@pytest.mark.parametrize(
    "words",
    [
        ("make", "nobody", "1USD"),
        ("make", "family", "1THB"),
        ("make", "family", "0USD"),
        ("make", "family", "1USD", "--minutes", "11"),
        ("make", "family", "1USD", "--bill", "x" * 26),
        ("payee", "x", "--account", "nothing", "--shown", "X"),
        ("payee", "x", "--account", "a@b", "--shown", "x" * 30),
        ("check", "hello"),
    ],
)
def test_wrong_input(run: Runner, made: dict[str, Any], words: tuple[str, ...]) -> None:
    done = run("payments", "khqr", *words)
    assert (done.code, done.out) == (2, "")


def test_without_a_token_nothing_is_verified(run: Runner, made: dict[str, Any]) -> None:
    done = run("payments", "khqr", "check", made["payload"])
    assert done.code == 77
    assert "--paid REFERENCE" in done.err


def test_the_persons_word_is_theirs(run: Runner, made: dict[str, Any]) -> None:
    done = run("payments", "khqr", "check", made["payload"], "--paid", "slip 42", "--json")
    khqr = done.json["khqr"]
    assert (khqr["state"], khqr["confirmed_by"], khqr["reference"]) == ("paid", "user", "slip 42")
    assert "nobody has verified it" in done.err


class Bank(BaseHTTPRequestHandler):
    """A stand-in for the bank, on loopback: it answers what the test put there."""

    answer: ClassVar[tuple[int, Any]] = (200, {"responseCode": 1, "errorCode": 1, "responseMessage": "not found"})
    asked: ClassVar[list[tuple[str, str | None, Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Bank.asked.append((self.path, self.headers["Authorization"], json.loads(body)))
        status, document = Bank.answer
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        """Quiet."""


@pytest.fixture
def bank() -> Iterator[dict[str, str]]:
    """The environment in which the stand-in is asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bank)
    Bank.asked = []
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield {
        "ESIMCTL_BAKONG_BASE_URL": f"http://127.0.0.1:{server.server_address[1]}",
        "ESIMCTL_BAKONG_TOKEN": TOKEN,
    }
    server.shutdown()
    thread.join()
    server.server_close()


def payment(**changed: Any) -> dict[str, Any]:
    data = {
        "hash": "8465d722",
        "fromAccountId": "me@wing",
        "toAccountId": "dara@abaa",
        "currency": "USD",
        "amount": 2.5,
    }
    return {"responseCode": 0, "responseMessage": "ok", "errorCode": None, "data": {**data, **changed}}


def test_the_bank_says_that_it_was_paid(run: Runner, made: dict[str, Any], bank: dict[str, str]) -> None:
    Bank.answer = (200, payment())
    done = run("payments", "khqr", "check", made["payload"], "--json", env=bank)
    khqr = done.json["khqr"]
    assert (done.code, khqr["state"], khqr["confirmed_by"], khqr["reference"]) == (0, "paid", "bakong", "8465d722")
    assert Bank.asked == [("/v1/check_transaction_by_md5", f"Bearer {TOKEN}", {"md5": made["md5"]})]


@pytest.mark.parametrize(
    ("answer", "code", "word"),
    [
        ((200, {"responseCode": 1, "errorCode": 1, "responseMessage": "x"}), 20, "no payment yet"),
        ((200, {"responseCode": 1, "errorCode": 3, "responseMessage": "x"}), 3, "payment failed"),
        ((200, {"responseCode": 1, "errorCode": 6, "responseMessage": "x"}), 77, "token"),
        ((200, {"responseCode": 1, "errorCode": 9, "responseMessage": "x"}), 69, "cannot say"),
        ((401, {}), 77, "token"),
        ((403, {}), 69, "inside Cambodia"),
        ((500, {}), 69, "500"),
        ((200, b"<html>"), 76, "not what was agreed"),
        ((200, {"responseCode": 0, "data": {}}), 76, "not what was agreed"),
        ((200, payment(amount=1.5)), 4, "asks for 2.50 USD"),
        ((200, payment(currency="KHR", amount=2)), 4, "asks for 2.50 USD"),
        ((200, payment(toAccountId="thief@abaa")), 4, "thief@abaa"),
        ((200, payment(amount=2.501)), 76, "not what was agreed"),
    ],
)
def test_every_other_answer_is_not_paid(
    run: Runner,
    made: dict[str, Any],
    bank: dict[str, str],
    tmp_path: Path,
    answer: tuple[int, Any],
    code: int,
    word: str,
) -> None:
    Bank.answer = answer
    done = run("payments", "khqr", "check", made["payload"], env=bank)
    assert done.code == code
    assert word in done.err
    assert "paid" not in done.out
    assert TOKEN not in done.out + done.err
    assert all(TOKEN.encode() not in content for content in tree(tmp_path).values())


def test_once_it_has_expired_it_will_not_be_paid(run: Runner, made: dict[str, Any], bank: dict[str, str]) -> None:
    Bank.answer = (200, {"responseCode": 1, "errorCode": 1, "responseMessage": "x"})
    done = run("payments", "khqr", "check", made["payload"], "--json", env=bank, now="2026-11-20T10:00:00+07:00")
    assert (done.code, done.json["khqr"]["state"]) == (20, "expired")


def test_the_bank_that_cannot_be_reached(run: Runner, made: dict[str, Any]) -> None:
    env = {"ESIMCTL_BAKONG_BASE_URL": "http://127.0.0.1:9", "ESIMCTL_BAKONG_TOKEN": TOKEN}
    assert run("payments", "khqr", "check", made["payload"], env=env).code == 69
    env["ESIMCTL_BAKONG_BASE_URL"] = "http://example.com"
    assert run("payments", "khqr", "check", made["payload"], env=env).code == 78
