"""Hints beside a balance: only where the pace warns."""

from typing import Any

from esimctl.actions.advice.hints import hints
from esimctl.catalogue.uses import tips, uses
from tests.conftest import Runner


def line(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "line": "phone",
        "status": "active",
        "expires_at": "2026-12-20T00:00:00Z",
        "data": {"granted_bytes": 100},
        "rollover": {"lost_if_not_bytes": 10},
        "forecast": {"runs_out_at": None, "days_of_history": 9},
        "attention": [],
    }
    return {**plain, **changes}


def test_nothing_is_said_without_need() -> None:
    assert hints([line()]) == []
    assert hints([line(forecast={"runs_out_at": "2026-12-25T00:00:00Z", "days_of_history": 9})]) == []
    assert hints([line(forecast={"runs_out_at": "2026-12-01T00:00:00Z", "days_of_history": 2})]) == []
    assert hints([line(status="expired", forecast={"runs_out_at": "2026-12-01T00:00:00Z", "days_of_history": 9})]) == []


def test_a_pace_that_warns_brings_a_bigger_plan_and_the_tips() -> None:
    found = hints([line(forecast={"runs_out_at": "2026-12-01T00:00:00Z", "days_of_history": 9})])
    assert "runs out before its end" in found[0][0]
    assert found[0][1] == {"line": "phone"}
    assert [template for template, _ in found[1:]] == [tip.text for tip in tips()]


def test_much_that_would_be_lost_brings_a_smaller_plan() -> None:
    [found] = hints([line(rollover={"lost_if_not_bytes": 60}, attention=["expiring"])])
    assert "smaller plan" in found[0]
    assert hints([line(rollover={"lost_if_not_bytes": 60})]) == []


def test_every_figure_and_tip_has_a_source() -> None:
    assert all(use.source and use.per_hour > 0 for use in uses().values())
    assert {"video", "music", "maps", "chat", "social", "web", "games"} == set(uses())
    assert all(tip.source for tip in tips())
    assert uses()["video"].octets(1) == -(-700_000_000 // 3600)


def test_a_first_balance_has_no_tips(run: Runner) -> None:
    run("buy", "smart-laor-30d", "--name", "phone", "--yes")
    assert "Wi-Fi" not in run("balance", "--refresh").err
