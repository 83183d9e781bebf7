"""On a terminal a decision about money is typed: the steps to take first, then the order's own id, letter by letter."""

import json
import os
import pty
import select
import subprocess
import time
from pathlib import Path

import pytest

from tests.process.runner import arguments, environment, run_here

PLAN = "demo-monthly-5gb"


def typed(words: list[str], home: Path, answer: str) -> tuple[int, str]:
    """Run at a pseudo-terminal, answer the one question, and return the code and all that was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(arguments(words), env=environment(home), stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown, answered, until = b"", False, time.monotonic() + 30
    try:
        while time.monotonic() < until:
            ready, _, _ = select.select([ours], [], [], 1.0)
            if not ready:
                continue
            try:
                piece = os.read(ours, 4096)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            shown += piece
            if not answered and b"to say so: " in shown:
                os.write(ours, answer.encode() + b"\n")
                answered = True
        code = process.wait(timeout=10)
    finally:
        os.close(ours)
    assert answered, shown
    return code, shown.decode()


@pytest.fixture
def order(tmp_path: Path) -> str:
    """An order that a rate limit left open."""
    run_here(["sandbox", "fault", "rate-limit"], tmp_path)
    bought = run_here(["buy", PLAN, "--name", "phone", "--yes", "--json"], tmp_path)
    assert bought.returncode == 75
    return str(json.loads(bought.stdout)["order"]["id"])


def test_the_id_decides(tmp_path: Path, order: str) -> None:
    code, shown = typed(["transactions", "resolve", order, "--not-charged"], tmp_path, order)
    assert code == 0
    assert shown.index("1. ") < shown.index("to say so"), "the steps come first, the question last"
    left = json.loads(run_here(["transactions", "show", order, "--json"], tmp_path).stdout)["order"]
    assert (left["state"], left["charged"]) == ("rejected", False)


@pytest.mark.parametrize("answer", ["y", "yes", ""])
def test_anything_else_decides_nothing(tmp_path: Path, order: str, answer: str) -> None:
    code, _ = typed(["transactions", "resolve", order, "--not-charged"], tmp_path, answer)
    assert code == 5
    left = json.loads(run_here(["transactions", "show", order, "--json"], tmp_path).stdout)["order"]
    assert left["state"] == "unknown"
