"""What a line has used by day, and what its balance foretells from that."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esimctl.providers.protocol import Reading, ReadingBucket
from esimctl.usage.kept import daily_use, spread, used_between
from esimctl.values.moments import zone
from tests.conftest import Runner

PHNOM_PENH = zone("Asia/Phnom_Penh")
GB = 10**9


def reading(day: int, *buckets: ReadingBucket, forfeited: int = 0, beyond: int = 0) -> Reading:
    """A reading at local midnight of a day of November 2026."""
    at = datetime(2026, 11, 1, tzinfo=PHNOM_PENH).astimezone(UTC) + timedelta(days=day - 1)
    return Reading(at, "active", buckets=buckets, forfeited_bytes=forfeited, out_of_bucket_bytes=beyond)


def bucket(name: str, granted: int, remaining: int, category: str = "base") -> ReadingBucket:
    """A data bucket."""
    return ReadingBucket(name, category, "data", granted, remaining, None, None)


def test_a_boundary_is_no_use() -> None:
    """8 GB are carried, 2 forfeited, 10 granted: nobody used anything."""
    one = reading(1, bucket("base-1", 20 * GB, 10 * GB))
    two = reading(2, bucket("roll-1", 8 * GB, 8 * GB, "rollover"), bucket("base-2", 10 * GB, 10 * GB), forfeited=2 * GB)
    assert used_between(one, two) == 0


def test_use_is_what_conservation_leaves() -> None:
    one = reading(1, bucket("base-1", 20 * GB, 10 * GB))
    two = reading(2, bucket("base-1", 20 * GB, 4 * GB), bucket("top-1", 2 * GB, 1 * GB, "topup"), beyond=GB)
    assert used_between(one, two) == 6 * GB + 1 * GB + 1 * GB


def test_a_counter_that_went_back_has_begun_anew() -> None:
    one = Reading(datetime(2026, 11, 1, tzinfo=UTC), "active", used_bytes=5 * GB)
    two = Reading(datetime(2026, 11, 2, tzinfo=UTC), "active", used_bytes=1 * GB)
    assert used_between(one, two) == GB
    assert used_between(one, Reading(two.at, "active")) is None


@given(st.integers(0, 10**13), st.integers(1, 40 * 86_400), st.integers(0, 86_399))
def test_spreading_loses_no_octet(octets: int, length: int, begin: int) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=begin)
    parts = list(spread(octets, start, start + timedelta(seconds=length), PHNOM_PENH))
    assert sum(part for _, part in parts) == octets
    assert all(part >= 0 for _, part in parts)
    assert [day for day, _ in parts] == sorted({day for day, _ in parts})


def test_days_without_use_count_as_zero_and_today_is_no_whole_day() -> None:
    readings = [reading(1, bucket("b", 20 * GB, 20 * GB)), reading(2, bucket("b", 20 * GB, 19 * GB)),
                reading(4, bucket("b", 20 * GB, 19 * GB))]  # fmt: skip
    now = datetime(2026, 11, 4, 12, tzinfo=PHNOM_PENH)
    assert daily_use(readings, PHNOM_PENH, now) == {
        date(2026, 11, 1): GB, date(2026, 11, 2): 0, date(2026, 11, 3): 0,
    }  # fmt: skip


@pytest.mark.parametrize("days", [2, 5])
def test_the_balance_foretells_from_three_days_on(run: Runner, days: int) -> None:
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes", now="2026-11-20T00:00:00+07:00")
    run("balance", now="2026-11-20T00:00:00+07:00")
    for day in range(20, 20 + days):
        run("sandbox", "use", "phone", "2GB", now=f"2026-11-{day}T12:00:00+07:00")
        run("balance", "--refresh", now=f"2026-11-{day + 1}T00:00:00+07:00")
    line = run("balance", "--json", now=f"2026-11-{20 + days}T00:00:00+07:00").json["lines"][0]
    told = line["forecast"]
    assert told["days_of_history"] == days
    if days < 3:
        assert told["runs_out_at"] is None
        assert told["reason"] == "fewer than three days of history"
    else:
        assert told["runs_out_at"] == "2026-11-29T17:00:00Z", "10 GB left at 2 GB a day"
        assert told["earliest"] <= told["runs_out_at"] <= told["latest"]
        assert told["reason"] is None
