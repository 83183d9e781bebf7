"""What colour says travels within texts, and nothing from outside can bring any."""

from hypothesis import given
from hypothesis import strategies as st

from esimctl.show.page import cells, folded
from esimctl.show.styles import ACT, ASKED, STYLES, coloured, harmless, runs, styled, unstyled
from esimctl.show.words import say
from tests.show.fakes import shown, terminal


def test_a_style_is_an_escape_sequence_or_nothing() -> None:
    said = f"a {styled('red', ACT)} word"
    assert coloured(said, True) == "a \x1b[31mred\x1b[0m word"
    assert coloured(said, False) == unstyled(said) == "a red word"
    assert runs(said) == [("a ", ""), ("red", "red"), (" word", "")]
    assert cells(said) == 10


def test_a_style_goes_through_sentences_and_line_breaks() -> None:
    said = say("ends {time}", time=styled("Tue 1 Dec 08:00", ASKED))
    assert coloured(said, True) == "ends \x1b[1mTue 1 Dec 08:00\x1b[0m"
    assert unstyled("\n".join(folded(said * 4, 40))).split() == (unstyled(said) * 4).split()
    one = terminal(80)
    one.tell(said + "\n")
    assert shown(one) == coloured(said, True) + "\n"


def test_an_empty_text_and_no_style_have_no_marks() -> None:
    assert styled("", ACT) == ""
    assert styled("plain", None) == "plain"


@given(st.text(max_size=40))
def test_nothing_from_outside_brings_a_style(text: str) -> None:
    assert all(mark not in styled(text, None) for mark in STYLES)
    said = say("{text} said", text=text)
    assert "\x1b" not in coloured(said, True)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_cell_keeps_its_styles_and_nothing_else(before: str, inner: str) -> None:
    cell = harmless(before.translate(dict.fromkeys(range(0xFDD0, 0xFDE0))) + styled(inner, ACT))
    assert "\x1b" not in cell
    assert [style for _, style in runs(cell) if style] == (["red"] if inner else [])
