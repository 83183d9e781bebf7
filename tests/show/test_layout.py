"""Tables and pages at every width and in every script: nothing is cut, nothing stands askew, no line is too long."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from esimctl.show.page import cells, folded, uncertain, wrap
from esimctl.show.table import draw
from esimctl.show.view import Column
from tests.show.fakes import shown, terminal

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
WIDTHS = [40, 60, 80, 120, 160]

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
DIGITS = [str(row[name]) for row in ROWS for name in ("iccid", "price", "left", "until")]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_digit_is_ever_cut(width: int) -> None:
    """Every amount, ICCID and time stands in full, on one line, at any width; no line is wider than the terminal."""
    one = terminal(width)
    draw(COLUMNS, ROWS, one)
    text = ESCAPES.sub("", shown(one))
    for value in DIGITS:
        assert value in text
    assert "…" not in text
    assert all(cells(line) <= width for line in text.splitlines())


def test_a_terminal_that_is_too_narrow_gets_blocks() -> None:
    """One `NAME: value` line for each cell, an empty line between the records."""
    one = terminal(60)
    draw(COLUMNS, ROWS, one)
    blocks = shown(one).split("\n\n")
    assert len(blocks) == 2
    assert blocks[0].splitlines()[:3] == ["LINE: phone", "ICCID: 8985512345678901234", "PRICE: 1,234.50 USD"]
    assert blocks[0].splitlines()[-1] == "NOTE: -"


def test_a_terminal_that_is_wide_enough_gets_columns() -> None:
    """Right-aligned figures end in the same column, also above a row in Chinese; no blanks at the ends of lines."""
    one = terminal(160, colour="never")
    draw(COLUMNS, ROWS, one)
    lines = shown(one).splitlines()
    assert len(lines) == 3
    for name in ("price", "left"):
        ends = {line.index(str(row[name])) + len(str(row[name])) for line, row in zip(lines[1:], ROWS, strict=True)}
        assert ends == {lines[0].index(name.upper()) + len(name)}
    assert all(line == line.rstrip() for line in lines)


def test_exactly_the_width_is_wide_enough() -> None:
    """One column less, and it is blocks."""
    one = terminal(160, colour="never")
    draw(COLUMNS, ROWS, one)
    natural = max(cells(line) for line in shown(one).splitlines())
    for width, tables in ((natural, True), (natural - 1, False)):
        one = terminal(width, colour="never")
        draw(COLUMNS, ROWS, one)
        assert shown(one).startswith("LINE  ") is tables


def test_what_says_nothing_goes_first_where_room_is_scarce() -> None:
    """A column of which no row knows anything is left out before a table becomes blocks, unless it was chosen."""
    rows: list[Mapping[str, Any]] = [{**row, "note": None, "until": None} for row in ROWS]
    one = terminal(160, colour="never")
    draw(COLUMNS, rows, one)
    assert "NOTE" in shown(one)
    natural = max(cells(line) for line in shown(one).splitlines())
    one = terminal(natural - 1, colour="never")
    draw(COLUMNS, rows, one)
    assert shown(one).splitlines()[0].split() == ["LINE", "ICCID", "PRICE", "LEFT"]
    one = terminal(natural - 1, colour="never")
    draw(COLUMNS, rows, one, chosen=True)
    assert shown(one).startswith("LINE: ")
    one = terminal(3, colour="never")
    draw(COLUMNS[-1:], rows, one)
    assert shown(one) == "NOTE: -\n\nNOTE: -\n"


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


def test_khmer_before_something_that_aligns_makes_blocks() -> None:
    """No two terminals agree on its width; in the last column it does no harm."""
    first = (Column("status", lambda _: "សកម្ម"), Column("line", lambda r: r["line"]))
    last = (Column("line", lambda r: r["line"]), Column("status", lambda _: "សកម្ម"))
    one = terminal(160, colour="never")
    draw(first, ROWS, one)
    assert shown(one).startswith("STATUS: សកម្ម\nLINE: phone\n")
    one = terminal(160, colour="never")
    draw(last, ROWS, one)
    assert shown(one).splitlines()[1].startswith("phone   ")


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
