"""The cheapest purchases that cover an even daily need: exact search, in whole numbers of any unit.

The model: days are counted from 0; what is bought on a day can be used from that day to its end; everything that is
there is used together, what ends first first; each day needs the same. A label is a day with what is left and what was
paid. Days are worked through in order; of two labels of one day the one that has no more for no less is dropped, and
so is one that cannot become cheaper than what has been found (a bound by price per unit, and by whole packs).

The rule of buying: a pack is bought on a day that needs it, while what is there does not cover that day; ahead of
need only a renewal at the end of a term whose rest it carries. Within that rule the answer is the cheapest there is;
`Found.proven` is false where the search was cut short.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush

from esimctl.charging.offered import Carry, Pack, worth_having
from esimctl.charging.stocks import Stock, advance, here, no_less

COUNT = 1 << 12  #: of two equal prices the one with fewer purchases wins: a purchase weighs one 4096th of a minor unit
EFFORT = 25_000  #: purchases tried after which the search stops and says that it has proven nothing

WIDTHS = (1, 3, 12)  #: of the quick looks ahead of the exact search, in labels a day
STEPS = 12_000  #: prices that the bound tells apart


@dataclass(frozen=True, slots=True)
class Found:
    """Purchases as (day, number of the pack), their price, units of need covered without a gap, and whether proven."""

    purchases: tuple[tuple[int, int], ...]
    price: int
    covered: int
    complete: bool
    proven: bool


@dataclass(slots=True)
class _Label:
    day: int
    cost: int
    stock: Stock
    lines: tuple[int, ...]  #: by seller: the end of its term, -1 without a line
    before: "_Label | None" = None
    bought: int = -1


def cheapest(
    packs: Sequence[Pack],
    days: int,
    need: int,
    *,
    stock: Stock = (),
    lines: Sequence[int] = (),
    budget: int | None = None,
    effort: int = EFFORT,
) -> Found:
    """The cheapest way to cover `need` units on each of `days` days, beginning with a stock and lines.

    With a `budget` that does not suffice, or where nothing can be bought, the longest time that can be covered.
    """
    search = _Search(packs, days, need, tuple(lines), effort)
    start = _Label(0, 0, tuple(sorted(stock)), search.lines)
    limit = None if budget is None else (budget + 1) * COUNT
    alone = [label for group in search.alike() if (label := search.alone(start, group)) is not None]
    rough = min(alone, key=lambda label: label.cost, default=None)
    if rough is not None and limit is not None and rough.cost >= limit:
        rough = None
    for width in WIDTHS:
        rough = search.run(start, limit if rough is None else rough.cost, width=width) or rough
        if rough is not None:
            search.tighten(rough.cost // COUNT)
    if rough is not None:
        search.tighten(rough.cost // COUNT)
        search.narrow(rough.cost // COUNT * COUNT)
    best = search.run(start, limit if rough is None else rough.cost // COUNT * COUNT) or rough
    if best is not None:
        return search.found(best, need * days, complete=True)
    search.run(start, limit, bound=False)
    assert search.farthest is not None
    covered = min(search.reach(search.farthest), need * days)
    return search.found(search.farthest, covered, complete=False)


class _Search:
    """One question; `run` answers it, `spent` counts labels over all runs."""

    def __init__(self, packs: Sequence[Pack], days: int, need: int, lines: tuple[int, ...], effort: int) -> None:
        sellers = 1 + max((pack.seller for pack in packs), default=-1)
        self.packs, self.days, self.need = packs, days, need
        self.lines = (*lines, *(-1 for _ in range(sellers - len(lines))))
        self.useful = worth_having(packs, days, need)
        self.topups = frozenset(packs[n].seller for n in self.useful if packs[n].order == "topup")
        self.carriers = frozenset(packs[n].seller for n in self.useful if packs[n].carry is not None)
        self.effort, self.spent, self.serial = effort, 0, 0
        self.farthest: _Label | None = None
        self._measure()

    def _measure(self) -> None:
        """What a label must still pay at least: by unit, and by whole packs for each number of days left."""
        self.first_most = [0] * len(self.lines)
        self.step = 1
        self.units: dict[int, int] = {}  #: what a pack can give at most
        rates: list[tuple[int, int]] = []
        for number in self.useful:
            pack = self.packs[number]
            units = max((self._usable(pack, day) for day in self._looks(pack)), default=0)
            self.units[number] = units
            if pack.order == "first":
                self.first_most[pack.seller] = max(self.first_most[pack.seller], units)
            elif units:
                rates.append((pack.price * COUNT + 1, units))
        self.rate = min(rates, key=lambda rate: Fraction(*rate), default=None)
        windowed = [n for n in self.useful if self.packs[n].days.stop < self.days and self.packs[n].order != "first"]
        self.cut = max((self._last_use(self.packs[number]) for number in windowed), default=0)
        always = [(self.packs[n].price * COUNT + 1, self.units[n]) for n in self.useful if n not in windowed]
        lasting = [rate for rate in always if rate in rates and rate[1]]
        self.later_rate = min(lasting, key=lambda rate: Fraction(*rate), default=self.rate)
        self.most: list[int] = []
        self.sizes = rates

    def narrow(self, limit: int) -> None:
        """Leave out what cannot be part of an answer below a limit."""
        start = _Label(0, 0, (), self.lines)
        left = self._left(start)
        self.useful = [
            number
            for number in self.useful
            if self.packs[number].order == "first"
            or self.packs[number].price * COUNT + 1 + self.least(left - self.units[number], 0) < limit
        ]
        self.topups = frozenset(self.packs[n].seller for n in self.useful if self.packs[n].order == "topup")

    def tighten(self, price: int) -> None:
        """From a price that is known to do: how much at most can be had for every lower one, ends left aside."""
        step = max(1, price // STEPS)
        best: dict[int, int] = {}
        for cost, units in self.sizes:
            best[cost // COUNT // step] = max(units, best.get(cost // COUNT // step, 0))
        costs = sorted(best)
        sizes = [
            (cost, best[cost])
            for place, cost in enumerate(costs)
            if best[cost] > max((best[less] for less in costs[:place]), default=0)
        ]
        if not sizes or sizes[0][0] == 0:
            return  # something costs nothing: no price says anything
        table = [0]
        for paid in range(1, price // step + 1):
            table.append(max((table[paid - cost] + units for cost, units in sizes if cost <= paid), default=0))
        self.most, self.step = table, step

    def _looks(self, pack: Pack) -> Sequence[int]:
        sold = range(max(pack.days.start, 0), min(pack.days.stop, self.days))
        return sold[:1] if pack.length is not None else sold

    def _last_use(self, pack: Pack) -> int:
        """The first day on which nothing of a pack that is sold for a time can be used any more."""
        if pack.carry is not None or not pack.days:
            return self.days
        return max(end for _, end, _ in pack.grants(pack.days[-1]))

    def _usable(self, pack: Pack, day: int) -> int:
        if pack.carry is not None:
            return sum(units for _, _, units in pack.grants(day))
        return sum(min(units, self.need * (end - start)) for start, end, units in pack.grants(day))

    def bound(self, label: _Label) -> int:
        """No way from this label costs less in all."""
        return label.cost + self.least(self._left(label), label.day)

    def _left(self, label: _Label) -> int:
        """Units that must still be bought, those of a first order left aside."""
        left = self.need * (self.days - label.day) - sum(entry[3] for entry in label.stock)
        for seller, most in enumerate(self.first_most):
            if most and label.lines[seller] < 0:
                left -= most
        return left

    def least(self, left: int, day: int) -> int:
        """What so many units cost at least, where those of the last days cannot be had at an earlier price."""
        if left <= 0 or self.rate is None or self.later_rate is None:
            return 0
        late = min(left, self.need * max(self.days - max(self.cut, day), 0))
        least = self.later_rate[0] * late // self.later_rate[1] + self.rate[0] * (left - late) // self.rate[1]
        return max(least, bisect_left(self.most, left) * self.step * COUNT) if self.most else least

    def run(self, start: _Label, limit: int | None, *, width: int | None = None, bound: bool = True) -> _Label | None:
        """The best label that reaches the last day below `limit`, None without one. `width` keeps few and is quick."""
        heap: list[tuple[int, int, int, _Label]] = []
        kept: dict[int, list[_Label]] = {}
        best: _Label | None = None

        def push(label: _Label) -> None:
            nonlocal best, limit
            if limit is not None and (self.bound(label) if bound else label.cost) >= limit:
                return
            if label.day >= self.days:
                best, limit = label, label.cost
                return
            self.serial += 1
            heappush(heap, (label.day, label.cost, self.serial, label))

        push(self._onward(start))
        while heap and self.spent < self.effort:
            label = heappop(heap)[3]
            if limit is not None and label.cost >= limit:
                continue
            others = kept.setdefault(label.day, [])
            if (width is not None and len(others) >= width) or any(_no_worse(other, label) for other in others):
                continue
            others.append(label)
            self._remember(label)
            for child in self._children(label, limit if bound else None):
                push(child)
        return best

    def alike(self) -> list[list[int]]:
        """Each pack with those of its seller that are as long, whatever their price and order."""
        groups = []
        for number in self.useful:
            pack = self.packs[number]
            same = [n for n in self.useful if self.packs[n].seller == pack.seller >= 0 and n != number]
            groups.append([number])
            groups += [[other, number] for other in same if self.packs[other].length == pack.length is not None]
        return groups

    def alone(self, start: _Label, group: Sequence[int]) -> _Label | None:
        """The label after buying, whenever there is need, the first pack of a group that is sold; None if none is."""
        label = self._onward(start, force=True)
        for _ in range(64 * self.days):
            if label.day >= self.days:
                return label
            if here(label.day, label.stock) < self.need:
                sold = [n for n in group if label.day in self.packs[n].days and self._sold(self.packs[n], label)]
                if not sold or self._usable(self.packs[sold[0]], label.day) <= 0:
                    return None
                label = self._bought(label, sold[0], self.packs[sold[0]])
            label = self._onward(label, force=True)
        return None

    def _remember(self, label: _Label) -> None:
        if self.farthest is None or (-self.reach(label), label.cost) < (-self.reach(self.farthest), self.farthest.cost):
            self.farthest = label

    def reach(self, label: _Label) -> int:
        """Units of need covered up to the first day that is not covered whole."""
        day, stock = advance(label.day, label.stock, self.need, self.days)
        return day * self.need + min(here(day, stock), self.need - 1 if day < self.days else 0)

    def _children(self, label: _Label, limit: int | None) -> list[_Label]:
        """What can follow: any pack where the day is not covered; else those that are worth buying ahead, or none."""
        able = here(label.day, label.stock) >= self.need
        children = [self._onward(label, force=True)] if able else []
        ended = {entry[2] for entry in label.stock if entry[2] >= 0 and entry[0] == label.day}
        left = self._left(label)
        for number in self.useful:
            pack = self.packs[number]
            if label.day not in pack.days or not self._sold(pack, label):
                continue
            if limit is not None and pack.order != "first":
                paid = label.cost + pack.price * COUNT + 1
                if paid + self.least(left - self.units[number], label.day) >= limit:
                    continue
            if able and not self._ahead(pack, label, ended):
                continue
            self.spent += 1
            children.append(self._onward(self._bought(label, number, pack)))
        return children

    def _sold(self, pack: Pack, label: _Label) -> bool:
        if pack.seller < 0 or pack.order == "any":
            return True
        end = label.lines[pack.seller]
        return end > label.day if pack.order == "topup" else (end < 0) is (pack.order == "first")

    def _ahead(self, pack: Pack, label: _Label, ended: set[int]) -> bool:
        """Whether a purchase before it is needed carries something, and what ends no later does not do without it."""
        if pack.carry is None or pack.seller not in ended:
            return False
        end = min(max(last for _, last, _ in pack.grants(label.day)), self.days)
        sooner = tuple(entry for entry in label.stock if entry[0] <= end)
        return advance(label.day, sooner, self.need, end)[0] < end

    def _bought(self, label: _Label, number: int, pack: Pack) -> _Label:
        """The label after a purchase; a renewal that carries takes the rest that just ended along."""
        tag = pack.seller if pack.carry is not None else -1
        grants = pack.grants(label.day)
        fresh = [(end, start, tag, units) for start, end, units in grants]
        term = max((end for _, end, _ in grants), default=label.day)
        stock = list(label.stock)
        if pack.carry is not None:
            rest = [entry for entry in stock if entry[2] == pack.seller and entry[0] == label.day]
            carried = pack.carry.amount(sum(entry[3] for entry in rest))
            stock = [entry for entry in stock if entry not in rest]
            end = min(pack.carry.end(label.day), term)
            if carried and end > label.day:
                fresh.append((end, label.day, -1, carried))
        lines = label.lines
        if pack.seller >= 0 and pack.order != "topup":
            now = max(lines[pack.seller], term if pack.seller in self.topups else 0)
            lines = (*lines[: pack.seller], now, *lines[pack.seller + 1 :])
        cost = label.cost + pack.price * COUNT + 1
        return _Label(label.day, cost, tuple(sorted(stock + fresh)), lines, label, number)

    def _onward(self, label: _Label, *, force: bool = False) -> _Label:
        """The label as it stands on the next day that asks for a decision; `force` passes over the present one."""
        day, stock = label.day, label.stock
        if here(day, stock) < self.need or (not force and self._decides(label)):
            return label
        day, stock = advance(day, stock, self.need, self.days, self.carriers)
        return _Label(day, label.cost, stock, label.lines, label if label.bought >= 0 else label.before, -1)

    def _decides(self, label: _Label) -> bool:
        return any(entry[2] in self.carriers and entry[0] == label.day for entry in label.stock)

    def found(self, label: _Label, covered: int, *, complete: bool) -> Found:
        """The purchases that led to a label."""
        purchases: list[tuple[int, int]] = []
        step: _Label | None = label
        while step is not None:
            if step.bought >= 0:
                purchases.append((step.day, step.bought))
            step = step.before
        return Found(tuple(reversed(purchases)), label.cost // COUNT, covered, complete, self.spent < self.effort)


def _no_worse(one: _Label, other: _Label) -> bool:
    """Whether everything that the other label can do, this one can at no higher cost. Both are of one day."""
    if one.cost > other.cost:
        return False
    for mine, theirs in zip(one.lines, other.lines, strict=True):
        if (mine < 0) is not (theirs < 0) or mine < theirs:
            return False
    return no_less(one.stock, other.stock, one.day)


__all__ = ["COUNT", "EFFORT", "Carry", "Found", "Pack", "cheapest"]
