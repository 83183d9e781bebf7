"""How long packs run and how much they give at most, looked at once for a whole question."""

from collections.abc import Sequence
from functools import cached_property, lru_cache

from esimctl.charging.offered import Pack


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
        return max((usable(self.pack, day, self.need, self.days) for day in self.looks), default=0)


def sizes(packs: Sequence[Pack], days: int, need: int) -> list[Size]:
    """The sizes of packs by number."""
    return [_size(pack, days, need) for pack in packs]


@lru_cache(maxsize=2048)
def _size(pack: Pack, days: int, need: int) -> Size:
    """Worked out once, however often a question is asked about the same packs."""
    return Size(pack, days, need)


def usable(pack: Pack, day: int, need: int, days: int) -> int:
    """Units of a pack bought on a day that its days can use."""
    return sum(min(units, need * max(min(end, days) - start, 0)) for start, end, units in pack.grants(day))
