"""`schedule`: what cron, systemd and launchd are given, and that only our own lines are ever touched."""

import os
import plistlib
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from esimctl.errors import UsageError
from esimctl.setup.schedulers.texts import Task, check_every, cron_line, next_of_cron, systemd_service, systemd_timer
from tests.conftest import Outcome, Runner
from tests.tools import needs

TASK = Task("default", ("/opt/my app/esimctl", "autotopup", "run"), {"ESIMCTL_HOME": "/home/a/100%"}, 15)

#: a crontab program that keeps its table in a file, for machines without one and for tests that must not touch it


def installed(run: Runner, *words: str) -> Outcome:
    found = run("schedule", "install", "--using", "cron", "--json", *words)
    assert found.code == 0, found
    return found


def test_installing_twice_is_one_line_and_others_stay(run: Runner, crontab: Path) -> None:
    crontab.write_text("# mine\nMAILTO=me\n0 4 * * * /usr/bin/true\n")
    first = installed(run).json["schedules"][0]
    before = crontab.read_text()
    assert installed(run).json["schedules"][0] == first
    assert crontab.read_text() == before
    assert before.startswith("# mine\nMAILTO=me\n0 4 * * * /usr/bin/true\n")
    assert before.count("autotopup run") == 1
    installed(run, "--every", "30min")
    assert crontab.read_text().count("autotopup run") == 1
    assert run("schedule", "remove").code == 0
    assert crontab.read_text() == "# mine\nMAILTO=me\n0 4 * * * /usr/bin/true\n"


def test_removing_the_only_line_leaves_no_table(run: Runner, crontab: Path) -> None:
    installed(run)
    assert run("schedule", "remove", "--using", "cron").code == 0
    assert not crontab.exists()
    again = run("schedule", "remove", "--using", "cron")
    assert (again.code, again.out) == (0, "")


def test_two_profiles_have_two_lines(run: Runner, crontab: Path) -> None:
    installed(run)
    assert run("profile", "create", "family").code == 0
    installed(run, "--profile", "family")
    assert crontab.read_text().count("autotopup run") == 2
    run("schedule", "remove", "--profile", "family")
    (line,) = crontab.read_text().splitlines()
    assert "--profile default" in line


def test_the_line_holds_absolute_paths_and_no_rehearsal_clock(run: Runner, crontab: Path) -> None:
    installed(run)
    line = crontab.read_text()
    program = line.split("ESIMCTL_HOME=")[1].split(" ")[1]
    assert program.startswith("/")
    assert "ESIMCTL_NOW" not in line


def test_percent_signs_and_blanks_survive_cron() -> None:
    line = cron_line(TASK)
    assert "100\\%" in line
    assert "'/opt/my app/esimctl'" in line
    command = line.split(" ", 5)[5].replace("\\%", "%").replace("'/opt/my app/esimctl'", "env")
    shown = command.replace("autotopup run", "")
    done = subprocess.run(["/bin/sh", "-c", shown], capture_output=True, text=True, check=True)
    assert "ESIMCTL_HOME=/home/a/100%\n" in done.stdout


@pytest.mark.parametrize("every", [1, 5, 15, 60, 120, 720, 1440])
def test_the_next_run_is_the_one_that_cron_would_choose(every: int) -> None:
    task = Task("default", ("/x",), {}, every)
    now = datetime(2026, 11, 20, 9, 17, 33, tzinfo=UTC)
    runs = [next_of_cron(task, now)]
    for _ in range(5):
        runs.append(next_of_cron(task, runs[-1]))
    assert {later - earlier for earlier, later in pairwise(runs)} == {timedelta(minutes=every)}
    assert now < runs[0] <= now + timedelta(minutes=every)


@pytest.mark.parametrize("minutes", [0, 7, 45, 90, 100, 1500])
def test_intervals_that_no_scheduler_keeps_are_refused(minutes: int) -> None:
    with pytest.raises(UsageError):
        check_every(minutes)


def test_systemd_quotes_what_it_would_expand() -> None:
    service = systemd_service(TASK)
    assert 'Environment="ESIMCTL_HOME=/home/a/100%%"' in service
    assert 'ExecStart="/opt/my app/esimctl" "autotopup" "run"' in service
    timer = systemd_timer(TASK)
    assert "Persistent=true" in timer
    assert "RandomizedDelaySec=" in timer


@needs("systemd-analyze", "systemd")
@pytest.mark.parametrize("every", [1, 5, 15, 60, 120, 720, 1440])
def test_systemd_understands_the_units(tmp_path: Path, every: int) -> None:
    task = Task("default", ("/bin/true", "autotopup", "run"), {"ESIMCTL_HOME": "/tmp/a b"}, every)
    (tmp_path / "x.service").write_text(systemd_service(task))
    (tmp_path / "x.timer").write_text(systemd_timer(task))
    calendar = next(line for line in systemd_timer(task).splitlines() if line.startswith("OnCalendar="))
    done = subprocess.run(
        ["systemd-analyze", "calendar", "--iterations=3", "--base-time=2026-11-20 09:17:00", calendar.split("=", 1)[1]],
        capture_output=True, text=True, check=False, env={**os.environ, "TZ": "UTC", "LC_ALL": "C"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    times = [line.split(": ", 1)[1] for line in done.stdout.splitlines() if "Next elapse" in line or "Iter." in line]
    moments = [datetime.strptime(text.strip()[4:23], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) for text in times]
    assert {later - earlier for earlier, later in pairwise(moments)} == {timedelta(minutes=every)}
    verified = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(tmp_path / "x.timer"), str(tmp_path / "x.service")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "x.service" not in verified.stderr, verified.stderr
    assert "x.timer" not in verified.stderr, verified.stderr


def test_launchd_as_text(run: Runner) -> None:
    found = run("schedule", "install", "--using", "launchd", "--print", "--every", "1h", "--json")
    row = found.json["schedules"][0]
    content = plistlib.loads(row["text"].encode())
    assert content["StartInterval"] == 3600
    assert content["ProgramArguments"][-4:] == ["autotopup", "run", "--profile", "default"]
    assert row["installed"] is False


def test_printing_touches_nothing(run: Runner, crontab: Path, tmp_path: Path) -> None:
    for kind in ("cron", "systemd", "launchd"):
        assert run("schedule", "install", "--using", kind, "--print").code == 0
    assert not crontab.exists()
    assert not (tmp_path / ".config").exists()
    assert not (tmp_path / "Library").exists()
    assert not (tmp_path / "home").exists()


def test_check_says_when_it_ran_and_runs_next(run: Runner, crontab: Path) -> None:
    run("buy", "smart-5g-30d", "--provider", "sandbox", "--name", "phone", "--yes")
    installed(run)
    before = run("schedule", "show", "--check", "--json").json["schedules"][0]
    assert before["last_run"]["began_at"] is None
    assert run("autotopup", "run").code == 0
    after = run("schedule", "show", "--check", "--json").json["schedules"][0]
    assert after["last_run"] == {
        "began_at": "2026-11-20T02:00:00Z", "ended_at": "2026-11-20T02:00:00Z", "exit_code": 0,
        "ok_at": "2026-11-20T02:00:00Z",
    }  # fmt: skip
    following = datetime.fromisoformat(after["next_run"])
    assert timedelta(0) < following - datetime(2026, 11, 20, 2, tzinfo=UTC) <= timedelta(minutes=15)


def test_wrong_words(run: Runner, crontab: Path) -> None:
    assert run("schedule", "install", "--using", "at").code == 2
    assert run("schedule", "install", "--using", "cron", "--every", "7min").code == 2
    assert run("schedule", "show").code == 0


def test_a_machine_without_a_scheduler_is_said(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = run("schedule", "install")
    assert found.code == 78
    assert found.err.count("\n") <= 2
