"""The cheapest purchases that cover an even daily need: exact search, in whole numbers of any unit.

The model: days are counted from 0; what is bought on a day can be used from that day to its end; everything that is
there is used together, what ends first first; each day needs the same. A label is a day with what is left and what was
paid. Days are worked through in order; of two labels of one day the one that has no more for no less is dropped, and
so is one that cannot become cheaper than what has been found (see charging.bounds).

A purchase is tried on the last day on which it still does as much as on any day before: on a day that needs it, on the
last day on which a top-up or a timed offer can be had, and at the end of a term whose rest a renewal carries. So the
answer is the cheapest there is; `Found.proven` is false where the search was cut short.
"""

from collections.abc import Collection, Iterator, Sequence
from heapq import heappop, heappush
from math import inf

from esimctl.charging.bounds import COUNT, Bounds
from esimctl.charging.catching_up import CatchingUp
from esimctl.charging.labels import Found, Label
from esimctl.charging.offered import Carry, Pack, worth_having
from esimctl.charging.sizes import sizes, usable
from esimctl.charging.stocks import Stock, advance, here, no_less

EFFORT = 8_000  #: purchases tried after which the search stops and says that it has proven nothing
ANY_DAY = 31  #: of so short a stay a pack that gives in several parts may be bought on any day, to have them in time
GUESSES = 8  #: packs with the cheapest units that are tried alone first
BRANCHES = 6  #: purchases that a quick look tries at a turn
COMPARED = 10  #: labels that are compared in the time of one purchase
LOOKS = ((1, 6), (3, 5), (12, 4))  #: quick looks ahead of the exact search: labels a day, and the part of the effort


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
    start = Label(0, 0, tuple(sorted(stock)), search.lines)
    limit = None if budget is None else (budget + 1) * COUNT
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
        return search.found(best, need * days, complete=True)
    search.run(start, limit, most=2 * effort, bound=False)
    assert search.farthest is not None
    covered = min(search.reach(search.farthest), need * days)
    return search.found(search.farthest, covered, complete=False)


class _Search:
    """One question; `run` answers it, `spent` counts purchases tried over all runs."""

    def __init__(self, packs: Sequence[Pack], days: int, need: int, lines: tuple[int, ...], effort: int) -> None:
        sellers = 1 + max((pack.seller for pack in packs), default=-1)
        self.packs, self.days, self.need = packs, days, need
        self.lines = (*lines, *(-1 for _ in range(sellers - len(lines))))
        self.effort, self.spent, self.serial = effort, 0, 0
        self.farthest: Label | None = None
        self.sparing = False  #: whether to buy tight packs ahead
        self.known = False  #: whether a way that covers everything is known
        self.sizes = sizes(packs, days, need)
        self.catching_up = CatchingUp(packs, days)
        self.keep(worth_having(packs, days, need))

    def keep(self, useful: Sequence[int]) -> None:
        """Take these packs into account, and no others."""
        of = {n: self.packs[n] for n in useful}
        self.useful = list(useful)
        self.bounds = Bounds(self.sizes, useful, self.days, self.need, len(self.lines))
        self.topups = frozenset(pack.seller for pack in of.values() if pack.order == "topup")
        self.carriers = frozenset(pack.seller for pack in of.values() if pack.carry is not None)
        self.firsts = frozenset(pack.seller for pack in of.values() if pack.order == "first")
        self.again = frozenset(pack.seller for pack in of.values() if pack.order == "again")
        self.followed = self.topups | self.again
        timed = [pack for pack in of.values() if pack.days.stop < self.days]
        self.parted = frozenset(
            n for n in useful if self.days <= ANY_DAY and len(of[n].grants(max(of[n].days.start, 0))) > 1
        )
        bound = [*timed, *(of[n] for n in self.parted)]
        self.hurried = frozenset(pack.seller for pack in bound if pack.order != "any")
        #: what loses its last units when others were used on one of its days: it may be bought to spare those
        self.tight = [n for n in useful if self.sizes[n].tight]
        self.movable = frozenset(n for n in self.tight if self._movable(of[n]))
        self.turns = (
            sorted({pack.days.stop - 1 for pack in timed if pack.days.stop > 0})
            if not self.parted
            else range(self.days)
        )

    def _movable(self, pack: Pack) -> bool:
        """Whether a pack can be had a day later as well, and does no more than give its units."""
        lasting = pack.days.stop >= self.days and pack.length is not None and pack.carry is None
        return lasting and (pack.order == "again" or (pack.order == "any" and pack.seller not in self.again))

    def narrow(self, start: Label, limit: int) -> None:
        """Leave out what cannot be part of an answer below a limit, again and again while that helps."""
        while True:
            left = self.bounds.left(0, start.stock)
            taken = self.bounds.taken(0, start.stock)
            kept = sorted(n for _, n in self.bounds.buying(self.useful, left, 0, self.lines, taken, limit))
            if len(kept) == len(self.useful):
                return
            before, least = self.bounds, self.bound(start)
            self.keep(kept)
            if self.bound(start) < least:
                self.bounds = before
                return

    def look(self, start: Label, limit: int | None, rough: Label | None) -> Label | None:
        """A better way than a rough one, found quickly, or that one."""
        begun = self.spent
        for width, share in LOOKS:
            if rough is not None:
                self.narrow(start, rough.cost)
                limit = rough.cost
            rough = self.run(start, limit, width=width, most=begun + self.effort // share) or rough
        return rough

    def bound(self, label: Label) -> int:
        """No way from this label costs less in all."""
        left, taken = self.bounds.left(label.day, label.stock), self.bounds.taken(label.day, label.stock)
        return label.cost + self.bounds.least(left, label.day, label.lines, taken)

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
            if limit is not None and least >= limit:
                return
            if label.day >= self.days:
                best, limit, self.known = label, label.cost, True
                return
            self.serial += 1
            heappush(heap, (label.day, least if quick else label.cost, self.serial, label))

        push(self._onward(start))
        while heap and self.spent < most:
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
        """Labels of different kinds do not crowd out each other in a quick look: day, purchases ahead, lines open."""
        ahead, step = 0, label
        while label.day in self.turns and step.bought >= 0 and step.before is not None and step.day == label.day:
            ahead, step = ahead + 1, step.before
        return (label.day, ahead, *(seller for seller in self.again if label.lines[seller] >= 0))

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
            way = self._alone(start, group, limit, cheapest=group is self.useful)
            if way is not None:
                best, limit, self.known = way, way.cost, True
        return best

    def _alone(self, start: Label, group: Sequence[int], limit: int | None, *, cheapest: bool = False) -> Label | None:
        """The label after buying, on need, the first sold of a group, or the cheapest by unit; None if too dear."""
        label = self._onward(start, force=True)
        for _ in range(64 * self.days):
            if limit is not None and label.cost >= limit:
                return None
            if label.day >= self.days:
                return label
            if here(label.day, label.stock) < self.need:
                sold = [n for n in group if label.day in self.packs[n].days and self._sold(self.packs[n], label)]
                if cheapest:
                    sold.sort(key=lambda n: self._rate(n, label.day))
                if not sold or usable(self.packs[sold[0]], label.day, self.need, self.days) <= 0:
                    return None
                label = self._bought(label, sold[0], self.packs[sold[0]])
            label = self._onward(label, force=True)
        return None

    def _rate(self, number: int, day: int) -> float:
        """The price of a unit that a pack can give from a day on; what gives nothing is dearest."""
        units = usable(self.packs[number], day, self.need, self.days)
        if units <= 0:
            return inf
        once = self.packs[number].order == "first"
        return (self.packs[number].price * COUNT + (self.bounds.waits(number, day) if once else 0)) / units

    def _remember(self, label: Label) -> None:
        if self.farthest is None or (-self.reach(label), label.cost) < (-self.reach(self.farthest), self.farthest.cost):
            self.farthest = label

    def reach(self, label: Label) -> int:
        """Units of need covered up to the first day that is not covered whole."""
        day, stock = advance(label.day, label.stock, self.need, self.days)
        return day * self.need + min(here(day, stock), self.need - 1 if day < self.days else 0)

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

    def _sold(self, pack: Pack, label: Label) -> bool:
        if pack.seller < 0 or pack.order == "any":
            return True
        end = label.lines[pack.seller]
        return end > label.day if pack.order == "topup" else (end < 0) is (pack.order == "first")

    def _hastens(self, number: int, label: Label, ended: Collection[int]) -> bool:
        """Whether a purchase before it is needed may do what a later one cannot."""
        day, pack = label.day, self.packs[number]
        last = day == pack.days.stop - 1 or (pack.order == "topup" and label.lines[pack.seller] == day + 1)
        if last or number in self.parted:
            return self._misses(pack, label, but_carried=True)
        if day in self.turns and pack.order != "topup" and pack.seller in self.hurried:
            return label.lines[pack.seller] <= day  # it opens the line that an offer of this day asks for
        if self.sparing and number in self.tight:
            return self._misses(pack, label)
        return pack.carry is not None and pack.seller in ended and self._misses(pack, label)

    def _misses(self, pack: Pack, label: Label, *, but_carried: bool = False) -> bool:
        """Whether what ends no later than a pack does not do without it; perhaps without what can be carried."""
        end = min(max(last for _, last, _ in pack.grants(label.day)), self.days)
        sooner = tuple(entry for entry in label.stock if entry[0] <= end and not (but_carried and entry[2] >= 0))
        return advance(label.day, sooner, self.need, end)[0] < end

    def _bought(self, label: Label, number: int, pack: Pack) -> Label:
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
        return Label(label.day, cost, tuple(sorted(stock + fresh)), lines, label, number)

    def _onward(self, label: Label, *, force: bool = False) -> Label:
        """The label as it stands on the next day that asks for a decision; `force` passes over the present one."""
        day, stock = label.day, label.stock
        if here(day, stock) < self.need or (not force and self._decides(label)):
            return label
        turn = day + 1 if self._spares(label) else self._next_turn(label)
        day, stock = advance(day, stock, self.need, turn, self.carriers)
        before = label if label.bought >= 0 else label.before
        return Label(day, label.cost, stock, label.lines, before, -1, label.sparing)

    def _decides(self, label: Label) -> bool:
        """Whether something can be bought today ahead of need that cannot be had later."""
        day = label.day
        if day in self.turns or self._spares(label) or any(label.lines[seller] == day + 1 for seller in self.topups):
            return True
        return any(entry[2] in self.carriers and entry[0] == day for entry in label.stock)

    def _spares(self, label: Label) -> bool:
        """Whether a tight pack would be used before something that is there."""
        last = max((end for end, start, _, _ in label.stock if start <= label.day), default=0)
        return self.sparing and any(label.day + self.sizes[number].shortest < last for number in self.tight)

    def _next_turn(self, label: Label) -> int:
        turns = [day for day in self.turns if day > label.day]
        turns += [label.lines[seller] - 1 for seller in self.topups if label.lines[seller] - 1 > label.day]
        return min([self.days, *turns])

    def _no_worse(self, one: Label, other: Label) -> bool:
        """Whether the one can do what the other can at no higher cost, perhaps by buying first; both are of one day."""
        spare = other.cost - one.cost
        if spare < 0 or (one.sparing and one.sparing < (other.sparing or self.days + 1)):
            return False
        if one.lines != other.lines:
            for seller, (mine, theirs) in enumerate(zip(one.lines, other.lines, strict=True)):
                if theirs < 0 <= mine and seller in self.firsts:
                    return False
                if (mine < 0 <= theirs and seller in self.followed) or (
                    mine < theirs > one.day and seller in self.topups
                ):
                    if mine < 0 and seller in self.firsts:
                        return False
                    spare -= self.catching_up.line(seller, theirs - one.day)
                    if spare <= 0:
                        return False  # a way is not given up for itself
        if no_less(one.stock, other.stock, one.day):
            return True
        return spare > 0 and self.catching_up.stock(one.day, other.stock) < spare

    def found(self, label: Label, covered: int, *, complete: bool) -> Found:
        """The purchases that led to a label."""
        return Found(label.way(), label.cost // COUNT, covered, complete, self.spent < self.effort)


__all__ = ["ANY_DAY", "COUNT", "EFFORT", "Carry", "Found", "Pack", "cheapest"]
