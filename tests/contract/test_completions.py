"""The completion scripts: what is committed is what the program prints, and every shell finds it well-formed."""

import subprocess
import sys
from pathlib import Path

import pytest

from esimctl.cli import application
from esimctl.cli.completion import script
from esimctl.cli.pages import pages
from esimctl.complete import FIRST_METHODS, FIRST_PROVIDERS, KINDS, values
from esimctl.show.completions import FILENAMES, SHELLS
from esimctl.show.completions.tree import Tree, takes
from esimctl.show.page import Page
from tests.process.runner import ROOT, environment, run, run_here
from tests.tools import program

FOLDER = ROOT / "completions"


@pytest.fixture(scope="module")
def tree() -> Tree:
    """The command tree, once."""
    return Tree(pages(application()))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_committed_file_is_what_the_program_prints(shell: str) -> None:
    """Byte for byte. To mend: `python -m tests.write_generated`."""
    assert (FOLDER / FILENAMES[shell]).read_text("utf-8") == script(shell)


def test_the_command_prints_it(tmp_path: Path) -> None:
    """On stdout, whatever the language, and nothing else."""
    done = run(["completion", "bash"], tmp_path, environ={"ESIMCTL_LANG": "km"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == script("bash")
    assert not (tmp_path / "esimctl").exists()


@pytest.mark.parametrize(
    ("shell", "check"), [("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])]
)
def test_the_shell_finds_no_error(shell: str, check: list[str]) -> None:
    """The shell's own syntax check."""
    program(check[0], check[0])
    done = subprocess.run([*check, str(FOLDER / FILENAMES[shell])], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_name_is_a_flag_everywhere_or_takes_a_value_everywhere(tree: Tree) -> None:
    """The scripts skip an option's value by the option's name alone, and people think in that way too."""
    valued, flags = set(), set()
    for path in tree.pages:
        for word in tree.options(path):
            (flags if word.value is None else valued).update(word.names)
    assert valued & flags == set()


def _asked(tree: Tree) -> set[str]:
    ways = [takes(word) for page in tree.pages.values() for word in (*page.options, *page.arguments)]
    return {way.removeprefix("ask ") for way in ways if way.startswith("ask ")}


def test_every_kind_that_is_asked_for_is_known(tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No script asks for a kind that the program would answer with nothing for ever."""
    monkeypatch.setenv("ESIMCTL_HOME", str(tmp_path))
    assert _asked(tree) == {kind for kind, row in KINDS.items() if row.ask}
    without_a_profile = {kind for kind in _asked(tree) if list(values(kind))}
    assert without_a_profile == {
        "plans", "carriers", "promotions", "devices", "faults", "providers", "accounts", "methods", "policies",
        "countries", "trusted",
    }  # fmt: skip


def test_the_methods_of_a_new_profile_are_those_that_it_will_have() -> None:
    """The list for a profile that is not written yet equals what the first command writes."""
    from esimctl.profile.opened import FIRST_PROFILE

    assert tuple(FIRST_PROFILE["payment"]) == FIRST_METHODS
    assert tuple(FIRST_PROFILE["provider"]) == FIRST_PROVIDERS


def test_columns_are_in_the_scripts(tree: Tree) -> None:
    """`--columns` is completed from words in the script on every command that takes it."""
    lists = [(path, word) for path in tree.pages for word in tree.options(path) if "--columns" in word.names]
    assert lists
    for path, word in lists:
        assert word.choices, path


HOSTILE = """\
schema = 1
[line.ok]
[line."a b"]
[line."$(touch pwned)"]
[line.x;y]
[payment."`id`"]
"""


@pytest.mark.parametrize("kind", [*(kind for kind, row in KINDS.items() if row.ask), "columns", "nonsense", ""])
@pytest.mark.parametrize("content", [None, "= broken\x00", HOSTILE], ids=["no profile", "broken", "hostile"])
def test_values_are_harmless_whatever_is_in_the_profile(kind: str, content: str | None, tmp_path: Path) -> None:
    """Exit 0, nothing on stderr, nothing written, and no word that a shell would take for more than a word."""
    profile = tmp_path / "esimctl" / "profiles" / "default"
    if content is not None:
        profile.mkdir(parents=True)
        (profile / "profile.toml").write_text(content, "utf-8")
    before = sorted(tmp_path.rglob("*"))
    done = run_here(["__complete", kind, ""], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert not set(done.stdout) & set("$`;\"'\\ \t&|<>(){}*?!#~")
    assert sorted(tmp_path.rglob("*")) == before


def test_values_begin_with_the_prefix_and_are_newest_first_for_orders(tmp_path: Path) -> None:
    """Orders come from the end of the newest segment."""
    journal = tmp_path / "esimctl" / "profiles" / "default" / "journal"
    journal.mkdir(parents=True)
    (journal / "000001.toml").write_text('order = "old1"\n', "utf-8")
    (journal / "000002.toml").write_text('order = "ord-1"\n[x]\norder = "ord-2"\norder = "else"\n', "utf-8")
    done = run(["__complete", "orders", "ord"], tmp_path)
    assert done.stdout.split() == ["ord-2", "ord-1"]


LIGHT = [["plans", "smart"], ["plans", "smart", "topup", "phone", "--plan"], ["policies", ""], ["orders", ""],
         ["accounts", ""], ["tags", ""], ["devices", ""], ["trusted", ""], ["faults", ""]]  # fmt: skip


@pytest.mark.parametrize("asked", LIGHT, ids=[" ".join(words) for words in LIGHT])
def test_a_value_is_answered_without_the_command_line(tmp_path: Path, asked: list[str]) -> None:
    """Neither Typer nor anything else that takes time is loaded."""
    code = (
        f"import sys; sys.argv = ['esimctl', '__complete', *{asked}];"
        "from esimctl.main import main; assert main() == 0;"
        "slow = {'typer', 'rich', 'tomllib', 'httpcore', 'sqlite3', 'json', 'dataclasses', 'inspect', 'socket', 'ssl'};"
        "slow -= {'dataclasses', 'inspect'} if sys.argv[2] == 'faults' else set();"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_pages_are_plain_data(tree: Tree) -> None:
    """Every command of the tree has a page with a summary, options with help, and a heading above its commands."""
    for path, page in tree.pages.items():
        assert isinstance(page, Page)
        assert page.summary, path
        for word in page.options:
            assert word.help, (path, word)
