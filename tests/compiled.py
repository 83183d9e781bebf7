"""The data files of the catalogue, checked and compiled: people edit `data/`, the program loads `compiled/`.

Every row is read by the readers of a person's own rows. `python -m tests.write_generated` writes the compiled form;
tests/catalogue/test_compiled.py says where it is not what the data say, and which row is wrong with its key.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from esimctl.catalogue import carriers, claims, devices, patterns, plans, promotions, shipped
from esimctl.catalogue.tips import Tip
from esimctl.values.checking import RowError, TableProblem, TableRow
from esimctl.values.money import Money
from esimctl.values.record import fields
from esimctl.values.toml import parse_toml

FOLDER = Path(shipped.__file__).parent
WARNING = "compiled from data/{}.toml by python -m tests.write_generated: edit that file, never this one"

Table = Mapping[str, Any]
Read = tuple[Any, tuple[TableProblem, ...]]  #: (rows, what is wrong)


class WrongData(ValueError):
    """Data that cannot be shipped; the message has a line for each fault, with its file, key and reason."""


def compiled(name: str, text: str | None = None) -> str:
    """The compiled form of a data file, or of another text in its place."""
    file, (kinds, read) = f"{name}.toml", FILES[name]
    try:
        table = parse_toml(shipped.text(file) if text is None else text)
    except ValueError as why:  # with line and column
        raise WrongData(f"{file}: {why}") from None
    try:
        rows, wrong = read(table, file)
    except RowError as error:
        rows, wrong = (), (error.finding,)
    wrong += tuple(TableProblem(file, key, "means nothing here") for key in table if key not in kinds)
    if wrong:
        raise WrongData("\n".join(map(str, wrong)))
    return f'{{"made": {_json(WARNING.format(name))}, "rows": {_sections(_plain(rows))}}}\n'


def write() -> None:
    """Write the compiled form of every data file: first what the readers of the others look up."""
    for name in FILES:
        (FOLDER / "compiled" / f"{name}.json").write_text(compiled(name), "utf-8")


def _sections(rows: Any) -> str:
    if isinstance(rows, list):
        return _lines(rows)
    return "{\n" + ",\n".join(f"{_json(key)}: {_lines(part)}" for key, part in rows.items()) + "\n}"


def _lines(rows: Any) -> str:
    """One row a line, so that a difference shows the row that it is in."""
    if isinstance(rows, list):
        return "[\n" + ",\n".join(map(_json, rows)) + "\n]"
    return "{\n" + ",\n".join(f"{_json(key)}: {_json(row)}" for key, row in rows.items()) + "\n}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """What JSON has for it: a record is a table of the fields that differ from its defaults."""
    if hasattr(value, "__record_fields__"):
        every = {name: (getattr(value, name), default) for name, default in fields(value).items()}
        return {name: _plain(said) for name, (said, default) in every.items() if said != default}
    if isinstance(value, Money):
        return [value.minor, value.currency]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _plans(table: Table, file: str) -> Read:
    offers, wrong = promotions.read(shipped.table("promotions.toml"), "promotions.toml")
    found, more = plans.read(table, file, offers)
    return list(found.values()), (*wrong, *more)


def _carriers(table: Table, file: str) -> Read:
    found, countries, wrong = carriers.read(table, file)
    return {"carrier": list(found.values()), "country": countries}, wrong


def _patterns(table: Table, file: str) -> Read:
    found, wrong = [], []
    for name, content in TableRow(file, "", table).table("pattern").items():
        try:
            found.append(patterns.read_pattern(name, content, file))
        except RowError as error:
            wrong.append(error.finding)
    return found, tuple(wrong)


def _tips(table: Table, file: str) -> Read:
    found = []
    for name, content in TableRow(file, "", table).table("tip").items():
        row = TableRow(file, f"tip.{name}", content)
        found.append(Tip(name, row.text("text"), row.text("source")))
        row.finish()
    return found, ()


def _glossary(table: Table, file: str) -> Read:
    """The words alone; what a concept is about is for who edits them."""

    def words(path: str, content: object, *further: str) -> tuple[str, ...]:
        row = TableRow(file, path, content)
        found = row.texts("words")
        for key in further:
            row.text(key)
        row.finish()
        return found

    rows = TableRow(file, "", table)
    filler, concepts = words("filler", rows.table("filler")), rows.table("concept").items()
    return {"filler": filler, "concept": {name: words(f"concept.{name}", row, "about") for name, row in concepts}}, ()


def _renamed(table: Table, file: str) -> Read:
    rows = {kind: TableRow(file, kind, content) for kind, content in table.items()}
    return {kind: {old: row.text(old) for old in table[kind]} for kind, row in rows.items()}, ()


#: data file → its tables and their reader; ids that were given up come first, since other readers look them up
FILES: Mapping[str, tuple[tuple[str, ...], Callable[[Table, str], Read]]] = {
    "renamed": (("plan", "promotion", "claim"), _renamed),
    "promotions": (("promotion",), promotions.read),
    "plans": (("plan",), _plans),
    "claims": (("claim",), claims.read),
    "carriers": (("carrier", "country"), _carriers),
    "devices": (("device",), devices.read),
    "patterns": (("pattern",), _patterns),
    "glossary": (("concept", "filler"), _glossary),
    "tips": (("tip",), _tips),
}
