"""Every bug of the harness is really planted: under a name that was moved or renamed it would change nothing.

A layer that catches nothing would say so, but only after all of its schedules; this looks at the names themselves.
"""

import os
import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection

import pytest

import esimctl
from tests.faults.seeded import Bug, bugs

#: standard modules of whose functions plants take one away
OTHERS = ("os", "fcntl", "time", "shutil")


def bindings() -> Iterator[tuple[tuple[str, str], object]]:
    """Every name of every module of ours and of every class in it, with what stands behind it."""
    for module_name, module in list(sys.modules.items()):
        if not (module_name.startswith(("esimctl.", "tests.faults.")) or module_name in OTHERS):
            continue
        for name, value in list(vars(module).items()):
            yield (module_name, name), value
            if isinstance(value, type) and value.__module__ == module_name:
                names = {key: one for base in reversed(value.__mro__[:-1]) for key, one in list(vars(base).items())}
                yield from (((f"{module_name}.{name}", key), one) for key, one in names.items())
            elif isinstance(value, dict):
                yield from (((f"{module_name}.{name}", repr(key)), one) for key, one in list(value.items()))


@pytest.fixture(scope="module")
def before() -> dict[tuple[str, str], object]:
    """The names as they are."""
    for module in pkgutil.walk_packages(esimctl.__path__, "esimctl."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    return dict(bindings())


def _plant(bug: Bug, before: dict[tuple[str, str], object], answer: Connection) -> None:
    bug.plant()
    after = dict(bindings())
    changed = [key for key, value in before.items() if after.get(key) is not value]
    invented = [key for key in after if key not in before and not key[1].startswith("_abc_")]
    answer.send((changed, invented))
    answer.close()
    os._exit(0)


@pytest.mark.parametrize("name", sorted(bugs()))
def test_a_bug_changes_names_that_are_there(name: str, before: dict[tuple[str, str], object]) -> None:
    """It replaces something that the program has, and adds nothing that nobody asks for."""
    ours, theirs = get_context("fork").Pipe(duplex=False)
    child = get_context("fork").Process(target=_plant, args=(bugs()[name], before, theirs))
    child.start()
    theirs.close()
    changed, invented = ours.recv()
    child.join()
    assert changed
    assert not invented
