"""Dates and times as people read them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from esimctl.show.reader import Reader, read_by
from esimctl.show.times import day_from_now, from_now, moment, moment_from_now, span

NOW = datetime(2026, 11, 28, 5, 0, tzinfo=UTC)  # noon in Phnom Penh, a Saturday


@pytest.fixture(autouse=True)
def by_the_profile(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A reader in Phnom Penh."""
    read_by(Reader(NOW, ZoneInfo("Asia/Phnom_Penh")))
    yield
    read_by(None)


@pytest.mark.parametrize(("given", "said"), [
    (NOW + timedelta(seconds=20), "now"),
    (NOW + timedelta(minutes=1), "in 1 minute"),
    (NOW - timedelta(minutes=59), "59 minutes ago"),
    (NOW + timedelta(hours=5, minutes=59), "in 5 hours"),
    (NOW + timedelta(hours=11, minutes=59), "in 11 hours"),
    (NOW + timedelta(hours=12), "tomorrow"),
    (NOW - timedelta(hours=13), "yesterday"),
    (NOW + timedelta(days=4, hours=-6), "in 4 days"),
    (NOW - timedelta(days=2), "2 days ago"),
    (NOW + timedelta(days=200), "in 6 months"),
    (NOW + timedelta(days=800), "in 2 years"),
])  # fmt: skip
def test_days_go_by_the_calendar_and_hours_by_the_clock(given: datetime, said: str) -> None:
    assert from_now(given) == said


def test_the_year_stands_where_it_is_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert moment_from_now(datetime(2026, 12, 1, 1, 0, tzinfo=UTC)).startswith("Tue 1 Dec 08:00")
    assert day_from_now(datetime(2027, 1, 4, tzinfo=UTC)) == "4 Jan 2027 · in 37 days"
    assert moment(datetime(2026, 12, 31, 18, 0, tzinfo=UTC)).startswith("1 Jan 2027 01:00")


def test_the_offset_stands_where_the_machine_has_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    away = Reader(NOW, ZoneInfo("Asia/Tokyo" if NOW.astimezone().utcoffset() != timedelta(hours=9) else "UTC"))
    read_by(away)
    assert moment(NOW).endswith(f"{NOW.astimezone(away.zone):%z}")
    read_by(Reader(NOW, None))
    assert moment(NOW) == f"28 Nov {NOW.astimezone():%H:%M}"


@pytest.mark.parametrize(("length", "said"), [
    (timedelta(seconds=3), "1 minute"), (timedelta(minutes=119), "1 hour"), (timedelta(hours=47), "47 hours"),
    (timedelta(days=2), "2 days"), (timedelta(days=89), "89 days"), (timedelta(days=90), "3 months"),
    (timedelta(days=730), "2 years"),
])  # fmt: skip
def test_a_length_in_its_largest_unit(length: timedelta, said: str) -> None:
    assert span(length) == said


def test_chinese_has_its_own_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESIMCTL_LANG", "zh-CN")
    assert moment_from_now(datetime(2027, 12, 1, 1, 0, tzinfo=UTC)).startswith("2027年12月1日 周三 08:00")
    assert day_from_now(datetime(2026, 12, 1, 1, 0, tzinfo=UTC)) == "12月1日 · 3 天后"
