"""A schedule counts when its scheduler has it: what fails or is killed is taken back, what cannot be told is null.

The schedulers' programs are stand-ins that keep what they are told in files, and fail, hang or kill their caller at the
step that a test names.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from esimctl.setup import cron_checks
from esimctl.setup.schedulers import cron, scheduler
from esimctl.store.lock import acquire
from tests import tools
from tests.conftest import NOW, Outcome, Runner
from tests.faults import forked
from tests.faults.scratch import scratch

#: what each stand-in does before its own work: `fail` and `kill` hold "program step" lines, `slow` names programs
_BEGIN = """#!/bin/sh
me=$(basename "$0")
if grep -qx "$me" "$HOME/slow" 2>/dev/null; then exec sleep 20; fi
if grep -qx "$me $step" "$HOME/kill" 2>/dev/null; then kill -9 $PPID; exit 1; fi
if grep -qx "$me $step" "$HOME/fail" 2>/dev/null; then echo "Failed to connect to bus: No medium found" >&2; exit 1; fi
"""
CRONTAB = (
    _BEGIN.replace("me=", "step=$1\nme=", 1)
    + """
case "$1" in
  -l) if [ -f "$HOME/table" ]; then cat "$HOME/table"; else echo "no crontab for me" >&2; exit 1; fi;;
  -r) rm -f "$HOME/table";;
  -) cat > "$HOME/table"; grep -qx "crontab late" "$HOME/fail" 2>/dev/null && echo "disk full" >&2 && exit 1;;
esac
exit 0
"""
)
SYSTEMCTL = (
    _BEGIN.replace("me=", "step=$2\nme=", 1)
    + """
units="$HOME/.config/systemd/user"
for unit in "$@"; do case "$unit" in *.timer) break;; esac; done
case "$2" in
  show-environment) echo PATH=/usr/bin:/bin;;
  enable) mkdir -p "$units/timers.target.wants"; ln -sf "$units/$unit" "$units/timers.target.wants/$unit"
    grep -qx "systemctl start" "$HOME/fail" 2>/dev/null && echo "Job failed." >&2 && exit 1
    touch "$HOME/active";;
  disable) rm -f "$units/timers.target.wants/$unit" "$HOME/active";;
  show)
    if [ -f "$units/$unit" ]; then echo LoadState=loaded; else echo LoadState=not-found; fi
    if [ -L "$units/timers.target.wants/$unit" ]; then echo UnitFileState=enabled; else echo UnitFileState=disabled; fi
    if [ -f "$HOME/active" ]; then echo ActiveState=active; else echo ActiveState=inactive; fi;;
esac
exit 0
"""
)
LAUNCHCTL = (
    _BEGIN.replace("me=", "step=$1\nme=", 1)
    + """
case "$1" in
  bootstrap) touch "$HOME/agent";;
  bootout) [ -f "$HOME/agent" ] || exit 3; rm "$HOME/agent";;
  print) [ -f "$HOME/agent" ] || { echo "Could not find service" >&2; exit 113; }; echo "state = waiting";;
esac
exit 0
"""
)
PROGRAMS = {"crontab": CRONTAB, "systemctl": SYSTEMCTL, "launchctl": LAUNCHCTL}
OF = {"cron": "crontab", "systemd": "systemctl", "launchd": "launchctl"}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose schedulers are stand-ins; doctor's rehearsals, which are slow, have tests of their own."""
    monkeypatch.setattr(cron_checks, "_walked", lambda _session: [])
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in {**PROGRAMS, "loginctl": "#!/bin/sh\necho Linger=yes\n"}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return tmp_path


def files(home: Path) -> set[str]:
    """Every file and link of a scheduler below the home."""
    found = (path.relative_to(home) for part in (".config", "Library") for path in (home / part).rglob("*"))
    return {str(path) for path in found}


def shown(run: Runner, *words: str) -> dict[str, dict[str, Any]]:
    rows = run("schedule", "show", "--json", *words).json["schedules"]
    return {row["kind"]: row for row in rows}


def installed(run: Runner, kind: str, *words: str) -> Outcome:
    return run("schedule", "install", "--using", kind, "--json", *words)


def doctor(run: Runner) -> dict[str, Any]:
    (row,) = (row for row in run("doctor", "--cron", "--json").json["checks"] if row["name"] == "cron_installed")
    return dict(row)


@pytest.mark.parametrize("kind", list(OF))
def test_what_is_there_is_asked_from_the_scheduler(run: Runner, machine: Path, kind: str) -> None:
    (row,) = installed(run, kind).json["schedules"]
    assert (row["installed"], row["enabled"]) == (True, True)
    assert shown(run)[kind] == row
    assert doctor(run)["status"] == "ok"
    assert doctor(run)["detail"] == f"installed in {kind}"
    assert run("schedule", "remove").code == 0
    assert shown(run) == {}
    assert files(machine) == set()
    assert doctor(run)["status"] == "warn"


STEPS = [
    ("systemd", "systemctl daemon-reload"), ("systemd", "systemctl enable"), ("systemd", "systemctl start"),
    ("launchd", "launchctl bootstrap"), ("cron", "crontab -"), ("cron", "crontab late"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "step"), STEPS)
def test_what_failed_is_taken_back_and_counts_nowhere(run: Runner, machine: Path, kind: str, step: str) -> None:
    (machine / "table").write_text("0 4 * * * /usr/bin/true\n")
    (machine / "fail").write_text(f"{step}\n")
    failed = installed(run, kind)
    assert (failed.code, failed.json["error"]["exit_code"]) == (78, 78)
    assert (machine / "table").read_text() == "0 4 * * * /usr/bin/true\n" or step == "crontab late"
    (machine / "fail").unlink()
    assert files(machine) == set()
    assert not any((machine / name).exists() for name in ("active", "agent"))
    if step != "crontab late":  # a crontab that writes what it says it could not: nobody can put that back with it
        assert shown(run) == {}
        assert doctor(run)["status"] == "warn"
        assert doctor(run)["fix"] == "esimctl schedule install"


def test_a_crontab_that_wrote_what_it_refused_is_put_back(run: Runner, machine: Path) -> None:
    """It fails once: the table is then written as it was."""
    (machine / "table").write_text("0 4 * * * /usr/bin/true\n")
    once = 'grep -qx "crontab late" "$HOME/fail"'
    program = machine / "bin" / "crontab"
    program.write_text(CRONTAB.replace(once, f'{once} && rm "$HOME/fail"'))
    (machine / "fail").write_text("crontab late\n")
    assert installed(run, "cron").code == 78
    assert not (machine / "fail").exists()
    assert (machine / "table").read_text() == "0 4 * * * /usr/bin/true\n"


def test_the_real_systemctl_without_a_bus(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person in a container, or after `su`, meets."""
    tools.program("systemctl", "systemd")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    failed = installed(run, "systemd")
    assert failed.code == 78
    assert failed.json["error"]["message"].startswith("systemctl --user daemon-reload: ")
    assert files(tmp_path) == set()
    assert "systemd" not in shown(run)


@pytest.mark.parametrize(("kind", "step"), [each for each in STEPS if each[1] != "crontab late"])
def test_a_change_that_failed_leaves_what_was_installed(run: Runner, machine: Path, kind: str, step: str) -> None:
    (before,) = installed(run, kind, "--every", "1h").json["schedules"]
    found = files(machine)
    (machine / "fail").write_text(f"{step}\n")
    assert installed(run, kind, "--every", "30min").code == 78
    (machine / "fail").unlink()
    if (
        step == "launchctl bootstrap"
    ):  # launchd has let the old one go, and takes nothing: said, and not called installed
        assert shown(run)[kind] == {**before, "installed": False, "enabled": False}
        assert installed(run, kind, "--every", "1h").code == 0
    assert shown(run)[kind] == before
    assert files(machine) == found


KILLS = [
    ("systemd", "systemctl daemon-reload"), ("systemd", "systemctl enable"), ("systemd", "systemctl show"),
    ("launchd", "launchctl bootout"), ("launchd", "launchctl bootstrap"), ("launchd", "launchctl print"),
    ("cron", "crontab -"),
]  # fmt: skip


def killed(machine: Path, step: str, *words: str) -> None:
    """Run it in a child until that step kills it."""
    (machine / "kill").write_text(f"{step}\n")
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "ESIMCTL_HOME", "XDG_STATE_HOME")}
    with scratch() as place:
        done = forked.run(forked.command("schedule", *words), place, {**environ, "ESIMCTL_NOW": NOW})
    assert done.code == forked.KILLED, done
    (machine / "kill").unlink()


@pytest.mark.parametrize(("kind", "step"), KILLS)
@pytest.mark.parametrize("after", ["show", "install", "doctor"])
def test_what_was_killed_half_way_is_not_installed(
    run: Runner, machine: Path, kind: str, step: str, after: str
) -> None:
    killed(machine, step, "install", "--using", kind)
    if after == "doctor":
        assert doctor(run)["status"] == "warn"
    elif after == "show":
        assert shown(run) == {}
        assert files(machine) == set()
        assert not any((machine / name).exists() for name in ("active", "agent"))
    (row,) = installed(run, kind).json["schedules"]
    assert (row["installed"], row["enabled"]) == (True, True)
    assert shown(run)[kind] == row
    assert not [name for name in files(machine) if name.endswith((".before", ".lock", ".tmp"))]


#: without those that are asked before anything is changed
LATER = [each for each in KILLS if each[1] not in ("systemctl show", "launchctl print")]


@pytest.mark.parametrize(("kind", "step"), LATER)
def test_a_change_that_was_killed_leaves_what_was_installed(run: Runner, machine: Path, kind: str, step: str) -> None:
    (before,) = installed(run, kind, "--every", "1h").json["schedules"]
    found = files(machine)
    killed(machine, step, "install", "--using", kind, "--every", "30min")
    assert shown(run)[kind] == before
    assert files(machine) == found


@pytest.mark.parametrize(("kind", "step"), [
    ("systemd", "systemctl disable"), ("systemd", "systemctl daemon-reload"), ("launchd", "launchctl bootout"),
])  # fmt: skip
def test_a_removal_that_was_killed_is_gone_on_with(run: Runner, machine: Path, kind: str, step: str) -> None:
    assert installed(run, kind).code == 0
    killed(machine, step, "remove")
    assert shown(run) == {}
    assert files(machine) == set()
    assert not any((machine / name).exists() for name in ("active", "agent"))


@pytest.mark.parametrize("kind", ["systemd", "launchd"])
def test_a_change_that_goes_on_is_left_alone(run: Runner, machine: Path, kind: str) -> None:
    """Another process is at it: a second one is busy (75), and whoever looks cleans nothing up."""
    assert installed(run, kind).code == 0
    found = files(machine)
    (unit,) = (machine / name for name in found if name.endswith((".timer", ".plist")) and "wants" not in name)
    lock = acquire(unit.with_name(f".{unit.stem}.lock"), 0.0)
    note = unit.with_name(f".{unit.stem}.before")
    note.write_text('{"files": {}, "enabled": false}')
    assert installed(run, kind, "--every", "30min").code == 75
    shown(run)
    assert note.exists()
    lock.release()
    assert kind not in shown(run)
    assert files(machine) == set()


def test_a_timer_that_a_person_disabled_is_there_and_does_not_run(run: Runner, machine: Path) -> None:
    assert installed(run, "systemd").code == 0
    before = files(machine)
    (unit,) = (Path(name).name for name in before if name.endswith(".timer") and "wants" not in name)
    subprocess.run(["systemctl", "--user", "disable", "--now", unit], check=True)
    told = run("schedule", "show", "--json")
    (row,) = told.json["schedules"]
    assert (row["installed"], row["enabled"]) == (True, False)
    assert "systemd does not run it: esimctl schedule install" in told.err
    assert doctor(run)["detail"] == "systemd does not run it"
    assert {name for name in before if "wants" not in name} == files(machine) - {
        ".config/systemd/user/timers.target.wants"
    }


def test_a_timer_that_waits_only_until_the_next_start_is_not_enabled(run: Runner, machine: Path) -> None:
    """`systemctl --user disable` without --now."""
    assert installed(run, "systemd").code == 0
    next((machine / ".config" / "systemd" / "user" / "timers.target.wants").iterdir()).unlink()
    row = shown(run)["systemd"]
    assert (row["installed"], row["enabled"]) == (True, False)


def test_a_line_that_a_person_commented_out_does_not_run(run: Runner, machine: Path) -> None:
    assert installed(run, "cron").code == 0
    line = (machine / "table").read_text()
    (machine / "table").write_text(f"# {line}")
    row = shown(run, "--check")["cron"]
    assert (row["installed"], row["enabled"], row["next_run"]) == (True, False, None)
    assert doctor(run)["status"] == "warn"
    assert installed(run, "cron").code == 0
    assert (machine / "table").read_text() == line


@pytest.mark.parametrize(("kind", "step"), [
    ("cron", "crontab -l"), ("systemd", "systemctl show"), ("launchd", "launchctl print"),
])  # fmt: skip
def test_what_cannot_be_told_is_null(run: Runner, machine: Path, kind: str, step: str) -> None:
    """No bus, no permission: neither yes nor no, with the program's own words."""
    assert installed(run, kind).code == 0
    (machine / "fail").write_text(f"{step}\n")
    told = run("schedule", "show", "--check", "--json")
    (row,) = told.json["schedules"]
    assert (row["installed"], row["enabled"], row["next_run"]) == (None, None, None)
    assert f"{kind} cannot be asked: " in told.err
    assert "No medium found" in told.err
    assert "nothing is installed" not in told.err
    checked = doctor(run)
    assert (checked["status"], checked["fix"]) == ("warn", "esimctl schedule show")
    assert checked["detail"] in told.err
    people = run("schedule", "show", "-o", "table")
    assert people.out.splitlines()[1].split() == [kind, "unknown"]


def test_a_scheduler_that_hangs_is_not_waited_for(run: Runner, machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "ASKED", 0.2)
    monkeypatch.setattr(cron, "ASKED", 0.2)
    (machine / "slow").write_text("crontab\n")
    row = shown(run)["cron"]
    assert (row["installed"], row["enabled"], row["text"]) == (None, None, None)


def test_a_machine_without_crontab_cannot_tell(run: Runner, machine: Path) -> None:
    (machine / "bin" / "crontab").unlink()
    env = {"PATH": str(machine / "bin")}
    rows = {row["kind"]: row for row in run("schedule", "show", "--json", env=env).json["schedules"]}
    assert {kind: row["installed"] for kind, row in rows.items()} == {"cron": None}
    assert run("schedule", "remove", env=env).code == 0
    assert run("schedule", "remove", "--using", "cron", env=env).code == 78


def test_a_unit_whose_files_are_gone_but_which_still_runs_is_told(run: Runner, machine: Path) -> None:
    """It looks at the scheduler, not at the file."""
    assert installed(run, "systemd").code == 0
    for path in (machine / ".config" / "systemd" / "user").glob("*.timer"):
        path.unlink()
    (row,) = shown(run).values()
    assert (row["installed"], row["enabled"], row["text"]) == (True, False, None)
    assert run("schedule", "remove").code == 0
    assert shown(run) == {}
    assert not any((machine / name).exists() for name in ("active", "agent"))


def test_what_is_not_let_go_is_no_success(run: Runner, machine: Path) -> None:
    assert installed(run, "systemd").code == 0
    (machine / "fail").write_text("systemctl disable\n")
    left = run("schedule", "remove", "--json")
    assert left.code == 78, left
    assert "goes on with it" in left.json["error"]["message"]
    assert files(machine) == set()
