"""What a run loads: the budget of the commands that people wait for, kept by names rather than by a stopwatch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.runner import environment, run_here

#: None of these may be loaded to answer from what is kept. The cap on Typer is here for pydantic.
HEAVY = {
    "rich",
    "httpcore",
    "pydantic",
    "asyncio",
    "email",
    "http",
    "sqlite3",
    "logging",
    "tomlkit",
    "tomli_w",
    "tomllib",
    "segno",
    "hashlib",
    "zoneinfo",
    "tempfile",
    "ssl",
    "socket",
    "decimal",
    "importlib.metadata",
    "platformdirs",
}

#: Rooms that `balance` has no need of while the kept numbers hold.
OURS = (
    "esimctl.charging",
    "esimctl.providers",
    "esimctl.catalogue",
    "esimctl.ledger",
    "esimctl.store.journal",
    "esimctl.store.frames",
    "esimctl.show.table",
)


def loaded(words: list[str], home: Path) -> tuple[set[str], str]:
    """Every module that a run has loaded, and what it wrote."""
    code = (
        "import sys; from esimctl.main import main; code = main();"
        "sys.stderr.write(chr(10).join(sys.modules)); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=environment(home), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split("\n")), done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile with two lines whose balance has been worked out."""
    place = tmp_path_factory.mktemp("home")
    for name in ("phone", "router"):
        assert (
            run_here(["buy", "smart-laor-30d", "--provider", "sandbox", "--yes", "--name", name], place).returncode == 0
        )
    assert run_here(["balance"], place).returncode == 0
    return place


def within(modules: set[str], names: "set[str] | tuple[str, ...]") -> set[str]:
    """Those of the modules that are one of the names or lie within one."""
    return {module for module in modules if any(module == name or module.startswith(name + ".") for name in names)}


@pytest.mark.parametrize("words", [["balance", "--json", "--cached"], ["balance", "-o", "tsv"], ["balance", "phone"]])
def test_a_kept_balance_loads_nothing_heavy(words: list[str], home: Path) -> None:
    """From the kept document to stdout: neither the journal, nor the engine, nor a provider, nor Rich."""
    modules, out = loaded(words, home)
    assert "phone" in out
    assert within(modules, HEAVY) == set()
    if "--json" in words:
        assert within(modules, OURS) == set()


def test_a_kept_balance_is_the_one_that_was_worked_out(home: Path) -> None:
    """The short way and the long way give the same lines."""
    kept = json.loads(loaded(["balance", "--json", "--cached"], home)[1])
    long = json.loads(loaded(["balance", "--json", "--refresh"], home)[1])
    for document in (kept, long):
        for line in document["lines"]:
            line["reading"].pop("at")
            assert line.pop("forecast") is not None
    assert kept["lines"] == long["lines"]


@pytest.mark.parametrize(
    "words",
    [
        ["plans", "list"],
        ["promotions", "list"],
        ["policy", "show", "smart", "rollover"],
        ["devices", "check", "iPhone 13"],
    ],
)
def test_what_is_on_the_market_is_listed_without_the_engine(words: list[str], home: Path) -> None:
    """Its rows were checked by the engine when they were compiled, and not again."""
    assert within(loaded([*words, "--json"], home)[0], ("esimctl.charging", "esimctl.values.positions")) == set()


@pytest.mark.parametrize("words", [["-h"], ["balance", "-h"], ["help", "exit-codes"]])
def test_help_loads_nothing_heavy(words: list[str], home: Path) -> None:
    """Neither Rich nor anything that a command would need to run."""
    modules, _ = loaded(words, home)
    assert within(modules, HEAVY | {"json"}) == set()
    assert (
        within(
            modules,
            (
                "esimctl.profile",
                "esimctl.usage",
                "esimctl.purchase",
                "esimctl.store",
                "esimctl.providers",
                "esimctl.catalogue",
            ),
        )
        == set()
    )


def test_the_root_page_loads_no_command(home: Path) -> None:
    """The table of commands is enough for it."""
    modules, _ = loaded(["-h"], home)
    assert within(modules, ("esimctl.cli",)) == {"esimctl.cli", "esimctl.cli.pages", "esimctl.cli.reading"}


def test_rich_is_loaded_for_a_table_on_a_terminal_only(home: Path) -> None:
    """In a pipe the form `table` is drawn without Rich's ideas of a width."""
    modules, out = loaded(["balance", "-o", "tsv", "--header"], home)
    assert out.count("\n") == 3
    assert within(modules, {"rich"}) == set()
