"""The wheel, built and opened: what an installation will find, and nothing that it has no use for."""

import re
import zipfile
from pathlib import Path

import pytest

from esimctl import __version__
from esimctl.cli import application
from esimctl.cli.pages import pages
from esimctl.environment import VARIABLES
from esimctl.errors import EXIT_CODES
from esimctl.show.manpage import escaped
from tests.process.runner import ROOT
from tests.write_generated import manual

MANUAL = ROOT / "completions" / "esimctl.1"

SHARED = {
    "share/bash-completion/completions/esimctl": "esimctl.bash",
    "share/zsh/site-functions/_esimctl": "_esimctl",
    "share/fish/vendor_completions.d/esimctl.fish": "esimctl.fish",
    "share/man/man1/esimctl.1": "esimctl.1",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as the build backend makes it."""
    from hatchling.builders.wheel import WheelBuilder

    folder = tmp_path_factory.mktemp("dist")
    built = list(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))
    return zipfile.ZipFile(built[0])


def test_completions_and_manual_are_where_shells_and_man_look(wheel: zipfile.ZipFile) -> None:
    """pip puts them below the environment's share/, and pipx links them from there."""
    data = {name.partition(".data/data/")[2]: name for name in wheel.namelist() if ".data/data/" in name}
    assert set(data) == set(SHARED)
    for place, name in SHARED.items():
        assert wheel.read(data[place]) == (ROOT / "completions" / name).read_bytes()


def test_everything_of_the_package_is_in_it(wheel: zipfile.ZipFile) -> None:
    """Modules, the catalogue's data as written and compiled, the compiled languages; no tests, no caches."""
    names = set(wheel.namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "esimctl").rglob("*")
        if path.suffix in {".py", ".toml", ".json", ".mo"} and "__pycache__" not in path.parts
    }
    assert wanted - names == set()
    assert not [name for name in names if name.startswith("tests/") or "__pycache__" in name]


def test_the_script_is_declared(wheel: zipfile.ZipFile) -> None:
    """`esimctl` is `esimctl.main:main`."""
    (entry,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "esimctl = esimctl.main:main" in wheel.read(entry).decode()


def test_typer_is_capped_where_it_would_import_pydantic(wheel: zipfile.ZipFile) -> None:
    """From 0.29 on every start would cost 82 ms more."""
    (metadata,) = [name for name in wheel.namelist() if name.endswith("METADATA")]
    (line,) = re.findall(r"^Requires-Dist: typer(.*)$", wheel.read(metadata).decode(), re.MULTILINE)
    assert "<0.29" in line


def test_the_committed_manual_is_generated() -> None:
    """To mend: `python -m tests.write_generated`."""
    assert MANUAL.read_text("utf-8") == manual()


def test_the_manual_names_everything() -> None:
    """Every command, every option, every exit code and every environment variable."""
    text = MANUAL.read_text("utf-8")
    assert f'"esimctl {__version__}"' in text
    for page in pages(application()):
        assert escaped(" ".join(page.path)) in text
        for word in page.options:
            for name in word.names:
                assert f"\\fB{escaped(name)}\\fR" in text or page.path == ("esimctl",), name
    for code in EXIT_CODES:
        assert f"\n\\fB{int(code)}\\fR\n" in text
    for name in VARIABLES:
        assert escaped(name) in text


def test_no_line_of_the_manual_is_taken_for_a_request() -> None:
    """A sentence that begins with a point or an apostrophe would vanish."""
    known = {".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".BR", ".nf", ".fi"}
    for line in MANUAL.read_text("utf-8").splitlines():
        if line.startswith((".", "'")):
            assert line.split()[0] in known, line


def test_every_variable_that_is_read_is_in_the_table() -> None:
    """`help environment` is complete: what the code looks up stands there, and nothing else that is ours."""
    read: set[str] = set()
    for path in Path(ROOT / "esimctl").rglob("*.py"):
        read |= set(re.findall(r"[\"'](ESIMCTL_[A-Z_]+[A-Z])[\"']", path.read_text("utf-8")))
    assert {name for name in read if not name.endswith(("_BASE_URL", "_"))} <= set(VARIABLES)
