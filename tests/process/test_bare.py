"""`env -i HOME=… PATH=/usr/bin:/bin` and a closed stdin, as under cron: every command works or refuses in one line."""

import subprocess
from pathlib import Path

import pytest

from esimctl.cli import application
from esimctl.cli.pages import pages
from esimctl.errors import ExitCode
from esimctl.show.page import Page
from tests.process.runner import ROOT, arguments

COMMANDS = [page for page in pages(application()) if not page.commands]

#: What a command is given where it cannot do without.
GIVEN = {"PLAN": "smart-laor-30d", "LINE": "phone", "VOLUME": "1GB", "bash|zsh|fish": "bash"}

#: Those that run for long or touch the machine itself when they succeed.
ELSEWHERE = {("esimctl", "tour"), ("esimctl", "schedule", "install")}


@pytest.mark.parametrize(
    "page", [page for page in COMMANDS if page.path not in ELSEWHERE], ids=lambda page: " ".join(page.path[1:])
)
def test_a_bare_environment(page: Page, tmp_path: Path) -> None:
    """No traceback, no question, no more than a line and a hint of complaint, a code that is explained."""
    words = [*page.path[1:], *(GIVEN.get(word.value or "", "x") for word in page.arguments if word.required)]
    for word in page.options:
        if word.required:
            words += [word.names[0], GIVEN.get(word.value or "", "x")]
    quoted = " ".join(f"'{word}'" for word in arguments(words))
    done = subprocess.run(
        ["/bin/sh", "-c", f"cd '{tmp_path}' && {quoted} <&-"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in {int(code) for code in ExitCode} - {1}, done.stderr
    if done.returncode != 0:
        assert done.stderr == "" or done.stderr.count("\n") <= 4, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
