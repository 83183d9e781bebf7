"""Two copies of profile.toml in one: tables of both by their names. What differs stays as it is here, and is said."""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Final

from esimctl.errors import UsageError
from esimctl.ledger.fold import Ledger
from esimctl.ledger.lives import IDENTITY
from esimctl.values.record import field, record
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml, table_at, table_in, tables_at

Doc = Mapping[str, Toml]
#: section → the keys in which two tables of one name must not differ: they would be two things
_ONE: Final[Mapping[str, tuple[str, ...]]] = {
    "line": ("iccid", "provider"),
    "provider": ("kind", "base_url"),
    "payment": ("kind", "provider"),
}
_BY_NAME: Final = ("provider", "payment", "line", "rule", "claim", "pattern", "device", "payee")


@record(frozen=False)
class Union:
    """What has to be changed here. `change` makes it of any revision of the document; harmless when made again."""

    change: Callable[[MutableMapping[str, Toml]], None]
    changes: bool = False
    added: list[str] = field(default_factory=list)  #: tables that came: line.phone
    disabled: list[str] = field(default_factory=list)  #: rules that differ, and are off until somebody looked
    kept: list[str] = field(default_factory=list)  #: keys that stay as they are here: settings.zone
    removed: list[str] = field(default_factory=list)  #: lines that were removed on one side


def _present_names(names: Iterable[str], ledger: Ledger) -> dict[str, str]:
    """Names of lines that are none any more → what the lines are called now: they were renamed on the other side."""
    now = {name: ledger.renamed(0, name) for name in names if name not in ledger.lines}
    return {name: called for name, called in now.items() if called != name and not IDENTITY.match(called)}


def union(ours: Doc, theirs: Doc, ledger: Ledger) -> Union:
    """What uniting the two comes to; `ledger` is what the united journal comes to. UsageError (2) where one name is
    two things.
    """
    names_here = _present_names(table_at(ours, "line"), ledger)
    here, there = _renamed(ours, names_here), _renamed(theirs, _present_names(table_at(theirs, "line"), ledger))
    gone = {name for name in {**table_at(here, "line"), **table_at(there, "line")} if _removed(ledger, name)}
    steps: list[tuple[tuple[str, ...], Toml]] = []
    found = Union(lambda doc: _apply(doc, names_here, gone, steps))
    for section in _BY_NAME:
        mine, other = tables_at(here, section), tables_at(there, section)
        for name, table in other.items():
            if (name in gone and section == "line") or (section == "rule" and str(table.get("line", name)) in gone):
                continue
            if name not in mine:
                steps.append(((section, name), _newcomer(section, table, mine)))
                found.added.append(f"{section}.{name}")
            else:
                steps += _in_one(found, section, name, (mine[name], table), ledger)
    settings = table_at(here, "settings")
    for key, value in table_at(there, "settings").items():
        if key not in settings:
            steps.append((("settings", key), value))
            found.added.append(f"settings.{key}")
        elif settings[key] != value:
            found.kept.append(f"settings.{key}")
    found.removed = sorted(gone & table_at(here, "line").keys())
    found.changes = bool(steps or found.removed or here != ours)
    return found


def _in_one(
    found: Union, section: str, name: str, tables: tuple[Doc, Doc], ledger: Ledger
) -> Iterator[tuple[tuple[str, ...], Toml]]:
    """What has to be changed in a table that both have."""
    mine, other = tables
    _same_thing(section, name, mine, other)
    if section == "rule":
        if dict(mine) != dict(other):
            found.disabled.append(name)
            if mine.get("enabled", True):
                yield ("rule", name, "enabled"), False
        return
    for key, value in other.items():
        renewed = (section, key) == ("line", "plan") and value == _last_plan(ledger, name)
        if (key not in mine and key != "default") or (renewed and mine[key] != value):
            yield (section, name, key), value
        elif key in mine and mine[key] != value:
            found.kept.append(f"{section}.{name}.{key}")


def _same_thing(section: str, name: str, mine: Doc, other: Doc) -> None:
    for key in _ONE.get(section, ()):
        if mine.get(key) != other.get(key) and None not in (mine.get(key), other.get(key)):
            raise UsageError(
                "{section} {name} is one thing here and another there: its {key} is {here} and {there}",
                hint="esimctl lines rename {name} NAME, then the same again" if section == "line" else
                "make them equal in one of the two profile.toml, then the same again",
                code="profiles_contradict", section=Raw(section), name=Raw(name), key=Raw(key),
                here=Raw(str(mine[key])),
                there=Raw(str(other[key])),
            )  # fmt: skip


def _newcomer(section: str, table: Doc, mine: Mapping[str, Doc]) -> Doc:
    """A table that comes; a payment method is no default where there is one already."""
    taken = section == "payment" and any(
        each.get("default") and each.get("provider") == table.get("provider") for each in mine.values()
    )
    return {key: value for key, value in table.items() if not (taken and key == "default")}


def _last_plan(ledger: Ledger, line: str) -> str | None:
    """The plan that was bought last for a line."""
    plans = [
        order.plan
        for order in ledger.orders_of([line])
        if order.kind in ("new", "renew") and order.state == "settled" and order.plan
    ]
    return plans[-1] if plans else None


def _removed(ledger: Ledger, name: str) -> bool:
    """Whether a line was removed on one side, and nothing was bought for it since."""
    fact = ledger.lines.get(name)
    if fact is None or fact.removed_at is None:
        return False
    return not any(order.created_at > fact.removed_at for order in ledger.orders_of([name]))


def _renamed(doc: Doc, names: Mapping[str, str]) -> Doc:
    """The document with lines, and the rules of lines, called otherwise."""
    lines = {names.get(name, name): table for name, table in table_at(doc, "line").items()}
    rules = {
        name: {**table, "line": names[str(table.get("line", name))]} if str(table.get("line", name)) in names else table
        for name, table in tables_at(doc, "rule").items()
    }
    return {**doc, **({"line": lines} if lines else {}), **({"rule": rules} if rules else {})}


def _apply(
    doc: MutableMapping[str, Toml], names: Mapping[str, str], gone: set[str], steps: list[tuple[tuple[str, ...], Toml]]
) -> None:
    lines, rules = _tables(doc, "line"), _tables(doc, "rule")
    for name, rule in rules.items():
        if str(rule.get("line", name)) in names:
            rule["line"] = names[str(rule.get("line", name))]
    for old, new in names.items():
        if old in lines and new not in lines:
            table_in(doc, "line")[new] = table_in(doc, "line").pop(old)
            lines[new] = lines.pop(old)
    for name in sorted(gone & set(lines)):
        del table_in(doc, "line")[name]
        for of_it in [each for each, table in rules.items() if str(table.get("line", each)) == name]:
            del rules[of_it], table_in(doc, "rule")[of_it]
    for path, value in steps:
        place = doc
        for part in path[:-1]:
            place = table_in(place, part)
        place[path[-1]] = value


def _tables(doc: MutableMapping[str, Toml], section: str) -> dict[str, MutableMapping[str, Toml]]:
    """The tables of a section of a document that is being edited; none where it has no such section."""
    found = doc.get(section)
    if not isinstance(found, MutableMapping):
        return {}
    return {name: table for name, table in found.items() if isinstance(table, MutableMapping)}
