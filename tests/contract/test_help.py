"""Every page of the help: complete, of the width of the terminal, and the same letter for the same thing everywhere."""

import shlex
from pathlib import Path

import pytest

from esimctl.cli import COMMANDS, application
from esimctl.cli.pages import pages
from esimctl.environment import VARIABLES
from esimctl.errors import EXIT_CODES
from esimctl.show import pages as topics
from esimctl.show.page import Page, cells, render
from esimctl.show.screen import screen
from tests.conftest import Runner

PAGES = list(pages(application()))
NAMES = [" ".join(page.path) for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_a_page_is_complete(page: Page) -> None:
    """What it is for, a help text for every option, an example that has the command, its exit codes."""
    assert page.summary
    assert all(word.help for word in page.options)
    assert {name for word in page.options for name in word.names} >= {"-h", "--help"}
    if page.commands:
        return
    assert page.examples, "an example is missing"
    for example in page.examples:
        assert " ".join(page.path) in example, example
    assert {0, 1, 2} <= set(page.codes)
    assert set(page.codes) <= {int(code) for code in EXIT_CODES}
    for word in page.arguments:
        assert word.help, word.value


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_examples_name_only_options_that_exist(page: Page) -> None:
    """An example that is copied works; quotes are closed, no option is mistyped."""
    known = {name for word in page.options for name in word.names}
    for example in page.examples:
        ours = " ".join(page.path) + example.partition(" ".join(page.path))[2].partition(" | ")[0].partition("; ")[0]
        for word in shlex.split(ours.partition(" > ")[0].partition(" < ")[0]):
            if word.startswith("-") and word != "-" and not word[1:2].isdigit():
                assert word.partition("=")[0] in known, f"{example}: {word}"


@pytest.mark.parametrize("tag", ["en", "zh-CN", "km"])
@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_no_line_is_wider_than_the_terminal(width: int, tag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences are broken between words; only what is typed as a whole (usage, examples, an option) may be longer.

    Khmer is written without blanks between words: where it may be broken only the terminal can say.
    """
    monkeypatch.setenv("ESIMCTL_LANG", tag)
    for page in PAGES:
        whole = {page.usage, *page.examples}
        for line in render(page, width).splitlines():
            if cells(line) <= min(width, 100) or any(part in line for part in whole) or tag == "km":
                continue
            assert len(line.split()) <= 3 or line.lstrip().startswith("-"), (page.path, line)


def test_the_same_letter_is_the_same_option_everywhere() -> None:
    """Nobody has to remember two meanings of -n."""
    letters: dict[str, set[str]] = {}
    for page in PAGES:
        for word in page.options:
            for name in word.names:
                if len(name) == 2:
                    long = next(other for other in word.names if other.startswith("--"))
                    letters.setdefault(name, set()).add(long)
    assert {letter: names for letter, names in letters.items() if len(names) > 1} == {}


def test_every_option_has_a_long_name() -> None:
    """Letters are for daily use; a script is read by others."""
    for page in PAGES:
        for word in page.options:
            assert any(name.startswith("--") for name in word.names), (page.path, word)


def test_every_command_takes_the_common_options() -> None:
    """In any position after the command."""
    common = {"--output", "-o", "--json", "--profile", "--quiet", "-q", "--verbose", "-v", "--color", "--help", "-h"}
    for page in PAGES:
        if not page.commands:
            assert common <= {name for word in page.options for name in word.names}, page.path


def test_the_first_screen_of_the_root_page(run: Runner) -> None:
    """80 by 24: what it is, and the everyday, money and automation commands."""
    first = run("--help").out.splitlines()[:24]
    assert all(cells(line) <= 80 for line in first)
    text = "\n".join(first)
    assert text.startswith("Usage: esimctl COMMAND")
    for heading in ("Everyday:", "Money:", "Automation:"):
        assert heading in text
    assert text.index("Everyday:") < text.index("Money:") < text.index("Automation:")


def test_the_root_page_lists_every_command(run: Runner) -> None:
    """Under its heading, with its line of help."""
    out = run("--help").out
    for name, entry in COMMANDS.items():
        assert any(line.split()[:1] == [name] for line in out.splitlines()), name
        assert " ".join(entry.help.split()[:3]) in out


@pytest.mark.parametrize("topic", topics.NAMES)
def test_topics_stand_on_stdout(run: Runner, topic: str) -> None:
    """And are made from the tables that the code uses."""
    outcome = run("help", topic)
    assert (outcome.code, outcome.err) == (0, "")
    if topic == "environment":
        assert all(name in outcome.out for name in VARIABLES)
    if topic == "options":
        assert all(f"--{name}" in outcome.out for name in ("json", "profile", "columns", "limit", "dry-run", "wait"))
    if topic == "exit-codes":
        assert all(f"\n  {int(code):>3}  " in outcome.out for code in EXIT_CODES)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_page_in_every_way(run: Runner, page: Page, tmp_path: Path) -> None:
    """`help CMD` and `CMD --help` are the same page, `CMD -h` is a short one, and nothing is written for them."""
    words = page.path[1:]
    outcome = run(*words, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("Usage: " + " ".join(page.path))
    assert run("help", *words).out == outcome.out
    short = run(*words, "-h")
    assert (short.code, short.err) == (0, "")
    assert short.out.startswith("Usage: " + " ".join(page.path))
    assert short.out.endswith("--help\n")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("tag", ["en", "zh-CN", "km"])
def test_the_short_page_fits_one_screen(tag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """24 rows of 80 columns, the prompt's own among them: what is required, two examples, where the rest stands."""
    monkeypatch.setenv("ESIMCTL_LANG", tag)
    for page in PAGES:
        lines = screen(page, 80).splitlines()
        assert len(lines) < 24, (page.path, lines)
        assert tag == "km" or all(cells(line) <= 80 for line in lines), (page.path, lines)
        assert lines[-1].endswith("--help"), page.path
        text = "\n".join(lines)
        assert all(word.names[0] in text for word in page.options if word.required), page.path
        if not page.commands:
            assert page.examples[0].split(" --")[0] in text, page.path
            assert text.count(" ".join(page.path)) >= min(len(page.examples), 2) + 1, page.path


def test_the_short_page_shows_the_most_used_options_first() -> None:
    """A command that has many says which; at most twelve arguments and options."""
    for page in PAGES:
        shown = [line for line in screen(page, 80).splitlines() if line.startswith(("  -", "      --"))]
        assert len(shown) <= 12 + 4, page.path  # examples that go on in a second row begin like options
        assert set(page.first) <= {name for word in page.options for name in word.names}, page.path
    rule = next(page for page in PAGES if page.path[1:] == ("autotopup", "set"))
    text = screen(rule, 80)
    assert all(f"      {name} " in text for name in ("--below", "--plan", "--max-price", "--max-per-month"))


def test_common_options_and_codes_stand_once(run: Runner) -> None:
    """In pages of their own, which every whole page names."""
    for page in PAGES:
        if page.commands:
            continue
        text = " ".join(render(page, 80).split())
        assert "esimctl help options" in text, page.path
        assert "esimctl help exit-codes" in text, page.path
        assert "Show help:" not in text, page.path
    assert "Show help:" in run("help", "options").out
