"""Random lives of a line, step by step, against a model that works everything out from the start every time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from esimctl.charging.engine import Engine
from esimctl.charging.events import Topup, Use
from esimctl.charging.setup import LineSetup, Setup
from esimctl.charging.terms import terms_from_table
from esimctl.values.moments import zone
from tests.charging import naive

ZONE = zone("Asia/Phnom_Penh")
OFFSET = timedelta(hours=7)
FIRST = datetime(2026, 1, 1)  # noqa: DTZ001 - the model lives in local time


def to_utc(local: datetime) -> datetime:
    """The model's local time as the engine's."""
    return (local - OFFSET).replace(tzinfo=UTC)


plans = st.builds(
    naive.Plan,
    data=st.integers(1, 300),
    months=st.sampled_from([1, 1, 2]),
    carries=st.booleans(),
    validity_months=st.integers(1, 4),
    cap=st.none() | st.integers(0, 400),
    scope=st.sampled_from(["rollover-only", "total-incl-grant", "per-step"]),
    percent=st.none() | st.integers(1, 100),
    consumption=st.sampled_from(["first", "last", "by-expiry"]),
    bonus=st.none() | st.tuples(st.integers(1, 100), st.integers(1, 40)),
)
day_plans = st.builds(
    naive.Plan,
    data=st.integers(1, 300),
    days=st.integers(1, 40),
    carries=st.booleans(),
    validity_months=st.integers(1, 2),
    validity_days=st.integers(0, 50),
    cap=st.none() | st.integers(0, 400),
    consumption=st.sampled_from(["first", "last", "by-expiry"]),
)
starts = st.integers(0, 800 * 86_400).map(lambda seconds: FIRST + timedelta(seconds=seconds))
steps = st.sampled_from([0, 1, 3600, 86_400, 5 * 86_400, 20 * 86_400, 40 * 86_400])


def table(plan: naive.Plan) -> dict[str, Any]:
    """The model's plan as the engine reads it."""
    written: dict[str, Any] = {
        "data": f"{plan.data}B",
        "term": f"{plan.months} months" if plan.months else f"{plan.days} days",
    }
    if plan.carries:
        validity = f"{plan.validity_days} days" if plan.validity_days else f"{plan.validity_months} months"
        rollover = {"mode": "carry", "validity": validity, "cap_scope": plan.scope, "consumption": plan.consumption}
        if plan.cap is not None:
            rollover["max"] = f"{plan.cap}B"
        written["rollover"] = rollover | ({} if plan.percent is None else {"max_percent": plan.percent})
    if plan.bonus:
        written["bonus"] = {"data": f"{plan.bonus[0]}B", "term": f"{plan.bonus[1]} days"}
    return written


class LifeOfALine(RuleBasedStateMachine):
    """The engine is fed step by step; the model is asked from the start."""

    @initialize(plan=plans | day_plans, start=starts)
    def begin(self, plan: naive.Plan, start: datetime) -> None:
        self.story = naive.Story(plan, start)
        self.now = start
        setup = Setup(ZONE, to_utc(start), {"a": LineSetup(terms_from_table("p", table(plan)), auto_renew=True)})
        self.engine = Engine(setup)
        self.looked = 0

    @rule(step=steps, octets=st.integers(0, 250))
    def use(self, step: int, octets: int) -> None:
        self.now += timedelta(seconds=step)
        self.engine.apply(Use(to_utc(self.now), "a", octets))
        self.story.uses.append((self.now, octets))

    @rule(share=st.integers(0, 100), octets=st.integers(0, 250))
    def use_late(self, share: int, octets: int) -> None:
        dated = self.story.start + (self.now - self.story.start) * share / 100
        dated = dated.replace(microsecond=0)
        self.engine.apply(Use(to_utc(self.now), "a", octets, dated=to_utc(dated)))
        self.story.uses.append((dated, octets))

    @precondition(lambda self: not any(at == self.now for at, _ in self.story.uses))
    @rule(size=st.integers(1, 200), days=st.integers(1, 60), weekend=st.booleans())
    def buy_a_pack(self, size: int, days: int, weekend: bool) -> None:
        category = {"category": "window", "window": {"days": ["sat", "sun"]}} if weekend else {"category": "topup"}
        terms = terms_from_table("pack", {"data": f"{size}B", "term": f"{days} days"} | category)
        self.engine.apply(Topup(to_utc(self.now), "a", terms))
        self.story.packs.append((self.now, size, days, weekend))

    @rule(step=steps)
    def look(self, step: int) -> None:
        self.now += timedelta(seconds=step)
        self.engine.advance(to_utc(self.now))

    @invariant()
    def agrees(self) -> None:
        if not hasattr(self, "engine"):
            return
        self.looked += 1
        expected = naive.ask(self.story, self.now)
        found = self.engine.state().line("a")
        assert expected.available == found.available
        assert expected.remaining == found.remaining
        assert expected.forfeited == found.forfeited
        assert expected.out_of_bucket == found.out_of_bucket
        kinds = {"window": "topup"}
        pots = [(kinds.get(one.category, one.category), one.remaining, one.end) for one in found.buckets]
        assert [(kind, left, to_utc(end)) for kind, left, end in expected.pots] == pots
        assert found.totals.balanced


LifeOfALine.TestCase.settings = settings(
    max_examples=150, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestLifeOfALine = LifeOfALine.TestCase
