"""Playing a scenario: what was expected, what was found, and the story of how it came about."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from esimctl.catalogue.holding import RolloverInForce
from esimctl.charging.balances import BucketView, LineBalance, PoolBalance
from esimctl.charging.buckets import Movement
from esimctl.charging.engine import Engine
from esimctl.documents.balance import BalanceLine, RunOutPart
from esimctl.documents.document import JSON, Absent
from esimctl.documents.simulation import ExpectationRow, FinalPart, MoveRow, PoolRow, SimulationDocument, ToldRow
from esimctl.providers.modelled_reading import counted, modelled_reading, reading_bucket
from esimctl.providers.pools import with_pools
from esimctl.simulation.scenario import Scenario
from esimctl.simulation.scenario_events import Expected, ExpectedBucket, ScenarioStep
from esimctl.usage.line import bucket_row, line_of
from esimctl.values.moments import rfc3339
from esimctl.values.money import Money
from esimctl.values.record import fields, record, replace
from esimctl.values.volume import Unlimited

_VOLUMES = ("available", "remaining", "forfeited", "out_of_bucket")


@record
class Simulation:
    """What came of a scenario, as of its last event; `final` and `shared` are lines and pools of the engine."""

    name: str
    about: str | None
    passed: bool
    checks: tuple[ExpectationRow, ...]
    at: datetime
    final: tuple[LineBalance, ...]
    shared: tuple[PoolBalance, ...]
    lines: tuple[BalanceLine, ...]
    pools: tuple[PoolRow, ...]
    journal: tuple[tuple[str, Movement], ...]

    def document(self, zone: str, explanation: Sequence[ToldRow] | Absent) -> SimulationDocument:
        """The document `esimctl.simulation/1`."""
        return SimulationDocument(
            name=self.name,
            passed=self.passed,
            checks=self.checks,
            final=FinalPart(as_of=self.at, lines=self.lines, pools=self.pools),
            journal=[_move(name, movement) for name, movement in self.journal],
            about=self.about,
            zone=zone,
            explanation=explanation,
        )


def _move(name: str, movement: Movement) -> MoveRow:
    return MoveRow(
        line=name,
        at=movement.at,
        reason=movement.reason,
        bucket=movement.bucket,
        category=movement.category,
        amount=movement.amount,
        before=movement.before,
        after=movement.after,
        other=movement.other,
    )


#: a scenario says what was used, and nothing of what somebody is used to
NOT_FORETOLD = RunOutPart(
    runs_out_at=None, earliest=None, latest=None, days_of_history=0, reason="a scenario foretells nothing"
)


def _line(engine: Engine, balance: LineBalance) -> BalanceLine:
    """A line at the end of the story, by the builder of every balance."""
    running = engine.line(balance.name).current
    mode = "not-applicable" if running is None else "carry" if running.terms.policy.carries else "none"
    reading = with_pools(modelled_reading(engine, balance, engine.now), engine, balance.name)
    line = line_of(
        balance.name,
        reading,
        engine.now,
        engine.setup.zone,
        plan=balance.plan,
        rollover=RolloverInForce(mode),
        forecast=NOT_FORETOLD,
        source="modelled",
    )
    data = replace(line.data, available_bytes=reading.available_bytes)
    return replace(line, data=data, charged=balance.charged, forfeited_bytes=balance.forfeited)


def _pool(engine: Engine, pool: PoolBalance) -> PoolRow:
    return PoolRow(
        pool=pool.name,
        remaining_bytes=counted(pool.remaining),
        unlimited=isinstance(pool.remaining, Unlimited),
        forfeited_bytes=pool.forfeited,
        used_bytes=pool.used,
        expires_at=pool.term_end,
        buckets=[bucket_row(reading_bucket(view), engine.now, engine.setup.zone) for view in pool.buckets],
    )


def play(scenario: Scenario) -> Simulation:
    """Play every event in the order of its instant and of the file; pure, and the same on every machine."""
    engine = Engine(scenario.setup)
    checks: list[ExpectationRow] = []
    for step in scenario.steps:
        if isinstance(step.what, Expected):
            engine.advance(step.at)
            checks.append(_check(engine, step, step.what))
            continue
        refusal = engine.apply(step.what)
        if step.refused or refusal is not None:
            expected: dict[str, JSON] = {"refused": step.refused}
            actual: dict[str, JSON] = {"refused": refusal is not None} | ({"reason": refusal} if refusal else {})
            ok = step.refused == (refusal is not None)
            checks.append(_expectation(step, str(step.line), expected, actual, ok=ok))
    state = engine.state()
    final = state.lines()
    pools = tuple(state.pool(name) for name in scenario.setup.pools)
    journal = [(line.name, movement) for line in final for movement in line.movements]
    journal += [(pool.name, movement) for pool in pools for movement in pool.movements]
    journal.sort(key=lambda pair: pair[1].at)
    passed = all(check.ok for check in checks)
    lines = tuple(_line(engine, line) for line in final)
    rows = tuple(_pool(engine, pool) for pool in pools)
    return Simulation(
        scenario.name, scenario.about, passed, tuple(checks), engine.now, final, pools, lines, rows, tuple(journal)
    )


def _check(engine: Engine, step: ScenarioStep, wanted: Expected) -> ExpectationRow:
    state = engine.state()
    view: LineBalance | PoolBalance = (
        state.pool(step.pool) if step.pool is not None else state.line(str(step.line), story=False)
    )
    expected: dict[str, JSON] = {}
    actual: dict[str, JSON] = {}
    ok = True
    if wanted.buckets is not None:
        pairs = zip(wanted.buckets, view.buckets, strict=False)
        ok = len(wanted.buckets) == len(view.buckets) and all(_matches(want, have) for want, have in pairs)
    for key in fields(wanted):
        value = getattr(wanted, key)
        if value is None:
            continue
        if key == "buckets":
            expected[key], actual[key] = [_spelled(one) for one in value], [_spelled(one) for one in view.buckets]
            continue
        found: Any = len(view.buckets) if key == "count" else getattr(view, key)
        if key == "used":
            found = {name: found.get(name, 0) for name in value}
        ok = ok and _same(key, value, found)
        _put(expected, key, value)
        _put(actual, key, found)
    return _expectation(step, str(step.pool if step.line is None else step.line), expected, actual, ok=ok)


def _expectation(
    step: ScenarioStep, name: str, expected: Mapping[str, JSON], actual: Mapping[str, JSON], *, ok: bool
) -> ExpectationRow:
    return ExpectationRow(event=step.number, at=step.at, line=name, expected=expected, actual=actual, ok=ok)


def _same(key: str, wanted: Any, found: Any) -> bool:
    if key == "charged" and found is None:
        return isinstance(wanted, Money) and not wanted
    return type(wanted) is type(found) and bool(wanted == found)


def _matches(wanted: ExpectedBucket, found: BucketView) -> bool:
    asked = {key: getattr(wanted, key) for key in fields(ExpectedBucket)}
    return all(getattr(found, key) == value for key, value in asked.items() if value is not None)


def _spelled(bucket: ExpectedBucket | BucketView) -> dict[str, JSON]:
    """A bucket as documents have it: of an expectation what it asks for."""
    spelled: dict[str, JSON] = {}
    for key in fields(ExpectedBucket):
        value = getattr(bucket, key)
        if value is None and isinstance(bucket, ExpectedBucket):
            continue
        if key == "remaining":
            _put(spelled, key, value)
        else:
            spelled[key] = rfc3339(value) if isinstance(value, datetime) else value
    return spelled


def _put(into: dict[str, JSON], key: str, value: Any) -> None:
    """One value under the name and in the form that documents have."""
    if key in _VOLUMES:
        into[f"{key}_bytes"] = None if isinstance(value, Unlimited) else value
        if isinstance(value, Unlimited):
            into["unlimited"] = True
    elif key == "used":
        into["used_bytes"] = {name: None if isinstance(part, Unlimited) else part for name, part in value.items()}
    else:
        into[key] = value.as_json() if isinstance(value, Money) else value
