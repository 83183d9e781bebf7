"""Two journals of one profile, of which one or both were dated by a wrong clock and taken back: united either way."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from esimctl.ledger.fold import Ledger, fold
from esimctl.ledger.uniting import unite
from tests.ledger.samples import START, life, numbered

HOUR, YEARS = timedelta(hours=1), timedelta(days=4000)
Entries = list[dict[str, Any]]
#: hours between purchases of a side: by a right clock, by a wrong one, by the right one again
SIDE = st.tuples(*(st.lists(st.integers(1, 30), max_size=4) for _ in range(3)))


def side(name: str, begin: Entries, hours: Sequence[Sequence[int]], ahead: timedelta) -> tuple[Entries, set[str]]:
    """What one machine wrote, numbered behind `begin`, and the orders that its wrong clock dated."""
    now, told, marked = START + HOUR * len(name), [], set()
    for stretch, gaps in enumerate(hours):
        for place, gap in enumerate(gaps):
            now += gap * HOUR
            order = f"{name}{stretch}{place}"
            told += life(order, at=now + (ahead if stretch == 1 else timedelta(0)))
            marked |= {order} if stretch == 1 else set()
        if stretch == 1 and gaps:
            now += HOUR
            last = max((entry["at"] for entry in told if entry["at"] <= now), default=START)
            told.append({"kind": "clock.set", "at": now, "since": last, "n": len(gaps), "stood": now + ahead})
    return numbered(*told, ledger=fold(begin)), marked


def figures(ledger: Ledger) -> dict[str, Any]:
    """All that a report, a limit and a list say of money and when it was spent."""
    return {
        "orders": {o.id: (o.created_at, o.settled_at, o.stated_at, o.state, o.counted) for o in ledger.all_orders()},
        "spends": {name: (spend.at, spend.true_at) for name, spend in ledger.spends.items()},
        "stated": {name: (spend.at, spend.true_at) for name, spend in ledger.stated.items()},
        "balances": dict(ledger.balances),
    }


def both_ways(begin: Entries, one: Entries, two: Entries, now: datetime) -> list[Ledger]:
    return [fold([*begin, *unite(begin, *pair, now).entries]) for pair in ((one, two), (two, one))]


@settings(max_examples=150, deadline=None)
@given(SIDE, SIDE)
def test_what_a_wrong_clock_dated_is_marked_and_nothing_else(
    here: tuple[list[int], ...], there: tuple[list[int], ...]
) -> None:
    begin = numbered(*life("first"))
    one, marked = side("a", begin, here, YEARS)
    two, more = side("bb", begin, there, YEARS + 7 * HOUR)
    found = both_ways(begin, one, two, START + YEARS / 2)
    assert figures(found[0]) == figures(found[1])
    assert {order.id for order in found[0].all_orders() if order.stated_at is not None} == marked | more
    alone = {**figures(fold([*begin, *one]))["orders"], **figures(fold([*begin, *two]))["orders"]}
    assert figures(found[0])["orders"] == alone, "every order is dated as its own machine dated it"


@settings(max_examples=100, deadline=None)
@given(SIDE, st.lists(st.integers(1, 30), max_size=4))
def test_an_order_that_was_taken_over_before_the_clock_was_is_marked_as_well(
    here: tuple[list[int], ...], later: list[int]
) -> None:
    """The other side had it from an earlier merge, by its wrong date; the correction came afterwards, on one alone."""
    begin = numbered(*life("first"))
    one, marked = side("a", begin, here, YEARS)
    wrong = [entry for entry in one if entry["at"] > START + YEARS]
    before = one[: one.index(wrong[0])] if wrong else []
    stated = max((entry["at"] for entry in (*before, *wrong)), default=START)
    told = [{key: value for key, value in entry.items() if key != "seq"} for entry in (*before, *wrong)]
    told.append({"kind": "merged", "at": stated, "from": "a", "heads": [], "taken": len(told), "orders": []})
    for place, gap in enumerate(later):
        told += life(f"bb{place}", at=stated + gap * HOUR)
    two = numbered(*told, ledger=fold(begin))
    found = both_ways(begin, one, two, START + YEARS * 2)
    assert figures(found[0]) == figures(found[1])
    assert {order.id for order in found[0].all_orders() if order.stated_at is not None} >= marked
