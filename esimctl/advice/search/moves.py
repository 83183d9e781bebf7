"""What can be done from a label of the search: buy, go on, or give it up for another that costs less at most."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from functools import cache

from esimctl.advice.search.bounds import COUNT, Bounds
from esimctl.advice.search.states import Label, Pack, Stock, advance, here, no_less, sizes, worth_having

NEVER = 1 << 62  #: more than anything costs


class CatchingUp:
    """Prices of a running line and of a stock, by what is sold to anybody on every day."""

    def __init__(self, packs: Sequence[Pack], days: int) -> None:
        self.days = days
        plain = [pack for pack in packs if pack.order == "any" and pack.days.start <= 0 and pack.days.stop >= days]
        self.plain = [pack for pack in plain if pack.length is not None]
        wary = {pack.seller for pack in packs if pack.order == "first"}
        self.free = [pack for pack in self.plain if pack.carry is None and pack.seller not in wary]
        self.line = cache(self._line)
        self._stock = cache(self._cheapest)
        self._sizes = sorted({pack.grants(0)[0][2] for pack in self.free if len(pack.grants(0)) == 1})

    def _line(self, seller: int, length: int) -> int:
        """The cost of a term of a seller that runs so long."""
        fits = (pack.price for pack in self.plain if pack.seller == seller and (pack.length or 0) >= length)
        return min(fits, default=NEVER) * COUNT + 1

    def stock(self, day: int, stock: Stock) -> int:
        """The cost of as much as a stock is, for as long; more than anything where its rest could be carried."""
        if not stock or stock[0][2] >= 0 or any(tag >= 0 or start > day for _, start, tag, _ in stock):
            return NEVER
        units, end = sum(entry[3] for entry in stock), min(stock[-1][0], self.days)
        place = bisect_left(self._sizes, units)
        return NEVER if place == len(self._sizes) else self._stock(place, end - day)

    def _cheapest(self, place: int, length: int) -> int:
        units = self._sizes[place]
        fits = (
            pack.price
            for pack in self.free
            if (pack.length or 0) >= length and len(pack.grants(0)) == 1 and pack.grants(0)[0][2] >= units
        )
        return min(fits, default=NEVER) * COUNT + 1


ANY_DAY = 31  #: of so short a stay a pack that gives in several parts may be bought on any day, to have them in time


class Moves:
    """The packs that are taken into account for one question, and what they allow."""

    def __init__(
        self,
        packs: Sequence[Pack],
        days: int,
        need: int,
        lines: tuple[int, ...],
        effort: int,
        count: int | None = None,
        late: Callable[[], bool] | None = None,
    ) -> None:
        sellers = 1 + max((pack.seller for pack in packs), default=-1)
        self.packs, self.days, self.need = packs, days, need
        self.lines = (*lines, *(-1 for _ in range(sellers - len(lines))))
        self.effort, self.spent, self.serial = effort, 0, 0
        self.count, self.late = count, late
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
        self.largest = 0 if self.count is None else max((self._most_units(n) for n in useful), default=0)
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

    def _most_units(self, number: int) -> int:
        """Units of one purchase that can be used at most, also when they are carried."""
        size = self.sizes[number]
        return size.used if self.packs[number].carry is None else size.whole

    def _ends(self) -> bool:
        """Whether the time is up: then everything that could be tried counts as tried, and nothing is proven."""
        if self.late is not None and self.spent < self.effort and self.late():
            self.spent = 2 * self.effort
        return self.spent >= 2 * self.effort

    def _too_many(self, label: Label) -> bool:
        """Whether a label needs more purchases in all than are counted."""
        if self.count is None:
            return False
        here_and_later = sum(
            units if tag >= 0 else min(units, self.need * max(min(end, self.days) - max(start, label.day), 0))
            for end, start, tag, units in label.stock
        )
        left = max(self.need * (self.days - label.day) - here_and_later, 0)
        more = -(-left // self.largest) if self.largest else (1 if left else 0)
        return label.cost % COUNT + more > self.count

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

    def bound(self, label: Label) -> int:
        """No way from this label costs less in all."""
        left, taken = self.bounds.left(label.day, label.stock), self.bounds.taken(label.day, label.stock)
        return label.cost + self.bounds.least(left, label.day, label.lines, taken)

    def reach(self, label: Label) -> int:
        """Units of need covered up to the first day that is not covered whole."""
        day, stock = advance(label.day, label.stock, self.need, self.days)
        return day * self.need + min(here(day, stock), self.need - 1 if day < self.days else 0)

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
        if self.count is not None:
            return self._no_worse_counted(one, other)
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

    def _no_worse_counted(self, one: Label, other: Label) -> bool:
        """Whether one label is no worse where purchases are counted: it bought no more, and nothing is bought later."""
        if one.cost % COUNT > other.cost % COUNT or not no_less(one.stock, other.stock, one.day):
            return False
        for seller, (mine, theirs) in enumerate(zip(one.lines, other.lines, strict=True)):
            if theirs < 0 <= mine and seller in self.firsts:
                return False
            if (mine < 0 <= theirs and seller in self.followed) or (mine < theirs > one.day and seller in self.topups):
                return False
        return True
