"""What-if: play a scenario file, or so much a day on plans of the catalogue. No network.

A scenario needs no profile either; plans are those of the profile, with what holds for them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from esimctl.actions.result import Result
from esimctl.charging.explain import explain
from esimctl.charging.moments import MomentError, parse_instant, zone
from esimctl.charging.scenario import MOST_OCTETS, Scenario, ScenarioError, parse_scenario
from esimctl.charging.simulation import Simulation, play
from esimctl.charging.terms import terms_from_table
from esimctl.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from esimctl.actions.session import Session

#: The calendar that a what-if without a file is counted in; only the lengths of its months matter.
ZONE, FIRST_DAY = "Asia/Phnom_Penh", "2026-01-01"


def simulate(text: str | bytes, name: str, *, story: bool = False) -> Result:
    """Play a scenario: exit 0 when every expectation holds, 20 when one does not; UsageError for a wrong file."""
    scenario = _read(text, name)
    simulation = play(scenario)
    document = simulation.as_json()
    del document["schema"]
    document["about"] = simulation.about
    document["zone"] = str(scenario.setup.zone)
    if story:
        document["explanation"] = _story(simulation, scenario.setup.volume_base)
    result = Result("simulation", document, ExitCode.DONE if simulation.passed else ExitCode.ATTENTION)
    failed = sum(1 for check in simulation.checks if not check.ok)
    if failed:
        result.note("{failed} of {all} expectations do not hold", failed=failed, all=len(simulation.checks))
    return result


def _story(simulation: Simulation, base: int) -> list[dict[str, Any]]:
    told = [(line.name, line.movements) for line in simulation.final]
    told += [(pool.name, pool.movements) for pool in simulation.pools]
    return [{"line": name, **step.as_json()} for name, movements in told for step in explain(movements, base)]


def _read(text: str | bytes, name: str) -> Scenario:
    try:
        return parse_scenario(text, name)
    except ScenarioError as wrong:
        raise UsageError(
            "{file}{line}{key}: {reason}",
            hint="what a scenario holds: esimctl simulate --help",
            code="scenario",
            file=name,
            line="" if wrong.line is None else f":{wrong.line}",
            key="" if wrong.key is None else f": {wrong.key}",
            reason=wrong.reason,
        ) from None


def read_scenario(path: str) -> bytes:
    """The bytes of a scenario file that a person named."""
    from esimctl.store.given import read_given

    return read_given(path, MOST_OCTETS)


def compare(session: "Session", names: Sequence[str], per_day: int, months: int, since: str | None = None) -> Result:
    """So many octets a day on one plan or on several side by side: what is carried, lost and paid, month by month."""
    from esimctl.actions.market.catalogue import market
    from esimctl.actions.market.holding import held_terms, of_plan
    from esimctl.catalogue.plans import plan, unknown
    from esimctl.charging.what_if import what_if

    where = zone(ZONE)
    plans: list[dict[str, Any]] = []
    for name in dict.fromkeys(names):
        row = plan(name, tuple(market(session).plans.values()))
        if missing := unknown(row):
            raise UsageError(
                "of {plan} nobody knows: {missing}",
                hint="esimctl plans show {plan}",
                code="plan_unknown_terms",
                plan=row.id,
                missing=", ".join(missing),
            )
        terms = terms_from_table(row.id, held_terms(session, row))
        months_of = what_if(terms, per_day, months, _begin(since), where)
        rows = [month.as_json() for month in months_of]
        paid = [month.paid for month in months_of if month.paid is not None]
        total = paid[0] if paid else None
        for amount in paid[1:]:
            total = amount if total is None else total + amount
        sums = ("used_bytes", "lost_bytes", "out_of_bucket_bytes")
        totals: dict[str, Any] = {key: sum(row[key] for row in rows) for key in sums}
        totals["paid"] = None if total is None else total.as_json()
        word = of_plan(session, row).word
        plans.append({"plan": row.id, "name": row.name, "rollover": word, "months": rows, "total": totals})
    return Result("what-if", {"per_day_bytes": per_day, "plans": plans})


def _begin(since: str | None) -> datetime:
    try:
        return parse_instant(since or FIRST_DAY, zone(ZONE))
    except MomentError as wrong:
        raise UsageError("--from: {reason}", reason=str(wrong)) from None
