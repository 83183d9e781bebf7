"""The data files of the catalogue, checked and compiled: people edit `data/`, the program loads `compiled/`.

Every row is read by the readers of a person's own rows. `python -m tests.write_generated` writes the compiled form;
tests/catalogue/test_compiled.py says where it is not what the data say, and which row is wrong with its key.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from esimctl.catalogue import shipped
from esimctl.catalogue.carriers import read_carrier, read_country
from esimctl.catalogue.claims import read_claim
from esimctl.catalogue.devices import read_device
from esimctl.catalogue.patterns import read_pattern
from esimctl.catalogue.plans import read_plans
from esimctl.catalogue.promotions import read_promotion
from esimctl.catalogue.tips import Tip
from esimctl.values.money import Money
from esimctl.values.record import fields
from esimctl.values.sentence import Sentence
from esimctl.values.tables import Table, TableError, TableProblem, TomlText, read_rows, unknown

FOLDER = Path(shipped.__file__).parent
WARNING = "compiled from data/{}.toml by python -m tests.write_generated: edit that file, never this one"

Read = Callable[[Table, list[TableProblem]], Any]  #: the rows of a file; what is wrong is put into the list


class WrongData(ValueError):
    """Data that cannot be shipped; the message has a line for each fault, with its file, key and reason."""


def compiled(name: str, text: str | None = None) -> str:
    """The compiled form of a data file, or of another text in its place."""
    file, (kinds, read) = f"{name}.toml", FILES[name]
    problems: list[TableProblem] = []
    rows: Any = ()
    try:
        table = TomlText(file, shipped.text(file) if text is None else text).table()
        problems += [
            table.wrong(key, unknown(Sentence("key"), key, kinds)).problem for key in table.table if key not in kinds
        ]
        rows = read(table, problems)
    except TableError as error:
        problems.append(error.problem)
    if problems:
        raise WrongData("\n".join(map(str, problems)))
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


def _rows(kind: str, read: Callable[[str, Table], Any]) -> Read:
    return lambda table, problems: list(read_rows(table, kind, read, problems).values())


def _plans(table: Table, problems: list[TableProblem]) -> Any:
    offers = TomlText("promotions.toml", shipped.text("promotions.toml")).table()
    named = read_rows(offers, "promotion", read_promotion, problems)
    return list(read_plans(table, problems, tuple(named.values())).values())


def _carriers(table: Table, problems: list[TableProblem]) -> Any:
    return {
        "carrier": list(read_rows(table, "carrier", read_carrier, problems).values()),
        "country": read_rows(table, "country", read_country, problems),
    }


def _tip(name: str, row: Table) -> Tip:
    made = Tip(name, row.text("text"), row.text("source"))
    row.finish()
    return made


def _glossary(table: Table, problems: list[TableProblem]) -> Any:
    """The words alone; what a concept is about is for who edits them."""

    def concept(_name: str, row: Table) -> tuple[str, ...]:
        row.text("about")
        return filler(row)

    def filler(row: Table) -> tuple[str, ...]:
        found = row.texts("words")
        row.finish()
        return found

    return {"filler": filler(table.inner("filler")), "concept": read_rows(table, "concept", concept, problems)}


def _renamed(table: Table, _problems: list[TableProblem]) -> Any:
    rows = {kind: table.inner(kind) for kind in table.table}
    return {kind: {old: row.text(old) for old in row.table} for kind, row in rows.items()}


#: data file → its tables and their reader; ids that were given up come first, since other readers look them up
FILES: Mapping[str, tuple[tuple[str, ...], Read]] = {
    "renamed": (("plan", "promotion", "claim"), _renamed),
    "promotions": (("promotion",), _rows("promotion", read_promotion)),
    "plans": (("plan",), _plans),
    "claims": (("claim",), _rows("claim", read_claim)),
    "carriers": (("carrier", "country"), _carriers),
    "devices": (("device",), _rows("device", read_device)),
    "patterns": (("pattern",), _rows("pattern", read_pattern)),
    "glossary": (("concept", "filler"), _glossary),
    "tips": (("tip",), _rows("tip", _tip)),
}
