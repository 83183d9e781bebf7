"""Hints beside a balance: only where the pace warns, and worked out by the recommendation itself."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from esimctl.advice.advised import advise
from esimctl.advice.hints import hints, hints_for
from esimctl.catalogue.tips import tips
from esimctl.documents.balance import BalanceLine
from esimctl.documents.document import as_json
from esimctl.documents.reading import read
from esimctl.profile.opened import Session
from esimctl.purchase.opening import open_profile
from esimctl.values.money import Money
from tests.conftest import Runner

LATER = "2026-11-27T09:00:00+07:00"


def looked_at(run: Runner, **other: Any) -> BalanceLine:
    """The line as `balance` shows it then, with these keys instead of its own."""
    [line] = run("balance", "phone", "--refresh", "--json", now=LATER).json["lines"]
    return read(BalanceLine, {**line, **other})


@pytest.fixture
def used(run: Runner) -> Callable[..., Session]:
    """`used(plan, volume)`: a line that used so much on each of six days, and the session that looks at it then."""

    def call(plan: str, volume: str | None = None) -> Session:
        run("buy", plan, "--provider", "sandbox", "--name", "phone", "--yes")
        for day in range(21, 27) if volume else ():
            run("sandbox", "use", "phone", volume, now=f"2026-11-{day}T12:00:00+07:00")
            run("balance", "--refresh", now=f"2026-11-{day}T12:05:00+07:00")
        return open_profile(None, {**os.environ, "ESIMCTL_NOW": LATER})

    return call


def test_nothing_is_said_of_a_line_without_history_or_without_a_term(run: Runner, used: Callable[..., Session]) -> None:
    session = used("demo-monthly-20gb")
    line = looked_at(run)
    found = hints_for(session, line)
    assert (found.verdict, found.now, found.instead, found.saves, found.command) == ("unknown", None, None, None, "")
    assert advise(session, [line]) == []


def test_only_active_lines_with_three_days_of_history_are_looked_at(run: Runner, used: Callable[..., Session]) -> None:
    session = used("demo-monthly-5gb", "400MB")
    line = looked_at(run)
    assert len(advise(session, [line])) == 1
    assert advise(session, [looked_at(run, status="expired")]) == []
    early = {**as_json(line.forecast), "days_of_history": 2}
    assert advise(session, [looked_at(run, forecast=early)]) == []


def test_a_plan_that_is_too_small_brings_the_purchases_that_would_do(run: Runner, used: Callable[..., Session]) -> None:
    """R-35: the hint is what `plans recommend --for` says of the line's own carrier."""
    session = used("demo-monthly-5gb", "400MB")
    found = hints_for(session, looked_at(run))
    assert found.verdict == "upgrade"
    assert found.now is not None
    assert found.instead is not None
    best = run(*found.command.split()[1:], "--json", now=LATER).json
    assert as_json(found.instead.total) == best["total"]
    assert as_json(found.instead.purchases) == best["purchases"]
    assert found.now.total > found.instead.total
    [hint] = hints(session, [looked_at(run)])
    assert hint.params["total"] == best["total"]["amount"]
    assert hint.text in run("balance", "--refresh", now=LATER).err


def test_a_plan_that_is_too_big_brings_a_smaller_one(run: Runner, used: Callable[..., Session]) -> None:
    found = hints_for(used("smart-5g-max-30d", "100MB"), looked_at(run))
    assert found.verdict == "downgrade"
    assert found.saves == Money(400, "USD")


def test_the_best_plan_is_kept(run: Runner, used: Callable[..., Session]) -> None:
    session = used("smart-laor-7d", "1500MB")
    found = hints_for(session, looked_at(run), days=7)
    assert (found.verdict, found.saves) == ("keep", None)
    assert hints(session, [looked_at(run)]) == []


@pytest.mark.parametrize(("days", "whole"), [("7 days", 28), ("10 days", 30), ("14 days", 28), ("60 days", 60)])
def test_a_hint_looks_ahead_for_whole_terms_of_the_own_plan(run: Runner, tmp_path: Path, days: str, whole: int) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        f'[plan.smart-own]\ncarrier = "smart"\nname = "Own"\nprice = "2.00 USD"\nsource = "receipt"\n'
        f'as_of = 2026-11-18\n[plan.smart-own.terms]\ndata = "9GB"\nterm = "{days}"\n'
    )
    run("plans", "import", str(file))
    run("lines", "add", "phone", "--provider", "manual", "--carrier", "smart", "--plan", "smart-own", "--price", "2USD")
    session = open_profile(None, {**os.environ, "ESIMCTL_NOW": LATER})
    assert hints_for(session, looked_at(run), per_day=100_000_000).days == whole


def test_every_tip_has_a_source() -> None:
    assert tips()
    assert all(tip.source for tip in tips())


def test_a_first_balance_has_no_tips(run: Runner) -> None:
    run("buy", "smart-laor-30d", "--provider", "sandbox", "--name", "phone", "--yes")
    assert "Wi-Fi" not in run("balance", "--refresh").err
