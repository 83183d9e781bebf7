"""What can be used now is what the engine would cover now: to the octet, pools and windows included."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esimctl.charging.engine import Engine
from esimctl.charging.events import Event, Purchase, Renew, Topup, Use
from esimctl.charging.left import Holding, Left, left_of, left_on
from esimctl.charging.setup import LineSetup, Setup
from esimctl.charging.terms import terms_from_table
from esimctl.values.windows import Window, window_from_text
from tests.charging.stories import LINES, START, ZONE, events, setups

GB = 10**9
NIGHT = terms_from_table(
    "night", {"data": "5GB", "term": "30 days", "category": "window", "window": {"from": "22:00", "to": "06:00"}}
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(setups(), events(), st.integers(0, 47))
def test_so_much_is_covered_and_not_an_octet_more(setup: Setup, told: list[Event], hours: int) -> None:
    engine = Engine(setup)
    for event in told:
        engine.apply(event)
    engine.advance(engine.now + timedelta(hours=hours))
    for name in LINES:
        twin = engine.fork(name)
        line = twin.line(name)
        left = left_on(line, twin.now)
        before = line.out_of_bucket
        if left.unlimited or left.now is None:
            continue
        free = left.now - sum(bucket.reserved for bucket in line.usable(twin.now))
        full = [one for one in line.live.values() if one.status == "active" and one not in line.order]
        held = sum(one.reserved for one in full if one.window is None or one.window.open_at(twin.now, line.zone))
        twin.apply(Use(twin.now, name, free - held))
        assert twin.line(name).out_of_bucket == before
        twin.apply(Use(twin.now, name, 1))
        assert twin.line(name).out_of_bucket == before + 1


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(setups(), events())
def test_now_and_restricted_are_all_there_is(setup: Setup, told: list[Event]) -> None:
    """Of a line that shares nothing: every octet that its buckets hold is in one of the two figures."""
    engine = Engine(setup)
    for event in told:
        engine.apply(event)
    for name in LINES:
        line = engine.line(name)
        left, balance = left_on(line, engine.now), engine.state().line(name)
        if line.sources or left.now is None or left.restricted is None:
            continue
        ahead = sum(one.remaining for one in balance.ahead if isinstance(one.remaining, int))
        assert left.now + left.restricted == line.left(engine.now) + ahead


def test_thresholds_look_at_any_hour_and_at_windows_where_there_is_nothing_else() -> None:
    engine = Engine(Setup(ZONE, START, {"a": LineSetup()}))
    engine.apply(Topup(START, "a", NIGHT))
    day = datetime(2026, 2, 1, 5, tzinfo=UTC)
    engine.advance(day)
    assert left_on(engine.line("a"), day) == Left(0, 5 * GB, judged=5 * GB, judged_granted=5 * GB)
    base = terms_from_table("b", {"data": "1GB", "term": "30 days", "early_renewal": "queue"})
    engine.apply(Purchase(day, "a", base))
    assert left_on(engine.line("a"), day) == Left(GB, 5 * GB, judged=GB, judged_granted=GB)
    engine.apply(Renew(day, "a", base))
    assert left_on(engine.line("a"), day) == Left(GB, 6 * GB, judged=GB, judged_granted=GB), "one is bought ahead"
    night = datetime(2026, 2, 1, 16, tzinfo=UTC)
    engine.advance(night)
    assert left_on(engine.line("a"), night) == Left(6 * GB, GB, judged=GB, judged_granted=GB)


def test_unknown_and_unlimited_are_no_numbers() -> None:
    assert left_of([Holding(None, 5)]) == Left(None, 0, judged=None, judged_granted=5)
    endless = left_of([Holding(0, None, unlimited=True), Holding(7, 7, anytime=False, open=False)])
    assert (endless.now, endless.unlimited, endless.restricted, endless.judged) == (None, True, 7, None)
    closed = left_of([Holding(3, 9), Holding(0, None, unlimited=True, anytime=False, open=False)])
    assert (closed.now, closed.restricted, closed.restricted_unlimited, closed.judged) == (3, None, True, 3)


@given(st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 1439), st.integers(0, 1440))
def test_a_window_is_read_back_as_it_was_written(days: frozenset[int], opens: int, closes: int) -> None:
    """Readings in the journal hold it as text."""
    window = Window(days, opens, closes)
    assert window_from_text(str(window)) == window
    assert window_from_text(f"{window} or so") is None
