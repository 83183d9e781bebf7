"""Carriers and travel brands: who they are, by any of their names, and what is known of them with its source."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from esimctl.catalogue import shipped
from esimctl.errors import UsageError
from esimctl.values.record import record
from esimctl.values.regex import regex
from esimctl.values.sentence import Raw, commas
from esimctl.values.tables import Table, TableProblem, read_rows
from esimctl.values.text import nearest

_ID = regex(r"[a-z0-9]{1,32}\Z")

GRADES = ("own", "V", "S", "U", "example")


@record
class Fact:
    """Something that a source says: own the person's, V the subject's words, S second hand, U one weak source."""

    topic: str  #: network, prefix, apn, hotline, ussd-…, coverage, esim, share, number-retention, …
    values: tuple[str, ...]
    note: str | None
    source: str
    as_of: str | None  #: None where the text is undated
    retrieved: str | None
    grade: str


@record
class Carrier:
    """A carrier or travel brand. `names` by language; `roaming` where its lines roam in Cambodia."""

    id: str
    name: str
    names: Mapping[str, str]
    former: tuple[str, ...]
    aliases: tuple[str, ...]
    home_country: str | None
    roaming: bool
    facts: tuple[Fact, ...]

    def of(self, topic: str) -> tuple[str, ...]:
        """All values known of a topic, the better graded first; empty where nothing is known."""
        ranked = sorted((fact for fact in self.facts if fact.topic == topic), key=lambda fact: GRADES.index(fact.grade))
        return tuple(value for fact in ranked for value in fact.values)

    @property
    def networks(self) -> tuple[str, ...]:
        """Its network codes as text, `456-06`; none is public for some."""
        return self.of("network")

    @property
    def prefixes(self) -> tuple[str, ...]:
        """National number prefixes without the leading 0: a guess of who issued a number, never proof."""
        return self.of("prefix")

    @property
    def every_name(self) -> tuple[str, ...]:
        """Every way to write it: id, names, former names, aliases."""
        return (self.id, self.name, *self.names.values(), *self.former, *self.aliases)


def carriers() -> tuple[Carrier, ...]:
    """All carriers, in the order of the file."""
    return tuple(_shipped()[0].values())


def carrier(name: str, among: Sequence[Carrier] | None = None) -> Carrier:
    """The carrier of that id, name, former name or alias in any language; an unknown one names the nearest."""
    rows = carriers() if among is None else among
    found = by_name(name, rows)
    if found is not None:
        return found
    known = {_folded(each): each for row in rows for each in row.every_name}
    close = " or ".join(known[match] for match in nearest(_folded(name), tuple(known)))
    hint = "did you mean {near}?" if close else "carriers: {known}"
    raise UsageError(
        "there is no carrier {name!r}",
        hint=hint,
        code="unknown_carrier",
        name=Raw(name),
        near=Raw(close),
        known=commas(row.id for row in rows),
    )


def by_name(name: str, among: Sequence[Carrier] | None = None) -> Carrier | None:
    """The carrier of that id, name, former name or alias, or None."""
    folded = _folded(name)
    rows = carriers() if among is None else among
    return next((row for row in rows if any(_folded(each) == folded for each in row.every_name)), None)


def country_facts(code: str) -> tuple[Fact, ...]:
    """What holds for every carrier of a country, such as its common short codes."""
    return _shipped()[1].get(code.upper(), ())


def overlay(table: Table, problems: list[TableProblem]) -> dict[str, Carrier]:
    """A person's own carriers, each on top of the one that comes along: their facts replace those of the same topics,
    names are added; `problems` get what is wrong."""
    known, base = _shipped()[0], shipped.table("carriers.toml")["carrier"] if "carrier" in table.table else {}
    found: dict[str, Carrier] = {}

    def read(name: str, row: Table) -> Carrier:
        made = read_carrier(name, Table(_merged(row.table, base.get(name, {})), row.path, file=row.file))
        others = [each for each in (known | found).values() if each.id != name]
        taken = next((each for each in made.every_name if by_name(each, others) is not None), None)
        if taken is not None:
            raise row.wrong(None, "{name!r} is a name of another carrier", name=Raw(taken))
        found[name] = made
        return made

    return read_rows(table, "carrier", read, problems)


def _merged(content: Mapping[str, Any], base: Mapping[str, Any]) -> Mapping[str, Any]:
    if not base:
        return content
    made = {**base, **content}
    for key in ("former", "aliases"):
        if isinstance(content.get(key, []), list):
            made[key] = list(dict.fromkeys([*content.get(key, []), *base.get(key, [])]))
    facts = content.get("fact", [])
    if isinstance(facts, list) and all(isinstance(fact, Mapping) for fact in facts):
        topics = {fact.get("topic") for fact in facts}
        made["fact"] = [*facts, *(fact for fact in base.get("fact", []) if fact["topic"] not in topics)]
    return made


def read_carrier(name: str, row: Table) -> Carrier:
    """One row, read strictly; TableError names the key."""
    if not _ID.match(name):
        raise row.wrong(None, "an id has lower-case letters and digits, at most 32")
    made = Carrier(
        id=name,
        name=row.text("name"),
        names=_names(row.inner("names", None)),
        former=row.texts("former"),
        aliases=row.texts("aliases"),
        home_country=row.text("home_country", None),
        roaming=row.flag("roaming"),
        facts=tuple(_fact(fact) for fact in row.tables("fact")),
    )
    row.finish()
    return made


def read_country(_code: str, row: Table) -> tuple[Fact, ...]:
    """What holds for every carrier of a country, read strictly; TableError names the key."""
    row.text("name")
    row.text("zone")
    facts = tuple(_fact(fact) for fact in row.tables("fact"))
    row.finish()
    return facts


def _fact(row: Table) -> Fact:
    made = Fact(
        topic=row.text("topic"),
        values=row.texts("values"),
        note=row.text("note", None),
        source=row.text("source"),
        as_of=_iso(row.day("as_of", None)),
        retrieved=_iso(row.day("retrieved", None)),
        grade=row.choice("grade", GRADES, "own"),
    )
    if made.as_of is None and made.retrieved is None:
        raise row.wrong("as_of", "is missing, and so is retrieved")
    if not made.values:
        raise row.wrong("values", "is empty")
    row.finish()
    return made


def _names(table: Table | None) -> dict[str, str]:
    return {} if table is None else {language: table.text(language) for language in table.table}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())


@lru_cache(maxsize=1)
def _shipped() -> tuple[dict[str, Carrier], dict[str, tuple[Fact, ...]]]:
    rows = shipped.compiled("carriers")
    found = (Carrier(**shipped.fields(row) | {"facts": _facts(row["facts"])}) for row in rows["carrier"])
    return {row.id: row for row in found}, {code: _facts(facts) for code, facts in rows["country"].items()}


def _facts(rows: Sequence[Mapping[str, Any]]) -> tuple[Fact, ...]:
    return tuple(Fact(**shipped.fields(row)) for row in rows)


COUNTRY = "855"

_SPACING = regex(r"[ ().\-\u00a0]")

_KHMER_DIGITS = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789")


def e164(text: str) -> str | None:
    """A number typed with 0, 855 or +855 as `+855…`; a foreign one in full as it is; None for anything else.

    National numbers have 8 or 9 digits without their leading 0.
    """
    digits = _SPACING.sub("", text.strip()).translate(_KHMER_DIGITS)
    if not re.fullmatch(r"\+?[0-9]{6,15}", digits, re.ASCII):
        return None
    if digits.startswith("+") and not digits.startswith("+" + COUNTRY):
        return digits if digits[1] != "0" else None
    for national in (digits.removeprefix("+").removeprefix(COUNTRY), digits):
        national = national.removeprefix("0")
        if len(national) in (8, 9) and national.isdigit() and national[0] != "0":
            return f"+{COUNTRY}{national}"
    return None


def issuers(number: str, among: Sequence[Carrier] | None = None) -> tuple[Carrier, ...]:
    """The carriers whose prefixes a number has, the longest prefix first.

    A guess and no proof: no source knows of number portability, and the lists of prefixes disagree.
    """
    full = e164(number)
    if full is None or not full.startswith("+" + COUNTRY):
        return ()
    national = full.removeprefix("+" + COUNTRY)
    ranked = [
        (len(prefix), carrier)
        for carrier in (carriers() if among is None else among)
        for prefix in carrier.prefixes
        if national.startswith(prefix)
    ]
    return tuple(carrier for _, carrier in sorted(ranked, key=lambda each: -each[0]))
