"""What is left now and what only in its hours, its app or later: two figures, everywhere the same (R-23)."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Runner, balance_of
from tests.own_plans import bring

GB = 10**9
MORNING, EVENING = "2026-11-20T09:00:00+07:00", "2026-11-20T23:00:00+07:00"
NIGHT = "demo-night-line-30d"


def figures(data: dict[str, Any]) -> tuple[int | None, int | None]:
    return data["remaining_bytes"], data["restricted_bytes"]


@pytest.fixture
def night(run: Runner) -> Runner:
    """A line that has nothing but data at night."""
    assert run("buy", NIGHT, "--provider", "sandbox", "--name", "sim", "--yes").code == 0
    return run


@pytest.mark.parametrize(("now", "expected"), [(MORNING, (0, 20 * GB)), (EVENING, (20 * GB, 0))])
def test_a_night_line_by_day_and_by_night_in_every_document(night: Runner, now: str, expected: tuple[int, int]) -> None:
    line = balance_of(night, "sim", now)
    assert figures(line["data"]) == expected
    assert line["buckets"][0]["usable"] == ("window" if now == MORNING else "now")
    assert figures(night("check", "--json", now=now).json["lines"][0]) == expected
    assert figures(night("lines", "list", "--json", now=now).json["lines"][0]) == expected
    assert figures(night("lines", "show", "sim", "--json", now=now).json["line"]) == expected
    assert figures(night("usage", "forecast", "sim", "--json", now=now).json) == expected
    metrics = night("transactions", "export", "--format", "prometheus", now=now).out
    told = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if line.startswith("esimctl_data_re"))
    label = 'profile="default",line="sim",operator="demo",play="true"'
    assert told.get(f'esimctl_data_remaining_bytes{{{label},bucket="window"}}', "0") == str(expected[0])
    assert told.get(f"esimctl_data_restricted_bytes{{{label}}}", "0") == str(expected[1])
    cells = night("balance", "--columns", "remaining_bytes,restricted_bytes", "-o", "csv", "--no-header", now=now).out
    assert cells == f"{expected[0]},{expected[1]}\r\n"


def test_the_figure_changes_with_the_hour_and_not_with_the_reading(night: Runner) -> None:
    """What was read in the morning is not said of the evening, though nobody is asked anew."""
    assert figures(balance_of(night, "sim", MORNING)["data"]) == (0, 20 * GB)
    assert figures(balance_of(night, "sim", EVENING, "--cached")["data"]) == (20 * GB, 0)
    assert figures(balance_of(night, "sim", "2026-11-21T06:00:00+07:00", "--cached")["data"]) == (0, 20 * GB)


def test_a_night_pack_is_not_used_up_each_morning(night: Runner) -> None:
    """Thresholds look at what its windows hold, and say the same at every hour."""
    for now in (MORNING, EVENING):
        assert night("check", now=now).code == 0
        plugin = night("check", "--plugin", now=now)
        assert (plugin.code, plugin.out) == (0, "OK - 1 line, nothing to do | 'sim'=20000000000B\n")
        assert night("check", "--below", "20GB", now=now).code == 0
        assert night("check", "--below", "21GB", now=now).code == 20
    assert night("sandbox", "use", "sim", "19GB", "--at", EVENING, now=EVENING).code == 0
    for now in (EVENING, "2026-11-21T09:00:00+07:00"):
        assert night("check", "--json", now=now).json["lines"][0]["attention"] == ["low_data"]
    assert "1 GB more in its hours" in night("check", now="2026-11-21T09:00:00+07:00").out
    night("sandbox", "use", "sim", "1GB", "--at", EVENING, now=EVENING)
    assert night("check", "--plugin", now="2026-11-22T09:00:00+07:00").code == 2


def test_data_for_any_hour_is_what_counts_beside_a_night_pack(run: Runner) -> None:
    """100 MB by day beside 15 GB at night is a line that is low, at every hour."""
    assert run("buy", "demo-monthly-5gb", "--name", "uni", "--yes").code == 0
    assert run("topup", "uni", "--plan", "demo-night-15gb", "--yes").code == 0
    run("sandbox", "use", "uni", "4.9GB")
    by_day, by_night = balance_of(run, "uni", MORNING), balance_of(run, "uni", EVENING)
    assert (figures(by_day["data"]), figures(by_night["data"])) == ((10**8, 15 * GB), (10**8 + 15 * GB, 0))
    for line in (by_day, by_night):
        assert (line["data"]["judged_bytes"], line["data"]["judged_granted_bytes"]) == (10**8, 5 * GB)
        assert "low_data" in line["attention"]
    assert run("check", "--below", "1GB", now=EVENING).code == 20


def test_a_rule_looks_at_what_can_be_used_at_any_hour(run: Runner) -> None:
    """It buys for the day's 100 MB although the night holds 15 GB; on a night line it does not buy each morning."""
    limits = ("--max-price", "5USD", "--max-per-month", "20USD")
    run("buy", "demo-monthly-5gb", "--name", "uni", "--yes")
    run("topup", "uni", "--plan", "demo-night-15gb", "--yes")
    run("buy", NIGHT, "--provider", "sandbox", "--name", "sim", "--yes")
    assert run("autotopup", "set", "uni", "--below", "500MB", "--plan", "demo-topup-2gb", *limits).code == 0
    assert run("autotopup", "set", "sim", "--below", "500MB", "--plan", "demo-weekend-10gb", *limits).code == 0
    for rule in ("uni", "sim"):
        assert run("autotopup", "enable", rule, "--confirm", "20USD").code == 0
    run("sandbox", "use", "uni", "4.9GB")
    for now in ("2026-11-20T12:00:00+07:00", EVENING):
        decisions = run("autotopup", "run", "--dry-run", "--json", now=now).json["decisions"]
        told = {one["rule"]: (one["decision"], one["reason"]) for one in decisions}
        assert told["uni"][0] == "would_topup"
        assert told["sim"] == ("skip", "not_due")


def test_an_open_window_counts_and_a_weekend_pack_shows_its_days(run: Runner) -> None:
    run("buy", "demo-monthly-5gb", "--name", "uni", "--yes")
    run("topup", "uni", "--plan", "demo-weekend-10gb", "--yes")
    assert figures(balance_of(run, "uni", "2026-11-20T23:59:00+07:00")["data"]) == (5 * GB, 10 * GB), "a Friday"
    assert figures(balance_of(run, "uni", "2026-11-21T00:00:00+07:00")["data"]) == (15 * GB, 0)
    assert figures(balance_of(run, "uni", "2026-11-23T00:00:00+07:00")["data"]) == (5 * GB, 10 * GB)


def test_a_pack_for_one_app_is_restricted(run: Runner) -> None:
    """Social data is no data for everything; a line that has nothing else is judged by it."""
    run("buy", "metfone-kado-social-7d", "--provider", "sandbox", "--name", "sim", "--yes")
    line = balance_of(run, "sim", MORNING)
    assert figures(line["data"]) == (0, 10 * GB)
    assert (line["buckets"][0]["purpose"], line["buckets"][0]["usable"]) == ("social", "app")
    assert line["attention"] == []


def test_what_is_bought_ahead_begins_later(run: Runner) -> None:
    """A renewal that waits for the end of the term is there, and cannot be used yet."""
    run("buy", "demo-monthly-20gb", "--name", "phone", "--yes")
    run("renew", "phone", "--yes")
    line = balance_of(run, "phone", MORNING)
    assert figures(line["data"]) == (20 * GB, 20 * GB)
    assert [(one["usable"], one["start"]) for one in line["buckets"]] == [
        ("now", "2026-11-20T02:00:00Z"),
        ("later", "2026-12-20T02:00:00Z"),
    ]
    begun = balance_of(run, "phone", "2026-12-21T09:00:00+07:00")
    assert figures(begun["data"]) == (40 * GB, 0)


def test_unlimited_at_night_is_not_unlimited_by_day(run: Runner) -> None:
    bring(run)
    run("lines", "add", "sim", "--provider", "manual", "--carrier", "smart", "--plan", "smart-own-night-line")
    assert run("topup", "sim", "--plan", "smart-own-night-unlimited", "--paid", "R-1").code == 0
    by_day, by_night = (
        balance_of(run, "sim", MORNING)["data"],
        balance_of(run, "sim", "2026-11-21T03:00:00+07:00")["data"],
    )
    assert (by_day["remaining_bytes"], by_day["unlimited"]) == (0, False)
    assert (by_day["restricted_bytes"], by_day["restricted_unlimited"]) == (None, True)
    assert (by_night["remaining_bytes"], by_night["unlimited"], by_night["restricted_bytes"]) == (None, True, 0)
    assert run("check", now=MORNING).code == 0


def test_a_line_from_a_counter_says_the_same(run: Runner) -> None:
    bring(run)
    words = ("--provider", "manual", "--carrier", "smart", "--plan", "smart-own-night-line")
    assert run("lines", "add", "sim", *words, now=MORNING).code == 0
    assert figures(balance_of(run, "sim", MORNING)["data"]) == (0, 20 * GB)
    assert figures(balance_of(run, "sim", EVENING)["data"]) == (20 * GB, 0)
    assert run("check", now=MORNING).code == 0


def test_a_pool_that_is_usable_counts_as_left(run: Runner) -> None:
    for name in ("family", "child"):
        run("buy", "demo-family-30gb", "--name", name, "--yes")
    run("sandbox", "use", "child", "30GB")
    assert run("check", "child").code == 20
    assert run("lines", "share", "family", "--with", "child", "--cap", "5GB").code == 0
    line = balance_of(run, "child", MORNING, "--refresh")
    assert figures(line["data"]) == (5 * GB, 0)
    assert line["data"]["judged_bytes"] == 5 * GB


def test_a_simulation_tells_both(run: Runner, tmp_path: Path) -> None:
    story = tmp_path / "night.toml"
    story.write_text(
        """
schema = "esimctl.scenario/1"
name = "night"
start = 2026-11-20T09:00:00
[plan.night]
data = "20GB"
term = "30 days"
category = "window"
window = { from = "22:00", to = "06:00" }
[line.a]
plan = "night"
[[event]]
at = 2026-11-20T09:00:00
line = "a"
use = "0B"
"""
    )
    final = run("simulate", str(story), "--json").json["final"]["lines"][0]
    assert figures(final["data"]) == (0, 20 * GB)


def on_a_terminal(words: list[str], home: Path, now: str) -> str:
    """What a person sees."""
    parent, child = pty.openpty()
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(home), "ESIMCTL_HOME": str(home / "home"), "ESIMCTL_NOW": now,
        "TERM": "xterm", "LC_ALL": "C.UTF-8", "COLUMNS": "100", "TZ": "Asia/Phnom_Penh", "NO_COLOR": "1",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "esimctl", *words], stdin=child, stdout=child, stderr=child, env=environ
    )
    os.close(child)
    seen = b""
    while True:
        try:
            piece = os.read(parent, 65_536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(parent)
    process.wait(timeout=30)
    return seen.decode().replace("\r\n", "\n")


def test_on_a_terminal_buckets_show_their_hours(run: Runner, tmp_path: Path) -> None:
    run("buy", "demo-monthly-5gb", "--name", "uni", "--yes")
    run("topup", "uni", "--plan", "demo-night-15gb", "--yes")
    run("buy", NIGHT, "--provider", "sandbox", "--name", "sim", "--yes")
    by_day = on_a_terminal(["balance", "sim"], tmp_path, MORNING)
    assert "nothing can be used now" in by_day
    assert "+ 20 GB at night (22:00–06:00)" in by_day
    by_night = on_a_terminal(["balance", "sim"], tmp_path, EVENING)
    assert "20 GB of 20 GB" in by_night
    assert "at night" not in by_night
    card = on_a_terminal(["balance", "uni"], tmp_path, MORNING)
    assert "5 GB of 5 GB" in card
    assert "USABLE" in card
    assert "+ 15 GB at night (23:00–07:00)" in card
    both = on_a_terminal(["balance"], tmp_path, MORNING)
    assert "+ 15 GB at night" in both
    assert "+ 20 GB at night" in both
