"""Packs that can be bought, as the search for the cheapest purchases sees them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Carry:
    """What a renewal makes of the rest: its last day by the day of renewal, at most so many units or per cent."""

    end: Callable[[int], int]
    most: int | None = None
    percent: int | None = None

    def amount(self, left: int) -> int:
        """Units carried of so many that are left."""
        share = left if self.percent is None else left * self.percent // 100
        return share if self.most is None else min(share, self.most)


@dataclass(frozen=True, slots=True)
class Pack:
    """Something that can be bought: `grants(day)` gives (from, end, units) for a purchase on that day.

    `seller` numbers whoever distinguishes first and later orders or sells top-ups, -1 for nobody; `order` is any, first
    (of this seller), again, or topup (while a term of this seller runs). `days` are those on which it is sold.
    `length` is given where it is the same on every day; otherwise `longest` may be, if all units are the same.
    """

    price: int
    grants: Callable[[int], tuple[tuple[int, int, int], ...]]
    seller: int = -1
    order: str = "any"
    days: range = range(1 << 20)
    carry: Carry | None = None
    length: int | None = None
    longest: int | None = None


def worth_having(packs: Sequence[Pack], days: int, need: int) -> list[int]:
    """The numbers of the packs that no other pack replaces at every turn: not dearer, not shorter, not smaller."""
    special = {pack.seller for pack in packs if pack.order != "any" or pack.carry is not None}
    wary = {pack.seller for pack in packs if pack.order == "first"}
    kept: list[int] = []
    plain: list[tuple[int, int, Pack]] = []  #: length, units
    for number in sorted(range(len(packs)), key=lambda number: (packs[number].price, number)):
        pack = packs[number]
        grants = pack.grants(max(pack.days.start, 0)) if pack.days.start < days else ()
        if not grants:
            continue
        if pack.length is None or len(grants) > 1 or pack.carry is not None:
            kept.append(number)
            continue
        length = min(pack.length, days)
        units = min(grants[0][2], need * length)
        if not any(
            size >= length and most >= units and _stands_in(other, pack, days, special, wary)
            for size, most, other in plain
        ):
            kept.append(number)
            plain.append((length, grants[0][2], pack))
    return sorted(kept)


def _stands_in(one: Pack, other: Pack, days: int, special: Collection[int], wary: Collection[int]) -> bool:
    """Whether one pack is sold whenever the other is, and does for its seller's line what the other does."""
    if max(one.days.start, 0) > max(other.days.start, 0) or min(one.days.stop, days) < min(other.days.stop, days):
        return False
    if one.seller == other.seller:
        return one.order in ("any", other.order)
    if one.order != "any" or one.seller in wary:
        return False
    return other.order == "topup" or (other.order == "any" and other.seller not in special)
