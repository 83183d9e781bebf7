"""The exact search against the dullest one, on thousands of random small catalogues."""

import random
from collections.abc import Callable, Sequence

import pytest

from esimctl.advice.search.cheapest import cheapest
from esimctl.advice.search.states import Carry, Found, Pack
from esimctl.values.record import replace
from tests.advice.brute_search import Held, buy, cheapest_price, use

LITTLE = 12  #: tried where nothing is said to do


def pack(price: int, units: int, length: int) -> Pack:
    """A pack that grants so many units for so many days."""
    return Pack(price, lambda day: ((day, day + length, units),), length=length)


def plain(r: random.Random) -> list[Pack]:
    return [pack(r.randint(1, 12), r.randint(1, 12), r.randint(1, 5)) for _ in range(r.randint(1, 4))]


def topups(r: random.Random) -> list[Pack]:
    packs = [replace(one, seller=0) for one in plain(r)[:3]]
    return [*packs, replace(pack(r.randint(1, 6), r.randint(1, 8), r.randint(1, 4)), seller=0, order="topup")]


def promotions(r: random.Random) -> list[Pack]:
    packs = [replace(one, seller=0, order=r.choice(["first", "again", "any"])) for one in plain(r)[:3]]
    return [*packs, pack(r.randint(3, 14), r.randint(1, 9), r.randint(1, 4))]


def windows(r: random.Random) -> list[Pack]:
    first, *others = plain(r)
    return [replace(first, days=range(r.randint(1, 4))), *others]


def calendar(r: random.Random) -> list[Pack]:
    turn, units = r.randint(1, 4), r.randint(1, 10)

    def grants(day: int) -> tuple[tuple[int, int, int], ...]:
        return ((day, turn if day < turn else turn + 4, units),)

    return [*plain(r), Pack(r.randint(1, 8), grants)]


def periods(r: random.Random) -> list[Pack]:
    length, units = r.randint(1, 3), r.randint(1, 6)

    def grants(day: int) -> tuple[tuple[int, int, int], ...]:
        return ((day, day + length, units), (day + length, day + 2 * length, units))

    return [*plain(r), Pack(r.randint(2, 9), grants)]


def carries(r: random.Random) -> list[Pack]:
    life = r.randint(1, 6)
    carry = Carry(lambda day: day + life, r.choice([None, 2, 4]), r.choice([None, 50]))
    return [replace(one, seller=0, carry=carry if n < 2 else None) for n, one in enumerate(plain(r))]


KINDS: dict[str, Callable[[random.Random], list[Pack]]] = {
    one.__name__: one for one in (plain, topups, promotions, windows, calendar, periods, carries)
}


def everything(r: random.Random) -> list[Pack]:
    makers = r.sample([topups, promotions, windows, periods, carries], 2)
    packs = [one for make in makers for one in make(r)[-2:]]
    return [replace(one, seller=0) if one.order != "any" or r.random() < 0.5 else one for one in packs]


KINDS["everything"] = everything


@pytest.mark.parametrize("draw", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", KINDS)
def test_no_other_set_of_purchases_is_cheaper(kind: str, draw: int) -> None:
    """150 random catalogues of every kind in each draw: buying anything on any day finds nothing cheaper."""
    chance = random.Random(f"{kind} {draw}")
    for _ in range(150):
        packs, days, need = KINDS[kind](chance), chance.randint(1, 4), chance.randint(1, 4)
        found = cheapest(packs, days, need)
        assert found.proven
        least = cheapest_price(packs, days, need, found.price if found.complete else LITTLE)
        assert least is None, (packs, days, need, found)
        assert not found.complete or replayed(packs, found, days, need)


def replayed(packs: list[Pack], found: Found, days: int, need: int) -> bool:
    """Whether the purchases cover every day when they are carried out one by one."""
    held: Sequence[Held] = []
    lines: dict[int, int] = {}
    for day in range(days):
        for at, number in found.purchases:
            if at == day:
                state = buy(packs[number], day, held, lines)
                assert state is not None
                held, lines = state
        left = use(held, day, need)
        if left is None:
            return False
        held = [one for one in left if one.end > day and one.units]
    return sum(packs[number].price for _, number in found.purchases) == found.price


def test_the_same_question_has_the_same_answer() -> None:
    chance = random.Random(3)
    for _ in range(50):
        packs = plain(chance)
        assert cheapest(packs, 9, 3) == cheapest(packs, 9, 3)


def test_two_small_packs_at_once_beat_a_big_one() -> None:
    found = cheapest([pack(150, 10, 7), pack(80, 5, 7), pack(300, 20, 7)], 7, 2)
    assert (found.price, found.complete, found.proven) == (230, True, True)


def test_a_small_pack_is_bought_ahead_to_spare_what_lasts_longer() -> None:
    """9 + 4 x 4: the long pack gives each day the unit that the day's own pack lacks."""
    packs = [pack(9, 4, 4), pack(4, 2, 1)]
    found = cheapest(packs, 4, 3)
    assert (found.price, found.proven) == (25, True)
    assert replayed(packs, found, 4, 3)


def test_a_topup_is_bought_ahead_to_spare_the_pack_it_tops_up() -> None:
    packs = [replace(pack(8, 3, 3), seller=0), replace(pack(4, 2, 1), seller=0, order="topup")]
    found = cheapest(packs, 3, 3)
    assert (found.price, found.proven) == (20, True)
    assert replayed(packs, found, 3, 3)


def test_a_renewal_is_bought_ahead_to_spare_the_first_order_that_opens_the_line() -> None:
    packs = [
        replace(pack(8, 3, 3), seller=0, order="first"),
        replace(pack(4, 2, 1), seller=0, order="again"),
        replace(pack(3, 1, 5), seller=0, order="again"),
        pack(3, 1, 3),
    ]
    found = cheapest(packs, 5, 3)
    assert (found.price, found.proven) == (34, True)
    assert replayed(packs, found, 5, 3)


def test_only_a_lower_price_is_looked_for_where_that_is_asked() -> None:
    packs = [pack(100, 10, 7)]
    assert cheapest(packs, 14, 1, below=200).complete is False
    assert cheapest(packs, 14, 1, below=200).purchases == ()
    assert cheapest(packs, 14, 1, below=201).price == 200


def test_a_budget_that_does_not_suffice_covers_the_longest_time() -> None:
    found = cheapest([pack(100, 10, 7)], 30, 1, budget=250)
    assert (found.complete, found.price, found.covered) == (False, 200, 14)


def test_where_nothing_is_sold_nothing_is_covered() -> None:
    found = cheapest([], 5, 1)
    assert (found.purchases, found.covered, found.complete) == ((), 0, False)


def test_what_is_there_already_is_used_first() -> None:
    found = cheapest([pack(10, 3, 3)], 6, 1, stock=((3, 0, -1, 3),))
    assert found.purchases == ((3, 0),)


def test_a_search_that_is_cut_short_says_so() -> None:
    chance = random.Random(1)
    packs = [pack(units * 4 + chance.randint(0, 9), units, 40) for units in range(20, 60)]
    found = cheapest(packs, 200, 7, effort=5)
    assert found.complete
    assert not found.proven
    assert found.price >= cheapest(packs, 200, 7).price
