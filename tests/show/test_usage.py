"""History on terminals of every width, with the plot library and without: no digit is ever cut."""

import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esimctl.documents.balance import ReadingPart
from esimctl.documents.usage import PeriodRow, UsageDocument
from esimctl.show.bars import bar, bars, recent_days, spark
from esimctl.show.cards.use import history_person
from esimctl.show.page import cells
from tests.show.fakes import shown, terminal

WIDTHS = [20, 40, 60, 80, 120, 200]


def document(days: int = 30) -> UsageDocument:
    rows = [
        PeriodRow(
            start=date(2026, 11, day), end=date(2026, 11, day), used_bytes=day * 123_456_789, complete=day > 1,
            days_known=1, basis="spread" if day % 3 else "readings", gap_seconds=0,
        )
        for day in range(1, days + 1)
    ]  # fmt: skip
    return UsageDocument(
        line="phone",
        by="day",
        zone="UTC",
        from_=date(2026, 11, 1),
        to=date(2026, 11, 30),
        source="readings",
        known_until=None,
        reading=ReadingPart(at=None, source=None, stale=False),
        used_bytes=sum(row.used_bytes for row in rows) if rows else None,
        usage=rows,
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("library", [True, False])
def test_every_figure_stands_in_full(width: int, library: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not library:
        monkeypatch.setitem(sys.modules, "plotext", None)
    one = terminal(width)
    history_person(document(), one)
    text = shown(one)
    for day in range(1, 31):
        (line,) = [line for line in text.splitlines() if line.startswith(f"2026-11-{day:02d} ")]
        assert ("~" in line) == bool(day % 3)
        assert ("+" in line) == (day == 1)
    assert "…" not in text
    assert "\x1b" not in text
    room = [line for line in text.splitlines() if cells(line) > width]
    assert not room or width < 22, room


def test_the_library_draws_axes_and_we_draw_bars() -> None:
    drawn = terminal(100)
    history_person(document(), drawn)
    assert "┤" in shown(drawn)
    plain = terminal(50)
    history_person(document(), plain)
    assert "┤" not in shown(plain)
    assert "█" in shown(plain)


def test_nothing_known_is_said_beside_not_drawn() -> None:
    one = terminal(80)
    history_person(document(days=0), one)
    assert shown(one) == ""


def test_a_spark_knows_nothing_from_none() -> None:
    assert spark([None, 0, 5, 10]) == "·▁▄█"
    assert spark([0, 0]) == "▁▁"
    assert spark(recent_days({"2026-11-09": GIGA, "2026-11-07": 2 * GIGA})) == "···········█·▄"


GIGA = 10**9


@given(st.integers(0, 10**15), st.integers(1, 10**15), st.integers(1, 200))
def test_a_bar_fits_and_is_never_empty(value: int, highest: int, width: int) -> None:
    drawn = bar(min(value, highest), highest, width)
    assert len(drawn) <= width
    assert bool(drawn.strip()) == (value > 0)


def test_bars_in_proportion() -> None:
    one, two = bars([("a", 50, "50"), ("b", 100, "100")], 39)
    assert two.count("█") == 2 * one.count("█") == 32
