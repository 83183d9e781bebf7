"""Days and months as people write them; the day stands before the month."""

from datetime import UTC, date, datetime

import pytest

from esimctl.values.moments import MomentError, zone
from esimctl.values.typed_days import away, day_of, is_away, month_of

HERE = zone("Asia/Phnom_Penh")
NOW = datetime(2026, 11, 30, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01", "2026年12月1日", "2026/12/01", "2026/12/1", "２０２６年１２月１日", "2026.12.1", "1 Dec 2026",
        "01 December 2026",
    ],
)  # fmt: skip
def test_one_day(text: str) -> None:
    assert day_of(text) == "2026-12-01"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("28/11/2026", "2026-11-28"), ("28-11-2026", "2026-11-28"), ("28.11.2026", "2026-11-28"),
        ("6/6/2026", "2026-06-06"), ("06/6/2026", "2026-06-06"), ("28/11/2026 08:30", "2026-11-28T08:30"),
        ("2026年12月1日 8点30分", "2026-12-01T08:30"), ("2026-12-01T08:00:00+07:00", "2026-12-01T08:00:00+07:00"),
        ("no day", "no day"),
    ],
)  # fmt: skip
def test_days_in_this_part_of_the_world(text: str, same: str) -> None:
    assert day_of(text) == same


def test_a_day_that_can_be_two_is_refused_with_both() -> None:
    with pytest.raises(MomentError) as refused:
        day_of("5/6/2026")
    assert str(refused.value) == "5/6/2026 can be two days: write 2026-06-05 or 2026-05-06"


@pytest.mark.parametrize("text", ["31/02/2026", "11/28/2026", "2026/13/01", "2026年2月30日", "28/11/2026 25:00"])
def test_a_day_of_no_calendar(text: str) -> None:
    with pytest.raises(MomentError):
        day_of(text)


@pytest.mark.parametrize(
    ("text", "ago", "ahead"),
    [
        ("yesterday", "2026-11-29", "2026-11-29"),
        ("昨天", "2026-11-29", "2026-11-29"),
        ("ម្សិលមិញ", "2026-11-29", "2026-11-29"),
        ("Today", "2026-11-30", "2026-11-30"),
        ("tomorrow", "2026-12-01", "2026-12-01"),
        ("7d", "2026-11-23", "2026-12-07"),
        ("10 天", "2026-11-20", "2026-12-10"),
        ("1 month", "2026-10-30", "2026-12-30"),
        ("now", "2026-11-30", "2026-11-30"),
    ],
)
def test_by_the_clock(text: str, ago: str, ahead: str) -> None:
    assert is_away(text)
    assert away(text, NOW, HERE, ahead=False, days=True) == ago
    assert away(text, NOW, HERE, ahead=True, days=True) == ahead


def test_an_instant_by_the_clock() -> None:
    assert away("2h", NOW, HERE, ahead=False, days=False) == "2026-11-30T00:00:00Z"
    assert away("now", NOW, HERE, ahead=False, days=False) == "2026-11-30T02:00:00Z"
    assert not is_away("2026-11-30")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-11", "2026-11"), ("2026年11月", "2026-11"), ("11/2026", "2026-11"), ("2026/1", "2026-01"),
        ("last", "2025-12"), ("上个月", "2025-12"), ("this", "2026-01"), ("ខែមុន", "2025-12"), ("x", "x"),
    ],
)  # fmt: skip
def test_months(text: str, same: str) -> None:
    assert month_of(text, date(2026, 1, 30)) == same
