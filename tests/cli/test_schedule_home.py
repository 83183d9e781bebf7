"""A schedule runs in the home that it was installed for; `doctor --cron` reads what is installed, and walks it."""

import os
import plistlib
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from esimctl.setup.schedulers.carried import passwd_home
from esimctl.setup.schedulers.read_back import cron_given, launchd_given, systemd_given
from esimctl.setup.schedulers.texts import Task, cron_line, launchd_plist, systemd_service
from tests.cli.conftest import CRONTAB
from tests.conftest import Outcome, Runner
from tests.tools import needs

#: what fits into a path and means something to a shell, to cron or to systemd
ODD = "/tmp/a b%c$d\\e\"f'g#h;i&j"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that only XDG_DATA_HOME names."""
    monkeypatch.delenv("ESIMCTL_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "else"))
    return tmp_path / "else" / "esimctl"


def checks(outcome: Outcome, name: str) -> list[dict[str, Any]]:
    return [each for each in outcome.json["checks"] if each["name"] == name]


def under_cron(line: str) -> subprocess.CompletedProcess[str]:
    """The place that the job of this line uses: asked as cron would start it."""
    command = line.split(None, 5)[5].replace("\\%", "%").replace(" autotopup run ", " profile path ")
    return subprocess.run(
        ["/bin/sh", "-c", command],
        env={"PATH": "/usr/bin:/bin", "HOME": passwd_home(), "SHELL": "/bin/sh"},
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip


def test_cron_runs_in_the_home_of_xdg_data_home(run: Runner, crontab: Path, elsewhere: Path) -> None:
    assert run("schedule", "install", "--using", "cron", now=None).code == 0
    done = under_cron(crontab.read_text())
    assert done.stdout.strip() == str(elsewhere / "profiles" / "default"), done.stderr


def test_a_home_that_is_not_the_passwds_is_carried(run: Runner, crontab: Path, tmp_path: Path) -> None:
    """Without ESIMCTL_HOME everything is below HOME, and cron takes that from the passwd."""
    for name in ("ESIMCTL_HOME", "XDG_DATA_HOME"):
        os.environ.pop(name, None)
    assert str(tmp_path) != passwd_home()
    assert run("schedule", "install", "--using", "cron", now=None).code == 0
    done = under_cron(crontab.read_text())
    assert done.stdout.strip() == str(tmp_path / ".local" / "share" / "esimctl" / "profiles" / "default")


def test_the_passwds_home_and_a_relative_folder_are_not_carried(
    run: Runner, crontab: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", passwd_home())
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    printed = run("schedule", "install", "--using", "cron", "--print").out
    assert "XDG_DATA_HOME" not in printed
    assert " HOME=" not in printed
    assert f"ESIMCTL_HOME={tmp_path / 'home'}" in printed


@pytest.mark.parametrize("kind", ["cron", "systemd", "launchd"])
def test_language_and_folders_are_in_every_text(run: Runner, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("XDG_DATA_HOME", "/d"), ("XDG_STATE_HOME", "/s"), ("ESIMCTL_LANG", "km")):
        monkeypatch.setenv(name, text)
    printed = run("schedule", "install", "--using", kind, "--print").out
    if kind == "launchd":
        given = plistlib.loads(printed.encode())["EnvironmentVariables"]
        printed = " ".join(f"{name}={text}" for name, text in given.items())
    for setting in ("XDG_DATA_HOME=/d", "XDG_STATE_HOME=/s", "ESIMCTL_LANG=km"):
        assert setting in printed


@pytest.mark.parametrize(
    ("environ", "carried"),
    [
        ({"LANG": "zh_CN.UTF-8"}, ["LANG=zh_CN.UTF-8"]),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "km_KH.UTF-8"}, ["LANG=km_KH.UTF-8"]),
        ({"LANG": "zh_CN.UTF-8", "ESIMCTL_LANG": "km"}, ["ESIMCTL_LANG=km"]),
        ({"LANG": "en_US.UTF-8"}, []),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, []),
    ],
    ids=["zh", "km", "own", "en", "C"],
)
def test_the_language_of_who_installs_it_is_carried(run: Runner, environ: dict[str, str], carried: list[str]) -> None:
    """A run writes messages to that person, and cron gives it no locale."""
    printed = run("schedule", "install", "--using", "cron", "--print", env=environ).out
    assert [word for word in printed.split() if "LANG=" in word] == carried


def test_path_is_carried_for_a_key_command_and_only_then(run: Runner, tmp_path: Path) -> None:
    """With folders that are there, each once; a relative one is another place in cron's hands."""
    env = {"PATH": f"{tmp_path}:bin:/usr/bin:/nowhere/at/all:/usr/bin:/bin"}
    assert run("autotopup", "pause", now=None).code == 0
    assert "PATH=" not in run("schedule", "install", "--using", "cron", "--print", env=env, now=None).out
    profile = tmp_path / "home" / "profiles" / "default" / "profile.toml"
    profile.write_text(profile.read_text() + '\n[provider.esim-access]\nkey_command = "pass show it"\n')
    printed = run("schedule", "install", "--using", "cron", "--print", env=env, now=None)
    assert f" PATH={tmp_path}:/usr/bin:/bin " in printed.out, printed


@pytest.mark.parametrize("kind", ["cron", "systemd", "launchd"])
def test_what_fits_into_no_schedule_is_refused(run: Runner, kind: str) -> None:
    """A line end in a path would be a line of its own in a crontab."""
    refused = run("schedule", "install", "--using", kind, "--print", env={"ESIMCTL_HOME": "/tmp/a\n* * * * * b"})
    assert refused.code == 78
    assert "no schedule can carry" in refused.err


def test_a_dollar_is_itself_in_systemd_s_environment_and_stands_twice_in_its_command() -> None:
    task = Task("default", ("/opt/a$b/esimctl", "autotopup", "run"), {"ESIMCTL_HOME": "/tmp/dol$lar"}, 15)
    service = systemd_service(task)
    assert 'Environment="ESIMCTL_HOME=/tmp/dol$lar"\n' in service
    assert 'ExecStart="/opt/a$$b/esimctl" ' in service


def test_texts_are_read_back_as_they_were_meant() -> None:
    words = [ODD, "autotopup", "run", "--profile", "default"]
    task = Task("default", words, {"ESIMCTL_HOME": ODD, "PATH": "/x:/y"}, 15)
    cron = cron_given([cron_line(task)], task.marker, {})
    systemd = systemd_given([systemd_service(task)], {})
    agent = launchd_given(launchd_plist(task, "/dev/null"), {})
    for given in (cron, systemd, agent):
        assert given is not None
        assert (dict(given.environment), list(given.words)) == (dict(task.environment), words)


def test_settings_of_the_crontab_above_the_line_count_and_those_below_do_not() -> None:
    task = Task("default", ("/bin/e", "autotopup", "run"), {}, 15)
    lines = ["# PATH=/no", "PATH = /a:/b", 'X="1 2"', cron_line(task), "PATH=/later"]
    given = cron_given(lines, task.marker, {"PATH": "/usr/bin:/bin"})
    assert given is not None
    assert given.environment == {"PATH": "/a:/b", "X": "1 2"}


@pytest.mark.parametrize("more", ["; rm -rf x", "&& echo", "> /dev/null", "| cat", "% given"])
def test_a_line_changed_by_hand_is_not_started(more: str) -> None:
    task = Task("default", ("/bin/e", "autotopup", "run"), {}, 15)
    line = cron_line(task).replace(task.marker, f"{more} {task.marker}")
    assert cron_given([line], task.marker, {}) is None


def test_doctor_walks_the_installed_text_and_all_is_well(run: Runner, crontab: Path, elsewhere: Path) -> None:
    assert run("schedule", "install", "--using", "cron", now=None).code == 0
    told = run("doctor", "--cron", "--json", now=None)
    (row,) = checks(told, "cron_run")
    assert row["ok"], row
    assert row["detail"].startswith("cron: a rehearsal")


def test_doctor_says_that_an_installed_job_runs_in_another_home(run: Runner, crontab: Path, elsewhere: Path) -> None:
    """A line as an older version wrote it, without XDG_DATA_HOME."""
    assert run("schedule", "install", "--using", "cron", now=None).code == 0
    table = crontab.read_text()
    crontab.write_text(table.replace(f"XDG_DATA_HOME={shlex.quote(str(elsewhere.parent))} ", ""))
    assert crontab.read_text() != table
    told = run("doctor", "--cron", "--json", now=None)
    (row,) = checks(told, "cron_run")
    assert told.code == 20
    assert not row["ok"]
    assert "another home" in row["detail"]
    assert row["fix"] == "esimctl schedule install"
    assert run("schedule", "install", "--using", "cron", now=None).code == 0
    assert checks(run("doctor", "--cron", "--json", now=None), "cron_run")[0]["ok"]


def test_doctor_rehearses_with_the_path_of_the_line(
    run: Runner, crontab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that is not where the line says is told by its name."""
    assert run("schedule", "install", "--using", "cron", now=None).code == 0
    table = crontab.read_text()
    before, _, after = table.partition(" autotopup run")
    crontab.write_text(before.rsplit(" ", 1)[0] + " /nowhere/esimctl autotopup run" + after)
    (row,) = checks(run("doctor", "--cron", "--json", now=None), "cron_run")
    assert not row["ok"]
    assert row["detail"] == "cron: /nowhere/esimctl: No such file or directory"


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """systemctl and loginctl that say what the test wants."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    for name, text in (
        ("systemctl", '#!/bin/sh\ncase "$2" in show-environment) echo PATH=/usr/bin:/bin;; esac\n'),
        ("loginctl", '#!/bin/sh\necho "Linger=$(cat "$HOME/linger" 2>/dev/null || echo no)"\n'),
        ("crontab", CRONTAB),
    ):
        (folder / name).write_text(text)
        (folder / name).chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return tmp_path / "linger"


def test_linger_is_named_where_systemd_runs_it(run: Runner, systemd: Path) -> None:
    said = run("schedule", "install", "--using", "systemd", now=None)
    assert said.code == 0
    assert "loginctl enable-linger" in said.err
    told = run("doctor", "--cron", "--json", now=None)
    (row,) = checks(told, "cron_linger")
    assert row["status"] == "warn"
    assert row["fix"].startswith("loginctl enable-linger ")
    assert checks(told, "cron_run")[0]["ok"], told.out
    systemd.write_text("yes")
    assert "enable-linger" not in run("schedule", "install", "--using", "systemd", now=None).err
    assert checks(run("doctor", "--cron", "--json", now=None), "cron_linger")[0]["status"] == "ok"


def test_linger_is_nobody_s_business_under_cron(run: Runner, systemd: Path) -> None:
    said = run("schedule", "install", "--using", "cron", now=None)
    assert "linger" not in said.err
    assert not checks(run("doctor", "--cron", "--json", now=None), "cron_linger")


def test_a_drop_in_of_the_persons_counts(run: Runner, systemd: Path, tmp_path: Path) -> None:
    assert run("schedule", "install", "--using", "systemd", now=None).code == 0
    (service,) = (tmp_path / ".config" / "systemd" / "user").glob("*.service")
    folder = Path(f"{service}.d")
    folder.mkdir()
    (folder / "mine.conf").write_text('[Service]\nEnvironment="ESIMCTL_HOME=/tmp/another place"\n')
    (row,) = checks(run("doctor", "--cron", "--json", now=None), "cron_run")
    assert not row["ok"]
    assert "/tmp/another place" in row["detail"]


@needs("systemd-analyze", "systemd")
def test_systemd_understands_the_odd_texts(tmp_path: Path) -> None:
    task = Task("default", ("/bin/true", ODD), {"ESIMCTL_HOME": ODD}, 15)
    (tmp_path / "x.service").write_text(systemd_service(task))
    verified = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(tmp_path / "x.service")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "x.service" not in verified.stderr, verified.stderr
