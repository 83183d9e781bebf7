"""The cheapest way with few purchases, and a search that is out of time, against the dullest search."""

import random

import pytest

from esimctl.advice.search.bounds import COUNT
from esimctl.advice.search.cheapest import cheapest
from esimctl.advice.search.moves import Moves
from esimctl.advice.search.states import Label, Pack
from tests.advice.brute_search import cheapest_price
from tests.advice.test_search import KINDS, pack, replayed


@pytest.mark.parametrize("draw", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", KINDS)
def test_no_other_way_with_so_few_purchases_is_cheaper(kind: str, draw: int) -> None:
    """50 random catalogues of every kind in each draw, with every number of purchases below the cheapest way's."""
    chance = random.Random(f"few {kind} {draw}")
    asked = 0
    for _ in range(50):
        packs, days, need = KINDS[kind](chance), chance.randint(1, 4), chance.randint(1, 4)
        first = cheapest(packs, days, need)
        for count in range(1, len(first.purchases)) if first.complete else ():
            asked += 1
            found = cheapest(packs, days, need, count=count)
            assert found.proven
            most = found.price if found.complete else 3 * max(one.price for one in packs) * count
            assert cheapest_price(packs, days, need, most, count) is None, (packs, days, need, count, found)
            assert not found.complete or (replayed(packs, found, days, need) and len(found.purchases) <= count)
    assert asked > 6


def test_fewer_purchases_than_it_takes_are_no_way_at_all() -> None:
    found = cheapest([pack(100, 10, 7)], 28, 1, count=3)
    assert (found.complete, found.purchases, found.proven) == (False, (), True)


def many() -> list[Pack]:
    chance = random.Random(1)
    return [pack(units * 4 + chance.randint(0, 9), units, 40) for units in range(20, 60)]


def test_a_search_that_is_out_of_time_gives_what_it_has_found() -> None:
    found = cheapest(many(), 200, 7, late=lambda: True)
    assert (found.complete, found.proven) == (True, False)
    assert cheapest(many(), 200, 7, late=lambda: False) == cheapest(many(), 200, 7)


def test_out_of_time_where_nothing_suffices_is_still_an_answer() -> None:
    found = cheapest(many(), 200, 7, budget=100, late=lambda: True)
    assert (found.complete, found.proven) == (False, False)


@pytest.mark.parametrize(("count", "given_up"), [(None, True), (3, False)])
def test_a_way_with_fewer_purchases_is_not_given_up_for_a_cheaper_one(count: int | None, given_up: bool) -> None:
    """On the third day with nothing left: two packs for 2, one for 3. Where packs are counted both are kept."""
    moves = Moves([pack(1, 1, 1), pack(3, 2, 2)], 6, 1, (), 100, count)
    two, one = Label(2, 2 * COUNT + 2, (), ()), Label(2, 3 * COUNT + 1, (), ())
    assert moves._no_worse(two, one) is given_up
    assert not moves._no_worse(one, two)
