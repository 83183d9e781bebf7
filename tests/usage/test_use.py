"""Where use is known from: readings, a corrected model, records; and that unknown never becomes 0."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esimctl.charging.buckets import Movement
from esimctl.providers.protocol import Reading, ReadingBucket
from esimctl.usage.kept import UseSpan, by_day, daily_use, model_spans, spans, used_between, whole, whole_days
from esimctl.usage.use import UseHistory, points
from esimctl.values.moments import zone

ZONE = zone("Asia/Phnom_Penh")
BEGIN = datetime(2026, 11, 1, tzinfo=ZONE).astimezone(UTC)
DAY = timedelta(days=1)
GB = 10**9


def counted(day: float, used: int | None) -> Reading:
    """A reading of a vendor's counter, so many days after the beginning."""
    return Reading(BEGIN + DAY * day, "active", used_bytes=used)


def test_a_day_inside_an_unknown_time_is_absent_not_zero() -> None:
    readings = [counted(0, 0), counted(1, GB), counted(2, None), counted(3, 3 * GB), counted(4, 4 * GB)]
    assert daily_use(readings, ZONE, BEGIN + DAY * 5) == {date(2026, 11, 1): GB, date(2026, 11, 4): GB}


def test_a_day_that_is_known_in_part_is_no_whole_day() -> None:
    days = by_day(spans([counted(0.5, 0), counted(2, 3 * GB)]), ZONE)
    assert days[date(2026, 11, 1)].octets == GB
    assert days[date(2026, 11, 1)].covered == DAY / 2
    assert whole_days(days, ZONE) == {date(2026, 11, 2): 2 * GB}


def test_the_figure_knows_over_how_long_it_was_spread() -> None:
    days = by_day(spans([counted(0, 0), counted(1, GB), counted(4, 4 * GB), counted(5, 4 * GB)]), ZONE)
    assert [known.gap for known in days.values()] == [timedelta(0), 3 * DAY, 3 * DAY, 3 * DAY, timedelta(0)]


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25)])
def test_a_day_is_whole_at_its_own_length(day: date, hours: int) -> None:
    """Where clocks change, 23 hours are a whole day and 24 are not."""
    berlin = zone("Europe/Berlin")
    start = datetime(day.year, day.month, day.day, tzinfo=berlin).astimezone(UTC)
    for length, expected in ((hours, True), (hours - 1, False)):
        known = by_day([UseSpan(start, start + timedelta(hours=length), 5)], berlin)
        assert whole(day, known[day], berlin) is expected


@given(st.lists(st.tuples(st.integers(0, 200_000), st.one_of(st.none(), st.integers(0, 10**12))), max_size=12))
def test_no_octet_is_lost_or_made(parts: list[tuple[int, int | None]]) -> None:
    at, found = BEGIN, []
    for seconds, octets in parts:
        found.append(UseSpan(at, at + timedelta(seconds=seconds), octets))
        at = found[-1].end
    assert sum(day.octets for day in by_day(found, ZONE).values()) == sum(span.octets or 0 for span in found)


def moved(day: float, reason: str, amount: int = 0) -> Movement:
    return Movement(BEGIN + DAY * day, reason, amount=amount)


def test_a_model_has_used_what_observations_took_from_it() -> None:
    story = [moved(0, "bought"), moved(0, "granted", 20 * GB), moved(2, "observed", 18 * GB),
             moved(2, "observed-less", 2 * GB), moved(3, "observed", 18 * GB)]  # fmt: skip
    assert model_spans(story) == [UseSpan(BEGIN, BEGIN + 2 * DAY, 2 * GB), UseSpan(BEGIN + 2 * DAY, BEGIN + 3 * DAY, 0)]


@pytest.mark.parametrize("story", [
    [moved(1, "observed", 21 * GB), moved(1, "observed-more", GB)],
    [moved(0.5, "expired", 5 * GB), moved(1, "observed", 10 * GB), moved(1, "observed-less", GB)],
])  # fmt: skip
def test_what_nobody_saw_stays_unknown(story: list[Movement]) -> None:
    """More was found than bought, or data lapsed of which nobody knows how much had been used."""
    (span,) = model_spans([moved(0, "granted", 20 * GB), *story])
    assert span.octets is None


def test_data_that_lapsed_empty_hides_nothing() -> None:
    story = [moved(0, "granted", GB), moved(0.5, "expired", 0), moved(1, "observed", GB)]
    assert model_spans(story) == [UseSpan(BEGIN, BEGIN + DAY, 0)]


def bucketed(day: float, left: int) -> Reading:
    bucket = ReadingBucket("base-1", "base", "data", 20 * GB, left, None, None)
    return Reading(BEGIN + DAY * day, "active", 20 * GB, 20 * GB - left, left, forfeited_bytes=0, buckets=(bucket,))


def by_hand(day: float, left: int, granted: int = 20 * GB) -> Reading:
    """A reading typed in beside a provider's: no buckets in it."""
    return Reading(BEGIN + DAY * day, "active", granted, granted - left, left, forfeited_bytes=0)


def test_a_reading_by_hand_between_a_provider_s_own_counts_what_it_says() -> None:
    assert used_between(bucketed(0, 10 * GB), by_hand(1, 8 * GB)) == 2 * GB
    assert used_between(by_hand(1, 8 * GB), bucketed(2, 7 * GB)) == GB
    assert used_between(by_hand(1, 8 * GB, granted=30 * GB), bucketed(2, 7 * GB)) is None
    assert used_between(by_hand(1, 8 * GB), bucketed(2, 9 * GB)) is None


@given(st.integers(0, 10**9), st.integers(1, 100_000))
def test_an_alert_s_instants_add_up(octets: int, seconds: int) -> None:
    use = UseHistory(spans=[UseSpan(BEGIN, BEGIN + timedelta(seconds=seconds), octets)])
    found = list(points(use, BEGIN))
    assert sum(part for _, part in found) == octets
    assert all(BEGIN < at <= BEGIN + timedelta(seconds=seconds) for at, _ in found)
