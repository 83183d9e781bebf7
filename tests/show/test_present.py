"""One result in four forms: what a person, a pipe, a spreadsheet and a program each get."""

import csv
import json
import sys
from collections.abc import Sequence
from io import StringIO
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esimctl.documents.document import Document, Octets, as_json
from esimctl.errors import Refused, UsageError
from esimctl.show import present as presenting
from esimctl.show.present import error_document, present
from esimctl.show.separated import csv_line, plain, tsv_line
from esimctl.show.view import OutputForm, View, columns
from tests.show.fakes import said, shown, terminal


class ThingOfATest(Document):
    name: str
    left: Octets | None
    note: str | None


class ThingsOfATest(Document):
    things: Sequence[ThingOfATest]


class SumsOfATest(Document):
    ok: bool
    rows: Sequence[int]
    sums: Sequence[int]


DATA = ThingsOfATest(
    things=[
        ThingOfATest(name="phone", left=12_400_000_000, note=None),
        ThingOfATest(name="a,b", left=None, note="=HYPERLINK(1)"),
        ThingOfATest(name="tab\tand\nline", left=0, note="\x1b[31m"),
    ]
)
VIEW = View(
    (
        *columns(ThingOfATest, "name left_bytes=left"),
        *columns(ThingOfATest, "note", shown=False),
    ),
    lambda data: data.things,
    None,
    "no things yet",
)


@pytest.fixture(autouse=True)
def view(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document of this test's own."""
    module = ModuleType("esimctl.show.cards.things")
    module.VIEWS = {"things": VIEW}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "esimctl.show.cards.things", module)
    monkeypatch.setitem(presenting.VIEWS, "things", "things")


def put(form: OutputForm, width: int | None = None, data: Document = DATA) -> str:
    """What stands on stdout."""
    one = terminal(width)
    present(form, "things", data, one)
    return shown(one)


def test_tsv_has_full_values_and_no_header() -> None:
    """One record a line; unknown is empty; a tab or newline of the data makes no column or row."""
    lines = put(OutputForm("tsv")).split("\n")
    assert lines[0] == "phone\t12400000000"
    assert lines[1] == "a,b\t"
    assert len(lines) == 4
    assert [line.count("\t") for line in lines] == [1, 1, 1, 0]


def test_tsv_gets_a_header_when_asked() -> None:
    """The names are those that --columns takes, in every language."""
    assert put(OutputForm("tsv", header=True)).startswith("name\tleft_bytes\nphone\t")


def test_csv_is_what_a_spreadsheet_reads() -> None:
    """RFC 4180 with a header, which can be left out; formulas of others do not run."""
    text = put(OutputForm("csv", columns="name,note"))
    assert "\r\n" in text
    rows = list(csv.reader(StringIO(text, newline="")))
    assert rows[0] == ["name", "note"]
    assert rows[2] == ["a,b", "'=HYPERLINK(1)"]
    assert put(OutputForm("csv", header=False)).startswith("phone,")


def test_json_is_one_document() -> None:
    """Schema first, one line, a newline at its end, nothing cleaned away from the data but by JSON's own escapes."""
    text = put(OutputForm("json"))
    assert text.startswith('{"schema": "esimctl.things/1", ')
    assert text.count("\n") == 1
    assert json.loads(text)["things"] == as_json(DATA.things)
    assert "\x1b" not in text


@pytest.mark.parametrize(("output", "count"), [("tsv", 1), ("csv", 2), ("json", 1), ("table", 2)])
def test_limit(output: str, count: int) -> None:
    """The first rows, in the order there is."""
    text = put(OutputForm(output, limit=1), 80)
    assert "a,b" not in text
    assert text.count("\n") == count


def test_json_says_that_there_is_more() -> None:
    """Only where rows were left out; the rows are the list that is named after the document, else its first list."""
    assert json.loads(put(OutputForm("json", limit=1)))["more"] is True
    assert "more" not in json.loads(put(OutputForm("json", limit=3)))
    other = json.loads(put(OutputForm("json", limit=1), data=SumsOfATest(ok=True, rows=[1, 2], sums=[3, 4])))
    assert (other["rows"], other["sums"], other["more"]) == ([1], [3, 4], True)


def test_columns_choose_and_order() -> None:
    """Also columns that the table does not show by itself."""
    assert put(OutputForm("tsv", columns="note,name", limit=1)) == "\tphone\n"
    assert put(OutputForm("table", columns="left_bytes"), 80).split("\n")[1].strip() == "12.4 GB"


@pytest.mark.parametrize("output", ["tsv", "csv", "json", "table"])
def test_an_unknown_column_is_refused_with_those_there_are(output: str) -> None:
    """Before anything is written."""
    one = terminal(80)
    with pytest.raises(UsageError, match="name, left_bytes, note"):
        present(OutputForm(output, columns="name,nome"), "things", DATA, one)
    assert shown(one) == ""


@pytest.mark.parametrize("output", ["tsv", "csv", "json", "table"])
def test_nothing_is_nothing(output: str) -> None:
    """No rows: nothing in a pipe, an empty list in JSON, a sentence on stderr for people alone."""
    one = terminal(80)
    present(OutputForm(output), "things", ThingsOfATest(things=[]), one)
    assert shown(one) == {"json": '{"schema": "esimctl.things/1", "things": []}\n', "csv": "name,left_bytes\r\n"}.get(
        output, ""
    )
    assert said(one) == ("no things yet\n" if output == "table" else "")


def test_a_table_in_a_pipe_is_not_fitted() -> None:
    """`-o table | less -S`: natural width, no colour, no block."""
    text = put(OutputForm("table"))
    assert text.splitlines()[0].split() == ["NAME", "LEFT"]
    assert "\x1b" not in text


def test_the_error_document() -> None:
    """Its keys, their order, and that what others wrote is made harmless."""
    error = Refused("no: {why}", hint="try {what}", why="\x1b[2Jgone", what="cash", order={"id": "1"})
    document = json.loads(error_document(error))
    assert list(document) == ["schema", "error", "order"]
    assert list(document["error"]) == ["code", "exit_code", "message", "hint", "retry_safe"]
    assert document["error"]["message"] == "no: ␛[2Jgone"
    assert document["order"] == {"id": "1"}


@given(st.lists(st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)), min_size=1, max_size=5))
def test_a_record_is_one_line_whatever_it_holds(values: list[object]) -> None:
    """In tsv as many fields as there are values; csv reads back, but for what is made visible or quoted."""
    line = tsv_line(values)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert len(line[:-1].split("\t")) == len(values)
    read = next(iter(csv.reader(StringIO(csv_line(values), newline=""))))
    for field, value in zip(read, values, strict=True):
        assert field.removeprefix("'") == plain(value).removeprefix("'")
