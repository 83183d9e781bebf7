"""Names of lines in two journals that went apart: a name is one line here and perhaps another one there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from esimctl.errors import UsageError
from esimctl.ledger.entries import Entry
from esimctl.ledger.said import tables, text, text_or_none
from esimctl.values.sentence import Raw
from esimctl.values.toml import Toml

Line = tuple[str, str]  #: what makes a line that line: where it was born, or what it was called before the two parted
_BEFORE: Final = "before"


class LineNames:
    """What one journal calls its lines, from where the two part on."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.now: dict[str, Line] = {}  #: name → the line that has it at the end
        self.used: dict[str, set[Line]] = {}  #: name → the lines that had it
        self.called: dict[Line, str] = {}  #: line → its last name
        for entry in entries:
            self._walk(entry)

    def line(self, name: str) -> Line:
        """Which line a name is now."""
        return self.now.get(name, (_BEFORE, name))

    def _walk(self, entry: Entry) -> None:
        kind = text(entry, "kind")
        if (born := birth(entry)) is not None:
            self._call(text(entry, "line"), born)
        elif kind == "line.renamed":
            line = self.line(text(entry, "line"))
            self._call(text(entry, "line"), line)
            self.now.pop(text(entry, "line"), None)
            self._call(text(entry, "to"), line)
        else:
            for name in (
                text_or_none(entry, "line"),
                text(entry, "to") if kind.startswith("line.") and "to" in entry else None,
            ):
                if isinstance(name, str):
                    self._call(name, self.line(name))

    def _call(self, name: str, line: Line) -> None:
        self.now[name] = line
        self.used.setdefault(name, set()).add(line)
        self.called[line] = name


def birth(entry: Mapping[str, Toml]) -> Line | None:
    """The line that an entry begins: known by its order, else by its ICCID, else by the moment."""
    kind = text(entry, "kind")
    if kind == "order.prepared" and text(entry, "order_kind") == "new":
        return ("order", text(entry, "order"))
    if kind != "line.added":
        return None
    if text_or_none(entry, "order") is not None:
        return ("order", text(entry, "order"))
    return (
        ("iccid", text(entry, "iccid")) if text_or_none(entry, "iccid") else ("added", f"{entry['at']} {entry['line']}")
    )


def told_apart(ours: Sequence[Entry], theirs: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Both tails, without a name that is one line here and another there.

    A line that was born in a tail and renamed there since has its last name from its birth on. UsageError (2) names a
    line that has still the name of another.
    """
    tails = [list(ours), list(theirs)]
    for place in (0, 1):
        mine, other = LineNames(tails[place]), LineNames(tails[1 - place])
        renamed = {
            line: mine.called[line]
            for name, lines in mine.used.items()
            for line in lines
            if line[0] != _BEFORE and other.used.get(name, {line}) - {line} and mine.called[line] != name
        }
        if renamed:
            tails[place] = _born_as(tails[place], renamed)
    here, there = LineNames(tails[0]), LineNames(tails[1])
    for name in sorted(here.used.keys() & there.used.keys()):
        if here.used[name] != there.used[name] and len(here.used[name] | there.used[name]) > 1:
            raise UsageError(
                "line {name} is one line here and another one there",
                hint="esimctl lines rename {name} NAME, then the same again",
                code="lines_contradict",
                name=Raw(name),
            )
    return tails[0], tails[1]


def _born_as(entries: Iterable[Entry], renamed: Mapping[Line, str]) -> list[Entry]:
    now: dict[str, Line] = {}
    told = []
    for entry in entries:
        if (born := birth(entry)) is not None:
            now[text(entry, "line")] = born
        line = now.get(str(text_or_none(entry, "line")))
        if text(entry, "kind") == "line.renamed" and line in renamed:
            now[text(entry, "to")] = now.pop(text(entry, "line"))
            continue
        names = {name: renamed[line] for name, line in now.items() if line in renamed}
        told.append(with_names(entry, names))
    return told


def with_names(entry: Entry, names: Mapping[str, str]) -> Entry:
    """An entry as it reads where lines are called otherwise; itself where none of them is in it."""
    kind = text(entry, "kind")
    fields = ("line", "to") if kind.startswith("line.") and kind != "line.renamed" else ("line",)
    changes: Entry = {}
    for field in fields:
        called = text_or_none(entry, field)
        if called is not None and called in names:
            changes[field] = names[called]
    if "postings" in entry and any(text(posting, "account")[6:] in names for posting in tables(entry, "postings")):
        changes["postings"] = [
            {**posting, "account": _account(text(posting, "account"), names)} for posting in tables(entry, "postings")
        ]
    return {**entry, **changes} if changes else entry


def _account(account: str, names: Mapping[str, str]) -> str:
    name = account.removeprefix("spend:")
    return f"spend:{names[name]}" if name != account and name in names else account
