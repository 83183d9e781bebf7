"""The README: its reference is what the program says of itself, and its commands do what it says."""

import re
import shlex
from pathlib import Path

import pytest

from esimctl.cli import application
from esimctl.cli.pages import pages
from tests.conftest import Runner
from tests.reference import README, generated

TEXT = README.read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
SPENDS = {"buy", "renew", "topup"}


def commands(block: str) -> list[list[str]]:
    """The commands of a block that are ours, as words; comments, pipes and what stands around them are taken off."""
    found = []
    for line in block.splitlines():
        match = re.match(r"\s*(?:\w+=\$\()?esimctl (.*)", line.split("  #")[0].split("|")[0])
        if match:
            found.append(shlex.split(match[1].rstrip(")")))
    return found


def test_the_generated_parts_are_current() -> None:
    """`python -m tests.write_generated` mends it."""
    assert generated(TEXT) == TEXT


def test_every_command_and_option_is_in_the_reference() -> None:
    for page in pages(application()):
        for word in page.options:
            for name in word.names:
                assert name in TEXT, f"{page.path}: {name}"


def test_the_two_commands_stand_there_verbatim() -> None:
    assert "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/esimctl tour\n" in TEXT
    assert "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest -q\n" in TEXT
    script = (Path(__file__).parent.parent.parent / ".ci" / "run").read_text("utf-8")
    assert "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest -q\n" in script


def test_the_first_session_runs_as_it_is_written(run: Runner) -> None:
    (session,) = [block for block in BLOCKS if "# what can be bought" in block]
    words = commands(session)
    assert len(words) >= 8
    for each in words:
        ended = run(*each, *(["--yes"] if each[0] in SPENDS else []))
        assert ended.code == 0, (each, ended.err)
        assert ended.out, each


def test_the_commands_for_scripts_run(run: Runner) -> None:
    assert run("buy", "smart-monthly-20gb", "--name", "phone", "--yes").code == 0
    (scripts,) = [block for block in BLOCKS if "--request-id" in block]
    for each in commands(scripts):
        assert run(*each).code in (0, 20), each


@pytest.mark.parametrize(
    "block", [b for b in BLOCKS if "tour" not in b and "--request-id" not in b and "# what can" not in b]
)
def test_every_other_command_is_one_that_there_is(run: Runner, block: str) -> None:
    for each in commands(block):
        known = [page.path[1:] for page in pages(application())]
        path = tuple(each[:2]) if tuple(each[:2]) in known else tuple(each[:1])
        assert path in known, each
        assert run(*path, "--help").code == 0
