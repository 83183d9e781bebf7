"""What renewing is worth, held against the engine itself: one twin renews on time, the other never does."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esimctl.charging.buckets import Movement
from esimctl.charging.engine import Engine
from esimctl.charging.events import Grant, Purchase, Renew, Topup, Use
from esimctl.charging.outlook import LOST, outlook, renewal
from esimctl.charging.policies import RolloverPolicy
from esimctl.charging.setup import LineSetup, Setup
from esimctl.charging.terms import Terms, terms_from_table
from esimctl.values.moments import Duration, zone
from tests.charging.stories import packs, plans

GB = 10**9
ZONE = zone("Asia/Phnom_Penh")
START = datetime(2026, 1, 30, 17, tzinfo=UTC)
CARRY = {"mode": "carry", "validity": "3 months"}


def gone(moves: Iterable[Movement]) -> dict[str, int]:
    """Octets lost by bucket, carried data under the bucket that it came from."""
    sums: dict[str, int] = {}
    for move in moves:
        if move.reason in LOST and move.amount:
            root = str(move.bucket).removeprefix("rollover-of-")
            sums[root] = sums.get(root, 0) + (move.amount or 0)
    return sums


@st.composite
def lives(draw: st.DrawFn) -> Engine:
    """A line with a plan of one period, some packs and some use, in the middle of a term."""
    terms = draw(plans.filter(lambda one: one.period is None))
    engine = Engine(Setup(ZONE, START, {"a": LineSetup()}))
    engine.apply(Purchase(START, "a", terms))
    now = START
    for _ in range(draw(st.integers(0, 12))):
        now += timedelta(hours=draw(st.integers(0, 300)))
        kind = draw(st.integers(0, 5))
        current = engine.line("a").current
        if now < engine.now:
            now = engine.now
        if kind == 0:
            engine.apply(Topup(now, "a", draw(packs)))
        elif kind == 1:
            engine.apply(Grant(now, "a", draw(st.integers(1, 99)), end=now + timedelta(days=draw(st.integers(1, 40)))))
        elif kind == 2 and current is not None:
            until = current.deadline if current.waiting else current.term_end
            now = max(now, min(until, now + timedelta(days=60)))
            engine.apply(Renew(now, "a", terms))
        else:
            engine.apply(Use(now, "a", draw(st.integers(0, 200))))
    return engine


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(lives())
def test_renewed_on_time_and_not_renewed_agree_with_what_was_foretold(engine: Engine) -> None:
    told = outlook(engine, "a")
    line = engine.line("a")
    assert told.lost_if_not_bytes >= told.carry_if_renewed_bytes
    if line.current is None or line.current.queued or line.orders or len(line.contracts) > 1:
        return
    boundary = line.current.boundary
    rolls = line.current.terms.policy
    on_time = max(boundary, engine.now)
    until = max(on_time, told.grace_until or on_time)
    with_it, without = (Engine(Setup(ZONE, START, {"a": LineSetup()})) for _ in range(2))
    for twin in (with_it, without):
        for entry in engine.groups["a"].entries:
            twin.apply(entry.event)
        twin.advance(engine.now)
    first = without.state().line("a")
    written = len(first.movements)
    without.advance(until)
    with_it.apply(Renew(on_time, "a", line.current.terms))
    with_it.advance(until)
    known = {name.removeprefix("rollover-of-") for name in line.live}
    ours = {root: left for root, left in gone(with_it.state().line("a").movements[written:]).items() if root in known}
    theirs = gone(without.state().line("a").movements[written:])
    assert sum(theirs.values()) == told.lost_anyway_bytes + told.lost_if_not_bytes
    assert sum(min(left, ours.get(root, 0)) for root, left in theirs.items()) == told.lost_anyway_bytes
    assert without.state().line("a").forfeited - first.forfeited == sum(theirs.values())
    carried = [one for one in with_it.line("a").live.values() if one.id == f"rollover-of-{_base(line)}"]
    if rolls.condition != "none" and boundary == on_time and not told.grace_until:
        assert sum(one.free for one in carried) == told.carry_if_renewed_bytes
        assert told.carried_until == (carried[0].end if carried and carried[0].free else None)


def _base(line: object) -> str:
    contract = line.current  # type: ignore[attr-defined]
    return contract.base.id if contract.base is not None else "-"


def plan(name: str = "p", **table: object) -> Terms:
    """A monthly plan of 10 GB."""
    return terms_from_table(name, {"data": "10GB", "term": "1 month"} | table)


def begun(terms: Terms, *, at: timedelta = timedelta(days=10), used: int = 2 * GB) -> Engine:
    """A line that bought it, used some of it, and stands so long after its purchase."""
    engine = Engine(Setup(ZONE, START, {"a": LineSetup()}))
    engine.apply(Purchase(START, "a", terms))
    engine.apply(Use(START + timedelta(days=1), "a", used))
    engine.advance(START + at)
    return engine


@pytest.mark.parametrize(
    ("rollover", "kept", "anyway", "saved", "always"),
    [
        (None, 0, 8, 0, 0),
        (CARRY, 8, 0, 8, 0),
        (CARRY | {"max": "3GB"}, 3, 5, 3, 0),
        (CARRY | {"max_percent": 20}, 2, 6, 2, 0),
        (CARRY | {"condition": "none"}, 0, 0, 0, 8),
        (CARRY | {"max": "12GB", "cap_scope": "total-incl-grant"}, 2, 6, 2, 0),
    ],
)
def test_the_three_figures_never_overlap(
    rollover: dict[str, object] | None, kept: int, anyway: int, saved: int, always: int
) -> None:
    told = outlook(begun(plan(**({} if rollover is None else {"rollover": rollover}))), "a")
    assert (told.carry_if_renewed_bytes, told.lost_anyway_bytes) == (kept * GB, anyway * GB)
    assert (told.lost_if_not_bytes, told.kept_anyway_bytes) == (saved * GB, always * GB)
    end = datetime(2026, 2, 27, 17, tzinfo=UTC)
    assert told.renew_by == (end if saved else None)
    assert told.lost_anyway_at == (end if anyway else None)


def test_carried_data_that_lapses_anyway_and_what_a_lapse_takes_with_it() -> None:
    """8 GB carried before: lost by its own end in any case, or saved by a renewal where it would live on."""
    for validity, anyway, saved in (("20 days", 8, 10), ("3 months", 0, 18)):
        terms = plan(rollover={"mode": "carry", "validity": validity})
        engine = begun(terms)
        engine.apply(Renew(datetime(2026, 2, 27, 17, tzinfo=UTC), "a", terms))
        told = outlook(engine, "a")
        assert (told.lost_anyway_bytes, told.lost_if_not_bytes) == (anyway * GB, saved * GB)
        assert told.carry_if_renewed_bytes == 10 * GB
        assert (told.lost_anyway_at is not None) == bool(anyway)


def test_a_grace_is_the_last_moment() -> None:
    terms = plan(rollover=CARRY | {"condition": "renewed-within-grace", "grace": "5 days"})
    last = datetime(2026, 3, 4, 17, tzinfo=UTC)
    for days in (10, 30):
        engine = begun(terms, at=timedelta(days=days))
        told = outlook(engine, "a")
        assert (told.renew_by, told.grace_until) == (last, last)
        assert (told.carry_if_renewed_bytes, told.lost_if_not_bytes) == (8 * GB, 8 * GB)


def test_a_year_with_monthly_data_asks_for_no_renewal_before_its_last_month() -> None:
    """Its month's rest is carried or lost at the month's end, whatever becomes of the year."""
    yearly = {"term": "1 year", "period": "1 month"}
    told = outlook(begun(plan(**yearly, rollover=CARRY)), "a")
    assert (told.kept_anyway_bytes, told.lost_if_not_bytes) == (8 * GB, 0)
    told = outlook(begun(plan(**yearly)), "a")
    assert (told.lost_anyway_bytes, told.renew_by) == (8 * GB, None)


def test_a_line_without_a_term() -> None:
    """Packs alone go at their end; a plan without an end loses nothing."""
    engine = Engine(Setup(ZONE, START, {"a": LineSetup()}))
    engine.apply(Topup(START, "a", terms_from_table("t", {"data": "1GB", "term": "7 days", "category": "topup"})))
    told = outlook(engine, "a")
    assert (told.lost_anyway_bytes, told.lost_anyway_at) == (GB, START + timedelta(days=7))
    assert (told.renew_by, told.lost_if_not_bytes) == (None, 0)


@pytest.mark.parametrize(
    ("early", "ends", "lost_days", "kept", "lost"),
    [
        ("queue", datetime(2026, 3, 30, 17, tzinfo=UTC), 0, 8, 0),
        ("extend", datetime(2026, 3, 30, 17, tzinfo=UTC), 0, 8, 0),
        ("stack", datetime(2026, 3, 9, 17, tzinfo=UTC), 21, 8, 0),
        ("reset", datetime(2026, 3, 9, 17, tzinfo=UTC), 21, 0, 8),
    ],
)
def test_what_an_early_renewal_costs(early: str, ends: datetime, lost_days: int, kept: int, lost: int) -> None:
    terms = plan(early_renewal=early, rollover=CARRY)
    engine = begun(terms)
    told = renewal(engine, "a", terms)
    assert (told.effect, told.ends_at, told.days_lost) == (early, ends, lost_days)
    assert (told.kept_bytes, told.lost_bytes) == (kept * GB, lost * GB)
    before = engine.state().line("a")
    engine.apply(Renew(engine.now, "a", terms))
    assert engine.state().line("a").term_end == ends
    assert before.forfeited == 0


def test_another_plan_that_does_not_carry_says_what_it_loses() -> None:
    engine = begun(plan(early_renewal="queue", rollover=CARRY))
    told = renewal(engine, "a", plan("q"))
    assert (told.kept_bytes, told.lost_bytes) == (0, 8 * GB)


def test_a_late_renewal_costs_the_days_since() -> None:
    terms = plan(rollover=RolloverPolicy(mode="carry", validity=Duration(months=1), condition="renewed-within-grace",
                                         grace=Duration(days=9)).as_table())  # fmt: skip
    engine = begun(terms, at=timedelta(days=30))
    told = renewal(engine, "a", terms)
    assert (told.effect, told.kept_bytes) == ("add", 8 * GB)
    assert told.days_lost == 2
