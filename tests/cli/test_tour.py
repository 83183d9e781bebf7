"""`esimctl tour`: six steps that a newcomer would type, on the terminal that it is in or in a pipe."""

import os
import pty
import sys
from pathlib import Path

import pytest

from esimctl.cli.tour import STEPS
from tests.process.runner import environment
from tests.process.runner import run as start

ASKED = "Enter: next step"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The tour on a terminal of 80 columns, Enter typed at every question."""
    home = tmp_path_factory.mktemp("tour")
    return on_a_terminal(home, "tour")


def on_a_terminal(home: Path, *words: str) -> str:
    """What a pseudo-terminal shows; Enter lies ready for every question."""
    environ = {
        **environment(home),
        "COLUMNS": "80",
        "LINES": "24",
        "TERM": "xterm",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    child, terminal = pty.fork()
    if not child:
        os.execve(sys.executable, [sys.executable, "-m", "esimctl", *words], environ)
    os.write(terminal, b"\n" * len(STEPS))
    heard = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        heard += piece
        if not piece:
            break
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, heard
    return heard.decode().replace("\r\n", "\n")


def test_six_steps_with_enter_between_them(told: str) -> None:
    """Each with its command; after the last one nothing is asked."""
    assert len(STEPS) == 6
    assert all(
        f"\n{number}/6, day " in told and f"$ esimctl {step.words}\n" in told for number, step in enumerate(STEPS, 1)
    )
    assert told.count(ASKED) == 5
    assert told.endswith("Yours begins with: esimctl plans\n  list\n")


def test_it_is_drawn_for_the_terminal(told: str) -> None:
    """Tables with their heads and bars, no tabs; nothing is wider than it but links, which are never broken."""
    assert "\t" not in told
    assert "PLAN " in told
    assert "████" in told
    assert not [line for line in told.splitlines() if len(line) > 80 and "https://" not in line]


def test_what_a_newcomer_would_not_type_is_not_shown(told: str) -> None:
    """How the line gets used is the story's own affair."""
    assert "sandbox use" not in told
    assert not any(option in told for option in ("--columns", "-o table"))


def test_in_a_pipe_it_does_not_wait(tmp_path: Path) -> None:
    """And speaks the reader's language."""
    done = start(["tour"], tmp_path, environ={"ESIMCTL_LANG": "zh-CN"})
    assert done.returncode == 0, done.stderr
    assert ASKED not in done.stdout + done.stderr
    assert "能买什么" in done.stdout
    assert "\x1b" not in done.stdout
