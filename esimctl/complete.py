"""What a shell asks when TAB is pressed on a value: `esimctl __complete KIND PREFIX`.

Answered without the command line's machinery, from headings alone: nothing is parsed, written, locked or refreshed,
nothing is said on stderr, and the answer to a damaged file is no answer. Commands and options are not asked for here:
they stand in the completion scripts.
"""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from esimctl.show.terminal import Terminal

#: Most values offered at once: a longer list helps nobody.
MOST = 500

#: The payment methods of a profile that has not been written yet.
FIRST_METHODS = ("sandbox-card", "sandbox-declined", "sandbox-confirm")

#: kind → the tables of the profile that hold the names
TABLES = {"lines": "line", "methods": "payment", "rules": "rule", "providers": "provider"}

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+@")


def answer(words: list[str], terminal: "Terminal") -> int:
    """Write the values of a kind that begin with a prefix, one a line. Always 0: TAB has nobody to complain to."""
    kind, prefix = (*words, "", "")[:2]
    try:
        found = list(dict.fromkeys(value for value in values(kind) if value.startswith(prefix) and set(value) <= _SAFE))
        terminal.write("".join(f"{value}\n" for value in found[:MOST]))
        terminal.flush()
    except Exception:  # noqa: S110 (a shell in the middle of a line must not be disturbed)
        pass
    return 0


def values(kind: str) -> Iterable[str]:
    """Every value of a kind; none for a kind that is not known."""
    if kind == "plans":
        return _plans()
    if kind in {"carriers", "promotions"}:
        from esimctl.catalogue.shipped import headings

        return headings(f"{kind}.toml", kind.removesuffix("s"))
    if kind == "faults":
        from esimctl.providers.sandbox.faults import FAULTS

        return tuple(FAULTS)
    from esimctl.store.paths import home_folder, profile_names

    home = home_folder(os.environ)
    if kind == "profiles":
        return profile_names(home)
    return _from_profile(kind, home)


def _plans() -> Iterable[str]:
    from esimctl.catalogue.shipped import headings
    from esimctl.store.names import offered_plans
    from esimctl.store.paths import home_folder

    return (*headings("plans.toml", "plan"), *offered_plans(home_folder(os.environ), _profile()))


def _profile() -> str | None:
    return os.environ.get("ESIMCTL_PROFILE")


def _from_profile(kind: str, home: "Path") -> Iterable[str]:
    from esimctl.store.names import order_ids, table_names, tag_words

    if kind == "tags":
        return tag_words(home, _profile())
    if kind == "orders":
        return order_ids(home, _profile())
    if kind not in TABLES:
        return ()
    names = table_names(home, _profile(), TABLES[kind])
    if kind == "methods":
        return names or FIRST_METHODS
    if kind == "providers":
        return (*names, *_providers())
    return names


def _providers() -> Iterable[str]:
    from esimctl.providers.registry import kinds

    return kinds()


__all__ = ["FIRST_METHODS", "TABLES", "answer", "values"]
