"""`doctor`: what is wrong is named, with what mends it, and nothing is changed by looking."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from esimctl.cli.completion import script
from esimctl.documents.setup import CheckRow, DoctorDocument
from esimctl.show.cards.doctor import person
from tests.conftest import Runner, tree
from tests.show.fakes import shown, terminal

PLAN = "smart-laor-30d"


def row(document: Any, name: str) -> Any:
    """The row of that name; the worst, if there are several."""
    found = [each for each in document["checks"] if each["name"] == name]
    assert found, f"no row {name} among {[each['name'] for each in document['checks']]}"
    return min(found, key=lambda each: ["fail", "warn", "ok"].index(each["status"]))


@pytest.fixture
def home(run: Runner, tmp_path: Path) -> Path:
    """A profile with one line."""
    assert run("buy", PLAN, "--provider", "sandbox", "--yes", "--name", "phone", now=None).code == 0
    return tmp_path / "home"


def test_a_fresh_machine_is_well_and_stays_untouched(run: Runner, tmp_path: Path) -> None:
    """Nothing written yet is not a failure, and looking writes nothing."""
    outcome = run("doctor", "--json", now=None)
    assert outcome.code == 0
    assert outcome.json["ok"] is True
    assert "nothing written yet" in row(outcome.json, "home")["detail"]
    assert not (tmp_path / "home").exists()


def test_a_profile_that_is_well(run: Runner, home: Path) -> None:
    """Every check passes, also those for a scheduler and of the provider, and no file but the lock's note changes."""
    before = tree(home)
    outcome = run("doctor", "--cron", "--providers", "--json", now=None)
    assert outcome.code == 0, outcome.out
    assert {each["name"] for each in outcome.json["checks"]} >= {
        "program", "home", "file_system", "room", "profile", "journal", "modes", "clock", "zone", "language",
        "cron_home",
    }  # fmt: skip
    after = tree(home)
    assert {name for name in after if after[name] != before.get(name)} <= {"profiles/default/lock"}
    assert before.keys() == after.keys()


def test_modes_that_are_too_open(run: Runner, home: Path) -> None:
    """Exit 20, and the exact chmod: of a folder in the profile, which nothing but doctor looks at."""
    folder = home / "profiles" / "default" / "journal"
    folder.chmod(0o755)
    outcome = run("doctor", "--json", now=None)
    assert outcome.code == 20
    assert outcome.json["ok"] is False
    assert row(outcome.json, "modes")["fix"] == f"chmod go-rwx {folder}"


def test_a_damaged_journal(run: Runner, home: Path) -> None:
    """A flipped bit in the middle is found, named, and mended on a person's word alone."""
    segment = home / "profiles" / "default" / "journal" / "000001.toml"
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(bytes(data))
    outcome = run("doctor", "--json", now=None)
    assert outcome.code == 20
    assert row(outcome.json, "frames")["fix"] == "esimctl doctor --mend"
    refused = run("doctor", "--mend", now=None)
    assert refused.code == 2
    assert segment.read_bytes() == bytes(data)
    assert run("doctor", "--mend", "--yes", now=None).code == 0
    assert row(run("doctor", "--json", now=None).json, "restored")["fix"] == "esimctl reconcile"


def test_a_hand_edited_profile_is_a_warning(run: Runner, home: Path) -> None:
    """A warning is exit 0."""
    profile = home / "profiles" / "default" / "profile.toml"
    profile.write_text(profile.read_text("utf-8").replace("Phnom_Penh", "Bangkok"), "utf-8")
    outcome = run("doctor", "--json", now=None)
    assert outcome.code == 0
    assert row(outcome.json, "profile")["status"] == "warn"
    assert row(outcome.json, "zone")["detail"] == "Asia/Bangkok"


def test_a_profile_with_a_syntax_error_is_one_row(run: Runner, home: Path) -> None:
    """File, line and column once, and the checks that need no profile still speak."""
    (home / "profiles" / "default" / "profile.toml").write_text("schema = 1\n= broken\n")
    outcome = run("doctor", "--json", now=None)
    assert outcome.code == 20
    failed = [each for each in outcome.json["checks"] if each["status"] == "fail"]
    assert [each["name"] for each in failed] == ["profile"]
    assert "line 2" in failed[0]["detail"]
    assert row(outcome.json, "program")["status"] == "ok"


def test_a_zone_that_is_not_known(run: Runner, home: Path) -> None:
    """The name, and two ways out."""
    profile = home / "profiles" / "default" / "profile.toml"
    profile.write_text(profile.read_text("utf-8").replace("Asia/Phnom_Penh", "Asia/Angkor"), "utf-8")
    assert row(run("doctor", "--json", now=None).json, "zone")["status"] == "fail"


def test_a_clock_that_went_back(run: Runner, tmp_path: Path) -> None:
    """The journal has seen a later time than the machine's."""
    assert run("buy", PLAN, "--provider", "sandbox", "--yes", "--name", "phone", now="2099-01-01T00:00:00Z").code == 0
    outcome = run("doctor", "--json", now=None)
    assert outcome.code == 20
    assert "before the last entry" in row(outcome.json, "clock")["detail"]


def test_a_rehearsal_is_a_warning_and_no_clock_for_a_schedule(run: Runner, home: Path) -> None:
    """ESIMCTL_NOW stands still: fine for a try, wrong for cron."""
    assert row(run("doctor", "--json").json, "clock")["status"] == "warn"
    assert run("doctor", "--cron").code == 20


def test_a_home_that_cron_would_not_find(run: Runner, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative ESIMCTL_HOME means another folder there."""
    monkeypatch.chdir(home.parent)
    monkeypatch.setenv("ESIMCTL_HOME", "home")
    assert run("doctor", now=None).code == 0
    outcome = run("doctor", "--cron", "--json", now=None)
    assert row(outcome.json, "cron_home")["status"] == "fail"


def test_completion_scripts_of_another_version(run: Runner, tmp_path: Path) -> None:
    """The script in a person's home is compared with what the program would print now."""
    place = tmp_path / ".config" / "fish" / "completions"
    place.mkdir(parents=True)
    (place / "esimctl.fish").write_text(script("fish"), "utf-8")
    assert row(run("doctor", "--json", now=None).json, "completion")["status"] == "ok"
    (place / "esimctl.fish").write_text("# old\n")
    found = row(run("doctor", "--json", now=None).json, "completion")
    assert (found["status"], found["ok"]) == ("warn", True)
    assert found["fix"] == f"esimctl completion fish > {place / 'esimctl.fish'}"


def test_no_room_on_the_disk(run: Runner, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A little is a warning, next to nothing a failure: an order needs room to be recorded."""
    from esimctl.store import checkup

    real = os.statvfs(home)
    for free, status in ((10_000_000, "warn"), (1_000_000, "fail")):
        values = list(real)[:10]
        values[4] = free // real.f_frsize
        monkeypatch.setattr(checkup.os, "statvfs", lambda _path, found=values: os.statvfs_result(found))
        assert row(run("doctor", "--json", now=None).json, "room")["status"] == status


def test_people_see_words_and_what_mends(run: Runner, home: Path) -> None:
    """What is wrong stands first with the command that mends it, what is fine is counted; `--all` shows it, too."""
    folder = home / "profiles" / "default" / "journal"
    folder.chmod(0o755)
    lines = run("doctor", "-o", "table", now=None).out.splitlines()
    assert lines[0].startswith("✗ file modes: ")
    assert lines[1] == f"    chmod go-rwx {folder}"
    assert re.fullmatch(r"\d+ checks are fine \(--all\)", lines[-1])
    assert not any(line.startswith("✓") for line in lines)
    assert "\n✓ the zone: " in run("doctor", "-o", "table", "--all", now=None).out


def test_a_machine_that_is_well_is_one_line(run: Runner, home: Path) -> None:
    """The answer, and how much was looked at."""
    out = run("doctor", "-o", "table", now=None).out
    assert re.fullmatch(r"✓ Everything is fine: \d+ checks \(--all\)\n", out), out


@pytest.mark.parametrize("colour", ["always", "never"])
@pytest.mark.parametrize("width", [40, 80])
def test_no_line_is_cut_on_a_narrow_terminal(colour: str, width: int) -> None:
    """A detail that is too long goes on below itself; colour changes no letter."""
    detail = "esimctl 0.1.0, typer 0.28.0, rich 15.0.0, httpcore 1.0.9"
    one = terminal(width, colour=colour)
    one.every_row = True
    row = CheckRow(name="program", ok=True, status="ok", detail=detail, fix=None)
    person(DoctorDocument(as_of=datetime.now(UTC), profile="default", ok=True, checks=[row]), one)
    lines = [line.replace("\x1b[32m", "").replace("\x1b[0m", "") for line in shown(one).splitlines()]
    assert lines[1].startswith("✓ the program: esimctl")
    assert all(len(line) <= width for line in lines)
    assert " ".join(" ".join(lines[1:]).split()) == f"✓ the program: {detail}"


def test_rules_that_nothing_runs_are_a_warning(run: Runner, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where a rule is enabled, with the command that mends it; with a schedule it is well."""
    from esimctl.setup import schedule
    from esimctl.setup.schedulers.cron import Cron
    from esimctl.setup.schedulers.scheduler import HeldTask

    found: list[tuple[Cron, HeldTask]] = []
    monkeypatch.setattr(schedule, "asked", lambda _environ, _task: found)
    assert not [each for each in run("doctor", "--json", now=None).json["checks"] if each["name"] == "schedule"]
    assert run("buy", "smart-laor-7d", "--provider", "sandbox", "--name", "sim", "--yes", now=None).code == 0
    limits = ("--max-price", "1USD", "--max-per-month", "5USD")
    assert run("autotopup", "set", "sim", "--below", "1GB", "--amount", "1USD", *limits, now=None).code == 0
    assert run("autotopup", "enable", "sim", "--confirm", "5USD", now=None).code == 0
    warned = row(run("doctor", "--json", now=None).json, "schedule")
    assert (warned["status"], warned["fix"]) == ("warn", "esimctl schedule install")
    found.append((Cron(), HeldTask("5 * * * * x\n", True, True)))
    assert row(run("doctor", "--json", now=None).json, "schedule")["status"] == "ok"


def ruled(run: Runner) -> None:
    """A rule that is enabled."""
    words = ("--below", "3GB", "--plan", "demo-topup-2gb", "--max-price", "2USD", "--max-per-month", "6USD", "--yes")
    assert run("autotopup", "set", "phone", *words, now=None).code == 0
    assert run("autotopup", "enable", "phone", "--confirm", "6USD", now=None).code == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('plan = "demo-topup-2gb"', 'plan = "demo-topup-9gb"', "nobody sells the plan 'demo-topup-9gb'"),
        ('plan = "demo-topup-2gb"', 'plan = "airalo/x-1"', "nobody sells the plan 'airalo/x-1'"),
        ('pay = ["sandbox-card"]', 'pay = ["visa"]', "there is no payment method 'visa'"),
    ],
)
def test_a_rule_that_could_buy_nothing(run: Runner, home: Path, old: str, new: str, said: str) -> None:
    ruled(run)
    assert all(each["name"] != "rule" for each in run("doctor", "--json", now=None).json["checks"])
    file = home / "profiles" / "default" / "profile.toml"
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")
    outcome = run("doctor", "--json", now=None)
    assert outcome.code == 20
    assert said in row(outcome.json, "rule")["detail"]


def test_the_keys_of_a_rule_are_no_mistakes(run: Runner, home: Path) -> None:
    ruled(run)
    words = ("--below", "3GB", "--plan", "demo-topup-2gb", "--max-price", "2USD", "--max-per-month", "6USD")
    more = ("--max-unattended", "3", "--floor", "1USD", "--yes")
    assert run("autotopup", "set", "phone", *words, *more, now=None).code == 0
    text = (home / "profiles" / "default" / "profile.toml").read_text("utf-8")
    assert "max_unattended = 3" in text
    assert run("doctor", "--json", now=None).code == 0


@pytest.mark.parametrize("what", ["a folder", "a pipe", "too short"])
@pytest.mark.parametrize("name", ["seed", "lock"])
def test_a_seed_or_lock_that_no_run_could_use(run: Runner, home: Path, name: str, what: str) -> None:
    ruled(run)
    file = home / "profiles" / "default" / name
    file.unlink(missing_ok=True)
    if what == "a folder":
        file.mkdir()
    elif what == "a pipe":
        os.mkfifo(file, 0o600)
    else:
        file.write_bytes(b"12345")
        file.chmod(0o600)
    outcome = run("doctor", "--json", now=None)
    if (name, what) == ("lock", "too short"):  # its content is for messages alone
        assert outcome.code == 0
        return
    assert outcome.code == 20
    assert row(outcome.json, name)["ok"] is False
    assert row(outcome.json, name)["fix"] or what != "too short"
