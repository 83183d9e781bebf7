"""Forecasts: figures that can be worked out by hand, and what holds for any history."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.charging.forecast import DatedStock, burning_fast, forecast, pace, paced_exhaustion
from esimctl.values.moments import zone

ZONE = zone("Asia/Phnom_Penh")
NOW = datetime(2026, 3, 9, 17, tzinfo=UTC)  # midnight in Phnom Penh, the beginning of Tuesday 10 March
TODAY = date(2026, 3, 10)
MONTH = timedelta(days=30)
MB = 1_000_000


def days(*octets: int) -> dict[date, int]:
    """A history that ends yesterday."""
    return {TODAY - timedelta(days=len(octets) - index): used for index, used in enumerate(octets)}


def test_pace_and_its_end() -> None:
    """Half used after a quarter of the time is twice the pace: gone at half time."""
    burn = pace(5000, 10_000, MONTH / 4, MONTH)
    assert burn == 2
    assert paced_exhaustion(NOW, MONTH, burn) == NOW + MONTH / 2
    assert pace(0, 0, MONTH, MONTH) is None
    assert paced_exhaustion(NOW, MONTH, Fraction(0)) is None


def test_three_windows_of_abnormal_use() -> None:
    """10 000 MB in 30 days: more than 200 MB in an hour, 500 in six, 1000 in three days, and still going on."""
    total = 10_000 * MB

    def alert(octets: int, ago: timedelta, just_now: int) -> timedelta | None:
        return burning_fast([(NOW - ago, octets * MB - just_now), (NOW, just_now)], NOW, total, MONTH)

    assert alert(200, timedelta(minutes=40), 20 * MB) is None
    assert alert(201, timedelta(minutes=40), 20 * MB) == timedelta(hours=1)
    assert alert(201, timedelta(minutes=40), 0) is None
    assert alert(501, timedelta(hours=5), 50 * MB) == timedelta(hours=6)
    assert alert(1001, timedelta(days=2), 40 * MB) == timedelta(days=3)
    assert alert(999, timedelta(days=2), 40 * MB) is None


def test_too_little_history_says_so() -> None:
    """Two days are not enough; unknown is not zero."""
    found = forecast(days(5, 5), [DatedStock("a", 100)], NOW, ZONE)
    assert (found.method, found.runs_out_at, found.days_of_history) == ("none", None, 2)
    assert found.reason


def test_a_flat_mean() -> None:
    """100 a day and 250 left: gone in two and a half days, whatever is drawn."""
    found = forecast(days(100, 100, 100), [DatedStock("a", 250, NOW + MONTH)], NOW, ZONE)
    assert found.method == "flat-mean"
    assert found.runs_out_at == found.earliest == found.latest == NOW + timedelta(days=2, hours=12)


def test_a_weekday_profile() -> None:
    """Weekends of 700, working days of 0: 1000 left on a Tuesday last into the second day of the next weekend."""
    history = {day: 700 if day.weekday() >= 5 else 0 for day in (TODAY - timedelta(days=n) for n in range(1, 29))}
    found = forecast(history, [DatedStock("a", 1000)], NOW, ZONE)
    assert found.method == "weekday-profile"
    saturday = NOW + timedelta(days=4)
    assert saturday + timedelta(days=1) < (found.runs_out_at or NOW) < saturday + timedelta(days=2)


def test_expiring_buckets_are_foretold_as_waste() -> None:
    """100 a day against 500 that end in two days and 50 behind them: 300 are wasted, then 50 last half a day."""
    found = forecast(
        days(100, 100, 100), [DatedStock("soon", 500, NOW + timedelta(days=2)), DatedStock("later", 50)], NOW, ZONE
    )
    assert found.waste == {"soon": 300}
    assert found.runs_out_at == NOW + timedelta(days=2, hours=12)


def test_what_lasts_says_so() -> None:
    """Nothing runs out before it ends: no date, and all that is over is waste."""
    found = forecast(days(1, 1, 1), [DatedStock("a", 500, NOW + timedelta(days=10))], NOW, ZONE)
    assert (found.runs_out_at, found.latest, found.reason) == (None, None, "lasts until it ends")
    assert found.waste == {"a": 490}
    unused = forecast(days(0, 0, 0), [DatedStock("a", 500, NOW + timedelta(days=10))], NOW, ZONE)
    assert (unused.reason, unused.waste) == ("no use seen", {"a": 500})


def test_a_bucket_that_begins_later_bridges_nothing_before() -> None:
    """Data that begins on the third day prolongs the end, though the second day goes without."""
    stocks = [
        DatedStock("now", 100, NOW + MONTH),
        DatedStock("queued", 100, NOW + MONTH, start=NOW + timedelta(days=2)),
    ]
    assert forecast(days(100, 100, 100), stocks, NOW, ZONE).runs_out_at == NOW + timedelta(days=3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=3, max_size=30), st.integers(0, 3000), st.integers(1, 60))
def test_for_any_history(octets: list[int], left: int, ends: int) -> None:
    """The same twice, the range in order, the end before the bucket's, and waste no more than there is."""
    stocks = [DatedStock("a", left, NOW + timedelta(days=ends))]
    found = forecast(days(*octets), stocks, NOW, ZONE)
    assert found == forecast(days(*octets), stocks, NOW, ZONE)
    for one in (found.runs_out_at, found.earliest, found.latest):
        assert one is None or NOW <= one <= NOW + timedelta(days=ends)
    if found.earliest and found.latest:
        assert found.earliest <= found.latest
    assert all(0 <= wasted <= left for wasted in found.waste.values())


def test_less_than_a_second_after_a_purchase_there_is_no_pace() -> None:
    """A reading that was taken with the purchase divides by nothing."""
    assert pace(0, 10_000, timedelta(microseconds=900_000), timedelta(days=30)) is None
    assert pace(10_000, 10_000, timedelta(days=1), timedelta(microseconds=1)) is None
    assert pace(10_000, 10_000, timedelta(seconds=1), timedelta(seconds=1)) == 1
