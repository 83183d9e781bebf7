"""Bugs of the kinds that lose money, planted on purpose: each must be caught by the layer that it names.

A plant is applied in a forked child of the harness alone; the program has no switch for any of them.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from types import ModuleType

from tests.faults.report import Report

Change = Callable[[], None]
Hunt = Callable[[Sequence[Change]], Report]


@dataclass(frozen=True, slots=True)
class Bug:
    """`plant` puts it in, `hunt` is the layer that must find it."""

    name: str
    about: str
    plant: Change
    hunt: Hunt


BUGS: dict[str, Bug] = {}


def bug(hunt: Hunt) -> Callable[[Change], Change]:
    """Register a plant under its function's name; its docstring is what it is about."""

    def register(plant: Change) -> Change:
        name = plant.__name__.replace("_", "-")
        BUGS[name] = Bug(name, (plant.__doc__ or "").strip(), partial(everywhere, plant), hunt)
        return plant

    return register


def everywhere(plant: Change) -> None:
    """Carry a plant out, and put what it replaced in its own module into every module that has it by that name."""
    before = {name: dict(vars(module)) for name, module in ours()}
    plant()
    for name, module in ours():
        for key, old in before.get(name, {}).items():
            new = vars(module).get(key)
            if new is not old and getattr(old, "__module__", None) == name:
                for _, other in ours():
                    if vars(other).get(key) is old:
                        setattr(other, key, new)


def ours() -> list[tuple[str, ModuleType]]:
    """The modules of the program that are loaded by now."""
    return [(name, module) for name, module in list(sys.modules.items()) if name.startswith("esimctl")]


def bugs() -> dict[str, Bug]:
    """All of them by name."""
    for module in (
        "clocks",
        "copies",
        "durability",
        "hearing",
        "identity",
        "machines",
        "money",
        "reading",
        "recovery",
        "sending",
        "together",
    ):
        import_module(f"tests.faults.seeded.{module}")
    return BUGS


__all__ = ["BUGS", "Bug", "Change", "bug", "bugs"]
