"""Text that others wrote: nothing that moves a cursor, turns text around or hides passes, and nothing is hidden."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esimctl.values.text import REPLACED, clean, is_clean

HOSTILE = {
    "\x1b[2J": "\u241b[2J",
    "a\x00b": "a\u2400b",
    "a\tb\rc\nd": "a\u2409b\u240dc\u240ad",
    "\x7f": "\u2421",
    "\x9b31m": f"{REPLACED}31m",
    "\u202egnp.exe": f"{REPLACED}gnp.exe",
    "\u2066x\u2069": f"{REPLACED}x{REPLACED}",
    "a\u200bb\u200d\ufeff": f"a{REPLACED}b{REPLACED}{REPLACED}",
    "\u2028\u2029": REPLACED * 2,
    "\U000e0041\U000e007f": REPLACED * 2,
    "\ud800": REPLACED,
    "\ue000\U0010fffd": REPLACED * 2,
    "\u3164\u2800\u115f": REPLACED * 3,
    "\ufdd0\uffff": REPLACED * 2,
    "\U000e0100": REPLACED,
}


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_characters_become_visible(text: str) -> None:
    assert clean(text) == HOSTILE[text]
    assert not is_clean(text)


@pytest.mark.parametrize("text", ["iNET 500, 8 GB", "流量不清零", "ទិន្នន័យ", "៛1000", "é", "[/] [link=x]", "👍"])
def test_honest_text_passes(text: str) -> None:
    assert clean(text) == text
    assert is_clean(text)


def test_composed_and_decomposed_are_one() -> None:
    assert clean("e\u0301") == "\u00e9"


def test_lines_stay_where_they_are_wanted() -> None:
    assert clean("a\nb\x1b", newlines=True) == "a\nb\u241b"


def test_long_text_is_cut_visibly() -> None:
    assert clean("x" * 501) == "x" * 499 + "…"
    assert clean("x" * 500) == "x" * 500
    assert clean("x" * 10**6, 10) == "x" * 9 + "…"
    assert clean("xx", 0) == ""


_CHARACTERS = st.one_of(st.integers(0, 0x2FF), st.integers(0x1100, 0x30FF), st.integers(0xD7F0, 0x10FFFF)).map(chr)


@given(st.text(_CHARACTERS, max_size=60), st.integers(0, 40), st.booleans())
def test_cleaning_is_bounded_final_and_safe(text: str, limit: int, newlines: bool) -> None:
    once = clean(text, limit, newlines=newlines)
    assert len(once) <= limit
    assert clean(once, limit, newlines=newlines) == once
    unsafe = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert all(unicodedata.category(each) not in unsafe or (newlines and each == "\n") for each in once)
