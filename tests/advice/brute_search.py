"""The dullest way to find the cheapest purchases: every pack on every day, needed or not, unit by unit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from esimctl.advice.search.states import Pack


@dataclass(frozen=True)
class Held:
    """One grant that was bought; `tag` is the seller that may carry its rest, or -1."""

    end: int
    first: int
    tag: int
    units: int


def use(held: Sequence[Held], day: int, need: int) -> list[Held] | None:
    """What is left after a day's need, taken unit by unit from what ends first; None where it is not enough."""
    left = list(held)
    for _ in range(need):
        usable = [one for one in left if one.first <= day < one.end and one.units > 0]
        if not usable:
            return None
        taken = min(usable, key=lambda one: (one.end, one.first, one.tag, one.units))
        left[left.index(taken)] = replace(taken, units=taken.units - 1)
    return left


def buy(pack: Pack, day: int, held: Sequence[Held], lines: dict[int, int]) -> tuple[list[Held], dict[int, int]] | None:
    """What is there after a purchase; None where it cannot be had."""
    end = lines.get(pack.seller)
    wanted = {"topup": end is not None and end > day, "first": end is None, "again": end is not None, "any": True}
    if day not in pack.days or (pack.seller >= 0 and not wanted[pack.order]):
        return None
    grants = pack.grants(day)
    term = max(last for _, last, _ in grants)
    kept = list(held)
    if pack.carry is not None:
        rest = [one for one in kept if one.tag == pack.seller and one.end == day]
        kept = [one for one in kept if one not in rest]
        carried = pack.carry.amount(sum(one.units for one in rest))
        kept.append(Held(min(pack.carry.end(day), term), day, -1, carried))
    tag = pack.seller if pack.carry is not None else -1
    kept += [Held(last, first, tag, units) for first, last, units in grants]
    if pack.seller >= 0 and pack.order != "topup":
        lines = {**lines, pack.seller: max(term, lines.get(pack.seller, 0))}
    return kept, lines


State = tuple[int, tuple[Held, ...], tuple[tuple[int, int], ...], int]


def cheapest_price(packs: Sequence[Pack], days: int, need: int, most: int, count: int = 1 << 20) -> int | None:
    """The lowest price at which every day is covered, any pack bought on any day; None where `most` does not do.

    At most `count` purchases are made.
    """
    begin: State = (0, (), (), 0)
    waiting = {0: {begin}}
    seen: set[State] = set()
    for price in range(most):
        now = waiting.pop(price, set())
        while now:
            state = now.pop()
            if state in seen:
                continue
            seen.add(state)
            day, held, lines, bought = state
            if day == days:
                return price
            left = use(held, day, need)
            if left is not None:
                now.add((day + 1, _kept(left, day + 1), lines, bought))
            for pack in packs if bought < count else ():
                made = buy(pack, day, held, dict(lines))
                if made is not None:
                    child = (day, _kept(made[0], day), tuple(sorted(made[1].items())), bought + (count < 1 << 20))
                    (waiting.setdefault(price + pack.price, set()) if pack.price else now).add(child)
    return None


def _kept(held: Sequence[Held], day: int) -> tuple[Held, ...]:
    """What may still be used or carried, in one order."""
    return tuple(
        sorted((one for one in held if one.units and (one.end > day or (one.end == day and one.tag >= 0))), key=str)
    )
