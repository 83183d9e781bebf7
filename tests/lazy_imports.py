"""`python -m tests.lazy_imports` lists every import inside a function with what it spares: the modules that its file,
loaded alone, would not load otherwise. One that spares nothing belongs to the top of its file.
"""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent / "esimctl"


class LazyImport(NamedTuple):
    """An import inside a function: where it stands, what it names, and the modules that are not loaded without it."""

    file: str
    line: int
    names: tuple[str, ...]
    spared: frozenset[str]


@cache
def modules() -> Mapping[str, ast.Module]:
    """Every module of the package, parsed."""
    return {
        ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
            path.read_text("utf-8")
        )
        for path in ROOT.rglob("*.py")
    }


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The modules that a statement loads."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    for alias in node.names:
        whole = f"{node.module}.{alias.name}"
        yield whole if whole in modules() else str(node.module)


def at_the_top(body: Iterable[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that loading a file carries out; those for types alone are none."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.dump(node.test):
            yield from at_the_top((*node.body, *node.orelse))
        elif isinstance(node, ast.Try | ast.ClassDef):
            yield from at_the_top(node.body)


def with_folders(module: str) -> Iterator[str]:
    """A module and the packages around it, which are loaded with it."""
    parts = module.split(".")
    yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


@cache
def loaded_by(module: str) -> frozenset[str]:
    """What loading a module loads: itself, and for one of ours everything behind it."""
    found: set[str] = set()
    waiting = list(with_folders(module))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            if name in modules():
                tops = at_the_top(modules()[name].body)
                waiting += [each for node in tops for other in imported(node) for each in with_folders(other)]
    return frozenset(found)


def worked_out(module: str) -> frozenset[str]:
    """What a module works out when it is asked for a name: the package's version, from the files of its metadata."""
    tree = modules().get(module)
    named = tree is not None and any(
        isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in tree.body
    )
    return frozenset({f"{module}.__getattr__"} if named else ())


def lazy_imports() -> Iterator[LazyImport]:
    """Every one of the package."""
    for name, tree in modules().items():
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        inside = {
            id(node): node
            for function in functions
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        for node in inside.values():
            wanted = frozenset(each for module in imported(node) for each in loaded_by(module) | worked_out(module))
            yield LazyImport(name, node.lineno, tuple(imported(node)), wanted - loaded_by(name))


def main() -> int:
    """The list, and how many there are."""
    every = sorted(lazy_imports())
    for each in every:
        ours = sum(module.startswith("esimctl") for module in each.spared)
        print(f"{each.file}:{each.line} {' '.join(each.names)}: {ours} of ours, {len(each.spared) - ours} others")
    print(f"{len(every)} imports inside functions, {sum(not each.spared for each in every)} of them spare nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
