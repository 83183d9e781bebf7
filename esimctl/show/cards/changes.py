"""What changed in the catalogue: by a file of your own, by a provider's new list, or between two states of it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from esimctl.documents.advice import ChangeRow, Field, ImportDocument, PlanChangesDocument
from esimctl.show.amounts import money, octets, term
from esimctl.show.plan_words import CLOCKS, GRADES, ROLLS_OVER, WHEN_USED_UP
from esimctl.show.styles import ACT, GOOD, LOOK, styled
from esimctl.show.table import listed
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.money import Money


def plain(value: Field) -> object:
    """A field of a row in one cell."""
    return ",".join(value) if isinstance(value, list | tuple) else value


def readable(value: Field) -> object:
    """A field of a row in one cell, money as people write it."""
    return money(value) if isinstance(value, Money) else plain(value)


COLUMNS: Columns[ChangeRow] = (
    *columns(ChangeRow, "plan change field"),
    Column("before", lambda r: plain(r.before), lambda r: readable(r.before)),
    Column("after", lambda r: plain(r.after), lambda r: readable(r.after)),
    *columns(ChangeRow, "of"),
)

#: change → how it is said, and how much it matters
CHANGES = {"added": ("added", GOOD), "removed": ("removed", ACT), "changed": ("changed", LOOK)}

#: kind of a row → one and many of them
COUNTED = {
    "plan": ("{count} plan", "{count} plans"),
    "promotion": ("{count} promotion", "{count} promotions"),
    "claim": ("{count} claim", "{count} claims"),
    "carrier": ("{count} carrier", "{count} carriers"),
    "device": ("{count} device", "{count} devices"),
}

#: field of a plan → what a person calls it
FIELDS = {
    "data_bytes": "data", "validity": "term", "clock": "term", "billing": "payment", "rollover": "rolls over",
    "overage": "used up", "shareable": "sharing", "grade": "reliability", "as_of": "dated", "countries": "works in",
}  # fmt: skip

#: field of a plan → the words for what stands in it
MEANINGS: Mapping[str, Mapping[str, str]] = {
    "clock": CLOCKS, "rollover": ROLLS_OVER, "overage": WHEN_USED_UP, "grade": GRADES,
}  # fmt: skip


def field(row: ChangeRow) -> str:
    """What changed, in words."""
    if row.field is None:
        return ""
    return say(FIELDS.get(row.field, row.field.replace("_", " ")))


def shown(row: ChangeRow, value: Field) -> str:
    """A value before or after, in words."""
    if row.field is None:
        return ""
    if row.field == "data_bytes" and (isinstance(value, int) or value is None):
        return octets(value)
    if row.field == "validity" and isinstance(value, str):
        return term(value)
    if isinstance(value, bool):
        return say("yes" if value else "no")
    words = MEANINGS.get(row.field, {})
    if isinstance(value, str) and value in words:
        return say(words[value])
    return "-" if value is None else str(readable(value))


def change(row: ChangeRow) -> str:
    """`added`, `removed`, `changed`."""
    word, style = CHANGES[row.change]
    return styled(say(word), style)


SCREEN: Columns[ChangeRow] = (
    Column("row", lambda r: r.plan, priority=0),
    Column("kind", lambda r: r.of, lambda r: "" if r.of == "plan" else say(r.of), priority=6),
    Column("change", lambda r: r.change, change, priority=1),
    Column("what", lambda r: r.field, field, priority=2),
    Column("before", lambda r: plain(r.before), lambda r: shown(r, r.before), priority=3),
    Column("after", lambda r: plain(r.after), lambda r: shown(r, r.after), priority=2, cut=True),
)


def counts(numbers: Mapping[str, int]) -> str:
    """`3 plans, 1 promotion`, by kind; kinds without any are left out."""
    said = [
        say(COUNTED[kind][0] if count == 1 else COUNTED[kind][1], count=count)
        for kind, count in numbers.items()
        if count
    ]
    return ", ".join(said)


def differing(rows: Sequence[ChangeRow]) -> list[str]:
    """`added: 3 plans`, `changed: 1 plan`: each row once, however many of its fields are others now."""
    told = []
    for word, (name, _) in CHANGES.items():
        found = Counter(kind for kind, _ in dict.fromkeys((row.of, row.plan) for row in rows if row.change == word))
        if found:
            told.append(say("{change}: {rows}", change=say(name), rows=counts(found)))
    return told


def table(rows: Sequence[ChangeRow], terminal: Terminal) -> None:
    """What changed in a sentence, then row by row."""
    if not rows:
        terminal.note(say("nothing differs"))
        return
    terminal.tell("; ".join(differing(rows)) + "\n")
    listed(SCREEN, rows, terminal, most=30, showing="Showing {shown} of {count} changes (--all)")


def compared(data: PlanChangesDocument, terminal: Terminal) -> None:
    """What differs between two states; of a provider's list also how long it is."""
    for each in data.providers or ():
        terminal.tell(say("{provider}: a list of {count} plans", provider=each.provider, count=each.plans) + "\n")
    table(data.changes, terminal)


def imported(data: ImportDocument, terminal: Terminal) -> None:
    """How many rows were taken, and what that changes."""
    taken = {kind: getattr(data.imported, kind + "s") for kind in COUNTED}
    if any(taken.values()):
        terminal.tell(say("Imported {rows}.", rows=counts(taken)) + "\n")
    table(data.changes, terminal)


VIEWS = {
    "plan-changes": View(COLUMNS, lambda data: data.changes, compared, "nothing differs", SCREEN),
    "import": View(COLUMNS, lambda data: data.changes, imported, "nothing differs", SCREEN),
}
