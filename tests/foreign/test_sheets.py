"""CSV in LibreOffice Calc, without a screen: CSV to ODS and back to CSV; what is a day is a date there, not a text."""

import csv
import io
import os
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from tests.conftest import Runner
from tests.tools import judged, program

pytestmark = pytest.mark.skipif(
    os.environ.get("ESIMCTL_FOREIGN_TOOLS") != "1", reason="ESIMCTL_FOREIGN_TOOLS=1 runs it"
)

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
SIM = ("--provider", "manual", "--carrier", "smart", "--data", "5GB", "--days", "30", "--price", "6USD")


def converted(path: Path, form: str) -> Path:
    """The same table in another form, with the settings of nobody."""
    office = program("soffice", "libreoffice-calc")
    settings = f"-env:UserInstallation=file://{path.parent}/settings"
    judged(office, settings, "--headless", "--convert-to", form, "--outdir", str(path.parent / form), str(path))
    return path.parent / form / f"{path.stem}.{form}"


def cells(path: Path) -> list[list[tuple[str | None, str | None]]]:
    """(Type, value of a date or number) of every cell of the first table, row by row."""
    root = ElementTree.fromstring(ZipFile(path).read("content.xml"))
    table = next(root.iter(f"{TABLE}table"))
    rows = []
    for row in table.iter(f"{TABLE}table-row"):
        told: list[tuple[str | None, str | None]] = []
        for cell in row.iter(f"{TABLE}table-cell"):
            kind = cell.get(f"{OFFICE}value-type")
            value = cell.get(f"{OFFICE}date-value") if kind == "date" else cell.get(f"{OFFICE}value")
            told += [(kind, value)] * int(cell.get(f"{TABLE}number-columns-repeated", "1"))
        rows.append(told)
    return rows


def test_days_are_dates_and_amounts_are_numbers(run: Runner, tmp_path: Path) -> None:
    """31 October, 18:30 UTC is the first of November in Phnom Penh, and a date; months are texts that sort."""
    assert run("lines", "add", "sim", *SIM, now="2026-10-31T18:30:00Z").code == 0
    assert run("buy", "demo-monthly-20gb", "--name", "phone", "--yes").code == 0
    assert run("usage", "record", "sim", "--remaining", "4GB").code == 0
    days = {"export": ("date",), "list": ("date",), "history": ("start", "end")}
    written = {
        "export": run("transactions", "export", "--format", "csv").out,
        "list": run("transactions", "list", "-o", "csv").out,
        "history": run("usage", "history", "sim", "--cached", "-o", "csv").out,
    }
    for name, text in written.items():
        path = tmp_path / f"{name}.csv"
        path.write_bytes(text.encode())
        given = list(csv.DictReader(io.StringIO(text, newline="")))
        sheet = converted(path, "ods")
        table = cells(sheet)
        header = list(given[0])
        for column in days[name]:
            place = header.index(column)
            assert [row[place] for row in table[1 : len(given) + 1]] == [("date", row[column]) for row in given], name
        back = converted(sheet, "csv").read_text("utf-8")
        again = list(csv.DictReader(io.StringIO(back, newline="")))
        kept = [column for column in header if column not in ("price", "paid", "used_bytes")]
        assert [[row[column] for column in kept] for row in again] == [
            [row[column] for column in kept] for row in given
        ]
    place = list(csv.DictReader(io.StringIO(written["export"], newline="")).fieldnames or ()).index("paid")
    paid = [row[place] for row in cells(tmp_path / "ods/export.ods")[1:3]]
    assert paid == [("float", "6"), ("float", "9")]
    assert "2026-11-01,2026-11," in written["export"]
