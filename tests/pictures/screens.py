"""The program in tmux at a width, and what stands on the screen afterwards. tmux is a terminal that is not ours."""

import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
NOW = "2026-11-20T09:00:00+07:00"
LANGUAGES = ("en", "zh-CN", "km")

#: What has happened before anything is looked at: lines with a pack, a top-up, a refusal, a rule, tags, a reading.
STORY = (
    "buy demo-monthly-20gb --name phone --yes",
    "sandbox use phone 12.4GB",
    "topup phone --plan demo-topup-2gb --yes",
    "buy smart-laor-7d --provider sandbox --name family-router-in-the-kitchen --yes",
    "buy smart-laor-7d --provider sandbox --yes --pay sandbox-declined",
    "lines tag phone --add travel",
    "lines tag family-router-in-the-kitchen --add router",
    "lines add counter --provider manual --carrier metfone --data 5GB --days 30 --price 20000KHR --msisdn 0971234567",
    "usage record counter --remaining 4.2GB",
    "autotopup set phone --below 9GB --plan demo-topup-2gb --max-price 2USD --max-per-month 6USD",
    "autotopup enable phone --confirm 6USD",
    "topup phone --amount 5USD --yes",
)


def missing() -> str | None:
    """Why there can be no screens here."""
    return None if shutil.which("tmux") else "tmux is not installed"


def environment(home: Path, **more: str) -> dict[str, str]:
    """What the program finds, in a terminal and outside of one."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "ESIMCTL_HOME": str(home / "esimctl"),
        "ESIMCTL_NOW": NOW,
        "PYTHONPATH": str(ROOT),
        "TZ": "Asia/Phnom_Penh",
        "LC_ALL": "C.UTF-8",
        **more,
    }


def esimctl(home: Path, words: Sequence[str], **more: str) -> "subprocess.CompletedProcess[str]":
    """The program without a terminal, as a script runs it."""
    command = [sys.executable, "-m", "esimctl", *words]
    return subprocess.run(command, env=environment(home, **more), capture_output=True, text=True, timeout=120)


def prepare(home: Path) -> None:
    """Let the story happen; only the declined purchase may fail."""
    for words in STORY:
        done = esimctl(home, words.split())
        assert done.returncode == (3 if "declined" in words else 0), (words, done.stderr)


def prepare_many(home: Path) -> None:
    """Fifty lines from a counter, four of which need attention: one used up, one low, one ending, one never read."""
    for at in range(50):
        name = f"router-{at:02}" if at % 10 else f"family-router-{at:02}"
        begun = "2026-10-22T09:00:00+07:00" if at == 3 else "2026-11-10T09:00:00+07:00"
        words = (
            f"lines add {name} --provider manual --carrier smart --data 90GB --days 30 --price 9USD --started {begun}"
        )
        added = esimctl(home, words.split())
        assert added.returncode == 0, added.stderr
        left = {13: "0GB", 1: "300MB"}.get(at, "60GB")
        if at != 7:
            read = esimctl(home, ["usage", "record", name, "--remaining", left])
            assert read.returncode == 0, read.stderr


class Screen:
    """One tmux pane. `run` types nothing: it starts the command there, waits for its end and reads the screen."""

    def __init__(self, folder: Path, home: Path, columns: int, environ: Mapping[str, str]) -> None:
        self.socket = folder / "tmux"
        self.done = folder / "done"
        self.script = folder / "script"
        self.home = home
        self.environ = environment(home, TERM="screen-256color", **environ)
        self._tmux("new-session", "-d", "-x", str(columns), "-y", "60", "-s", "esimctl", "sleep 100000")
        self._tmux("set-option", "-g", "history-limit", "20000")
        self._tmux("set-option", "-g", "remain-on-exit", "on")

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self.socket), "-f", "/dev/null", *words],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "SHELL": "/bin/sh"},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    def run(self, lines: Sequence[str], *, colours: bool = False, joined: bool = False) -> str:
        """Run these command lines of esimctl one after the other, each behind a `$`; everything they put on the screen.

        `colours` keeps escape sequences, `joined` puts lines that the terminal had to break together again.
        """
        self.done.unlink(missing_ok=True)
        environ = " ".join(f"{name}={shlex.quote(value)}" for name, value in self.environ.items())
        steps = []
        for line in lines:
            steps.append(f"printf '%s\\n' {shlex.quote('$ esimctl ' + line)}")
            steps.append(f"env -i {environ} {shlex.quote(sys.executable)} -m esimctl {line}")
        self.script.write_text("\n".join([*steps, f"touch {shlex.quote(str(self.done))}"]) + "\n", "utf-8")
        self._tmux("respawn-pane", "-k", "-t", "esimctl", f"sh {shlex.quote(str(self.script))}")
        limit = time.monotonic() + 120
        while not self.done.exists():
            if time.monotonic() > limit:
                raise AssertionError(f"{lines} did not end; the screen: {self._tmux('capture-pane', '-p')}")
            time.sleep(0.02)
        flags = (["-e"] if colours else []) + (["-J"] if joined else [])
        text = self._tmux("capture-pane", "-p", *flags, "-S", "-", "-E", "-", "-t", "esimctl")
        shown = re.split(r"\n(?:\x1b\[[0-9;]*m)*Pane is dead", text)[0]
        return shown.rstrip() + "\n"

    def close(self) -> None:
        """End this tmux, and no other."""
        self._tmux("kill-server")


@contextmanager
def screen(folder: Path, home: Path, columns: int, **environ: str) -> Iterator[Screen]:
    """A pane of that width, ended at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    opened = Screen(folder, home, columns, environ)
    try:
        yield opened
    finally:
        opened.close()
