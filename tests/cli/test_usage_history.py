"""`usage history` and `usage forecast` from the command line: by records, by readings, by hand."""

import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.conftest import Runner, tree

GB = 10**9


def november(day: int, clock: str = "09:00") -> str:
    return f"2026-11-{day:02d}T{clock}:00+07:00"


@pytest.fixture
def phone(run: Runner) -> Runner:
    """A sandbox line of 20 GB, used on five evenings: 1 GB on Monday 2 November, 2 GB on Tuesday, … 5 GB on Friday."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes", now=november(1))
    for day in range(2, 7):
        run("sandbox", "use", "phone", f"{day - 1}GB", now=november(day, "20:00"))
    return run


@pytest.fixture
def sim(run: Runner) -> Runner:
    """A line bought at a counter, read by hand three times."""
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "20GB", "--days", "30",
        now=november(1))  # fmt: skip
    for day, left in ((3, "18GB"), (4, "17GB"), (9, "12GB")):
        run("usage", "record", "sim", "--remaining", left, now=november(day))
    return run


def rows(run: Runner, *words: str, now: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("usage", "history", *words, "--json", now=now).json["usage"]
    return found


def test_days_by_the_operator_s_records(phone: Runner) -> None:
    found = rows(phone, "phone", now=november(7))
    assert [(row["start"], row["used_bytes"] // GB) for row in found] == [
        ("2026-11-01", 0), ("2026-11-02", 1), ("2026-11-03", 2), ("2026-11-04", 3), ("2026-11-05", 4),
        ("2026-11-06", 5), ("2026-11-07", 0),
    ]  # fmt: skip
    assert [row["complete"] for row in found] == [False, True, True, True, True, True, False]
    assert {row["basis"] for row in found} == {"records"}


def test_a_day_before_the_line_is_absent(phone: Runner) -> None:
    assert rows(phone, "phone", "--days", "90", now=november(7))[0]["start"] == "2026-11-01"


def test_a_provider_without_records_is_known_by_its_readings(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two readings a day apart are a day's figure; three days without one are spread, and say so."""
    monkeypatch.setattr("esimctl.providers.sandbox.provider.SandboxProvider.uses", lambda *_, **__: None)
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes", now=november(2, "00:00"))
    run("balance", "--refresh", now=november(2, "00:00"))
    for used, seen in ((2, 3), (3, 4), (5, 7), (7, 8)):
        run("sandbox", "use", "phone", "3GB", "--at", november(used, "12:00"), now=november(seen, "00:00"))
    found = rows(run, "phone", now=november(8, "00:00"))
    assert [(row["start"][8:], row["used_bytes"] // GB, row["basis"]) for row in found] == [
        ("02", 3, "readings"), ("03", 3, "readings"), ("04", 1, "spread"), ("05", 1, "spread"), ("06", 1, "spread"),
        ("07", 3, "readings"),
    ]  # fmt: skip
    assert all(row["complete"] for row in found)
    assert run("usage", "forecast", "phone", "--json", now=november(8, "00:00")).json["spread_days"] == 3


def test_weeks_begin_on_monday_and_months_on_the_first(phone: Runner) -> None:
    week = rows(phone, "phone", "--by", "week", now=november(7))
    assert [(row["start"], row["end"], row["days_known"]) for row in week] == [
        ("2026-10-26", "2026-11-01", 0), ("2026-11-02", "2026-11-08", 5),
    ]  # fmt: skip
    (month,) = rows(phone, "phone", "--by", "month", now=november(7))
    assert (month["start"], month["end"], month["used_bytes"]) == ("2026-11-01", "2026-11-30", 15 * GB)
    assert month["complete"] is False


def test_days_by_hand_say_that_they_are_spread(sim: Runner) -> None:
    found = rows(sim, "sim", now=november(9, "20:00"))
    assert sum(row["used_bytes"] for row in found) == 8 * GB
    assert found[1] == {
        "start": "2026-11-02", "end": "2026-11-02", "used_bytes": GB, "complete": True, "days_known": 1,
        "basis": "spread", "gap_seconds": 2 * 86_400,
    }  # fmt: skip
    assert "spread evenly" in sim("usage", "history", "sim", now=november(9, "20:00")).err


def test_an_sms_counts_like_a_reading_by_hand(sim: Runner) -> None:
    text = "You have 10 GB of data left, valid until 30/11/2026."
    done = sim("usage", "import", "sim", "-", "--kind", "sms", "--json", given=text, now=november(11))
    assert done.json["recorded"] == 1
    assert sum(row["used_bytes"] for row in rows(sim, "sim", now=november(11, "10:00"))) == 10 * GB


def test_a_pipe_gets_tabs_and_full_octets(phone: Runner) -> None:
    out = phone("usage", "history", "phone", now=november(7)).out
    assert out.splitlines()[1] == "2026-11-02\t2026-11-02\t1000000000\tyes\trecords"


def test_svg_and_png(phone: Runner, tmp_path: Path) -> None:
    svg, png = tmp_path / "use.svg", tmp_path / "use.png"
    done = phone("usage", "history", "phone", "--svg", str(svg), "--png", str(png), now=november(7))
    assert done.code == 0, done
    assert "2026-11-06: 5 GB" in ElementTree.fromstring(svg.read_text("utf-8")).findtext("{*}desc", "")
    assert png.read_bytes().startswith(b"\x89PNG\r\n")


def test_png_without_its_library_is_one_line_and_a_hint(
    phone: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    done = phone("usage", "history", "phone", "--png", str(tmp_path / "use.png"), now=november(7))
    assert done.code == 78
    assert done.out == ""
    assert "pip install 'esimctl[plot]'" in done.err
    assert not (tmp_path / "use.png").exists()


@pytest.mark.parametrize("words", [
    ("usage", "history", "nobody"),
    ("usage", "history", "phone", "--by", "year"),
    ("usage", "history", "phone", "--days", "0"),
    ("usage", "history", "phone", "--days", "9999"),
    ("usage", "forecast", "nobody"),
])  # fmt: skip
def test_wrong_input_writes_nothing(phone: Runner, tmp_path: Path, words: tuple[str, ...]) -> None:
    before = tree(tmp_path / "home")
    assert phone(*words, now=november(7)).code == 2
    assert tree(tmp_path / "home") == before


def test_under_three_days_nothing_is_foretold(phone: Runner) -> None:
    told = phone("usage", "forecast", "phone", "--json", now=november(4)).json
    assert (told["method"], told["days_of_history"], told["runs_out_at"]) == ("none", 2, None)
    assert (told["leftover_bytes"], told["wasted_bytes"], told["waste"]) == (None, None, [])
    assert told["reason"] == "fewer than three days of history"


def test_a_flat_mean_with_its_range_pace_and_allowance(phone: Runner) -> None:
    told = phone("usage", "forecast", "phone", "--json", now=november(7, "00:00")).json
    assert (told["method"], told["days_of_history"], told["mean_per_day_bytes"]) == ("flat-mean", 5, 3 * GB)
    assert told["runs_out_at"] == "2026-11-08T09:00:00Z", "5 GB left at 3 GB a day, from midnight in Phnom Penh"
    assert told["earliest"] <= told["runs_out_at"] <= told["latest"]
    assert told["remaining_bytes"] == 5 * GB
    assert told["leftover_bytes"] == 0
    assert told["pace"]["ratio"] == "4", "15 of 20 GB in 5.625 of 30 days"
    assert told["pace"]["runs_out_at"] == "2026-11-08T14:00:00Z"
    assert told["allowed_per_day_bytes"] == 5 * GB * 86_400 // (24 * 86_400 + 9 * 3600)
    assert told["alert"] is None, "nothing was used in the last two hours"


@pytest.mark.parametrize(("clock", "factor", "hours"), [
    ("20:04", "14.4", 1), ("20:20", "6", 6), ("21:30", "1", 72), ("22:01", None, None),
])  # fmt: skip
def test_both_windows_of_an_alert(phone: Runner, clock: str, factor: str | None, hours: int | None) -> None:
    """5 GB at 20:00 of a plan of 20 GB in 30 days: fast for an hour, for six, for three days, while it goes on."""
    alert = phone("usage", "forecast", "phone", "--json", now=november(6, clock)).json["alert"]
    if factor is None:
        assert alert is None
    else:
        assert (alert["factor"], alert["window_seconds"]) == (factor, hours * 3600 if hours else 0)


def test_fourteen_days_make_a_weekday_profile(phone: Runner) -> None:
    for day in range(7, 17):
        phone("sandbox", "use", "phone", "10MB", now=november(day, "21:00"))
    told = phone("usage", "forecast", "phone", "--json", now=november(17)).json
    assert (told["method"], told["days_of_history"]) == ("weekday-profile", 15)
    assert list(told["weekday_bytes"]) == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def test_waste_bucket_by_bucket_and_what_is_left_at_the_end(run: Runner) -> None:
    """FC-05 by command: carried data is used first, what is too much of it will lapse."""
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--data", "20GB", "--days", "10",
        now=november(1, "00:00"))  # fmt: skip
    for day in range(2, 7):
        run("usage", "record", "sim", "--remaining", f"{21 - day}GB", now=november(day, "00:00"))
    told = run("usage", "forecast", "sim", "--json", now=november(6, "00:00")).json
    assert told["reason"] == "lasts until it ends"
    assert told["leftover_bytes"] == told["wasted_bytes"] == 10 * GB
    (row,) = told["waste"]
    assert (row["category"], row["wasted_bytes"], row["remaining_bytes"]) == ("base", 10 * GB, 15 * GB)
    assert row["ends_at"] == "2026-11-10T17:00:00Z"
    assert told["pace"]["ratio"] == "0.5"


def test_an_old_reading_says_so(phone: Runner) -> None:
    phone("balance", "--refresh", now=november(7))
    found = phone("usage", "forecast", "phone", "--cached", "--json", now=november(15))
    assert found.json["reading"] == {"at": "2026-11-07T02:00:00Z", "source": "provider", "stale": True}
    assert (found.json["runs_out_at"], found.json["earliest"]) == (None, None), "nothing is foretold of the past"
    assert found.json["reason"] == "by now it should be used up: read it again"
    assert found.json["allowed_per_day_bytes"] is None
    assert "the last reading is from 2026-11-07T02:00:00Z" in found.err


def test_the_balance_and_the_forecast_agree(phone: Runner) -> None:
    told = phone("usage", "forecast", "phone", "--json", now=november(7)).json
    (line,) = phone("balance", "--json", now=november(7)).json["lines"]
    assert line["forecast"] == {key: told[key] for key in line["forecast"]}


def test_an_unlimited_plan_has_no_forecast(run: Runner) -> None:
    plans = run("plans", "list", "--provider", "sandbox", "--json").json["plans"]
    plan = next(plan["id"] for plan in plans if plan["unlimited"] and plan["kind"] == "base")
    run("buy", plan, "--name", "net", "--yes", now=november(1))
    told = run("usage", "forecast", "net", "--json", now=november(9)).json
    assert (told["method"], told["reason"], told["remaining_bytes"]) == ("none", "unlimited", None)


def test_an_earlier_life_stays_reachable_by_its_identity(phone: Runner) -> None:
    """Another line has the name now: the id of the removed one, as `lines show` takes it, gives its own days."""
    for day in range(2, 8):
        phone("balance", "--refresh", "-q", now=november(day, "23:00"))
    identity = phone("lines", "show", "phone", "--json", now=november(8)).json["line"]["id"]
    assert rows(phone, identity, now=november(8)) == rows(phone, "phone", now=november(8)), "of one that is followed"
    assert phone("usage", "forecast", identity, "--json", now=november(8)).json["line"] == "phone"
    phone("lines", "remove", "phone", "--yes", now=november(9))
    named = phone("usage", "history", "phone", "--json", now=november(9))
    assert (named.code, named.json["error"]["hint"]) == (2, f"esimctl lines show {identity}")
    phone("buy", "demo-weekly-2gb", "--name", "phone", "--yes", now=november(9))
    past = rows(phone, identity, now=november(10))
    assert sum(row["used_bytes"] for row in past) == 14 * GB, "what the readings saw"
    assert {row["basis"] for row in past} <= {"readings", "spread"}
    assert phone("usage", "forecast", identity, "--json", now=november(10)).code == 2
    assert phone("usage", "history", "L260101-00000000", "--json", now=november(10)).code == 2


def test_the_days_of_a_removed_line_from_a_counter(sim: Runner) -> None:
    """As the looks at the phone told them."""
    before = rows(sim, "sim", now=november(10))
    identity = sim("lines", "show", "sim", "--json", now=november(10)).json["line"]["id"]
    sim("lines", "remove", "sim", "--yes", now=november(10))
    assert rows(sim, identity, now=november(10, "10:00")) == before
