"""Hints beside a balance: only where the pace warns, and worked out by the recommendation itself."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from esimctl.actions.advice.hints import hints, hints_for
from esimctl.actions.session import Session
from esimctl.catalogue.uses import tips, uses
from tests.conftest import Runner

LATER = "2026-11-27T09:00:00+07:00"
FAST = {"runs_out_at": "2026-12-01T00:00:00Z", "days_of_history": 9}


def line(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "line": "phone",
        "status": "active",
        "expires_at": "2026-12-20T00:00:00Z",
        "data": {"granted_bytes": 100},
        "rollover": {"lost_if_not_bytes": 10, "lost_anyway_bytes": 0},
        "forecast": {"runs_out_at": None, "days_of_history": 9},
        "attention": [],
    }
    return {**plain, **changes}


@pytest.fixture
def used(run: Runner) -> Callable[..., Session]:
    """`used(plan, volume)`: a line that used so much on each of six days, and the session that looks at it then."""

    def call(plan: str, volume: str | None = None) -> Session:
        run("buy", plan, "--provider", "sandbox", "--name", "phone", "--yes")
        for day in range(21, 27) if volume else ():
            run("sandbox", "use", "phone", volume, now=f"2026-11-{day}T12:00:00+07:00")
            run("balance", "--refresh", now=f"2026-11-{day}T12:05:00+07:00")
        return Session.open(None, {**os.environ, "ESIMCTL_NOW": LATER})

    return call


def test_nothing_is_said_without_need(used: Callable[..., Session]) -> None:
    session = used("smart-laor-30d")
    assert hints(session, [line()]) == []
    assert hints(session, [line(forecast={"runs_out_at": "2026-12-25T00:00:00Z", "days_of_history": 9})]) == []
    assert hints(session, [line(forecast={**FAST, "days_of_history": 2})]) == []
    assert hints(session, [line(status="expired", forecast=FAST)]) == []
    assert hints(session, [line(rollover={"lost_if_not_bytes": 0, "lost_anyway_bytes": 60})]) == []


def test_a_line_without_history_is_pointed_to_the_way_and_the_tips(used: Callable[..., Session]) -> None:
    found = hints(used("smart-laor-30d"), [line(forecast=FAST)])
    assert "runs out before its end" in found[0][0]
    assert found[0][1] == {"line": "phone"}
    assert [template for template, _ in found[1:]] == [tip.text for tip in tips()]


def test_a_plan_that_is_too_small_brings_the_purchases_that_would_do(run: Runner, used: Callable[..., Session]) -> None:
    """R-35: the hint is what `plans recommend --for` says of the line's own carrier."""
    session = used("demo-monthly-5gb", "400MB")
    found = hints_for(session, "phone")
    assert found["verdict"] == "upgrade"
    words = ("--days", str(found["days"]), "--for", "phone", "--carrier", "demo")
    best = run("plans", "recommend", *words, "--json", now=LATER).json
    assert found["instead"]["total"] == best["total"]
    assert found["instead"]["purchases"] == best["purchases"]
    assert float(found["now"]["total"]["amount"]) > float(found["instead"]["total"]["amount"])
    [sentence, *_] = hints(session, [line(forecast=FAST)])
    assert sentence[1]["plans"] == ", ".join(dict.fromkeys(row["plan"] for row in best["purchases"]))
    assert "runs out before its end" in run("balance", "--refresh", now=LATER).err


def test_a_plan_that_is_too_big_brings_a_smaller_one(used: Callable[..., Session]) -> None:
    session = used("smart-5g-max-30d", "100MB")
    found = hints_for(session, "phone")
    assert found["verdict"] == "downgrade"
    assert found["saves"]["currency"] == "USD"
    late = line(rollover={"lost_if_not_bytes": 0, "lost_anyway_bytes": 60}, attention=["expiring"])
    [sentence] = hints(session, [late])
    assert "would be unused; for {days} days" in sentence[0]
    assert sentence[1]["days"] == 30


def test_the_best_plan_is_kept(used: Callable[..., Session]) -> None:
    session = used("smart-laor-7d", "1500MB")
    found = hints_for(session, "phone", days=7)
    assert (found["verdict"], found["saves"]) == ("keep", None)


def test_without_history_nothing_is_known(used: Callable[..., Session]) -> None:
    found = hints_for(used("smart-laor-7d"), "phone")
    assert (found["verdict"], found["instead"], found["bytes_per_day"]) == ("unknown", None, None)


def test_every_figure_and_tip_has_a_source() -> None:
    assert all(use.source and use.per_hour > 0 for use in uses().values())
    assert {"video", "music", "maps", "chat", "social", "web", "games"} == set(uses())
    assert all(tip.source for tip in tips())
    assert uses()["video"].octets(1) == -(-700_000_000 // 3600)


def test_a_first_balance_has_no_tips(run: Runner) -> None:
    run("buy", "smart-laor-30d", "--provider", "sandbox", "--name", "phone", "--yes")
    assert "Wi-Fi" not in run("balance", "--refresh").err
