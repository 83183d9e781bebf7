"""Use on terminals of every width: bars in proportion, no figure cut; and forecasts, the answer first."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esimctl.documents.balance import ReadingPart
from esimctl.documents.document import ABSENT
from esimctl.documents.usage import BurnAlertPart, ForecastDocument, PacePart, PeriodRow, UsageDocument
from esimctl.show.bars import bar, recent_days, spark
from esimctl.show.cards.forecast import person as forecast
from esimctl.show.cards.use import history_person
from esimctl.show.page import cells
from esimctl.show.reader import Reader, read_by
from tests.show.fakes import shown, terminal

WIDTHS = [30, 40, 60, 80, 120, 200]
NOW = datetime(2026, 11, 28, 2, tzinfo=UTC)
GIGA = 10**9


@pytest.fixture(autouse=True)
def somebody_reads() -> None:
    """A reader in UTC, on a morning of November."""
    read_by(Reader(NOW, UTC))


def document(days: int = 27, by: str = "day") -> UsageDocument:
    rows = [
        PeriodRow(
            start=date(2026, 11, day), end=date(2026, 11, day), used_bytes=day * 123_456_789, complete=day > 1,
            days_known=1, basis="spread" if day % 3 else "readings", gap_seconds=0,
        )
        for day in range(1, days + 1)
    ]  # fmt: skip
    return UsageDocument(
        line="phone",
        by=by,
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
def test_every_figure_stands_in_full(width: int) -> None:
    one = terminal(width, colour="never")
    history_person(document(), one)
    lines = shown(one).splitlines()
    for day in range(1, 28):
        (line,) = [line for line in lines if f" {day} Nov " in line and "since" not in line]
        assert ("~" in line) == bool(day % 3)
        assert ("≥" in line) == (day == 1)
    assert not any("…" in line or cells(line) > width for line in lines)


def test_the_answer_stands_first_and_the_longest_bar_is_the_highest_day() -> None:
    one = terminal(80, colour="never")
    history_person(document(), one)
    first, head, *rows = shown(one).splitlines()
    assert first.startswith("phone · 46.66 GB since 1 Nov · 1.79 GB a day   ")
    assert head.split() == ["DAY", "USED"]
    assert rows[26].count("█") == 40
    assert rows[12].count("█") == 19


def test_months_are_rows_with_bars() -> None:
    one = terminal(80, colour="never")
    history_person(document(days=1, by="month"), one)
    first, head, row, *signs = shown(one).splitlines()
    assert (first, head.split()) == ("phone · 123.45 MB since 1 Nov", ["MONTH", "USED"])
    assert row.startswith("Nov 2026  ≥~123.45 MB  ████")
    assert [sign[0] for sign in signs] == ["~", "≥"]


def test_bars_of_a_terminal_without_blocks() -> None:
    read_by(Reader(NOW, UTC, blocks=False))
    one = terminal(60, colour="never")
    history_person(document(), one)
    assert shown(one).isascii() is False, "only the point between the parts of the first line"
    assert not set("█≥▌") & set(shown(one))
    assert "#####" in shown(one)


def test_nothing_known_is_said_beside_not_drawn() -> None:
    one = terminal(80)
    history_person(document(days=0), one)
    assert shown(one) == ""


def foretold(**given: Any) -> str:
    """The screen of a forecast."""
    told = {
        "as_of": NOW,
        "line": "sim",
        "method": "flat-mean",
        "days_of_history": 9,
        "spread_days": 0,
        "reason": None,
        "runs_out_at": datetime(2026, 11, 30, 13, tzinfo=UTC),
        "earliest": datetime(2026, 11, 29, 13, tzinfo=UTC),
        "latest": None,
        "mean_per_day_bytes": 335_999_999,
        "weekday_bytes": None,
        "remaining_bytes": 1_300_000_000,
        "restricted_bytes": None,
        "term_ends_at": datetime(2026, 12, 1, 1, tzinfo=UTC),
        "leftover_bytes": 0,
        "waste": [],
        "wasted_bytes": 0,
        "allowed_per_day_bytes": 436_666_666,
        "pace": PacePart(ratio="1.2", from_=NOW, to=NOW, granted_bytes=GIGA, used_bytes=GIGA, runs_out_at=None),
        "alert": None,
        "reading": ReadingPart(at=NOW, source="manual", stale=False),
        "tips": ABSENT,
    }
    one = terminal(80, colour="never")
    forecast(ForecastDocument(**{**told, **given}), one)
    return shown(one)


def test_a_forecast_says_first_when_it_runs_out() -> None:
    assert foretold().splitlines() == [
        "sim runs out about Mon 30 Nov 13:00 · in 2 days, 12 hours before it ends",
        "Left now         1.3 GB",
        "Between          29 Nov 13:00 and its end",
        "Used a day       335 MB (from 9 days of history)",
        "To make it last  436 MB a day until 1 Dec 01:00",
        "Pace             1.2 times the pace that lasts to the end",
    ]


def test_without_an_end_it_says_why() -> None:
    nothing = {"runs_out_at": None, "earliest": None}
    lasts = foretold(**nothing, reason="lasts until it ends")
    assert lasts.startswith("sim is not expected to run out: lasts until it ends\n")
    few = foretold(**nothing, method="none", reason="fewer than three days of history", pace=None)
    assert few.startswith("sim: no forecast: fewer than three days of history\nLeft now ")
    assert "Used a day" not in few


def test_what_is_wrong_stands_below_and_tips_only_where_they_were_asked_for() -> None:
    fast = BurnAlertPart(factor="2", window_seconds=72 * 3600, short_window_seconds=3600, used_bytes=16 * GIGA)
    old = ReadingPart(at=NOW - timedelta(days=3), source="manual", stale=True)
    said = foretold(alert=fast, reading=old, tips=["Use the Wi-Fi of hotels."]).splitlines()
    assert said[-3:] == [
        "! used much faster than usual: 16 GB in the last 72 hours",
        "! old reading: 25 Nov 02:00",
        "- Use the Wi-Fi of hotels.",
    ]


def test_a_spark_knows_nothing_from_none() -> None:
    assert spark([None, 0, 5, 10]) == "·▁▄█"
    assert spark([0, 0]) == "▁▁"
    assert spark(recent_days({"2026-11-09": GIGA, "2026-11-07": 2 * GIGA})) == "···········█·▄"


@given(st.integers(0, 10**15), st.integers(1, 10**15), st.integers(1, 200))
def test_a_bar_fits_and_is_never_empty(value: int, highest: int, width: int) -> None:
    drawn = bar(min(value, highest), highest, width)
    assert len(drawn) <= width
    assert bool(drawn.strip()) == (value > 0)
