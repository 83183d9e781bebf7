"""Every bug of the harness is really planted: under a name that was moved or renamed it would change nothing.

A layer that catches nothing would say so, but only after all of its schedules; this looks at the names themselves.
"""

import os
import pkgutil
import sys
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import pytest

import esimctl
from tests.faults.seeded import Bug, bugs

#: standard modules of whose functions plants take one away
OTHERS = ("builtins", "os", "fcntl", "time", "shutil")

#: what every name of a module, a class or a dictionary stands for, by the name of each
Spaces = dict[str, dict[Any, object]]


def spaces() -> Spaces:
    """Every module of ours, every class and every dictionary in it; a class with what it inherits."""
    found: Spaces = {}
    for module_name, module in list(sys.modules.items()):
        if not (module_name.startswith(("esimctl.", "tests.faults.")) or module_name in OTHERS):
            continue
        names = found[module_name] = dict(vars(module))
        for name, value in names.items():
            if isinstance(value, type) and value.__module__ == module_name:
                known = found[f"{module_name}.{name}"] = {}
                for base in reversed(value.__mro__[:-1]):
                    known.update(vars(base))
            elif isinstance(value, dict) and name != "__builtins__":
                found[f"{module_name}.{name}"] = dict(value)
    return found


@pytest.fixture(scope="module")
def before() -> Spaces:
    """The names as they are."""
    for module in pkgutil.walk_packages(esimctl.__path__, "esimctl."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    return spaces()


def _plant(bug: Bug, before: Spaces, answer: Connection) -> None:
    bug.plant()
    after = spaces()
    changed = [
        (space, repr(name))
        for space, names in before.items()
        for name, value in names.items()
        if after.get(space, {}).get(name) is not value
    ]
    invented = [
        (space, repr(name))
        for space, names in after.items()
        for name in names.keys() - before.get(space, {}).keys()
        if not str(name).startswith("_abc_")
    ]
    answer.send((changed, invented))
    answer.close()
    os._exit(0)


@pytest.mark.parametrize("name", sorted(bugs()))
def test_a_bug_changes_names_that_are_there(name: str, before: Spaces) -> None:
    """It replaces something that the program has, and adds nothing that nobody asks for."""
    ours, theirs = get_context("fork").Pipe(duplex=False)
    child = get_context("fork").Process(target=_plant, args=(bugs()[name], before, theirs))
    child.start()
    theirs.close()
    changed, invented = ours.recv()
    child.join()
    assert changed
    assert not invented
