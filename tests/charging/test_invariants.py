"""What must hold whatever happens (the numbered invariants of the charging rules), on random stories of every kind."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esimctl.charging.engine import Engine, run
from esimctl.charging.events import Event, Gift, Grant, Observe, Renew, Reserve, Use
from esimctl.charging.lines import Line
from esimctl.charging.policies import RolloverPolicy
from esimctl.charging.setup import LineSetup, Setup
from esimctl.charging.terms import Terms
from esimctl.values.moments import Duration
from tests.charging.stories import LINES, START, ZONE, events, plans, setups

often = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
END = START + timedelta(days=900)


def numbers(engine: Engine) -> list[object]:
    """All that an engine says of its lines and pools."""
    state = engine.state()
    return [*state.lines(), *[state.pool(name) for name in engine.setup.pools]]


def check_octets_are_conserved(line: Line, engine: Engine) -> None:
    """1: per account and per bucket, what came is what went, what was lost and what is left."""
    assert engine.state().line(line.name).totals.balanced
    for bucket in [*line.live.values(), *line.held]:
        if not bucket.unlimited:
            gone = bucket.used + bucket.sent + bucket.carried + bucket.forfeited
            assert bucket.granted + bucket.adjusted == gone + bucket.remaining


def check_nothing_is_below_zero(line: Line, engine: Engine) -> None:
    """4: no bucket and no count is negative, and no more is reserved than is there."""
    for bucket in [*line.live.values(), *line.held]:
        assert bucket.remaining >= 0
        assert bucket.unlimited or 0 <= bucket.reserved <= bucket.remaining
    assert min(line.forfeited, line.out_of_bucket, line.used, line.sent, line.fees) >= 0
    assert line.main_balance is None or line.main_balance.minor >= 0


def check_the_burn_order_is_whole(line: Line, engine: Engine) -> None:
    """The order that is kept is the sorted list of what has something to give."""
    giving = [one for one in line.live.values() if one.status == "active" and (one.unlimited or one.free > 0)]
    assert [one.id for one in line.order] == [one.id for one in sorted(giving, key=lambda one: one.key)]


def check_nothing_outlives_its_end(line: Line, engine: Engine) -> None:
    """5: what is live has not ended, unless it waits suspended for a renewal."""
    waiting = line.current.base if line.current is not None and line.current.waiting else None
    assert all(bucket.end > engine.now or bucket is waiting for bucket in line.live.values())


CHECKS = [
    check_octets_are_conserved,
    check_nothing_is_below_zero,
    check_the_burn_order_is_whole,
    check_nothing_outlives_its_end,
]


@often
@given(setups(), events())
def test_the_books_are_sound_after_every_event(setup: Setup, told: list[Event]) -> None:
    """Every named check holds after each event, on each line."""
    engine = Engine(setup)
    for event in told:
        engine.apply(event)
        for name in LINES:
            line = engine.line(name)
            for check in CHECKS:
                check(line, engine)


@often
@given(setups(), events(), st.lists(st.integers(0, 900), max_size=6))
def test_one_run_is_any_split_into_runs(setup: Setup, told: list[Event], looks: list[int]) -> None:
    """2, 3, 7: looking at the books in between, or twice, changes nothing."""
    silent, watched = Engine(setup), Engine(setup)
    for event in told:
        silent.apply(event)
        watched.advance(event.at)
        numbers(watched)
        watched.apply(event)
        numbers(watched)
    for days in sorted(looks):
        at = max(watched.now, START + timedelta(days=days))
        watched.advance(at)
        numbers(watched)
    for engine in (silent, watched):
        engine.advance(END + timedelta(days=400))
    assert numbers(silent) == numbers(watched)


@often
@given(setups(), events())
def test_a_fork_is_a_twin(setup: Setup, told: list[Event]) -> None:
    """A replay from what was kept comes to the same as the run itself, and leaves it alone."""
    engine = Engine(setup, journal=False)
    for event in told:
        engine.apply(event)
    before = numbers(engine)
    for name in LINES:
        twin = engine.fork(name)
        assert twin.state().line(name) == engine.state().line(name)
        twin.advance(END + timedelta(days=400))
        twin.state().line(name)
    assert numbers(engine) == before


@contextmanager
def machine_zone(name: str) -> Iterator[None]:
    """Another time zone of the machine."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(setups(), events())
def test_the_zone_of_the_machine_changes_no_number(setup: Setup, told: list[Event]) -> None:
    """9: the same story is the same in New York, on Kiritimati and in UTC."""
    told_of = []
    for name in ("UTC", "America/New_York", "Pacific/Kiritimati"):
        with machine_zone(name):
            told_of.append(numbers(run(setup, told, END + timedelta(days=400)).engine))
    assert told_of[0] == told_of[1] == told_of[2]


@often
@given(
    st.integers(1, 400),
    st.integers(0, 400),
    st.integers(0, 900),
    st.sampled_from([Gift, Reserve, Observe]),
    st.integers(0, 50),
)
def test_a_late_record_gives_way_no_more_than_it_must(
    data: int, fact: int, late: int, kind: type, percent: int
) -> None:
    """What was accepted stays whole, also on what was carried; just the difference is out of bucket."""
    fact = min(fact, data)
    bucket = Grant(START, "", data, transferable=True, end=START + timedelta(days=20))
    engine = Engine(Setup(ZONE, START, {"a": LineSetup(buckets=(bucket,)), "b": LineSetup()}))
    at = START + timedelta(days=5)
    accepted = Gift(at, "a", "b", fact) if kind is Gift else kind(at, "a", fact)
    refused = engine.apply(accepted)
    engine.apply(Use(at, "a", late, dated=START + timedelta(days=1)))
    line = engine.line("a")
    kept = 0 if refused else fact
    assert line.out_of_bucket == max(0, late - (data - kept))
    assert line.used == late - line.out_of_bucket
    assert engine.line("b").received == (kept if kind is Gift else 0)
    assert sum(one.reserved for one in line.live.values()) == (kept if kind is Reserve else 0)
    if kind is Observe:
        assert line.left(at) == fact

    share = 50 + percent
    policy = RolloverPolicy("carry", Duration(months=3), max_percent=share)
    carrying = Setup(
        ZONE, START, {"a": LineSetup(Terms("p", data, Duration(months=1), rollover=policy), auto_renew=True)}
    )
    engine = Engine(carrying)
    at = START + timedelta(days=40)
    engine.advance(at)
    all_of_it = engine.line("a").left(at)
    engine.apply(Reserve(at, "a", all_of_it))
    engine.apply(Use(at, "a", late, dated=START + timedelta(days=1)))
    line = engine.line("a")
    carried = data * share // 100
    assert line.out_of_bucket == max(0, late - (data - carried))
    assert sum(one.reserved for one in line.live.values()) == all_of_it


capped = st.builds(
    RolloverPolicy,
    mode=st.just("carry"),
    validity=st.sampled_from([Duration(months=1), Duration(months=3)]),
    maximum=st.none() | st.integers(0, 500),
    max_percent=st.none() | st.integers(1, 100),
    cap_scope=st.sampled_from(["rollover-only", "total-incl-grant", "per-step"]),
    consumption=st.sampled_from(["first", "last", "by-expiry"]),
)
uses = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 300)), max_size=12)


def life(policy: RolloverPolicy, used: list[tuple[int, int]], until: int) -> Engine:
    """A monthly line that renews itself, with that use on those days."""
    terms = Terms("p", 300, Duration(months=1), rollover=policy)
    setup = Setup(ZONE, START, {"a": LineSetup(terms, auto_renew=True)})
    told = [Use(START + timedelta(days=day), "a", octets) for day, octets in sorted(used)]
    return run(setup, told, START + timedelta(days=until)).engine


@often
@given(capped, uses, st.integers(28, 260))
def test_carried_data_stays_under_its_cap(policy: RolloverPolicy, used: list[tuple[int, int]], until: int) -> None:
    """6: after a boundary the sum is within the cap, and no row outlives its validity."""
    line = life(policy, used, until).line("a")
    rows = [bucket for bucket in line.live.values() if bucket.category == "rollover"]
    if policy.maximum is not None and policy.cap_scope == "rollover-only":
        assert sum(row.remaining for row in rows) <= policy.maximum
    if policy.maximum is not None and policy.cap_scope == "total-incl-grant":
        assert sum(row.remaining for row in rows) <= max(0, policy.maximum - 300)
    most = 300 if policy.max_percent is None else 300 * policy.max_percent // 100
    for row in rows:
        assert row.granted <= most
        assert row.end - row.start <= timedelta(days=93 if policy.validity == Duration(months=3) else 31)


@often
@given(capped, uses, st.integers(0, 200), st.integers(1, 300), st.integers(1, 260))
def test_more_use_never_leaves_more(
    policy: RolloverPolicy, used: list[tuple[int, int]], day: int, more: int, until: int
) -> None:
    """12 and its extension: one more use leaves no more at any later time, boundaries or not."""
    less = life(policy, used, until).line("a")
    greater = life(policy, [*used, (day, more)], until).line("a")
    assert greater.left(START + timedelta(days=until)) <= less.left(START + timedelta(days=until))


@often
@given(setups(), events(with_late=False), st.integers(0, 24))
def test_an_irrelevant_priority_changes_no_total(setup: Setup, told: list[Event], number: int) -> None:
    """10: which bucket is used first does not change how much there is at that moment."""
    engine = Engine(setup)
    for event in told[:number]:
        engine.apply(event)
    line = engine.line("a")
    before = engine.state().line("a").available
    for bucket in list(line.live.values()):
        line.unqueue(bucket)
        bucket.place(bucket.priority // 2)
        line.queue(bucket)
    assert engine.state().line("a").available == before


@often
@given(setups(), events())
def test_a_gift_conserves_data(setup: Setup, told: list[Event]) -> None:
    """11: what the sender loses is what the receiver gains and the fee; a refused one moves nothing."""
    engine = Engine(setup)
    for event in told:
        if not isinstance(event, Gift) or event.line == event.to:
            engine.apply(event)
            continue
        engine.advance(event.at)
        before = {name: (engine.line(name).sent, engine.line(name).received, engine.line(name).fees) for name in LINES}
        refused = engine.apply(event)
        giver, taker = engine.line(event.line), engine.line(event.to)
        sent = giver.sent - before[event.line][0]
        received = taker.received - before[event.to][1]
        fees = giver.fees - before[event.line][2] + taker.fees - before[event.to][2]
        assert sent == received == (0 if refused else event.octets)
        assert fees == (0 if refused else event.fee)


@often
@given(plans, st.integers(1, 200))
def test_a_renewal_on_the_boundary_is_the_same_before_and_after_a_look(terms: Terms, octets: int) -> None:
    """A boundary that was looked at too early is worked out anew when the renewal is known."""
    setup = Setup(ZONE, START, {"a": LineSetup(terms)})
    told = Engine(setup)
    boundary = told.line("a").current.term_end  # type: ignore[union-attr]
    looked = Engine(setup)
    looked.advance(boundary)
    numbers(looked)
    looked.apply(Use(boundary, "a", octets))
    told.apply(Renew(boundary, "a", terms))
    told.apply(Use(boundary, "a", octets))
    looked.apply(Renew(boundary, "a", terms))
    later = boundary + timedelta(days=400)
    for engine in (told, looked):
        engine.advance(later)
    one, other = told.state().line("a"), looked.state().line("a")
    assert (one.totals, one.buckets, one.out_of_bucket) == (other.totals, other.buckets, other.out_of_bucket)
