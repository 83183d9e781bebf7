"""Ctrl-C at a question: a clean line, exit 130, and nothing was done."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.cli.test_guided import SIM, orders
from tests.conftest import NOW, Runner

PHONE = ("buy", "demo-monthly-20gb", "--name", "phone", "--yes")


def _own_terminal() -> None:
    """The terminal is the child's own, so that Ctrl-C reaches it as from a keyboard."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def interrupt(words: list[str], answers: list[str], home: Path) -> tuple[int, str]:
    """Run on a terminal, answer, and press Ctrl-C at the question after that."""
    parent, child = pty.openpty()
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(home), "ESIMCTL_HOME": str(home / "home"), "ESIMCTL_NOW": NOW,
        "TERM": "xterm", "LC_ALL": "C.UTF-8", "COLUMNS": "100", "TZ": "Asia/Phnom_Penh", "NO_COLOR": "1",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "esimctl", *words], stdin=child, stdout=child, stderr=child, env=environ,
        start_new_session=True, preexec_fn=_own_terminal,
    )  # fmt: skip
    os.close(child)
    seen, left, end = b"", [*(f"{answer}\n".encode() for answer in answers), b"\x03"], time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([parent], [], [], 0.3)[0]:
            try:
                piece = os.read(parent, 65_536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
            if left and seen.endswith((b": ", b"] ", b") ", b"? ")):
                time.sleep(0.05)
                os.write(parent, left.pop(0))
    os.close(parent)
    assert left == [], seen
    return process.wait(timeout=30), seen.decode(errors="replace").replace("\r\n", "\n")


QUESTIONS = (
    (["buy"], []),
    (["buy", "demo-weekly-2gb"], []),
    (["renew", "phone"], []),
    (["renew"], []),
    (["topup"], []),
    (["topup", "phone"], []),
    (["topup", "sim", "--amount", "5USD", "--voucher"], []),
    (["topup", "sim", "--amount", "5USD"], ["y"]),
    (["lines", "add"], []),
    (["lines", "add"], [""]),
    (["lines", "add"], ["", ""]),
    (["lines", "remove", "phone"], []),
    (["usage", "record"], []),
    (["usage", "record", "sim"], []),
    (["autotopup", "set"], []),
    (["autotopup", "set"], ["2"]),
    (["autotopup", "set"], ["2", "", "1USD"]),
    (["autotopup", "enable", "phone"], []),
    (["autotopup", "enable", "phone"], ["1USD"]),
    (["autotopup", "remove", "phone"], []),
    (["autotopup", "takeover"], []),
)


@pytest.mark.parametrize(("words", "answers"), QUESTIONS)
def test_a_clean_line_and_130(run: Runner, tmp_path: Path, words: list[str], answers: list[str]) -> None:
    run(*SIM)
    run(*PHONE)
    limits = ("--max-price", "2USD", "--max-per-month", "6USD")
    assert run("autotopup", "set", "phone", "--below", "500MB", "--plan", "demo-topup-2gb", *limits).code == 0
    before = [order["id"] for order in orders(run)]
    code, seen = interrupt(words, answers, tmp_path)
    assert code == 128 + signal.SIGINT, seen
    *_, asked, last, after = seen.split("\n")
    assert after == "", "the shell's prompt begins a line of its own"
    assert last == "esimctl: interrupted before anything was sent", seen
    assert "esimctl" not in asked
    assert "Traceback" not in seen
    assert [order["id"] for order in orders(run)] == before
    (rule,) = run("autotopup", "show", "--json").json["rules"]
    assert rule["status"] == "disabled"
