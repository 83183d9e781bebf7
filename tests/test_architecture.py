"""The rooms and their arrows, kept by reading every module: who may import whom, and who may touch the world."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "esimctl"

#: Modules that everybody may import: they import nothing of ours but each other.
FREE = {"errors", "text", "environment", "sentence", "malformed", "secrecy", "toml", "record"}

#: room → rooms it may import. `charging` is arithmetic and imports what its values are made of, not even the errors.
ARROWS: dict[str, set[str]] = {
    "__init__": set(),
    "__main__": {"main"},
    "main": {"cli", "show", "complete", "store.crash", "refused_by_system"},
    "refused_by_system": {"errors"},
    "complete": {"store.names", "store.paths", "catalogue.shipped", "providers", "show.terminal"},
    "cli": {"actions", "show", "charging", "catalogue"},
    "actions": {"charging", "ledger", "store", "providers", "catalogue"},
    "show": {"charging", "ledger"},
    "providers": {"charging", "catalogue"},
    "catalogue": {"charging"},
    "store": {"ledger", "charging"},
    "ledger": {"charging"},
    "charging": {"record"},
    "locale": set(),
    "errors": set(),
    "record": set(),
    "text": set(),
    "malformed": {"errors"},
    "secrecy": set(),
    "sentence": {"text"},
    "environment": set(),
    "toml": set(),
}

#: module (by prefix) → what it may import beyond its room's arrows, each with its reason.
EXTRA: dict[str, set[str]] = {
    "charging.scenario": {"toml"},  # the text of a scenario is a stranger's: the one bounded reader reads it
    "actions.tour": {"main"},  # the tour runs every command through the same `main` that a person does
    "cli.tour": {"main"},
    "cli.exported": {"store.handout"},  # an export that show has rendered goes to the file that a person named
    "cli.lines": {"store.handout"},  # a picture that show has drawn goes to the file that a person named
}

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
READERS = ("catalogue.", "locale.", "show.words", "show.schemas")

#: Where a full disk leaves only stderr to record that an order went out.
LAST_RESORT = {"actions.purchase.attempt"}

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


def _imports(name: str, path: Path) -> Iterator[tuple[str, int]]:
    """Our own modules that a module names, relative to the package."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: imports are written in full"
            if node.module == "esimctl":
                yield from ((alias.name, node.lineno) for alias in node.names if alias.name != "__version__")
            elif node.module and node.module.startswith("esimctl."):
                yield node.module.removeprefix("esimctl."), node.lineno
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("esimctl."):
                    yield alias.name.removeprefix("esimctl."), node.lineno


def _within(module: str, allowed: set[str]) -> bool:
    return any(module == one or module.startswith(one + ".") for one in allowed)


def test_imports_follow_the_arrows() -> None:
    """Every import of ours goes where design says: one way, and never back."""
    wrong = []
    for name, path in MODULES:
        room = name.split(".")[0]
        assert room in ARROWS, f"a new room {room!r} needs its arrows"
        allowed = {room} | ARROWS[room] | (set() if room == "charging" else FREE)
        for prefix, more in EXTRA.items():
            if _within(name, {prefix}):
                allowed |= more
        wrong += [
            f"{name}:{at} imports {module}" for module, at in _imports(name, path) if not _within(module, allowed)
        ]
    assert wrong == []


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


#: Modules that may look at the clock: the actions' own, and those that stamp files for people (crash, lock).
CLOCKS = ("actions.session", "main")


def test_only_actions_read_the_clock() -> None:
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
    forbidden = {"rich", "httpx", "pydantic", "sqlite3", "asyncio", "tomlkit", "tomli_w", "segno"}
    ours = {name for name in loaded if name.startswith("esimctl.")}
    assert {name for name in loaded if name.split(".")[0] in forbidden} == set()
    assert {
        name for name in ours if name.startswith(("esimctl.providers", "esimctl.actions", "esimctl.store"))
    } == set()
    assert {name for name in ours if name.startswith("esimctl.cli.")} <= {"esimctl.cli.shared", "esimctl.cli.pages"}


def test_the_table_of_arrows_has_no_cycle() -> None:
    """Following the arrows never leads back to where one began."""
    rooms = {room: {target.split(".")[0] for target in targets} for room, targets in ARROWS.items()}
    rooms["catalogue"].discard("providers")  # one module of plain values, the words between actions and sellers
    done: set[str] = set()
    while len(done) < len(rooms):
        ready = {room for room, targets in rooms.items() if room not in done and targets <= done}
        assert ready, f"a cycle among {set(rooms) - done}"
        done |= ready
