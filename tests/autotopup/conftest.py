"""A line with a rule, driven through the command line by a rehearsal clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Outcome, Runner

START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


class World:
    """One person's machine: a clock that moves, and short words for what is done again and again."""

    def __init__(self, run: Runner) -> None:
        self._run = run
        self.now = START

    def at(self, **step: int) -> "World":
        """Let time pass."""
        self.now += timedelta(**step)
        return self

    def esimctl(self, *words: str, given: str = "", env: dict[str, str] | None = None) -> Outcome:
        return self._run(*words, now=self.now.isoformat(), given=given, env=env)

    def ok(self, *words: str, given: str = "") -> Outcome:
        found = self.esimctl(*words, given=given)
        assert found.code == 0, found
        return found

    def buy(self, plan: str = "smart-5g-30d", name: str = "phone") -> None:
        self.ok("buy", plan, "--provider", "sandbox", "--name", name, "--yes")

    def rule(
        self, *words: str, line: str = "phone", price: str = "2USD", month: str = "6USD", enable: bool = True
    ) -> None:
        trigger = words or ("--below", "500MB", "--plan", "demo-topup-2gb")
        self.ok("autotopup", "set", line, *trigger, "--max-price", price, "--max-per-month", month)
        if enable:
            name = words[words.index("--rule") + 1] if "--rule" in words else line
            self.ok("autotopup", "enable", name, "--confirm", month)

    def use(self, volume: str, line: str = "phone") -> None:
        self.ok("sandbox", "use", line, volume)

    def fault(self, kind: str, times: int = 1) -> None:
        self.ok("sandbox", "fault", kind, "--times", str(times))

    def sweep(self, *words: str) -> Any:
        """One run's document, with its exit code beside it."""
        found = self.esimctl("autotopup", "run", "--json", *words)
        return {**found.json, "code": found.code, "err": found.err}

    def decision(self, *words: str, rule: str = "phone") -> dict[str, Any]:
        document = self.sweep(*words)
        return next({**row, "code": document["code"]} for row in document["decisions"] if row["rule"] == rule)

    def orders(self) -> list[dict[str, Any]]:
        rows = self.ok("transactions", "list", "--json").json["transactions"]
        return [row for row in rows if row["kind"] != "new"]

    def alerts(self) -> list[str]:
        """Every alert ever told, oldest first."""
        rows = self.ok("autotopup", "log", "--json").json["log"]
        return [row["reason"] for row in rows if row["kind"] == "alert"]


@pytest.fixture
def world(run: Callable[..., Outcome]) -> World:
    """A machine with one line of 90 GB for 30 days."""
    made = World(run)
    made.buy()
    return made


@pytest.fixture
def low(world: World) -> World:
    """That line with an enabled rule, and 400 MB left."""
    world.rule()
    world.use("89600MB")
    return world
