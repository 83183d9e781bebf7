"""Tables and pages at every width and in every script: nothing is cut, nothing stands askew, no line is too long."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from esimctl.show.page import cells, folded, uncertain, wrap
from esimctl.show.table import draw, listed
from esimctl.show.view import Column, Columns, View
from tests.show.fakes import shown, terminal

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")

COLUMNS = (
    Column("line", lambda r: r["line"]),
    Column("iccid", lambda r: r["iccid"]),
    Column("price", lambda r: r["price"], right=True),
    Column("left", lambda r: r["left"], right=True),
    Column("until", lambda r: r["until"]),
    Column("note", lambda r: r["note"]),
)
ROWS: list[Mapping[str, Any]] = [
    {
        "line": "phone",
        "iccid": "8985512345678901234",
        "price": "1,234.50 USD",
        "left": "12.4 GB",
        "until": "2026-11-20 09:00 +0700",
        "note": None,
    },
    {
        "line": "family-router-in-the-living-room",
        "iccid": "89855000000000000017",
        "price": "20,000 KHR",
        "left": "999.999 GB",
        "until": "2026-12-31 23:59 +0700",
        "note": "流量不清零",
    },
]


def drawn(width: int | None, columns: Columns[Any] = COLUMNS, rows: Sequence[Mapping[str, Any]] = ROWS) -> list[str]:
    """The lines of the table on a terminal of that width, without colour."""
    one = terminal(width, colour="never")
    draw(columns, rows, one)
    return shown(one).splitlines()


@pytest.mark.parametrize("width", [50, 60, 80, 100, 120, 160])
def test_what_stands_in_a_table_is_never_cut(width: int) -> None:
    """From fifty columns on a list is a table: no line too long, every cell of a column that is shown is whole."""
    lines = drawn(width)
    assert lines[0].split()[0] == "LINE"
    assert all(cells(line) <= width for line in lines)
    heads = lines[0].split()
    for name in ("iccid", "price", "left", "until"):
        if name.upper() in heads:
            assert all(str(row[name]) in "\n".join(lines) for row in ROWS)
    assert "…" not in "".join(lines)


def test_the_columns_of_the_lowest_priority_go_first() -> None:
    """Without a priority of its own a column goes before those on its left; the first one stays."""
    heads = [drawn(width)[0].split() for width in (120, 100, 80, 60, 50)]
    assert heads[0] == ["LINE", "ICCID", "PRICE", "LEFT", "UNTIL", "NOTE"]
    assert all(later == earlier[: len(later)] for earlier, later in pairwise(heads))
    assert heads[-1] == ["LINE"]


def test_below_fifty_columns_it_is_blocks() -> None:
    """One `NAME: value` line for each cell, an empty line between the records; a table that fits stays one."""
    blocks = "\n".join(drawn(49)).split("\n\n")
    assert len(blocks) == 2
    assert blocks[0].splitlines()[:3] == ["LINE: phone", "ICCID: 8985512345678901234", "PRICE: 1,234.50 USD"]
    assert blocks[0].splitlines()[-1] == "NOTE: -"
    assert drawn(40, COLUMNS[2:4])[0].split() == ["PRICE", "LEFT"]


def test_a_word_without_a_heading_stands_behind_the_name_in_a_block() -> None:
    """SANDBOX is never lost; a bar is."""
    columns = (COLUMNS[0], Column("", lambda _: "SANDBOX"), Column("", lambda _: "███░░"), *COLUMNS[1:])
    assert drawn(49, columns)[:2] == ["LINE: phone  SANDBOX", "ICCID: 8985512345678901234"]


ENDS: Column[Mapping[str, Any]] = Column(
    "ends", lambda r: r["until"], short=[lambda r: str(r["until"])[:10], lambda r: str(r["until"])[5:10]]
)


def test_short_forms_come_before_a_column_goes_and_long_ones_come_back() -> None:
    """The form is the column's, not the row's; what went may make room for a longer one."""
    columns = (COLUMNS[0], ENDS, COLUMNS[3]._replace(priority=1))
    whole = max(cells(line) for line in drawn(160, columns))
    for less, form in ((0, "2026-11-20 09:00 +0700"), (1, "2026-11-20"), (13, "11-20")):
        lines = drawn(whole - less, columns)
        assert [form in line for line in lines] == [False, True, False]
        assert lines[0].split() == ["LINE", "ENDS", "LEFT"]
    lone = (COLUMNS[0], ENDS._replace(priority=1), Column("what", lambda _: "x" * 30, priority=9))
    assert drawn(60, lone)[0].split() == ["LINE", "ENDS"]
    assert "2026-11-20 09:00 +0700" in drawn(60, lone)[1]


def test_only_free_text_is_cut() -> None:
    """It is cut with an ellipsis; a name that alone is too wide goes on in a second row of its cell."""
    free = (COLUMNS[0], Column("note", lambda _: "long words " * 9, cut=True, priority=0), COLUMNS[3])
    lines = drawn(80, free)
    assert len(lines) == 3
    assert all("…" in line for line in lines[1:])
    assert all(str(row["left"]) in line for row, line in zip(ROWS, lines[1:], strict=True))
    long: list[Mapping[str, Any]] = [{**ROWS[0], "line": "n" * 70}]
    lines = drawn(60, (COLUMNS[0], COLUMNS[3]._replace(priority=0)), long)
    assert sum(line.count("n") for line in lines[1:]) == 70
    assert lines[1].endswith("12.4 GB")


def test_figures_end_in_one_column() -> None:
    """Also above a row in Chinese; no blanks at the ends of lines."""
    lines = drawn(160)
    assert len(lines) == 3
    for name in ("price", "left"):
        ends = {line.index(str(row[name])) + len(str(row[name])) for line, row in zip(lines[1:], ROWS, strict=True)}
        assert ends == {lines[0].index(name.upper()) + len(name)}
    assert all(line == line.rstrip() for line in lines)


def test_a_pipe_gets_every_column() -> None:
    """Nothing has a width there."""
    assert drawn(None)[0].split() == ["LINE", "ICCID", "PRICE", "LEFT", "UNTIL", "NOTE"]


def test_a_column_of_which_no_row_knows_anything_is_left_out() -> None:
    """Unless it was chosen."""
    rows: list[Mapping[str, Any]] = [{**row, "note": None, "until": None} for row in ROWS]
    assert drawn(160, rows=rows)[0].split() == ["LINE", "ICCID", "PRICE", "LEFT"]
    one = terminal(160, colour="never")
    draw(COLUMNS, rows, one, chosen=True)
    assert shown(one).split()[:6] == ["LINE", "ICCID", "PRICE", "LEFT", "UNTIL", "NOTE"]


def test_a_heading_of_two_words_makes_no_column_wider_than_it_must_be() -> None:
    """It goes on below where room is scarce."""
    columns = (COLUMNS[0], Column("needs attention", lambda _: "low", priority=1))
    assert drawn(80, columns)[0].split() == ["LINE", "NEEDS", "ATTENTION"]
    assert [line.split() for line in drawn(44, columns)[:2]] == [["NEEDS"], ["LINE", "ATTENTION"]]


@pytest.mark.parametrize(("rows", "told"), [(31, ""), (32, "Showing 30 of 32 (--all)")])
def test_a_long_list_is_counted(rows: int, told: str) -> None:
    """One row too many is shown rather than counted; `--all`, `-q` and a pipe have no count."""

    def lines(width: int | None = 80, **said: bool) -> list[str]:
        one = terminal(width, colour="never")
        for name, value in said.items():
            setattr(one, name, value)
        listed(COLUMNS[:1], [{"line": f"l{at}"} for at in range(rows)], one, most=30, showing=View().showing)
        return shown(one).splitlines()

    assert lines()[1 + (30 if told else rows) :] == ([told] if told else [])
    assert len(lines(quiet=True)) == 1 + (30 if told else rows)
    assert len(lines(every_row=True)) == len(lines(None)) == 1 + rows


def test_a_code_is_white_on_black_whatever_the_palette() -> None:
    """On a light terminal it would be inverted otherwise; without colour both stand there, side by side."""
    from esimctl.show.cards.qr import draw as draw_code

    plain, coloured = terminal(80, colour="never", LINES="60"), terminal(80, colour="always", LINES="60")
    assert draw_code("LPA:1$rsp.example.com$X", plain)
    assert draw_code("LPA:1$rsp.example.com$X", coloured)
    assert all(line.startswith("\x1b[97") and line.endswith("\x1b[0m") for line in shown(coloured).splitlines())
    inverse = str.maketrans("█▀▄ ", " ▄▀█")
    drawn = ESCAPES.sub("", shown(coloured)).splitlines()
    both = [line + line.translate(inverse) for line in drawn[:-1]]
    assert shown(plain).splitlines() == [*both, drawn[-1] + " " * len(drawn[-1])]


def test_colour_carries_no_meaning() -> None:
    """The same text with and without."""
    plain, coloured = terminal(160, colour="never"), terminal(160, colour="always")
    draw(COLUMNS, ROWS, plain)
    draw(COLUMNS, ROWS, coloured)
    assert "\x1b" not in shown(plain)
    assert "\x1b[1m" in shown(coloured)
    stripped = [line.rstrip() for line in ESCAPES.sub("", shown(coloured)).splitlines()]
    assert stripped == shown(plain).splitlines()


def test_khmer_stands_in_the_last_column() -> None:
    """No two terminals agree on its width; where nothing aligns after it, it does no harm."""
    lines = drawn(160, (Column("status", lambda _: "សកម្ម"), Column("line", lambda r: r["line"])))
    assert lines[0].split() == ["LINE", "STATUS"]
    assert lines[1].startswith("phone   ")
    assert lines[1].endswith("សកម្ម")


def test_chinese_stands_in_columns() -> None:
    """Wide characters take two columns for us, for Rich and for terminals."""
    columns = (Column("name", lambda r: r["name"]), Column("price", lambda r: r["price"], right=True))
    one = terminal(80, colour="never")
    draw(columns, [{"name": "流量不清零", "price": "5.00 USD"}, {"name": "weekly", "price": "12.00 USD"}], one)
    lines = shown(one).splitlines()
    assert {cells(line) for line in lines} == {cells("流量不清零") + 2 + len("12.00 USD")}


def test_hostile_cells_are_made_visible() -> None:
    """An escape sequence in a plan's name reaches no terminal, and a newline makes no second row."""
    one = terminal(80, colour="never")
    draw((Column("name", lambda r: r["name"]),), [{"name": "\x1b[31mred\nnext\u202e"}], one)
    assert "\x1b" not in shown(one)
    assert len(shown(one).splitlines()) == 2


@given(st.text(st.sampled_from("ab 12,.。，流量不清零…éสយ"), max_size=80), st.integers(20, 60))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    """Only blanks may go; a line is too long only where one word is."""
    lines = wrap(text, width)
    assert "".join(lines).replace(" ", "") == "".join(text.split())
    for line in lines:
        assert cells(line) <= width or " " not in line


@given(st.text(st.sampled_from("0123456789.,- USDKHR:+"), max_size=120), st.integers(20, 60))
def test_folding_never_breaks_a_word(text: str, width: int) -> None:
    """An amount or an ICCID stays whole, whatever the width; what fits stays as it is, blanks included."""
    lines = folded(text, width)
    if len(text) <= width:
        assert lines == [text]
    else:
        assert [word for line in lines for word in line.split()] == text.split()


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30))
def test_width_agrees_with_rich_where_anybody_knows_it(text: str) -> None:
    """For ASCII and Chinese ours is Rich's; text on which programs differ is marked as uncertain."""
    certain = all(character.isascii() or 0x4E00 <= ord(character) <= 0x9FFF for character in text)
    if certain:
        assert cells(text) == cell_len(text)
        assert not uncertain(text)


@pytest.mark.parametrize("text", ["ទិន្នន័យនៅសល់", "ខ្មែរ", "สวัสดี", "e\u0301"])
def test_uncertain_texts(text: str) -> None:
    """Khmer, Thai, and letters with combining marks."""
    assert uncertain(text)
