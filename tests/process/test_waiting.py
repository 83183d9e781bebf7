"""What moves while one waits, in a real terminal: a window that changes its size, and Ctrl-C."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shlex import join

import pytest

from tests.process.runner import arguments, environment
from tests.tools import needs, program

pytestmark = needs("tmux", "tmux")
TOLD = "activating"
ABOVE = 12  #: lines that stand on the screen already
BEFORE = [*map(str, range(1, ABOVE + 1)), "before"]


class Screen:
    """A window of tmux with the program in it."""

    def __init__(self, socket: Path, home: Path) -> None:
        self.words = [program("tmux", "tmux"), "-S", str(socket), "-f", "/dev/null"]
        started = f"seq {ABOVE}; {join(arguments(['probe', 'progress'], probe=True))}; echo exit $?; sleep 600"
        environ = {**environment(home), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        size = ["-x", "80", "-y", "24"]
        subprocess.run([*self.words, "new-session", "-d", *size, started], env=environ, check=True, timeout=60)

    def do(self, *words: str) -> str:
        """A command of tmux, and what it says."""
        return subprocess.run([*self.words, *words], check=True, timeout=60, capture_output=True, text=True).stdout

    def lines(self) -> list[str]:
        """What stands on it, and what has gone up: a window that becomes narrower needs more rows for the same."""
        return [line.rstrip() for line in self.do("capture-pane", "-p", "-S", "-100").splitlines() if line.strip()]

    def wait(self, wanted: Callable[[list[str]], bool]) -> list[str]:
        """What stands on it once it is as it should be, or after a minute."""
        limit = time.monotonic() + 60
        while not wanted(lines := self.lines()) and time.monotonic() < limit:
            time.sleep(0.05)
        return lines


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """A window with a program in it that waits."""
    window = Screen(tmp_path / "tmux", tmp_path)
    yield window
    window.do("kill-server")


def moves(lines: list[str]) -> bool:
    """Whether the line that moves is drawn."""
    return any(TOLD in line for line in lines)


def test_a_window_that_changes_its_size_is_not_torn(screen: Screen) -> None:
    """One line stays one line, and what stood above it stays."""
    assert screen.wait(moves)[:-1] == BEFORE
    for width in ("40", "20", "60", "80"):
        screen.do("resize-window", "-x", width, "-y", "24")
        time.sleep(0.5)
        lines = screen.wait(lambda lines: lines[:-1] == BEFORE and TOLD in lines[-1])
        assert lines[:-1] == BEFORE, (width, lines)
        assert TOLD in lines[-1], (width, lines)


def test_ctrl_c_while_one_waits(screen: Screen) -> None:
    """The line is gone, one sentence stands in its place, and the code is 130."""
    screen.wait(moves)
    screen.do("send-keys", "C-c")
    lines = screen.wait(lambda lines: "exit 130" in lines)
    assert lines == [*BEFORE, "esimctl: interrupted before anything was sent", "exit 130"]
