"""What would be if: so much a day on a plan, month by month, or a scenario file played as it stands."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from esimctl.catalogue.plans import plan, unknown
from esimctl.charging.buckets import Movement
from esimctl.charging.engine import Engine
from esimctl.charging.events import Use
from esimctl.charging.explain import explain
from esimctl.charging.setup import LineSetup, Setup
from esimctl.charging.terms import Terms, terms_from_table
from esimctl.documents.document import ABSENT
from esimctl.documents.result import Result
from esimctl.documents.simulation import PlayedMonthRow, PlayedPlanRow, ToldRow, TotalPart, WhatIfDocument
from esimctl.errors import ExitCode, UsageError
from esimctl.simulation.play import Simulation, play
from esimctl.simulation.scenario import MOST_OCTETS, Scenario, parse_scenario
from esimctl.store.user_file import read_given
from esimctl.values.moments import Duration, MomentError, boundary, parse_instant, zone
from esimctl.values.money import Money
from esimctl.values.sentence import Raw, commas
from esimctl.values.tables import TableError
from esimctl.values.volume import Unlimited

if TYPE_CHECKING:
    from esimctl.documents.simulation import SimulationDocument
    from esimctl.profile.opened import Session

#: More than any overage of a what-if comes to, so that all of it is counted.
_PURSE = 10**15

_LOST = ("trimmed", "forfeited", "expired", "lapsed", "reset")


def what_if(terms: Terms, per_day: int, months: int, start: datetime, zone: tzinfo) -> tuple[PlayedMonthRow, ...]:
    """Play `per_day` octets at noon of every day on a plan that renews itself on each boundary; one row a month.

    What is carried or lost at the last instant of a month counts for that month, a grant at that instant for the next.
    """
    price = terms.overage.price_per_mb
    purse = Money(_PURSE, price.currency) if price is not None else None
    engine = Engine(Setup(zone, start, {"a": LineSetup(terms, auto_renew=True, main_balance=purse)}))
    ends = [boundary(start, Duration(months=month), 1, zone) for month in range(months + 1)]
    day = 0
    while (noon := boundary(start, Duration(days=day), 1, zone) + timedelta(hours=12)) < ends[-1]:
        engine.apply(Use(noon, "a", per_day))
        day += 1
    engine.advance(ends[-1])
    told = engine.line("a").journal or []
    return tuple(_month(terms, told, month, ends[month - 1], ends[month]) for month in range(1, months + 1))


def _month(terms: Terms, told: list[Movement], month: int, begin: datetime, end: datetime) -> PlayedMonthRow:
    """Add up what was written down of one month."""
    inside = [one for one in told if begin <= one.at < end]
    closing = [one for one in told if begin < one.at <= end]
    paid = None
    if terms.price is not None:
        paid = terms.price * sum(1 for one in inside if one.reason in ("bought", "renewed"))
        paid += Money(_total(inside, "charged") if _same_currency(terms) else 0, paid.currency)
    return PlayedMonthRow(
        month=month,
        start=begin,
        granted_bytes=None if isinstance(terms.data, Unlimited) else _total(inside, "granted"),
        used_bytes=_total(inside, "used"),
        carried_bytes=_total(closing, "carried-in"),
        lost_bytes=_total(closing, *_LOST),
        out_of_bucket_bytes=_total(inside, "out-of-bucket"),
        paid=paid,
    )


def _total(told: list[Movement], *reasons: str) -> int:
    return sum(one.amount or 0 for one in told if one.reason in reasons)


def _same_currency(terms: Terms) -> bool:
    charged = terms.overage.price_per_mb
    return charged is not None and terms.price is not None and charged.currency == terms.price.currency


#: The calendar that a what-if without a file is counted in; only the lengths of its months matter.
ZONE, FIRST_DAY = "Asia/Phnom_Penh", "2026-01-01"


def simulate(text: str | bytes, name: str, *, story: bool = False) -> "Result[SimulationDocument]":
    """Play a scenario: exit 0 when every expectation holds, 20 when one does not; UsageError for a wrong file."""
    scenario = _read(text, name)
    simulation = play(scenario)
    told = _story(simulation, scenario.setup.volume_base) if story else ABSENT
    document = simulation.document(str(scenario.setup.zone), told)
    result = Result("simulation", document, ExitCode.DONE if simulation.passed else ExitCode.ATTENTION)
    failed = sum(1 for check in simulation.checks if not check.ok)
    if failed:
        result.note("{failed} of {all} expectations do not hold", failed=failed, all=len(simulation.checks))
    return result


def _story(simulation: Simulation, base: int) -> list[ToldRow]:
    told = [(line.name, line.movements) for line in simulation.final]
    told += [(pool.name, pool.movements) for pool in simulation.shared]
    return [
        ToldRow(line=name, at=step.at, reason=step.reason, text=step.text, template=step.template, params=step.params)
        for name, movements in told
        for step in explain(movements, base)
    ]


def _read(text: str | bytes, name: str) -> Scenario:
    try:
        return parse_scenario(text, name)
    except TableError as wrong:
        hint = "what a scenario holds: esimctl simulate --help"
        raise UsageError("{finding}", hint=hint, code="scenario", finding=wrong.said) from None


def read_scenario(path: str) -> bytes:
    """The bytes of a scenario file that a person named."""
    return read_given(path, MOST_OCTETS)


def compare(
    session: "Session", names: Sequence[str], per_day: int, months: int, since: str | None = None
) -> "Result[WhatIfDocument]":
    """So many octets a day on one plan or on several side by side: what is carried, lost and paid, month by month."""
    from esimctl.market.holding import held_terms, of_plan
    from esimctl.profile.own_catalogue import market

    where = zone(ZONE)
    plans: list[PlayedPlanRow] = []
    for name in dict.fromkeys(names):
        row = plan(name, tuple(market(session).plans.values()))
        if missing := unknown(row):
            raise UsageError(
                "of {plan} nobody knows: {missing}",
                hint="esimctl plans show {plan}",
                code="plan_unknown_terms",
                plan=Raw(row.id),
                missing=commas(missing),
            )
        terms = terms_from_table(row.id, held_terms(session, row))
        rows = what_if(terms, per_day, months, _begin(since), where)
        played = PlayedPlanRow(
            plan=row.id, name=row.name, rollover=of_plan(session, row).word, months=rows, total=_total_of(rows)
        )
        plans.append(played)
    return Result("what-if", WhatIfDocument(per_day_bytes=per_day, plans=plans))


def _total_of(rows: Sequence[PlayedMonthRow]) -> TotalPart:
    paid = [row.paid for row in rows if row.paid is not None]
    return TotalPart(
        used_bytes=sum(row.used_bytes for row in rows),
        lost_bytes=sum(row.lost_bytes for row in rows),
        out_of_bucket_bytes=sum(row.out_of_bucket_bytes for row in rows),
        paid=sum(paid[1:], paid[0]) if paid else None,
    )


def _begin(since: str | None) -> datetime:
    try:
        return parse_instant(since or FIRST_DAY, zone(ZONE))
    except MomentError as wrong:
        raise UsageError("--from: {reason}", reason=wrong.said) from None
