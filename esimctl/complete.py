"""What TAB offers for a value: one table of kinds, which the scripts of all shells and `esimctl __complete` follow.

A parameter's metavar tells its kind; where it says another thing elsewhere, the declaration names the kind
(`cli.pages.Completes`). Words that are known when a script is written stand in it; for all others it asks
`esimctl __complete KIND PREFIX [WORD …]`, where the words are those that stand before on the line. That is answered
without the command line's machinery, from headings alone: nothing is parsed, written, locked or refreshed, nobody is
asked, nothing is said on stderr, and the answer to a damaged file is no answer.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from esimctl.show.terminal import Terminal
    from esimctl.store.names import ProfileNames

#: Most values offered at once: a longer list helps nobody.
MOST = 500

#: The payment methods and providers of a profile that has not been written yet.
FIRST_METHODS = ("sandbox-card", "sandbox-declined", "sandbox-confirm")
FIRST_PROVIDERS = ("sandbox",)

#: what most people want of the intervals that every scheduler keeps
INTERVALS: Final = ("5min", "10min", "15min", "30min", "1h", "2h", "6h", "12h", "1d")

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
    """Every value of a kind where these words stand before it; none for a kind that no script asks for."""
    ask = KINDS[kind].ask if kind in KINDS else None
    return () if ask is None else ask(before)


def _names(before: Sequence[str]) -> "ProfileNames":
    from esimctl.store.names import ProfileNames
    from esimctl.store.paths import home_folder

    return ProfileNames(home_folder(os.environ), _profile(before) or os.environ.get("ESIMCTL_PROFILE"))


def _profile(before: Sequence[str]) -> str | None:
    """The profile that was named on the line, the last time if more than once."""
    words, found = _parted(before), None
    for place, word in enumerate(words[:-1]):
        if word == "--profile":
            found = words[place + 1]
    return found


def _parted(before: Sequence[str]) -> list[str]:
    """The words with `--name=value` as two; bash hands that over as three."""
    words = [part for word in before for part in (word.split("=", 1) if word.startswith("--") else [word])]
    return [word for word in words if word not in ("", "=")]


def _tables(table: str, first: Sequence[str] = ()) -> "Asked":
    """The names of a table of the profile; `first` where there are none, as in a profile that is not written yet."""
    return lambda before: _names(before).tables(table) or first


def _shipped(one: str) -> "Asked":
    """The ids of a data file of the catalogue, and of such rows of the person's own."""

    def found(before: Sequence[str]) -> Iterable[str]:
        from esimctl.catalogue.shipped import carriers, headings

        return (*headings(f"{one}s.toml", one), *carriers(_names(before).own_rows(), one))

    return found


_accounts = _tables("provider", FIRST_PROVIDERS)
_carriers = _shipped("carrier")


def _profiles(_: Sequence[str]) -> Iterable[str]:
    from esimctl.store.paths import home_folder, profile_names

    return profile_names(home_folder(os.environ))


def _faults(_: Sequence[str]) -> Iterable[str]:
    from esimctl.providers.sandbox.faults import FAULTS

    return FAULTS


def _rows(names: "ProfileNames") -> Mapping[str, str]:
    """Every plan of the catalogue and of the person's own rows → its carrier."""
    from esimctl.catalogue.shipped import carriers, text

    return {**carriers(text("plans.toml"), "plan"), **carriers(names.own_rows(), "plan")}


def _plans(before: Sequence[str]) -> Iterable[str]:
    """All plans; where the words before name a line, what that line can take, as far as that is held here."""
    names = _names(before)
    rows, lines = _rows(names), names.tables("line")
    named = [word for word in _parted(before)[1:] if word in lines and word not in rows and word != _profile(before)]
    table = names.texts("line", named[0]) if named else {}
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


def _policies(before: Sequence[str]) -> Iterable[str]:
    """Every carrier, and every plan below its carrier."""
    rows = _rows(_names(before))
    return (*_carriers(before), *(f"{carrier}/{plan}" for plan, carrier in rows.items() if carrier))


def _countries(before: Sequence[str]) -> Iterable[str]:
    """Where plans that are held here work; Cambodia, where a row says nothing."""
    import re

    from esimctl.catalogue.shipped import text

    said = re.findall(r"^countries = \[(.*)\]", text("plans.toml") + _names(before).own_rows(), re.MULTILINE)
    return ("KH", *(code for row in said for code in re.findall(r'"([A-Z]{2})"', row)))


def _states() -> Iterable[str]:
    from esimctl.ledger.orders import STATES

    return STATES


def _topics() -> Iterable[str]:
    from esimctl.catalogue.topics import TOPICS

    return TOPICS


def _currencies() -> Iterable[str]:
    from esimctl.values.money import EXPONENTS

    return EXPONENTS


def _payment_kinds() -> Iterable[str]:
    from esimctl.setup.payments import KINDS

    return KINDS


def _vendors() -> Iterable[str]:
    from esimctl.providers.registry import kinds

    return (kind for kind in kinds() if kind != "manual")


def _documents() -> Iterable[str]:
    from esimctl.documents.schemas import names

    return names()


Asked = Callable[[Sequence[str]], Iterable[str]]


class OfferedKind:
    """A kind of value: the metavars that mean it, and where its words come from.

    `ask` is asked at every TAB, with the words that stand before; `closed` when a script is written, for whoever takes
    such a word refuses every other. Of a kind with neither the shell knows the words (`files`), or the command tree
    (`columns`, `commands`).
    """

    __slots__ = ("ask", "closed", "metavars")

    def __init__(
        self, *metavars: str, ask: Asked | None = None, closed: Callable[[], Iterable[str]] | None = None
    ) -> None:
        self.metavars, self.ask, self.closed = metavars, ask, closed


#: A metavar that is not here is a value of the person's own.
KINDS: Mapping[str, OfferedKind] = {
    "accounts": OfferedKind(ask=_accounts),
    "carriers": OfferedKind("CARRIER", ask=_carriers),
    "catalogues": OfferedKind(ask=lambda before: [path.stem for path in _names(before).own_files()]),
    "columns": OfferedKind("COLUMNS"),
    "commands": OfferedKind("COMMAND"),
    "countries": OfferedKind("KH", ask=_countries),
    "currencies": OfferedKind("CURRENCY", closed=_currencies),
    "devices": OfferedKind("MODEL", ask=_shipped("device")),
    "documents": OfferedKind("DOCUMENT", closed=_documents),
    "faults": OfferedKind("FAULT", ask=_faults),
    "files": OfferedKind("FILE", "SCENARIO.toml", "FILE|-", "FILE|FOLDER"),
    "intervals": OfferedKind(closed=lambda: INTERVALS),
    "lines": OfferedKind("LINE", "LINE2", ask=_tables("line")),
    "methods": OfferedKind("METHOD", ask=_tables("payment", FIRST_METHODS)),
    "orders": OfferedKind("ORDER", ask=lambda before: _names(before).orders()),
    "owners": OfferedKind("WHO", ask=lambda before: _names(before).owners()),
    "patterns": OfferedKind("PATTERN", ask=_tables("pattern")),
    "payees": OfferedKind("PAYEE", ask=_tables("payee")),
    "payment-kinds": OfferedKind(closed=_payment_kinds),
    "plans": OfferedKind("PLAN", ask=_plans),
    "policies": OfferedKind("CARRIER[/PLAN", ask=_policies),
    "profiles": OfferedKind("PROFILE", ask=_profiles),
    "promotions": OfferedKind("CODE", ask=_shipped("promotion")),
    # whom a line can be bought from: the accounts of the profile, and the counter, which needs none
    "providers": OfferedKind("PROVIDER", "P", ask=lambda before: (*_accounts(before), "manual")),
    "rules": OfferedKind("RULE", ask=_tables("rule")),
    "states": OfferedKind("STATE", closed=_states),
    "tags": OfferedKind("TAG", "NEW-TAG", ask=lambda before: _names(before).tags()),
    "targets": OfferedKind(ask=lambda before: _names(before).targets()),
    "topics": OfferedKind("TOPIC", closed=_topics),
    "trusted": OfferedKind(ask=lambda before: (*_accounts(before), *_names(before).targets())),
    "vendors": OfferedKind(closed=_vendors),
}
