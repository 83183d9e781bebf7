"""What is still to come for a line: its next change, what renewing is worth, plans that wait for their start."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from esimctl.charging.engine import ChargingError, Engine, run
from esimctl.charging.events import Event, Gift, Install, Purchase, Renew, Share, Topup, Use
from esimctl.charging.explain import SENTENCES, explain
from esimctl.charging.outlook import Outlook, if_renewed, next_change, outlook
from esimctl.charging.setup import LineSetup, Setup
from esimctl.charging.terms import terms_from_table
from tests.charging.stories import LINES, START, ZONE, events, setups

GB = 10**9
M10 = {"data": "10GB", "term": "1 month", "rollover": {"mode": "carry", "validity": "3 months", "max": "12GB"}}
PLAN = terms_from_table("m10", M10)
NIGHT = terms_from_table(
    "night", {"data": "1GB", "term": "1 month", "category": "window", "window": {"from": "22:00", "to": "06:00"}}
)


def at(days: int, hours: int = 0) -> datetime:
    """So long after the beginning."""
    return START + timedelta(days=days, hours=hours)


def test_the_next_change_is_a_boundary_or_a_window() -> None:
    """The end of the term first; with a night pack, the hour at which it opens and then closes."""
    engine = Engine(Setup(ZONE, START, {"a": LineSetup(PLAN)}))
    engine.advance(at(1))
    assert next_change(engine, "a") == datetime(2026, 2, 27, 17, tzinfo=UTC)
    engine.apply(Topup(at(1), "a", NIGHT))
    assert next_change(engine, "a") == at(1, 6)
    engine.advance(at(1, 22))
    assert next_change(engine, "a") == at(2, 6)
    assert next_change(engine, "a", at(40)) is None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(setups(), events())
def test_nothing_changes_before_the_next_change(setup: Setup, told: list[Event]) -> None:
    """Until the foretold instant every figure of the line stands still."""
    engine = Engine(setup)
    for event in told:
        engine.apply(event)
    for name in LINES:
        following = next_change(engine, name)
        far = engine.now + timedelta(days=50)
        until = far if following is None else min(far, following - timedelta(microseconds=1))
        twin = engine.fork(name)
        before = twin.state().line(name)
        twin.advance(max(until, engine.now))
        assert twin.state().line(name) == before


def test_what_renewing_is_worth() -> None:
    """8 GB left: carried when renewed on time, lost when not; the same from the engine and from its inputs."""
    setup = Setup(ZONE, START, {"a": LineSetup(PLAN)})
    told = [Use(at(3), "a", 2 * GB)]
    assert figures(if_renewed(setup, told, "a", at(10))) == (8 * GB, 0, 8 * GB)
    assert outlook(run(setup, told, at(60)).engine, "a") == Outlook()
    automatic = Setup(ZONE, START, {"a": LineSetup(PLAN, auto_renew=True)})
    assert if_renewed(automatic, told, "a", at(10)) == if_renewed(setup, told, "a", at(10))
    assert figures(if_renewed(automatic, told, "a", at(35))) == (10 * GB, 6 * GB, 12 * GB), "the cap is 12 GB"


def figures(told: Outlook) -> tuple[int, int, int]:
    """Kept if renewed, lost either way, lost only if not."""
    return told.carry_if_renewed_bytes, told.lost_anyway_bytes, told.lost_if_not_bytes


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(setups(), events())
def test_the_outlook_of_any_line(setup: Setup, told: list[Event]) -> None:
    """Whatever happened, there is an answer: nothing negative, and no more carried than base data holds."""
    engine = Engine(setup)
    for event in told:
        engine.apply(event)
    for name in LINES:
        told_of = outlook(engine, name)
        current = engine.line(name).current
        most = 0 if current is None or current.base is None else current.base.free
        assert 0 <= told_of.carry_if_renewed_bytes <= most + sum(one.free for one in engine.line(name).live.values())
        assert min(told_of.lost_anyway_bytes, told_of.kept_anyway_bytes) >= 0
        assert told_of.lost_if_not_bytes >= told_of.carry_if_renewed_bytes


def test_the_outlook_leaves_the_books_alone() -> None:
    """Asking what would be does not make it so."""
    engine = Engine(Setup(ZONE, START, {"a": LineSetup(PLAN)}))
    engine.apply(Use(at(3), "a", 2 * GB))
    before = engine.state().line("a")
    outlook(engine, "a")
    next_change(engine, "a", at(90))
    assert engine.state().line("a") == before


def test_a_plan_that_begins_at_first_use() -> None:
    """Bought, pending, begun by the first octet; a purchase that is never used is lost by its date."""
    terms = terms_from_table(
        "later",
        {"data": "1GB", "term": "7 days", "starts_on": "first-use", "use_by": "180 days", "refund_within": "30 days"},
    )
    engine = Engine(Setup(ZONE, START, {"a": LineSetup(), "b": LineSetup()}))
    for line in "ab":
        engine.apply(Purchase(at(0), line, terms))
    pending = engine.state().line("a")
    assert (pending.status, pending.use_by, pending.refund_by, pending.available) == ("pending", at(180), at(30), 0)
    engine.apply(Use(at(5), "a", 1000))
    begun = engine.state().line("a")
    assert (begun.status, begun.expires_at, begun.available, begun.out_of_bucket) == ("active", at(12), GB - 1000, 0)
    engine.apply(Use(at(180), "b", 1000))
    assert engine.state().line("b").out_of_bucket == 1000


def test_a_plan_that_begins_at_installation() -> None:
    """Use before the installation is covered by nothing; the installation is the anchor."""
    terms = terms_from_table("later", {"data": "1GB", "term": "7 days", "starts_on": "installation"})
    engine = Engine(Setup(ZONE, START, {"a": LineSetup()}))
    engine.apply(Purchase(at(0), "a", terms))
    engine.apply(Use(at(1), "a", 5))
    engine.apply(Install(at(2), "a"))
    line = engine.state().line("a")
    assert (line.out_of_bucket, line.expires_at, line.available) == (5, at(9), GB)


def test_a_line_shares_its_own_data_up_to_a_cap() -> None:
    """Another line may use so much of it in each period; both are told whose it was."""
    engine = Engine(Setup(ZONE, START, {"a": LineSetup(PLAN, auto_renew=True), "b": LineSetup()}))
    engine.apply(Share(at(1), "a", "b", 2 * GB))
    engine.apply(Use(at(2), "b", 3 * GB))
    assert engine.state().line("b").out_of_bucket == GB
    assert engine.state().line("a").remaining == 8 * GB
    engine.apply(Use(at(40), "b", 3 * GB))
    assert engine.state().line("b").out_of_bucket == 2 * GB


def test_limits_of_gifts() -> None:
    """Too small, too big, and too many on one local day are refused."""
    table = {"data": "10GB", "term": "1 month", "transferable": True}
    terms = terms_from_table("g", table | {"gift_least": "100MB", "gift_most": "1GB", "gifts_per_day": 1})
    engine = Engine(Setup(ZONE, START, {"a": LineSetup(terms), "b": LineSetup()}))
    assert engine.apply(Gift(at(1), "a", "b", 99_000_000))
    assert engine.apply(Gift(at(1), "a", "b", 2 * GB))
    assert engine.apply(Gift(at(1), "a", "b", GB)) is None
    assert engine.apply(Gift(at(1, 5), "a", "b", GB))
    assert engine.apply(Gift(at(2), "a", "b", GB)) is None


def test_preserved_overage_is_burnt_by_the_next_grant() -> None:
    """Where the policy keeps it, what was used too much comes off the next allowance."""
    table = M10 | {"rollover": {"mode": "carry", "validity": "1 month", "preserve_overage": True}}
    engine = Engine(Setup(ZONE, START, {"a": LineSetup(terms_from_table("p", table), auto_renew=True)}))
    engine.apply(Use(at(3), "a", 11 * GB))
    assert engine.state().line("a").out_of_bucket == GB
    engine.advance(at(30))
    line = engine.state().line("a")
    assert (line.out_of_bucket, line.available, line.totals.balanced) == (0, 9 * GB, True)


def test_changes_of_plan_by_policy() -> None:
    """Forfeit and a plan that must not be smaller lose what was carried; keep leaves its own end and sum alone."""
    for table, kept in (
        ({"on_plan_change": "forfeit"}, 0),
        ({"on_plan_change": "keep", "max": "1GB", "cap_scope": "per-step"}, 10 * GB + GB),
        ({"qualifying": "same-or-bigger"}, 0),
    ):
        other = terms_from_table(
            "m5", {"data": "5GB", "term": "1 month", "rollover": {"mode": "carry", "validity": "1 month"} | table}
        )
        engine = Engine(Setup(ZONE, START, {"a": LineSetup(PLAN)}))
        engine.apply(Renew(datetime(2026, 2, 27, 17, tzinfo=UTC), "a", PLAN))
        engine.apply(Renew(datetime(2026, 3, 30, 17, tzinfo=UTC), "a", other))
        assert engine.state().line("a").available == 5 * GB + kept


def test_wrong_names_and_times_are_refused() -> None:
    """A line nobody has, an event before the last one, time that runs backwards."""
    engine = Engine(Setup(ZONE, START, {"a": LineSetup()}))
    engine.apply(Use(at(2), "a", 1))
    for wrong in (
        Use(at(3), "zz", 1),
        Use(at(1), "a", 1),
        Use(at(3), "a", -1),
        Use(at(3), "a", 1, dated=at(4)),
        Use(at(3), "a", 1, dated=at(-1)),
        Gift(at(3), "a", "zz", 1),
        Gift(at(3), "a", "a", -1),
        Share(at(3), "zz", "a", 1),
    ):
        with pytest.raises(ChargingError):
            engine.apply(wrong)
    with pytest.raises(ChargingError):
        engine.advance(at(1))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(setups(), events())
def test_every_movement_has_a_sentence(setup: Setup, told: list[Event]) -> None:
    """The story is complete and in order, and the figures in it add up to what is left."""
    engine = run(setup, told, START + timedelta(days=700)).engine
    for name in LINES:
        balance = engine.state().line(name)
        steps = explain(balance.movements)
        assert [step.at for step in steps] == sorted(step.at for step in steps)
        for step in steps:
            assert step.template in SENTENCES.values()
            assert "{" not in step.text
        for bucket in balance.buckets:
            told_of = [one for one in balance.movements if one.bucket == bucket.id and one.after is not None]
            if told_of and isinstance(bucket.remaining, int):
                assert told_of[-1].after == bucket.remaining
