"""A plugin of the monitors, `negate`, runs `check --plugin` as Nagios does and believes code and first word."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.process.runner import arguments, closed_pipe, environment, run, run_here
from tests.tools import judged, program

PLACE = "/usr/lib/nagios/plugins/negate"


def profile_of(home: Path) -> Path:
    """The profile's folder."""
    return home / "esimctl" / "profiles" / "default"


def no_profile(home: Path) -> None:
    (home / "esimctl").rename(home / "elsewhere")


def broken_settings(home: Path) -> None:
    (profile_of(home) / "profile.toml").write_text("[settings\n")


def no_settings(home: Path) -> None:
    (profile_of(home) / "profile.toml").unlink()


def changed_journal(home: Path) -> None:
    journal = profile_of(home) / "journal" / "000001.toml"
    before, after = journal.read_bytes().split(b'0 USD"', 1)
    journal.write_bytes(before + b'9 USD"' + after)


def closed_journal(home: Path) -> None:
    journal = profile_of(home) / "journal" / "000001.toml"
    journal.rename(journal.with_name("kept"))
    journal.mkdir()


def whole(_home: Path) -> None:
    """Nothing is done."""


CASES = (
    (no_profile, (), "UNKNOWN"),
    (broken_settings, (), "UNKNOWN"),
    (no_settings, (), "UNKNOWN"),
    (whole, ("--nosuch",), "UNKNOWN"),
    (whole, ("--below", "abc"), "UNKNOWN"),
    (whole, ("nobody",), "UNKNOWN"),
    (whole, ("--tag", "nobody"), "UNKNOWN"),
    (changed_journal, (), "CRITICAL"),
    (closed_journal, (), "CRITICAL"),
)


@pytest.mark.parametrize(("harm", "words", "state"), CASES)
def test_negate_takes_the_state_for_fine(
    harm: Callable[[Path], None], words: tuple[str, ...], state: str, tmp_path: Path
) -> None:
    """It turns this state into OK, in code and text, and every other one into a failure."""
    negate = program(PLACE, "monitoring-plugins-common")
    assert run_here(["buy", "demo-monthly-20gb", "--name", "phone", "--yes"], tmp_path).returncode == 0
    harm(tmp_path)
    turned = dict.fromkeys(("OK", "WARNING", "CRITICAL", "UNKNOWN"), "CRITICAL") | {state: "OK"}
    options = [f"--{name.lower()}={into}" for name, into in turned.items()]
    said = judged(
        "env", "-i", *(f"{name}={value}" for name, value in environment(tmp_path).items()),
        negate, "--substitute", *options, *arguments(["check", "--plugin", *words]),
    )  # fmt: skip
    assert said.startswith("OK - "), said
    assert said.count("\n") == 1


@pytest.mark.parametrize("target", ["/dev/full", "closed pipe"])
def test_a_state_that_nobody_takes_is_unknown(target: str, tmp_path: Path) -> None:
    stdout = closed_pipe() if target == "closed pipe" else os.open(target, os.O_WRONLY)
    try:
        done = run(["check", "--plugin"], tmp_path, stdout=stdout)
    finally:
        os.close(stdout)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
