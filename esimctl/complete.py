"""What a shell asks when TAB is pressed on a value: `esimctl __complete KIND PREFIX [WORD …]`.

The words are those that stand before on the line. Answered without the command line's machinery, from headings alone:
nothing is parsed, written, locked or refreshed, nobody is asked, nothing is said on stderr, and the answer to a damaged
file is no answer. Commands, options and closed lists are not asked for here: they stand in the completion scripts.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esimctl.show.terminal import Terminal
    from esimctl.store.names import ProfileNames

#: Most values offered at once: a longer list helps nobody.
MOST = 500

#: The payment methods and providers of a profile that has not been written yet.
FIRST_METHODS = ("sandbox-card", "sandbox-declined", "sandbox-confirm")
FIRST_PROVIDERS = ("sandbox",)

#: kind → the tables of the profile that hold the names
TABLES = {
    "lines": "line", "methods": "payment", "rules": "rule", "accounts": "provider", "payees": "payee",
    "patterns": "pattern",
}  # fmt: skip

#: commands whose first argument is the line that a plan is for, and options that name one
OF_A_LINE = (("topup",), ("renew",), ("autotopup", "set"))
LINE_OPTIONS = ("--line", "--for")

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+@")


def answer(words: list[str], terminal: "Terminal") -> int:
    """Write the values of a kind that begin with a prefix, one a line. Always 0: TAB has nobody to complain to."""
    kind, prefix = (*words, "", "")[:2]
    try:
        given = values(kind, words[2:])
        found = list(dict.fromkeys(value for value in given if value.startswith(prefix) and set(value) <= _SAFE))
        terminal.write("".join(f"{value}\n" for value in found[:MOST]))
        terminal.flush()
    except Exception:  # noqa: S110 (a shell in the middle of a line must not be disturbed)
        pass
    return 0


def values(kind: str, before: Sequence[str] = ()) -> Iterable[str]:
    """Every value of a kind where these words stand before it; none for a kind that is not known."""
    if kind in {"carriers", "promotions", "devices"}:
        return _shipped(kind, before)
    if kind == "faults":
        from esimctl.providers.sandbox.faults import FAULTS

        return tuple(FAULTS)
    from esimctl.store.paths import home_folder, profile_names

    if kind == "profiles":
        return profile_names(home_folder(os.environ))
    if kind in TABLES:
        return _tables(kind, _names(before))
    find = FINDERS.get(kind)
    return () if find is None else find(before)


def _names(before: Sequence[str]) -> "ProfileNames":
    from esimctl.store.names import ProfileNames
    from esimctl.store.paths import home_folder

    return ProfileNames(home_folder(os.environ), _option(before, "--profile") or os.environ.get("ESIMCTL_PROFILE"))


def _option(before: Sequence[str], *names: str) -> str | None:
    """The value that was given to an option; bash hands `--name=value` over as three words."""
    words = [part for word in before for part in (word.split("=", 1) if word.startswith("--") else [word])]
    words = [word for word in words if word not in ("", "=")]
    found = None
    for place, word in enumerate(words[:-1]):
        if word in names:
            found = words[place + 1]
    return found


def _tables(kind: str, names: "ProfileNames") -> Iterable[str]:
    found = names.tables(TABLES[kind])
    if kind == "methods":
        return found or FIRST_METHODS
    if kind == "accounts":
        return found or FIRST_PROVIDERS
    return found


def _providers(before: Sequence[str]) -> Iterable[str]:
    """Whom a line can be bought from: the accounts of the profile, and the counter, which needs none."""
    return (*_tables("accounts", _names(before)), "manual")


def _shipped(kind: str, before: Sequence[str]) -> Iterable[str]:
    from esimctl.catalogue.shipped import carriers, headings

    one = kind.removesuffix("s")
    return (*headings(f"{kind}.toml", one), *carriers(_names(before).own_rows(), one))


def _rows(names: "ProfileNames") -> Mapping[str, str]:
    """Every plan of the catalogue and of the person's own rows → its carrier."""
    from esimctl.catalogue.shipped import carriers, text

    return {**carriers(text("plans.toml"), "plan"), **carriers(names.own_rows(), "plan")}


def _plans(before: Sequence[str]) -> Iterable[str]:
    """All plans; where the words before name a line, what that line can take, as far as that is held here."""
    names = _names(before)
    rows, line = _rows(names), _line(before, names)
    table = {} if line is None else names.texts("line", line)
    if not table.get("provider"):
        return (*rows, *names.offers())
    seller, carrier = table["provider"], table.get("carrier")
    kind = names.texts("provider", seller).get("kind", seller)
    if kind == "sandbox":
        return [plan for plan, whose in rows.items() if whose in (carrier, "demo")]
    if kind == "manual":
        own = [table["plan"]] if table.get("plan") == "manual/own" else []
        return [*own, *(plan for plan, whose in rows.items() if whose == carrier)]
    return names.offers(seller)


def _line(before: Sequence[str], names: "ProfileNames") -> str | None:
    """The line that a plan is asked for."""
    said = _option(before, *LINE_OPTIONS)
    path = [word for word in before if not word.startswith("-")]
    if said is None and any(tuple(path[: len(command)]) == command for command in OF_A_LINE):
        lines = names.tables("line")
        said = next((word for word in path[1:] if word in lines), None)
    return said


def _policies(before: Sequence[str]) -> Iterable[str]:
    """Every carrier, and every plan below its carrier."""
    rows = _rows(_names(before))
    return (*_shipped("carriers", before), *(f"{carrier}/{plan}" for plan, carrier in rows.items() if carrier))


def _countries(before: Sequence[str]) -> Iterable[str]:
    """Where plans that are held here work; Cambodia, where a row says nothing."""
    import re

    from esimctl.catalogue.shipped import text

    said = re.findall(r"^countries = \[(.*)\]", text("plans.toml") + _names(before).own_rows(), re.MULTILINE)
    return ("KH", *(code for row in said for code in re.findall(r'"([A-Z]{2})"', row)))


FINDERS: Mapping[str, Callable[[Sequence[str]], Iterable[str]]] = {
    "plans": _plans,
    "providers": _providers,
    "policies": _policies,
    "countries": _countries,
    "tags": lambda before: _names(before).tags(),
    "owners": lambda before: _names(before).owners(),
    "orders": lambda before: _names(before).orders(),
    "targets": lambda before: _names(before).targets(),
    "trusted": lambda before: (*_tables("accounts", _names(before)), *_names(before).targets()),
    "catalogues": lambda before: [path.stem for path in _names(before).own_files()],
}
