"""Playing a scenario: what was expected, what was found, and the story of how it came about."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from esimctl.charging.balances import BucketView, LineBalance, PoolBalance
from esimctl.charging.buckets import Movement
from esimctl.charging.engine import Engine
from esimctl.charging.left import Left, left_on
from esimctl.charging.outlook import Outlook, outlook
from esimctl.documents.document import JSON, Absent
from esimctl.documents.simulation import ExpectationRow, FinalPart, MoveRow, SimulationDocument, ToldRow
from esimctl.simulation.scenario import Scenario
from esimctl.simulation.scenario_events import Expected, ExpectedBucket, ScenarioStep
from esimctl.values.moments import rfc3339
from esimctl.values.money import Money
from esimctl.values.record import fields, record
from esimctl.values.volume import Unlimited

_VOLUMES = ("available", "remaining", "forfeited", "out_of_bucket")


@record
class Simulation:
    """What came of a scenario; `final` and `journal` are as of its last event."""

    name: str
    about: str | None
    passed: bool
    checks: tuple[ExpectationRow, ...]
    at: datetime
    final: tuple[LineBalance, ...]
    pools: tuple[PoolBalance, ...]
    outlooks: tuple[tuple[str, Outlook, Left], ...]
    journal: tuple[tuple[str, Movement], ...]

    def document(self, zone: str, explanation: Sequence[ToldRow] | Absent) -> SimulationDocument:
        """The document `esimctl.simulation/1`."""
        lines = zip(self.final, self.outlooks, strict=True)
        return SimulationDocument(
            name=self.name,
            passed=self.passed,
            checks=self.checks,
            final=FinalPart(
                as_of=self.at,
                lines=[_final(line, *known, self.at) for line, known in lines],
                pools=[pool.as_json() for pool in self.pools],
            ),
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


def _final(line: LineBalance, effective: str, told: Outlook, left: Left, at: datetime) -> dict[str, Any]:
    """A line with every key of `esimctl.balance/1`; what only a real line has is null."""
    document = line.as_json()
    return document | {
        "data": document["data"] | left.as_json(),
        "provider": None,
        "carrier": None,
        "voice": {"remaining_seconds": None},
        "use_by": None if line.use_by is None else rfc3339(line.use_by),
        "rollover": {"effective": effective, "disputed": False, "claim": None} | told.as_json(),
        "forecast": None,
        "reading": {"at": rfc3339(at), "source": "modelled", "stale": False},
        "attention": [],
    }


def _outlook(engine: Engine, name: str) -> tuple[str, Outlook, Left]:
    """Whether the running plan carries, what renewing it is worth at the end of the story, and what is left then."""
    line = engine.line(name)
    effective = "not-applicable" if line.current is None else "carry" if line.current.terms.policy.carries else "none"
    return effective, outlook(engine, name), left_on(line, engine.now)


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
    outlooks = tuple(_outlook(engine, line.name) for line in final)
    return Simulation(
        scenario.name, scenario.about, passed, tuple(checks), engine.now, final, pools, outlooks, tuple(journal)
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
