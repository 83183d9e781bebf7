"""`env -i HOME=… PATH=/usr/bin:/bin` and a closed stdin, as under cron: every command works or refuses in one line."""

import json
import subprocess
import sys
from pathlib import Path

from esimctl.cli import application
from esimctl.cli.pages import pages
from esimctl.errors import ExitCode
from esimctl.show.page import Page
from tests.process.runner import ROOT

COMMANDS = [page for page in pages(application()) if not page.commands]

#: What a command is given where it cannot do without.
GIVEN = {"PLAN": "smart-laor-30d", "LINE": "phone", "VOLUME": "1GB", "bash|zsh|fish": "bash"}

#: Those that run for long or touch the machine itself when they succeed.
ELSEWHERE = {("esimctl", "tour"), ("esimctl", "schedule", "install")}


#: Loads the program once and then gives each command line of its argument a child, a home and files for its streams.
EACH = """
import gc, json, os, sys
from esimctl.cli import application
from esimctl.cli.pages import pages
from esimctl.main import main
list(pages(application()))
gc.freeze()
for number, words in enumerate(json.loads(sys.argv[1])):
    home = os.path.join(os.environ["HOME"], str(number))
    os.mkdir(home)
    child = os.fork()
    if child == 0:
        os.environ["HOME"] = home
        os.chdir(home)
        for stream, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT), stream)
        sys.argv = ["esimctl", *words]
        code = main()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def command_line(page: Page) -> list[str]:
    """A command with what it cannot do without."""
    words = [*page.path[1:], *(GIVEN.get(word.value or "", "x") for word in page.arguments if word.required)]
    for word in page.options:
        if word.required:
            words += [word.names[0], GIVEN.get(word.value or "", "x")]
    return words


def test_a_bare_environment(tmp_path: Path) -> None:
    """No traceback, no question, no more than a line and a hint of complaint, a code that is explained."""
    lines = [command_line(page) for page in COMMANDS if page.path not in ELSEWHERE]
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" "$@" <&-', sys.executable, "-c", EACH, json.dumps(lines)],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path, capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    codes = [int(code) for code in done.stdout.split()]
    assert len(codes) == len(lines) >= 90
    for number, (words, code) in enumerate(zip(lines, codes, strict=True)):
        out, err = ((tmp_path / str(number) / name).read_text("utf-8") for name in ("stdout", "stderr"))
        assert "Traceback" not in err, words
        assert code in {int(known) for known in ExitCode} - {1}, (words, err)
        if code != 0:
            assert err.count("\n") <= 4, (words, err)
        assert "\x1b" not in out + err, words
