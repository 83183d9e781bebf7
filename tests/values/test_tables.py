"""The one reader of tables: every fault says file, line, key and why, with the name that was probably meant."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from esimctl.values.moments import parse_duration
from esimctl.values.money import Money
from esimctl.values.sentence import Sentence
from esimctl.values.tables import Table, TableError, TableProblem, TomlText, read_rows
from esimctl.values.volume import UNLIMITED

TEXT = """name = "a"
[row.one]
price = "5.00 USD"
several = ["5 USD", "20000 KHR"]
size = "2GB"
all = "unlimited"
seen = 2026-11-15
from = 2026-11-15T08:00:00
kind = "base"
[[row.one.part]]
days = 3
[[row.one.part]]
dais = 3
"""


def row() -> Table:
    return TomlText("mine.toml", TEXT).table().inner("row").inner("one")


def test_what_is_there_comes_in_its_type() -> None:
    one = row()
    assert one.money("price") == Money(500, "USD")
    assert one.amounts("several") == (Money(500, "USD"), Money(20_000, "KHR"))
    assert (one.amounts("price"), one.amounts("none")) == ((Money(500, "USD"),), ())
    assert (one.octets("size"), one.volume("all"), one.volume("none", None)) == (2 * 10**9, UNLIMITED, None)
    assert one.day("seen") == date(2026, 11, 15)
    assert one.instant("from", UTC) == datetime(2026, 11, 15, 8, tzinfo=UTC)
    assert one.choice("kind", ("base", "topup")) == "base"
    assert [part.integer("days", None) for part in one.tables("part")] == [3, None]
    assert (one.text("kind", None), one.text("none", None), one.flag("none")) == ("base", None, False)


@pytest.mark.parametrize(
    ("read", "line", "key", "reason"),
    [
        (lambda one: one.money("size"), 5, "row.one.size", "'2GB' is not an amount like"),
        (lambda one: one.money("seen"), 7, "row.one.seen", "must be a text like '5.00 USD', not a date or time"),
        (lambda one: one.octets("all"), 6, "row.one.all", "is not a volume like"),
        (lambda one: one.text("several"), 4, "row.one.several", "must be a text, not a list"),
        (lambda one: one.choice("kind", ("topup", "gift")), 9, "row.one.kind", "'base' is none of topup, gift"),
        (lambda one: one.day("from"), 8, "row.one.from", "must be a date like 2026-11-15"),
        (lambda one: one.instant("kind", UTC), 9, "row.one.kind", "must be a date or time, not a text"),
        (lambda one: one.instant("kind", UTC, texts=True), 9, "row.one.kind", "is not a time like"),
        (lambda one: one.flag("kind"), 9, "row.one.kind", "must be true or false, not a text"),
        (lambda one: one.tables("part")[0].integer("days", least=4), 11, "row.one.part[1].days", "must be at least 4"),
        (lambda one: one.tables("part")[0].integer("days", most=2), 11, "row.one.part[1].days", "from 0 to 2"),
        (lambda one: one.tables("part")[1].integer("days"), 12, "row.one.part[2].days", "is missing"),
        (
            lambda one: one.named("kind", ["bass", "x"], Sentence("plan")),
            9,
            "row.one.kind",
            "unknown plan 'base', did you mean",
        ),
        (lambda one: one.inner("kind"), 9, "row.one.kind", "must be a table, not a text"),
        (lambda one: one.tables("kind"), 9, "row.one.kind", "must be a list of tables, not a text"),
        (lambda one: one.amounts("kind"), 9, "row.one.kind", "'base' is not an amount like"),
        (lambda one: one.spelled("kind", parse_duration), 9, "row.one.kind", "is not a duration like"),
    ],
)
def test_a_fault_says_where_and_why(read: Callable[[Table], Any], line: int, key: str, reason: str) -> None:
    with pytest.raises(TableError) as caught:
        read(row())
    problem = caught.value.problem
    assert (problem.file, problem.line, problem.key) == ("mine.toml", line, key)
    assert reason in str(problem.reason)
    assert str(caught.value) == f"mine.toml, line {line}: {key}: {problem.reason}"


def test_a_key_that_nobody_asked_for_is_refused_with_the_nearest() -> None:
    part = row().tables("part")[1]
    part.integer("days", None)
    with pytest.raises(TableError, match=r"^mine\.toml, line 13: row\.one\.part\[2\]\.dais: unknown key, did you mean"):
        part.finish()
    part.has("dais")
    part.finish()
    with pytest.raises(TableError, match="dais: unknown key, did you mean days"):
        part.finish(later=("dais",))


def test_a_wrong_row_is_said_and_the_others_are_read() -> None:
    table = TomlText("mine.toml", "[row.a]\nn = 1\n[row.b]\nn = true\n[row]\nc = 3\nd.n = 4\n").table()
    problems: list[TableProblem] = []
    found = read_rows(table, "row", lambda _name, each: each.integer("n"), problems)
    assert found == {"a": 1, "d": 4}
    assert [(each.line, each.key) for each in problems] == [(4, "row.b.n"), (6, "row.c")]
    assert read_rows(table, "other", lambda name, _each: name, problems) == {}
    assert len(problems) == 2
    assert read_rows(TomlText("x", "row = 3").table(), "row", lambda name, _each: name, problems) == {}
    assert str(problems[2]) == "x, line 1: row: must be a table, not a whole number"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nb = = 2\n", r"mine\.toml, line 2, column 5: is not TOML: "),
        ('a = "', r"mine\.toml, line 1: is not TOML: |mine\.toml, line 1, column 6: is not TOML: "),
        ("a = 2026-02-30", r"mine\.toml.*: is not TOML: "),
    ],
)
def test_what_is_not_toml_says_its_place(text: str, said: str) -> None:
    with pytest.raises(TableError, match=f"^(?:{said})"):
        TomlText("mine.toml", text).table()


def test_a_table_of_no_file_says_its_key_alone() -> None:
    with pytest.raises(TableError) as caught:
        Table({"data": 1}).volume("data")
    assert str(caught.value) == "data: must be a text, not a whole number"
