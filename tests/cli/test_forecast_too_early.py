"""Nothing is foretold from readings that are hardly apart, of a term that has hardly begun, or of the past."""

from typing import Any

import pytest

from tests.conftest import Runner

GB = 10**9
START = "2026-11-20T09:00:00+07:00"


def at(day: int, hour: int = 9, minute: int = 0) -> str:
    return f"2026-11-{day:02d}T{hour:02d}:{minute:02d}:00+07:00"


@pytest.fixture
def sim(run: Runner) -> Runner:
    words = ("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "10GB", "--days", "30")
    assert run(*words, now=START).code == 0
    return run


def forecast(run: Runner, now: str) -> Any:
    return run("usage", "forecast", "sim", "--json", now=now).json


def test_two_readings_within_seconds_have_no_pace(sim: Runner) -> None:
    """It said «311040 times the even pace» and «gone on» a date in the past."""
    sim("usage", "record", "sim", "--remaining", "9GB", now="2026-11-20T09:00:05+07:00")
    sim("usage", "record", "sim", "--remaining", "6GB", now="2026-11-20T09:00:15+07:00")
    told = forecast(sim, at(20, 9, 1))
    assert (told["pace"], told["alert"], told["runs_out_at"]) == (None, None, None)
    shown = sim("usage", "forecast", "sim", "-o", "table", now=at(20, 9, 1)).out
    assert "pace" not in shown
    assert "gone on" not in shown


def test_a_term_has_a_pace_after_three_days(sim: Runner) -> None:
    sim("usage", "record", "sim", "--remaining", "9GB", now=at(23, 8, 59))
    assert forecast(sim, at(23, 8, 59))["pace"] is None
    sim("usage", "record", "sim", "--remaining", "8GB", now=at(23))
    assert forecast(sim, at(23))["pace"]["ratio"] == "2", "2 of 10 GB in 3 of 30 days"


def test_readings_within_six_hours_raise_no_alarm(sim: Runner) -> None:
    sim("usage", "record", "sim", "--remaining", "9GB", now=at(20, 14, 59))
    assert forecast(sim, at(20, 14, 59))["alert"] is None
    sim("usage", "record", "sim", "--remaining", "1GB", now=at(20, 15))
    assert forecast(sim, at(20, 15))["alert"] is not None, "eight gigabytes within a minute, six hours after the start"


def test_no_end_in_the_past_and_no_two_ends_on_one_screen(sim: Runner) -> None:
    for day, left in ((22, 8), (24, 6), (26, 4), (28, 2)):
        sim("usage", "record", "sim", "--remaining", f"{left}GB", now=at(day))
    told = forecast(sim, at(28))
    assert at(28) < told["runs_out_at"] < "2026-12-02"
    assert told["earliest"] >= "2026-11-28T02:00:00Z"
    shown = sim("usage", "forecast", "sim", "-o", "table", now=at(28)).out
    assert "runs out about" in shown
    assert "at the pace of the whole term" not in shown
    later = sim("usage", "forecast", "sim", "--json", now="2026-12-08T09:00:00+07:00").json
    assert (later["runs_out_at"], later["earliest"], later["latest"]) == (None, None, None)
    assert later["reason"] == "by now it should be used up: read it again"
    card = sim("balance", "sim", "--json", now="2026-12-08T09:00:00+07:00").json["lines"][0]["forecast"]
    assert (card["runs_out_at"], card["reason"]) == (None, later["reason"])
