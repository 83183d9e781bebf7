"""The README: its reference is what the program says of itself, and every command in it is run as it stands there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from esimctl.cli import COMMANDS, application
from esimctl.cli.pages import pages
from esimctl.documents.schemas import names
from esimctl.environment import VARIABLES
from esimctl.errors import EXIT_CODES
from tests.conftest import Runner
from tests.process.runner import ROOT, environment, run_here
from tests.reference import BEGIN, END, README, generated
from tests.vendors.served import started

TEXT = README.read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
#: what the gate runs on fresh clones, since it builds an environment of its own
INSTALLING = [
    "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/esimctl tour",
    "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest -q",
]
#: cron's five fields before a command: what stands behind them is a command line
CRON = re.compile(r"^(?:[\d*/,-]+ ){5}")

#: `esimctl` as a shell finds it: the program itself, with the answers that a person would type put in as options.
PROGRAM = """#!/bin/sh
case "$*" in
  buy*--dry-run*|renew*--dry-run*|topup*--dry-run*|*--yes*) ;;
  buy*|renew*|topup*) set -- "$@" --yes ;;
  "providers login esim-access") printf 'access_code=AC\\nsecret_key=SK\\n' | {program} "$@" --key-stdin; exit $? ;;
esac
exec {program} "$@"
"""

#: foreign programs that an example pipes into; where one is not installed its stand-in takes the pipe and is content
FOREIGN = {
    "notify-send": "#!/bin/sh\nexit 0\n",
    "jq": "#!/bin/sh\ncat >/dev/null; echo 0\n",
    "pass": "#!/bin/sh\nexit 0\n",
}


#: programs that would change the machine that the test runs on: always a stand-in
SHIELD = {
    "crontab": """#!/bin/sh
case "$1" in
  -l) [ -f "$HOME/crontab" ] || { echo "no crontab for you" >&2; exit 1; }; cat "$HOME/crontab" ;;
  -) cat >"$HOME/crontab" ;;
  -r) rm "$HOME/crontab" ;;
esac
""",
    "systemctl": "#!/bin/sh\nexit 1\n",
    "launchctl": "#!/bin/sh\nexit 1\n",
}


def current(block: str) -> list[str]:
    """The command lines of a block, without cron's fields."""
    return [CRON.sub("", line) for line in block.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def test_the_generated_parts_are_current() -> None:
    """`python -m tests.write_generated` mends it."""
    assert generated(TEXT) == TEXT


def test_every_command_option_code_variable_and_document_is_in_the_reference() -> None:
    """A person finds whatever there is; nothing is found by its absence from the generated part alone."""
    reference = TEXT.partition(BEGIN)[2].partition(END)[0]
    for page in pages(application()):
        assert page.commands or f"`{page.usage}`" in reference, page.path
        for word in page.options:
            for name in word.names:
                assert name in reference, f"{page.path}: {name}"
    assert set(COMMANDS) <= {line.split()[2] for line in reference.splitlines() if line.startswith("* `esimctl ")}
    for code, (meaning, moved) in EXIT_CODES.items():
        assert f"| {int(code)} | {meaning} | {moved} |" in TEXT
    for name in VARIABLES:
        assert f"| `{name}` |" in reference
    for name in names():
        assert f"`esimctl.{name}/1`" in reference


def test_the_two_commands_stand_there_verbatim_and_the_gate_runs_them() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    for command in INSTALLING:
        assert f"{command}\n" in TEXT
        assert f"\n{command}" in script


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a reseller on this machine."""
    process, line = started(tmp_path_factory.mktemp("vendor"), "esim-access")
    yield line.strip()
    process.terminate()
    process.communicate(timeout=20)


def shell(folder: Path, **more: str) -> dict[str, str]:
    """An environment whose PATH has `esimctl` and the foreign programs."""
    place = folder / "bin"
    place.mkdir()
    found = {"esimctl": PROGRAM.format(program=f"{shlex.quote(sys.executable)} -m esimctl")}
    found.update(SHIELD)
    found.update({name: text for name, text in FOREIGN.items() if shutil.which(name) is None})
    for name, text in found.items():
        (place / name).write_text(text, "utf-8")
        (place / name).chmod(0o755)
    return environment(folder, {"PATH": f"{place}:{os.environ['PATH']}", **more})


def numbered() -> list[tuple[str, str]]:
    """(first words, block) of every block that a shell can run here."""
    return [(current(block)[0][:40], block) for block in BLOCKS if not any(line in block for line in INSTALLING)]


@pytest.mark.parametrize("block", [block for _, block in numbered()], ids=[name for name, _ in numbered()])
def test_every_block_runs_in_a_shell(block: str, account: str, tmp_path: Path) -> None:
    """Line by line, pipes and all, on a home that has the line `phone`, unless the block buys it itself.

    A line ends well, or with 20 where something needs attention.
    """
    environ = shell(tmp_path, ESIMCTL_ESIM_ACCESS_BASE_URL=account)

    def sh(line: str) -> "subprocess.CompletedProcess[str]":
        words = ["/bin/sh", "-c", line]
        return subprocess.run(words, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, input="")

    if "--name phone" not in block:
        assert run_here(["buy", "demo-monthly-20gb", "--name", "phone", "--yes"], tmp_path).returncode == 0
    for line in current(block):
        done = sh(line)
        assert done.returncode in (0, 20), (line, done.stderr)
        assert "Traceback" not in done.stderr


def test_settings_are_taken_as_they_stand_there(run: Runner, tmp_path: Path) -> None:
    """Every TOML example is one that a profile may hold: nobody warns of a key."""
    found = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert found
    assert run("profile", "create", "example").code == 0
    file = tmp_path / "home" / "profiles" / "example" / "profile.toml"
    whole = file.read_text("utf-8")
    for example in found:
        assert tomllib.loads(example)
        file.write_text(f"{whole}\n{example}", "utf-8")
        rows = run("doctor", "--profile", "example", "--json").json["checks"]
        assert not [row for row in rows if "unknown key" in (row["detail"] or "")]
        assert run("buy", "smart-laor-7d", "--provider", "sandbox", "--profile", "example", "--yes").code == 0
