"""The order of the rooms, kept by import-linter, and who may touch the world, kept by reading every module."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.lazy_imports import lazy_imports

PACKAGE = Path(__file__).parent.parent / "esimctl"

#: Calls that reach the file system, by the name they are called with.
FILE_METHODS = {
    "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "rmdir", "unlink", "touch", "symlink_to",
    "hardlink_to", "chmod",
}  # fmt: skip
FILE_READS = {"read_text", "read_bytes"}
OS_CALLS = {
    "open", "replace", "rename", "unlink", "remove", "mkdir", "makedirs", "rmdir", "link", "symlink", "chmod", "fsync",
    "truncate", "ftruncate", "write", "read", "listdir", "scandir",
}  # fmt: skip
FILE_MODULES = {"shutil", "tempfile", "sqlite3"}

#: Who may touch files, and who may only read those that come with the package.
TOUCHERS = ("store.", "providers.sandbox.")
READERS = ("catalogue.", "locale.", "show.words")

#: Where a full disk leaves only stderr to record that an order went out.
LAST_RESORT = {"purchase.sending"}

STREAMS = {"stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"}


def _modules() -> list[tuple[str, Path]]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)
        found.append((name, path))
    return found


MODULES = _modules()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


#: Where a table names modules by strings: no reader of imports sees those, so there are no others.
BY_NAME = {
    "cli": "a command is loaded when it is typed",
    "documents.schemas": "a document's keys",
    "profile.credentials": "the keyring, which is an extra",
    "providers.registry": "an adapter",
    "show.exports": "a format",
    "show.plots": "plotext and Pillow, which are an extra",
    "show.present": "how a document is shown",
}


def test_the_rooms_are_in_order() -> None:
    """A room imports only rooms below it, and files import each other in no circle: `[tool.importlinter]`."""
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=PACKAGE.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr


def test_modules_are_named_by_strings_only_in_tables() -> None:
    """What `import_module` loads is seen by no contract: each table stays within its room."""
    found = {name for name, path in MODULES for _, called, _ in _calls(path) if called == "import_module"}
    assert found == set(BY_NAME)


def test_imports_are_written_in_full() -> None:
    """`from esimctl.room.file import name`: a search for a file's name finds who uses it."""
    assert [
        f"{name}:{node.lineno}"
        for name, path in MODULES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ] == []


def _calls(path: Path) -> Iterator[tuple[str, str, int]]:
    """(what it is called on, the name called, line) of every call; the first is empty for a plain name."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield "", node.func.id, node.lineno
            elif isinstance(node.func, ast.Attribute):
                base = node.func.value
                yield base.id if isinstance(base, ast.Name) else "?", node.func.attr, node.lineno


def test_only_the_store_touches_files() -> None:
    """Files belong to the store and to the sandbox's own books; package data may be read by those who own it."""
    assert [
        each for name, path in MODULES if not (name + ".").startswith(TOUCHERS) for each in _touching(name, path)
    ] == []


def _touching(name: str, path: Path) -> list[str]:
    reader = (name + ".").startswith(tuple(one.rstrip(".") + "." for one in READERS))
    found = []
    for base, called, line in _calls(path):
        touches = (
            (base == "" and called == "open" and not reader)
            or (base == "os" and called in OS_CALLS)
            or (base in FILE_MODULES)
            or (base not in {"", "os"} and called in FILE_METHODS and not (reader and called in FILE_READS))
        )
        # The terminal writes to a descriptor that it was given; it opens only the null device.
        if touches and not (name == "show.terminal" and base == "os"):
            found.append(f"{name}:{line} calls {base}.{called}")
    return [] if name in LAST_RESORT else found


def test_only_the_terminal_names_the_standard_streams() -> None:
    """One object decides colour, width, prompts and what a closed pipe means: nobody else may write."""
    assert [each for name, path in MODULES for each in _writing(name, path)] == []


def _writing(name: str, path: Path) -> list[str]:
    found = [
        f"{name}:{node.lineno} names sys.{node.attr}"
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "sys"
        and node.attr in STREAMS
        and name != "show.terminal"
    ]
    found += [
        f"{name}:{line} calls {base}.{called}"
        for base, called, line in _calls(path)
        if (base == "" and called in {"print", "input"}) or called in {"echo", "secho", "confirm_action"}
    ]
    return [] if name in LAST_RESORT else found


def test_only_main_exits() -> None:
    """One place turns an outcome into an exit code."""
    assert [each for name, path in MODULES if name not in {"main", "__main__"} for each in _exiting(name, path)] == []


def _exiting(name: str, path: Path) -> list[str]:
    found = []
    for node in ast.walk(_tree(path)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            if (node.func.value.id, node.func.attr) in {("sys", "exit"), ("os", "_exit"), ("os", "abort")}:
                found.append(f"{name}:{node.lineno} exits")
        elif isinstance(node, ast.Name) and node.id in {"SystemExit", "exit", "quit"}:
            found.append(f"{name}:{node.lineno} exits")
    return found


#: Modules that may look at the clock: a profile's own, and the last exit, which stamps crash files.
CLOCKS = ("profile.opened", "main")


def test_only_an_opened_profile_reads_the_clock() -> None:
    """`now` is a value for everybody else, so that a rehearsal clock and a test reach every decision."""
    found = [
        f"{name}:{line} calls {base}.{called}"
        for name, path in MODULES
        if name not in CLOCKS
        for base, called, line in _calls(path)
        if (base in {"datetime", "date"} and called in {"now", "utcnow", "today"})
        or (base == "time" and called in {"time", "time_ns", "gmtime", "localtime"})
    ]
    assert found == []


def test_command_modules_do_not_postpone_annotations() -> None:
    """Typer would evaluate every signature from strings: 17 ms for 24 commands."""
    commands = {name: path.read_text("utf-8") for name, path in MODULES if name.split(".")[0] == "cli"}
    assert [name for name, text in commands.items() if "from __future__ import annotations" in text] == []


def test_importing_the_command_line_loads_nothing_that_a_command_may_not_need() -> None:
    """A command pays for what it uses: no Rich, no HTTP, no provider, no command's module."""
    code = "import esimctl.cli, sys; print('\\n'.join(sorted(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    forbidden = {"rich", "httpcore", "pydantic", "sqlite3", "asyncio", "tomlkit", "tomli_w", "segno"}
    ours = {name for name in loaded if name.startswith("esimctl.")}
    light = {"cli", "documents", "environment", "errors", "show", "values"}
    assert {name for name in loaded if name.split(".")[0] in forbidden} == set()
    assert {name for name in ours if name.split(".")[1] not in light} == set()
    assert {name for name in ours if name.startswith("esimctl.cli.")} <= {
        f"esimctl.cli.{name}" for name in ("shared", "pages", "reading")
    }


def test_what_contributing_names_is_there() -> None:
    """The way of a balance and of an order, and the table of questions, name files that exist."""
    text = (PACKAGE.parent / ".github" / "CONTRIBUTING.md").read_text("utf-8")
    named = {word.rstrip("/") for word in re.findall(r"`([a-z_]+(?:/[a-z_]+)+(?:\.py)?/?)`", text)}
    named |= {f"{room}/{file}" for room, file in re.findall(r"\| `([a-z_/]+)` \| `([a-z_]+\.py)` \|", text)}
    assert len(named) > 30
    roots = (PACKAGE, PACKAGE.parent)
    assert [
        name
        for name in sorted(named)
        if not any((root / f"{name.removesuffix('.py')}.py").exists() or (root / name).is_dir() for root in roots)
    ] == []


def test_an_import_inside_a_function_spares_something() -> None:
    """What a file loads at its top anyway is imported there; `python -m tests.lazy_imports` lists the others."""
    free = [f"{each.file}:{each.line} {' '.join(each.names)}" for each in lazy_imports() if not each.spared]
    assert free == []
