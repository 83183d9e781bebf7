"""Mistakes in profile.toml that only somebody who knows the providers, the lines and the zones can see, and copies.

One list for all: `doctor` shows it, whatever reads says it in a line, and no purchase is made while it holds anything.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from esimctl.providers.registry import KINDS
from esimctl.store.profile_mistakes import Mistake, mistake
from esimctl.store.profile_tables import amounts
from esimctl.values.moments import MomentError, zone
from esimctl.values.money import Money, MoneyError
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw
from esimctl.values.tables import Table, TomlText
from esimctl.values.toml import Toml, table_at, tables_at, text_at

if TYPE_CHECKING:
    from esimctl.profile.opened import Session

#: what → (its sentence, the same where something near is known)
TEXTS: Final = {
    "zone": (
        "{place}: {key}: there is no time zone {value!r}",
        "{place}: {key}: there is no time zone {value!r}, did you mean {near}?",
    ),
    "kind": (
        "{place}: {key}: there is no kind of provider {value!r}",
        "{place}: {key}: there is no kind of provider {value!r}, did you mean {near}?",
    ),
    "provider": (
        "{place}: {key}: there is no provider {value!r}",
        "{place}: {key}: there is no provider {value!r}, did you mean {near}?",
    ),
    "amount": (
        '{place}: {key}: {value!r} is no amount with its currency, such as "20.00 USD"',
        '{place}: {key}: {value!r} is no amount with its currency, such as "20.00 USD"',
    ),
    "line": (
        "{place}: {key}: there is no line {value!r}",
        "{place}: {key}: there is no line {value!r}, did you mean {near}?",
    ),
}
#: how the programs that carry folders between machines name what they could not unite: Syncthing, Dropbox, browsers
_COPY: Final = regex(r"(?:profile|\d{6})(?:\.sync-conflict-.+| \(.*conflicted copy.*\)| ?\(\d+\))\.toml")
COPY: Final = "{file}: two machines wrote to this profile, and this is a copy of what one of them wrote"
UNITE: Final = "esimctl profile merge {path}"
STOPPED: Final = "{what}; nothing is bought until it is mended"


def mistakes(session: "Session") -> list[Mistake]:
    """All of them, in the order of the file's tables: unknown keys first, then names of what is not there."""
    if not session.store.exists():
        return []
    return [*session.store.profile.read().mistakes, *named(session)]


def named(session: "Session") -> Iterator[Mistake]:
    """Names of what is not there: zones, kinds of providers, providers, the lines of rules."""
    profile = session.store.profile.read()
    doc, file = profile.doc, profile.file
    yield from _copies(session.store.folder)
    yield from _zones(doc, file)
    yield from _amounts(profile.table, file)
    providers, lines = tables_at(doc, "provider"), tables_at(doc, "line")
    for each, table in providers.items():
        kind = str(table.get("kind", each))
        if kind not in KINDS:
            path = ("provider", each, *(["kind"] if "kind" in table else []))
            yield mistake(file, path, TEXTS["kind"], KINDS, value=Raw(kind))
    sellers = {*providers, "manual"}
    for section in ("line", "payment"):
        for each, table in tables_at(doc, section).items():
            seller = text_at(table, "provider")
            if seller is not None and seller not in sellers:
                yield mistake(file, (section, each, "provider"), TEXTS["provider"], sellers, value=Raw(seller))
    for each, table in tables_at(doc, "rule").items():
        line = str(table.get("line", each))
        if line not in lines:
            path = ("rule", each, *(["line"] if "line" in table else []))
            yield mistake(file, path, TEXTS["line"], lines, value=Raw(line))


def _amounts(profile: Table, file: TomlText) -> Iterator[Mistake]:
    """Amounts of money that cannot be read: limits, budgets, caps, floors."""
    for path, value in amounts(profile):
        for each in value if isinstance(value, list) else [value]:
            try:
                Money.parse(each)
            except MoneyError:
                yield mistake(file, path, TEXTS["amount"], value=Raw(each))


def _copies(folder: Path) -> Iterator[Mistake]:
    """Copies of the profile or of a segment of the journal that a sync program set aside."""
    for place in (folder, folder / "journal"):
        try:
            names = sorted(path.name for path in place.iterdir())
        except FileNotFoundError:
            continue
        for name in names:
            if _COPY.fullmatch(name):
                copy = place / name
                told = {"file": Raw(str(copy.relative_to(folder))), "path": Raw(quote(str(copy)))}
                yield Mistake((), COPY, told, UNITE)


def _zones(doc: Mapping[str, Toml], file: TomlText) -> Iterator[Mistake]:

    places = [
        ("settings",),
        *(("line", each) for each in table_at(doc, "line")),
        *(("provider", each) for each in table_at(doc, "provider")),
    ]
    for path in places:
        table = doc
        for part in path:
            table = table_at(table, part)
        value = table.get("zone")
        if value is None:
            continue
        try:
            zone(str(value))
        except MomentError:
            from zoneinfo import available_timezones

            yield mistake(file, (*path, "zone"), TEXTS["zone"], available_timezones(), value=Raw(value))


def check_mistakes(session: "Session") -> None:
    """ConfigurationError (78) for the first mistake: it may be a limit that does not hold."""
    for found in mistakes(session):
        raise found.error()
