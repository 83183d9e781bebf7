"""A carry that the operator did not do: the newest carried data is closed, and every octet is accounted for."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.charging.engine import Engine
from esimctl.charging.events import CarriedOver, Observe, Purchase, Renew
from esimctl.charging.setup import LineSetup, Setup
from esimctl.charging.terms import terms_from_table

START = datetime(2026, 1, 1, tzinfo=UTC)
GB = 10**9
TERMS = terms_from_table(
    "monthly", {"data": "20GB", "term": "30 days", "rollover": {"mode": "carry", "validity": "6 months"}}
)


def engine(left: list[int]) -> Engine:
    """A line that was renewed on time again and again, with so much left of all data shortly before each boundary."""
    made = Engine(Setup(UTC, START, {"a": LineSetup()}))
    made.apply(Purchase(START, "a", TERMS))
    for number, octets in enumerate(left, 1):
        end = START + timedelta(days=30 * number)
        made.apply(Observe(end - timedelta(hours=2), "a", octets))
        made.apply(Renew(end - timedelta(hours=1), "a", TERMS))
    made.advance(START + timedelta(days=30 * len(left), hours=1))
    return made


def carried(made: Engine) -> list[int]:
    """What is left of each carried bucket, the oldest first."""
    buckets = [b for b in made.state().line("a").buckets if b.category == "rollover"]
    return [int(b.remaining) for b in sorted(buckets, key=lambda b: b.start) if isinstance(b.remaining, int)]


def test_the_newest_carry_is_the_one_that_failed() -> None:
    made = engine([8 * GB, 23 * GB])
    before = carried(made)
    assert len(before) == 2
    made.apply(CarriedOver(made.now, "a", before[0]))
    assert carried(made) == before[:1]
    moves = [move for move in made.state().line("a").movements if move.reason == "not-carried"]
    assert [(move.amount, move.at) for move in moves] == [(before[1], made.now)]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 20 * GB), min_size=1, max_size=4), st.integers(0, 60 * GB))
def test_every_octet_is_accounted_for(left: list[int], said: int) -> None:
    made = engine(left)
    line = made.state().line("a")
    before, rolled = line, sum(carried(made))
    made.apply(CarriedOver(made.now, "a", said))
    after = made.state().line("a")
    assert after.totals.balanced
    assert sum(carried(made)) == min(rolled, said)
    assert after.totals.forfeited - before.totals.forfeited == max(0, rolled - said)
    assert after.totals.used == before.totals.used, "what was not carried was not used"
    base = [b.remaining for b in after.buckets if b.category == "base"]
    assert base == [b.remaining for b in before.buckets if b.category == "base"]
    again = carried(made)
    made.apply(CarriedOver(made.now, "a", said))
    assert carried(made) == again, "said twice it is said once"
    twin = made.fork("a")
    assert carried(twin) == again
