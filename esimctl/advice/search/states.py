"""What the search for the cheapest purchases works with: packs on offer, their sizes, what is left of them, labels."""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property, lru_cache

from esimctl.values.record import record

#: by entry: the first day after it, its first day, the seller that may carry its rest or -1, units
Stock = tuple[tuple[int, int, int, int], ...]


def advance(day: int, stock: Stock, need: int, stop: int, carriers: frozenset[int] = frozenset()) -> tuple[int, Stock]:
    """Serve whole days until `stop`, a day that cannot be served whole, or the end of a rest that could be carried.

    Gives that day and what is there on it; of what has ended only the rests that could be carried.
    """
    while day < stop:
        later = [entry for entry in stock if entry[1] > day]
        begun = [entry for entry in stock if entry[1] <= day < entry[0]]
        turns = [entry[1] for entry in later] + [entry[0] for entry in begun if entry[2] in carriers]
        day, rest, short = _burn(day, begun, need, min([stop, *turns]))
        ended = [entry for entry in rest if entry[0] <= day]
        stock = tuple(sorted([*(entry for entry in rest if entry[0] > day), *later]))
        if any(entry[2] in carriers for entry in ended):
            return day, tuple(sorted([*(entry for entry in ended if entry[2] in carriers), *stock]))
        if short:
            break
    return day, stock


def _burn(day: int, entries: list[tuple[int, int, int, int]], need: int, stop: int) -> tuple[int, Stock, bool]:
    """Use what ends first, whole days at a time; a day that cannot be served leaves things as they were on it."""
    number, asked = 0, need
    units = entries[0][3] if entries else 0
    mark = (0, units)
    while day < stop:
        if number == len(entries):
            break
        if entries[number][0] <= day or units < asked:
            if entries[number][0] > day:
                asked -= units
            number += 1
            units = entries[number][3] if number < len(entries) else 0
            if asked == need:
                mark = (number, units)
            continue
        units, asked, day = units - asked, need, day + 1
        more = max(min(units // need, entries[number][0] - day, stop - day), 0)
        units, day = units - more * need, day + more
        mark = (number, units)
    number, units = mark
    rest = [(*entries[number][:3], units), *entries[number + 1 :]] if number < len(entries) else []
    return day, tuple(entry for entry in rest if entry[3]), day < stop


def here(day: int, stock: Stock) -> int:
    """Units that can be used on a day."""
    return sum(units for end, start, _, units in stock if start <= day < end)


def no_less(one: Stock, other: Stock, day: int) -> bool:
    """Whether the first lasts as long and is as much as the other, whatever it is used for from a day on."""
    plain = [(entry[0], entry[3]) for entry in one if entry[1] <= day]
    special: dict[tuple[int, int, int], int] = {}
    for end, start, tag, units in one:
        special[end, start, tag] = special.get((end, start, tag), 0) + units
    wanted: list[tuple[int, int]] = []
    for end, start, tag, units in other:
        if start > day or tag >= 0:
            special[end, start, tag] = special.get((end, start, tag), 0) - units
            if special[end, start, tag] < 0:
                return False
        if start <= day:
            wanted.append((end, units))
    return all(
        sum(units for at, units in plain if at >= end) >= sum(units for at, units in wanted if at >= end)
        for end, _ in wanted
    )


@record
class Found:
    """Purchases as (day, number of the pack), their price, units of need covered without a gap, and whether proven."""

    purchases: tuple[tuple[int, int], ...]
    price: int
    covered: int
    complete: bool
    proven: bool


@record(frozen=False)
class Label:
    """A day with what is left on it and what was paid; `before` is the label that a purchase led here from."""

    day: int
    cost: int
    stock: Stock
    lines: tuple[int, ...]  #: by seller: the end of its term, -1 without a line
    before: "Label | None" = None
    bought: int = -1
    sparing: int = 0  #: the end of what was bought ahead to spare the rest, 0 when something else was bought since

    def way(self) -> tuple[tuple[int, int], ...]:
        """The purchases that led here, as (day, number of the pack)."""
        purchases: list[tuple[int, int]] = []
        step: Label | None = self
        while step is not None:
            if step.bought >= 0:
                purchases.append((step.day, step.bought))
            step = step.before
        return tuple(reversed(purchases))


@record
class Carry:
    """What a renewal makes of the rest: its last day by the day of renewal, at most so many units or per cent."""

    end: Callable[[int], int]
    most: int | None = None
    percent: int | None = None

    def amount(self, left: int) -> int:
        """Units carried of so many that are left."""
        share = left if self.percent is None else left * self.percent // 100
        return share if self.most is None else min(share, self.most)


@record
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


class Size:
    """A pack within a stay of so many days with a need of each."""

    def __init__(self, pack: Pack, days: int, need: int) -> None:
        self.pack, self.days, self.need = pack, days, need

    @property
    def sold(self) -> range:
        """The days of the stay on which it is sold."""
        return range(max(self.pack.days.start, 0), min(self.pack.days.stop, self.days))

    @cached_property
    def looks(self) -> range:
        """The days on which to look at it to have seen it at its best."""
        return self.sold[:1] if self.pack.length is not None or self.pack.longest is not None else self.sold

    @cached_property
    def span(self) -> int:
        """Days of its term, at most those there are."""
        known = self.pack.length if self.pack.length is not None else self.pack.longest
        if known is not None:
            return min(known, self.days)
        ends = (max((end for _, end, _ in self.pack.grants(day)), default=day) - day for day in self.looks)
        return min(max(ends, default=0), self.days)

    @cached_property
    def whole(self) -> int:
        """All its units."""
        return max((sum(units for _, _, units in self.pack.grants(day)) for day in self.looks), default=0)

    @cached_property
    def ends(self) -> int:
        """Days on which a part of it ends, and a renewal could carry what is left of that."""
        return max((len({end for _, end, _ in self.pack.grants(day)}) for day in self.looks), default=0)

    @cached_property
    def shortest(self) -> int:
        """Days to the end of its last part, on the day on which that is soonest."""
        if self.pack.length is not None:
            return self.pack.length
        return min(
            (max((end for _, end, _ in self.pack.grants(day)), default=day) - day for day in self.sold), default=0
        )

    @cached_property
    def tight(self) -> bool:
        """Whether a part of it serves each of its days but not the last one whole: one day late, units are lost."""
        if self.pack.length is not None:
            parts = self.pack.grants(self.sold.start)
        else:
            parts = tuple({(0, end - start, units) for day in self.sold for start, end, units in self.pack.grants(day)})
        return any(self.need * (end - start - 1) < units < self.need * (end - start) for start, end, units in parts)

    @cached_property
    def used(self) -> int:
        """Units that can be used on its own days."""
        if self.pack.longest is not None:
            return min(self.whole, self.need * self.span)
        return max(map(self._usable, self.looks), default=0)

    def usable(self, day: int) -> int:
        """Units that its days can use of one that is bought on a day on which it is sold."""
        length = self.pack.length
        return self.used if length is not None and day + length <= self.days else self._usable(day)

    def _usable(self, day: int) -> int:
        return sum(
            min(units, self.need * max(min(end, self.days) - start, 0)) for start, end, units in self.pack.grants(day)
        )


def sizes(packs: Sequence[Pack], days: int, need: int) -> list[Size]:
    """The sizes of packs by number."""
    return [_size(pack, days, need) for pack in packs]


@lru_cache(maxsize=2048)
def _size(pack: Pack, days: int, need: int) -> Size:
    """Worked out once, however often a question is asked about the same packs."""
    return Size(pack, days, need)
