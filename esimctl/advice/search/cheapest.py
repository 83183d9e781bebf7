"""The cheapest purchases that cover an even daily need: exact search, in whole numbers of any unit.

The model: days are counted from 0; what is bought on a day can be used from that day to its end; everything that is
there is used together, what ends first first; each day needs the same. A label is a day with what is left and what was
paid. Days are worked through in order; of two labels of one day the one that has no more for no less is dropped, and
so is one that cannot become cheaper than what has been found (see charging.bounds).

A purchase is tried on the last day on which it still does as much as on any day before: on a day that needs it, on the
last day on which a top-up or a timed offer can be had, and at the end of a term whose rest a renewal carries. A pack
whose units fill each of its days but the last may also be bought on a day that does not need it, to spare what lasts
longer. So the answer is the cheapest there is; `Found.proven` is false where the search was cut short.

Of ways with few purchases only (`count`) a label is dropped for another only if that one has bought no more often, and
never because something could be bought to catch up.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from heapq import heappop, heappush
from math import inf

from esimctl.advice.search.bounds import COUNT
from esimctl.advice.search.moves import Moves
from esimctl.advice.search.states import Found, Label, Pack, Stock, here

EFFORT = 6_000  #: purchases tried after which the search stops and says that it has proven nothing
GUESSES = 8  #: packs with the cheapest units that are tried alone first
BRANCHES = 6  #: purchases that a quick look tries at a turn
COMPARED = 10  #: labels that are compared in the time of one purchase
LOOKS = ((1, 5), (3, 5), (12, 4))  #: quick looks ahead of the exact search: labels a day, and the part of the effort


def cheapest(
    packs: Sequence[Pack],
    days: int,
    need: int,
    *,
    stock: Stock = (),
    lines: Sequence[int] = (),
    budget: int | None = None,
    below: int | None = None,
    count: int | None = None,
    effort: int = EFFORT,
    late: Callable[[], bool] | None = None,
) -> Found:
    """The cheapest way to cover `need` units on each of `days` days, beginning with a stock and lines.

    With a `budget` that does not suffice, or where nothing can be bought, the longest time that can be covered. Where
    only a price `below` another is of interest, or a way of at most `count` purchases, and there is none, nothing.
    `late` is asked again and again; from its first yes on the search ends with what it has found.
    """
    search = _Search(packs, days, need, tuple(lines), effort, count, late)
    start = Label(0, 0, tuple(sorted(stock)), search.lines)
    limit = None if budget is None else (budget + 1) * COUNT
    if below is not None:
        limit = below * COUNT if limit is None else min(limit, below * COUNT)
        search.narrow(start, limit)
    rough = search.first_guess(start, limit)
    everything = list(search.useful)
    plainly = [number for number in everything if packs[number].carry is None]
    if plainly and len(plainly) < len(everything):
        search.keep(plainly)
        rough = search.look(start, limit, rough)
        search.keep(everything)
    rough = search.look(start, limit, rough)
    if rough is not None:
        search.narrow(start, rough.cost // COUNT * COUNT)
    best = search.run(start, limit if rough is None else rough.cost // COUNT * COUNT, most=effort) or rough
    if best is not None:
        proven = search.closed(start, best) or search.spent < effort
        return Found(best.way(), best.cost // COUNT, need * days, complete=True, proven=proven)
    if below is not None or count is not None:
        return Found((), 0, 0, complete=False, proven=search.spent < effort)
    search.run(start, limit, most=2 * effort, bound=False)
    far = search.farthest or start
    covered = min(search.reach(far), need * days)
    return Found(far.way(), far.cost // COUNT, covered, complete=False, proven=search.spent < effort)


class _Search(Moves):
    """One question; `run` answers it, `spent` counts purchases tried over all runs."""

    def closed(self, start: Label, best: Label) -> bool:
        """Whether the bounds alone show that nothing costs less than a way."""
        limit = best.cost // COUNT * COUNT
        self.narrow(start, limit)
        return not self.useful or self.bound(start) >= limit

    def look(self, start: Label, limit: int | None, rough: Label | None) -> Label | None:
        """A better way than a rough one, found quickly, or that one."""
        begun = self.spent
        for width, share in LOOKS:
            if rough is not None:
                self.narrow(start, rough.cost)
                limit = rough.cost
            rough = self.run(start, limit, width=width, most=begun + self.effort // share) or rough
        return rough

    def run(
        self, start: Label, limit: int | None, *, most: int, width: int | None = None, bound: bool = True
    ) -> Label | None:
        """The best label that reaches the last day below `limit`, None without one. `width` keeps few and is quick."""
        heap: list[tuple[int, int, int, Label]] = []
        kept: dict[tuple[int, ...], list[Label]] = {}
        best: Label | None = None
        quick = width is not None
        self.sparing = not quick

        def push(label: Label) -> None:
            nonlocal best, limit
            least = self.bound(label) if bound else label.cost
            if (limit is not None and least >= limit) or self._too_many(label):
                return
            if label.day >= self.days:
                best, limit, self.known = label, label.cost, True
                return
            self.serial += 1
            heappush(heap, (label.day, least if quick else label.cost, self.serial, label))

        push(self._onward(start))
        while heap and self.spent < most and not self._ends():
            label = heappop(heap)[3]
            if limit is not None and label.cost >= limit:
                continue
            others = kept.setdefault(self._kind(label) if quick else (label.day,), [])
            self.spent += len(others) // COMPARED
            if (width is not None and len(others) >= width) or any(self._no_worse(other, label) for other in others):
                continue
            others.append(label)
            if not self.known:
                self._remember(label)
            for child in self._children(label, limit if bound else None, BRANCHES if quick else None):
                push(child)
        return best

    def _kind(self, label: Label) -> tuple[int, ...]:
        """Labels of different kinds do not crowd out each other in a quick look: day, purchases ahead, lines open.

        Where purchases are counted, those that have bought more often are of another kind as well.
        """
        ahead, step = 0, label
        while label.day in self.turns and step.bought >= 0 and step.before is not None and step.day == label.day:
            ahead, step = ahead + 1, step.before
        bought = 0 if self.count is None else label.cost % COUNT
        return (label.day, bought, ahead, *(seller for seller in self.again if label.lines[seller] >= 0))

    def first_guess(self, start: Label, limit: int | None) -> Label | None:
        """The cheapest of the ways that keep to one pack, or one and those of its seller that are as long."""
        units = self.bounds.units
        again = [n for n in units if units[n] and self.packs[n].order != "first"]
        ranked = sorted(again, key=lambda n: (self.packs[n].price / units[n], n))[:GUESSES]
        groups = [[number] for number in ranked]
        for number in ranked:
            pack = self.packs[number]
            same = [
                n for n in self.useful if self.packs[n].seller == pack.seller >= 0 and self.packs[n].order != "topup"
            ]
            groups += [[other, number] for other in sorted(same, key=lambda n: (self.packs[n].price, n))[:2]]
        groups.insert(0, self.useful)
        best: Label | None = None
        for group in groups:
            if self._ends() and best is not None:
                break
            way = self._alone(start, group, limit, cheapest=group is self.useful)
            if way is not None:
                best, limit, self.known = way, way.cost, True
        return best

    def _alone(self, start: Label, group: Sequence[int], limit: int | None, *, cheapest: bool = False) -> Label | None:
        """The label after buying, on need, the first sold of a group, or the cheapest by unit; None if too dear."""
        label = self._onward(start, force=True)
        for _ in range(64 * self.days):
            if (limit is not None and label.cost >= limit) or self._too_many(label):
                return None
            if label.day >= self.days:
                return label
            if here(label.day, label.stock) < self.need:
                sold = [n for n in group if label.day in self.packs[n].days and self._sold(self.packs[n], label)]
                if not sold:
                    return None
                number = min(sold, key=partial(self._rate, day=label.day)) if cheapest else sold[0]
                if self.sizes[number].usable(label.day) <= 0:
                    return None
                label = self._bought(label, number, self.packs[number])
            label = self._onward(label, force=True)
        return None

    def _rate(self, number: int, day: int) -> float:
        """The price of a unit that a pack can give from a day on; what gives nothing is dearest."""
        units = self.sizes[number].usable(day)
        if units <= 0:
            return inf
        once = self.packs[number].order == "first"
        return (self.packs[number].price * COUNT + (self.bounds.waits(number, day) if once else 0)) / units

    def _remember(self, label: Label) -> None:
        if self.farthest is None or (-self.reach(label), label.cost) < (-self.reach(self.farthest), self.farthest.cost):
            self.farthest = label

    def _children(self, label: Label, limit: int | None, most: int | None) -> Iterator[Label]:
        """What can follow: any pack where the day is not covered; else those that are worth buying ahead, or none.

        With `most` only so many, the most promising.
        """
        able = here(label.day, label.stock) >= self.need
        if able and not 0 < label.sparing <= label.day:  # the rest alone would have served a day before as well
            yield self._onward(label, force=True)
        ended = {entry[2] for entry in label.stock if entry[2] >= 0 and entry[0] == label.day}
        if able and not self._decides(label):
            return
        left = self.bounds.left(label.day, label.stock)
        sold = [n for n in self.useful if label.day in self.packs[n].days and self._sold(self.packs[n], label)]
        if limit is not None:
            taken = self.bounds.taken(label.day, label.stock)
            promising = self.bounds.buying(sold, left, label.day, label.lines, taken, limit - label.cost)
            sold = [number for _, number in sorted(promising)]
        if able:
            sold = [number for number in sold if self._hastens(number, label, ended)]
        sold = sold[:most]
        for number in sold:
            self.spent += 1
            made = self._bought(label, number, self.packs[number])
            if able and number in self.movable:
                made.sparing = max(label.sparing, label.day + self.sizes[number].shortest)
            yield self._onward(made)
