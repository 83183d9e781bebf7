"""The README's alert rules before Prometheus' own judge, over a month whose line ends: each fires in time, and stays.

The samples are exported by the program on every day of a rehearsal that begins in 1970, where `promtool test
rules` begins too, so that the instants in them are those of its clock.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Runner
from tests.tools import judged, program

README = (Path(__file__).parent.parent.parent / "README.md").read_text("utf-8")
(RULES,) = re.findall(r"```yaml\n(groups:\n.*?)```", README, re.DOTALL)
EPOCH, STEP = datetime(1970, 1, 1, tzinfo=UTC), timedelta(days=1)
SIM, FOUND = {"profile": "default", "line": "sim"}, {"profile": "default", "line": "found"}


def at(month: int, day: int) -> datetime:
    return datetime(1970, month, day, tzinfo=UTC)


FIRST, REMOVED, LAST = at(1, 2), at(2, 12), at(2, 14)
SMART = ("--provider", "manual", "--carrier", "smart")
#: what happens, just before the export of that instant
STORY: dict[datetime, tuple[tuple[str, ...], ...]] = {
    FIRST: (
        ("lines", "add", "sim", *SMART, "--data", "10GB", "--days", "30", "--price", "6USD", "--started", "1970-01-02"),
        ("lines", "add", "found", *SMART),
        ("buy", "demo-weekly-2gb", "--name", "toy", "--yes"),  # play money: no rule looks at it
    ),
    at(1, 10): (("usage", "record", "sim", "--remaining", "6GB"),),
    at(1, 12): (("sandbox", "fault", "slow-activation"), ("topup", "toy", "--amount", "2USD", "--no-wait", "--yes")),
    at(1, 15): (("reconcile",),),
    at(1, 20): (("usage", "record", "sim", "--remaining", "900MB"),),
    REMOVED: (("lines", "remove", "sim", "--yes"),),
}
#: alert → its labels, and from and before when it fires; sim ends on 31 January at 17:00
FIRES: dict[str, tuple[tuple[dict[str, str], datetime, datetime], ...]] = {
    "EsimDataLow": ((SIM, at(1, 20), REMOVED),),
    "EsimEnds": ((SIM, at(1, 29), REMOVED),),
    "EsimOrderOpen": (({"profile": "default"}, at(1, 13), at(1, 15)),),
    "EsimReadingOld": (
        (SIM, at(1, 18), at(1, 20)),
        (SIM, at(1, 28), REMOVED),
        (FOUND, FIRST, LAST + STEP),
    ),
}


def instants() -> Iterator[datetime]:
    """Those of which there is an export."""
    now = FIRST
    while now <= LAST:
        yield now
        now += STEP


def exported(run: Runner) -> dict[str, dict[datetime, str]]:
    """Series → value by instant, as the story goes on."""
    series: dict[str, dict[datetime, str]] = {}
    for now in instants():
        clock = now.isoformat()
        for words in STORY.get(now, ()):
            done = run(*words, now=clock)
            assert done.code in {0, 4}, (words, done)
        made = run("transactions", "export", "--format", "prometheus", now=clock)
        assert made.code == 0, made.err
        for row in made.out.splitlines():
            if not row.startswith("#"):
                name, value = row.rsplit(" ", 1)
                series.setdefault(name, {})[now] = value
    return series


def firing(alert: str, now: datetime) -> list[dict[str, Any]]:
    """What must fire by then."""
    return [{"exp_labels": labels} for labels, since, until in FIRES[alert] if since <= now < until]


def judge(scraped: dict[str, dict[datetime, str]], folder: Path) -> None:
    """Let promtool run the rules over what was scraped; an AssertionError where an alert does not fire as told."""
    times = [EPOCH + STEP * number for number in range(int((LAST - EPOCH) / STEP) + 1)]
    series = [
        {"series": name, "values": " ".join(values.get(now, "_") for now in times)} for name, values in scraped.items()
    ]
    tests = [
        {"eval_time": f"{int((now - EPOCH).total_seconds())}s", "alertname": alert, "exp_alerts": firing(alert, now)}
        for alert in FIRES
        for now in instants()
    ]
    group = {"interval": "1d", "input_series": series, "alert_rule_test": tests}
    whole = {"rule_files": ["rules.yml"], "evaluation_interval": "1d", "tests": [group]}
    (folder / "test.yml").write_text(json.dumps(whole), "utf-8")
    judged(program("promtool", "prometheus"), "test", "rules", str(folder / "test.yml"))


def test_the_rules_of_the_readme_fire_and_stay(run: Runner, tmp_path: Path) -> None:
    """The end of a line resolves no alert: a top-up does, a look, or when nobody follows the line.

    Without the samples after the end, as they were once missing, the judge would say so.
    """
    scraped = exported(run)
    (tmp_path / "rules.yml").write_text(RULES, "utf-8")
    judged(program("promtool", "prometheus"), "check", "rules", str(tmp_path / "rules.yml"))
    judge(scraped, tmp_path)
    silent = {
        name: {now: value for now, value in values.items() if now < at(2, 1) or "judged" not in name}
        for name, values in scraped.items()
    }
    with pytest.raises(AssertionError, match="EsimDataLow"):
        judge(silent, tmp_path)
