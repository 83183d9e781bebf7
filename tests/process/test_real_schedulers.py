"""Under a real cron daemon and a real systemd user manager: installed, fired, mailed, removed without a trace.

They wait for the next full minute, twice, need root (a daemon is started and ended here) and a machine whose
crontab may be used, and so run on request: `ESIMCTL_REAL_SCHEDULERS=1 pytest tests/process/test_real_schedulers.py`.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

#: looked at now: the fixtures take every such variable out of the environment
WANTED = os.environ.get("ESIMCTL_REAL_SCHEDULERS") == "1"
ROOT = Path(__file__).parent.parent.parent
SENDMAIL = Path("/usr/sbin/sendmail")
BOOTED = Path("/run/systemd/system")

pytestmark = [
    pytest.mark.skipif(not WANTED, reason="waits for full minutes; ESIMCTL_REAL_SCHEDULERS=1 runs it"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can start and end these daemons"),
]


def until(found: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for an event of the other program."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, f"no {what} within {seconds} s"
        time.sleep(0.1)


class Machine:
    """A home with a line that is low and a rule that is enabled, by the machine's own clock."""

    def __init__(self, home: Path, environ: dict[str, str]) -> None:
        self.home = home
        self.environ = environ
        self.ok("buy", "smart-5g-30d", "--provider", "sandbox", "--name", "phone", "--yes")
        self.ok("autotopup", "set", "phone", "--below", "500MB", "--plan", "demo-topup-2gb", "--max-price", "2USD",
                "--max-per-month", "2USD")  # fmt: skip
        self.ok("autotopup", "enable", "phone", "--confirm", "2USD")
        self.ok("sandbox", "use", "phone", "89600MB")

    def ok(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "esimctl", *words],
            env=self.environ,
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def runs(self) -> str | None:
        """When the last run began."""
        path = self.home / "profiles" / "default" / "last-run.toml"
        return str(tomllib.loads(path.read_text())["began_at"]) if path.exists() else None

    def fired_twice(self) -> None:
        until(self.runs, 100, "first run")
        first = self.runs()
        until(lambda: self.runs() != first, 100, "second run")

    def orders(self) -> list[str]:
        rows = self.ok("transactions", "list").splitlines()
        return [row.split("\t")[2] for row in rows]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    environ = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(tmp_path), "ESIMCTL_HOME": str(tmp_path / "books")}
    for name in ("XDG_RUNTIME_DIR", "LC_ALL"):
        if name in os.environ:
            environ[name] = os.environ[name]
    return Machine(tmp_path / "books", environ)


@pytest.fixture
def cron(tmp_path: Path) -> Iterator[Path]:
    """A cron daemon of the test's own, and a mailer that keeps what cron gives it."""
    daemon = shutil.which("cron", path="/usr/sbin:/usr/bin")
    if daemon is None or shutil.which("crontab") is None:
        pytest.skip("there is no cron on this machine")
    if subprocess.run(["crontab", "-l"], capture_output=True, check=False).returncode == 0:
        pytest.skip("there is a crontab already, and it is not the test's to use")
    mail = tmp_path / "mail"
    mail.mkdir()
    keeper = tmp_path / "keeper"
    keeper.write_text(f"#!/bin/sh\ncat > {mail}/$(date +%s%N)\n")
    keeper.chmod(0o755)
    made = not SENDMAIL.exists()
    if made:
        SENDMAIL.touch()
    # in a mount namespace of its own the daemon meets our mailer, and nobody else does
    words = f"mount --bind {keeper} {SENDMAIL.resolve()} && exec {daemon} -f"
    process = subprocess.Popen(["unshare", "--mount", "sh", "-c", words], stdout=subprocess.DEVNULL)
    try:
        yield mail
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)
        if made:
            SENDMAIL.unlink()
    subprocess.run(["crontab", "-r"], capture_output=True, check=False)


def test_cron_runs_it_and_mails_exactly_what_matters(machine: Machine, cron: Path) -> None:
    machine.ok("schedule", "install", "--using", "cron", "--every", "1min")
    assert '"installed": true, "enabled": true' in machine.ok("schedule", "show", "--json")
    machine.fired_twice()
    until(lambda: list(cron.iterdir()), 10, "mail")
    (letter,) = cron.iterdir()
    body = letter.read_text().split("\n\n", 1)[1]
    assert "rule phone topped up phone for 1.00 USD" in body
    assert "Traceback" not in body
    assert machine.orders() == ["new", "topup"]
    machine.ok("schedule", "remove", "--using", "cron")
    listed = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)
    assert listed.returncode != 0, "no crontab is left where there was none"


@pytest.fixture
def user_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A systemd user manager of the test's own."""
    program = Path("/usr/lib/systemd/systemd")
    if not program.exists() or shutil.which("systemctl") is None:
        pytest.skip("there is no systemd on this machine")
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    marked = not BOOTED.exists()
    if marked:
        BOOTED.mkdir(parents=True)  # a user manager only asks whether the machine was booted with systemd
    environ = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime), "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen(
        [str(program), "--user"], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: (runtime / "systemd" / "private").exists() or process.poll() is not None, 20, "user manager")
        if process.poll() is not None:
            pytest.skip("this machine does not let a user manager start")
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)
        if marked:
            BOOTED.rmdir()


@pytest.mark.usefixtures("user_manager")
def test_a_systemd_user_timer_runs_it(machine: Machine, tmp_path: Path) -> None:
    machine.environ["XDG_RUNTIME_DIR"] = os.environ["XDG_RUNTIME_DIR"]
    ours = {"books", "run"}
    before = {path for path in tmp_path.rglob("*") if path.relative_to(tmp_path).parts[0] not in ours}
    machine.ok("schedule", "install", "--using", "systemd", "--every", "1min")
    machine.ok("schedule", "install", "--using", "systemd", "--every", "1min")
    assert '"installed": true, "enabled": true' in machine.ok("schedule", "show", "--json")
    machine.fired_twice()
    until(lambda: '"next_run": "20' in machine.ok("schedule", "show", "--check", "--json"), 20, "next run")
    assert '"exit_code": 0' in machine.ok("schedule", "show", "--check", "--json")
    assert machine.orders() == ["new", "topup"]
    (timer,) = (path.name for path in (tmp_path / ".config" / "systemd" / "user").glob("*.timer"))
    disable = ["systemctl", "--user", "disable", "--now", timer]
    subprocess.run(disable, env=machine.environ, check=True, capture_output=True)
    assert '"installed": true, "enabled": false' in machine.ok("schedule", "show", "--json")
    elsewhere = {**machine.environ, "XDG_RUNTIME_DIR": "/nowhere"}
    machine.environ, here = elsewhere, machine.environ
    assert '"installed": null, "enabled": null' in machine.ok("schedule", "show", "--json")
    machine.environ = here
    machine.ok("schedule", "remove")
    assert {path for path in tmp_path.rglob("*") if path.relative_to(tmp_path).parts[0] not in ours} == before
