"""What `schedule install` writes: printable into a pipe, with credentials, and one truth with the heartbeat."""

import plistlib
import subprocess
from pathlib import Path

import pytest

from esimctl.alerts.heartbeat import SUCCESS
from esimctl.setup.schedulers.launchd import Launchd
from esimctl.setup.schedulers.systemd import Systemd
from esimctl.setup.schedulers.texts import Task, systemd_service
from tests.conftest import Runner
from tests.tools import needs

NAMES = ("esimctl.airalo.client_id", "esimctl.airalo.client_secret")
TASK = Task("default", ("/bin/true", "autotopup", "run"), {}, 15, NAMES)


@pytest.mark.parametrize("form", [(), ("-o", "table")])
def test_what_is_printed_is_what_would_be_installed(run: Runner, form: tuple[str, ...]) -> None:
    """No record with marks for line ends: a file made of it is a unit."""
    printed = run("schedule", "install", "--using", "systemd", "--print", *form)
    assert printed.code == 0
    wrapped = run("schedule", "install", "--using", "systemd", "--print", "--json").json["schedules"][0]["text"]
    assert printed.out == wrapped
    assert "\n[Service]\nType=oneshot\n" in printed.out
    assert "␊" not in printed.out
    agent = run("schedule", "install", "--using", "launchd", "--print", *form).out
    assert plistlib.loads(agent.encode())["StartInterval"] == 900
    line = run("schedule", "install", "--using", "cron", "--print", *form).out
    assert line.count("\n") == 1


def test_providers_credentials_stand_in_the_unit(run: Runner, tmp_path: Path) -> None:
    """By their names, never their values; with the file where the person's own store has one."""
    run(
        "providers",
        "add",
        "airalo",
        now=None,
        env={"ESIMCTL_AIRALO_CLIENT_ID": "i", "ESIMCTL_AIRALO_CLIENT_SECRET": "s"},
    )
    unit = run("schedule", "install", "--using", "systemd", "--print", now=None).out
    for name in NAMES:
        assert f"\nLoadCredential={name}\n" in unit
    store = tmp_path / "config" / "credstore"
    store.mkdir(parents=True)
    (store / NAMES[0]).write_text("its-value")
    text = Systemd({"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}).text(TASK)
    assert f"LoadCredential={NAMES[0]}:{store / NAMES[0]}\n" in text
    assert f"LoadCredential={NAMES[1]}\n" in text
    assert "its-value" not in text


def test_a_unit_of_a_persons_own_waits_for_nothing_that_it_cannot_see() -> None:
    assert "network-online" not in systemd_service(TASK)


def test_systemd_and_the_heartbeat_call_the_same_runs_a_success() -> None:
    """What one's own rules kept from ordering; a run that was kept out is neither for the heartbeat."""
    line = next(line for line in systemd_service(TASK).splitlines() if line.startswith("SuccessExitStatus="))
    assert {0, *map(int, line.partition("=")[2].split())} == SUCCESS | {75}


@needs("systemd-analyze", "systemd")
def test_systemd_understands_the_unit_with_credentials(tmp_path: Path) -> None:
    (tmp_path / "x.service").write_text(systemd_service(TASK, {NAMES[0]: "/tmp/a 100% file"}))
    words = ["systemd-analyze", "--user", "verify", str(tmp_path / "x.service")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "x.service" not in done.stderr, done.stderr


def test_launchd_keeps_what_a_run_says(tmp_path: Path) -> None:
    """It sends no mail: a file of its own takes stderr."""
    agent = plistlib.loads(Launchd({"HOME": str(tmp_path)}).text(TASK).encode())
    assert agent["StandardErrorPath"] == str(tmp_path / "Library" / "Logs" / f"esimctl.{TASK.id}.log")
