"""Random command lines: bytes, surrogates, huge and negative numbers. None ends in 1, whatever was typed."""

import os
import random

import pytest

from esimctl.cli import application
from esimctl.cli.pages import pages
from esimctl.errors import ExitCode
from tests.conftest import Runner

SEED, EACH = 16, 60
#: In lines by the environment; the full form is 26000.
BATCHES = int(os.environ.get("ESIMCTL_COMMAND_LINES", "480")) // EACH
PAGES = [page for page in pages(application()) if not page.commands]
#: those that wait for somebody, start something, or touch the machine itself
LEFT_OUT = {("esimctl", "tour")}
WORDS = (
    "", " ", "-", "--", "0", "-1", "1", "99999999999999999999999999", "-0.000001", "1e999", "NaN", "1GB", "-5GB",
    "9e9TB",
    "1USD", "-1USD", "0.001 USD", "1000000000000000000000 USD", "5 XXX", "2026-02-30", "9999-12-31", "0000-01-01",
    "2026-11-20T25:61", "P1Y", "99999d", "-3d", "line", "phone", "../../etc/passwd", "/dev/null", "/nonexistent", ".",
    "\udcff\udcfe", "a\udc80b", "\ud800", "\x00", "\x1b[31m", "\u202e", "\u200b", "ក្រុម", "é" * 300, "x" * 5000, "%s%n",
    "{line}", "$(id)", "'\"", "a\nb", "a\tb", "=", "a=b", "@file", "8985200026341343672F", "LPA:1$x$y", "٣", "∞", "١GB",
)  # fmt: skip
FORMS = ("--json", "-o", "--columns", "--limit", "--profile", "--quiet", "-v", "--color", "--yes", "--dry-run")
GIVEN = ("", "\udcff\udcfe", "\ufeffa;b\n1;2\n", "x" * 10_000, "\x00", "LPA:1$a$b", "{" * 500, 'a,b\n"', "[x]\ny = 1")


def line(rng: random.Random) -> list[str]:
    """A command with arguments and options that it knows, and values that nobody means."""
    page = rng.choice([page for page in PAGES if page.path not in LEFT_OUT])
    words = list(page.path[1:])
    for argument in page.arguments:
        if argument.required or rng.random() < 0.5:
            words += [rng.choice(WORDS) for _ in range(rng.choice((1, 1, 1, 2)))]
    for option in rng.sample(list(page.options), k=min(len(page.options), rng.randint(0, 4))):
        words.append(rng.choice(option.names))
        if option.value is not None and rng.random() < 0.9:
            words.append(rng.choice(WORDS))
    if rng.random() < 0.3:
        words += [rng.choice(FORMS), rng.choice(WORDS)]
    if rng.random() < 0.2:
        words.insert(rng.randint(0, len(words)), rng.choice(WORDS))
    return words


def harmless(words: list[str]) -> bool:
    """Nothing that a crontab, a bus or a modem of this machine would feel, and no long wait."""
    real = {"modem", "install", "tour"} & set(words)
    return not real and "schedule" not in words and "--cron" not in words and "--wait" not in words


@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_command_line_ends_in_1(run: Runner, batch: int, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    rng = random.Random(SEED * 1000 + batch)
    if batch % 2:
        assert run("buy", "smart-laor-7d", "--provider", "sandbox", "--name", "phone", "--yes").code == 0
    for _ in range(EACH):
        words = line(rng)
        if not harmless(words):
            continue
        given = rng.choice(GIVEN)
        done = run(*words, given=given)
        assert done.code in {int(code) for code in ExitCode} - {1}, (words, given[:40], done.err)
        assert "Traceback" not in done.err, (words, done.err)
