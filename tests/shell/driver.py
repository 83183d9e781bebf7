"""A real shell in a pseudo-terminal, typed at like a person types. What it runs in the end is read from a log."""

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

#: How each shell is started without anybody's own configuration, and made to load the script.
START = {
    "bash": ["bash", "--noprofile", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
LOAD = {
    "bash": "source {root}/completions/esimctl.bash",
    "zsh": "fpath=({root}/completions $fpath); autoload -U compinit; compinit -u -D",
    "fish": "source {root}/completions/esimctl.fish",
}

PROFILE = """\
schema = 1
[provider.sandbox]
kind = "sandbox"
[payment.sandbox-card]
kind = "credit-card"
[payment.family-wallet]
kind = "e-wallet"
[line.my-phone]
provider = "sandbox"
carrier = "smart"
tags = ["travel"]
[line.router]
provider = "sandbox"
[payee.pot]
account = "dara@abaa"
"""
FAMILY = """\
schema = 1
[provider.esim-access]
kind = "esim-access"
[line.aunt]
provider = "manual"
carrier = "metfone"
"""


def make_home(folder: Path) -> Path:
    """A home with two profiles: one of two lines and two payment methods, one of a line and another provider."""
    for name, text in (("default", PROFILE), ("family", FAMILY)):
        profile = folder / "home" / "profiles" / name
        profile.mkdir(parents=True, mode=0o700)
        (profile / "profile.toml").write_text(text, "utf-8")
    (folder / "shop.png").touch()
    return folder / "home"


def make_program(folder: Path, log: Path) -> Path:
    """A folder with an `esimctl` that completes for real, and writes down what it would have run."""
    place = folder / "bin"
    place.mkdir()
    program = place / "esimctl"
    program.write_text(
        "#!/bin/sh\n"
        f'if [ "$1" = __complete ]; then PYTHONPATH={ROOT} exec {sys.executable} -m esimctl "$@"; fi\n'
        f'{{ for word in "$@"; do printf "%s\\037" "$word"; done; echo; }} >> {log}\n'
    )
    program.chmod(0o755)
    return place


class Shell:
    """An interactive shell that has loaded the completion script."""

    def __init__(self, name: str, folder: Path) -> None:
        self.log = folder / "log"
        self.log.touch()
        self.heard = b""
        home = make_home(folder)
        bin_folder = make_program(folder, self.log)
        environ = {
            "PATH": f"{bin_folder}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_DATA_HOME": str(folder / "data"),
            "ESIMCTL_HOME": str(home),
            "TERM": "dumb" if name == "bash" else "vt100",
            "LC_ALL": "C.UTF-8",
        }
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (40, 200))
        self.process = subprocess.Popen(
            START[name],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environ,
            cwd=folder,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def begin(self, name: str) -> None:
        """Load the script, and wait until the shell runs what is typed."""
        self.type(LOAD[name].format(root=ROOT) + "\r")
        self.run("ready")

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def run(self, typed: str) -> list[str]:
        """Type `esimctl ` and the text, press Enter, and return the words that esimctl was called with."""
        before = self.log.read_text("utf-8")
        self.type(f"esimctl {typed}\r")
        limit = time.monotonic() + 30
        while time.monotonic() < limit:
            self._listen(0.02)
            after = self.log.read_text("utf-8")
            if after.endswith("\n") and after != before:
                return after[len(before) :].rstrip("\n").split("\037")[:-1]
        raise AssertionError(f"the shell ran nothing; it said: {self.heard[-2000:]!r}")

    def _listen(self, seconds: float) -> None:
        ready, _, _ = select.select([self.master], [], [], seconds)
        if ready:
            try:
                heard = os.read(self.master, 65536)
            except OSError:
                raise AssertionError(f"the shell has ended; it said: {self.heard[-2000:]!r}") from None
            self.heard += heard
            if b"\x1b[c" in heard or b"\x1b[0c" in heard:  # fish asks what kind of terminal this is
                os.write(self.master, b"\x1b[?1;2c")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@contextmanager
def shell(name: str, folder: Path) -> Iterator[Shell]:
    """The shell, ended at the end."""
    started = Shell(name, folder)
    try:
        started.begin(name)
        yield started
    finally:
        started.close()
