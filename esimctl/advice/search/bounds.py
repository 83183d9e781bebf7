"""What covering a need must still cost at least: a knapsack over whole packs, with what their rules cost in the prices.

Three rules would be lost in a plain knapsack, so each has a price of its own, and what is gained by breaking it is
taken off again: a top-up needs a term that runs (its units cost more, a pack that opens a term costs less), a pack that
is sold for a time serves no day after its last (its units cost more), a first order is had once a seller (it is in the
table once). What a pack that carries can give is weighed between its units and the days of its term. Any such prices
give a bound that holds; good ones give a bound that is close. Costs are in minor units times `COUNT`.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import inf

from esimctl.advice.search.states import Size, Stock

COUNT = 1 << 12  #: of two equal prices the one with fewer purchases wins: a purchase weighs one 4096th of a minor unit
SLICES = 3_000  #: of the whole need, about, that the tables tell apart
TABLES = 250  #: for sets of sellers that still give a first order; beyond them the loosest is used
FINE = 40  #: bits behind the point of a price for a unit
LEAP = 3  #: days by which months differ
WEIGHTS = 8  #: parts of a carrying pack's units against its days


class Bounds:
    """Bounds for one question: `useful` numbers of packs by their sizes, a need of each day, so many sellers."""

    def __init__(self, sizes: Sequence[Size], useful: Sequence[int], days: int, need: int, sellers: int) -> None:
        self.sizes, self.days, self.need = sizes, days, need
        self.packs = [size.pack for size in sizes]
        packs = self.packs
        self.slice = max(1, need // max(1, SLICES // days))
        self.span = {number: sizes[number].span for number in useful}
        self.within: dict[int, int] = {}  #: of packs that carry: what is used in their term, at most
        self.passed: dict[int, int] = {-1: 0}  #: by seller: what a renewal carries and can use, at most
        plain = [n for n in useful if packs[n].carry is None and packs[n].order == "any" and sizes[n].used]
        rest = min((packs[n].price / sizes[n].used for n in plain if packs[n].days.stop >= days), default=inf)
        self.weight = {seller: self._weight(useful, seller, rest) for seller in range(-1, sellers)}
        self.units = {number: self._units(number) for number in useful}
        self.able = [number for number in useful if self.units[number] > 0]
        self.extra = dict.fromkeys(self.able, 0)  #: what every unit that is used costs more, with FINE bits
        self.cost = {number: packs[number].price * COUNT + 1 for number in self.able}  #: less what it opens
        self.unlocking = [0] * sellers  #: by seller: what a top-up's unit costs more
        self.reach = [0] * sellers  #: by seller: days of the longest top-up
        self.credit: dict[int, int] = {}  #: by seller: what a first order saves the top-ups after it, at most
        self._price_topups()
        self._price_windows()
        firsts = sorted({packs[n].seller for n in self.able if packs[n].order == "first"})
        self.bits = {seller: 1 << place for place, seller in enumerate(firsts)}
        self.always = self._unbounded()
        self.tables: dict[int, list[int]] = {0: self.always}
        self.wasteful: dict[int, list[int]] = {}
        self.ordered: dict[tuple[int, int], tuple[list[int], list[int]]] = {}

    def _weight(self, useful: Sequence[int], seller: int, rest: float) -> int:
        """Parts for the units of a seller's packs that carry: those that make its cheapest unit dearest."""
        carrying = [n for n in useful if self.packs[n].seller == seller and self.packs[n].carry is not None]
        self.passed[seller] = max((self._brought(number) for number in carrying), default=0)
        for number in carrying:
            self.within[number] = min(self.need * self.span[number], self.sizes[number].whole + self._brought(number))

        again = [n for n in carrying if self.packs[n].order != "first"]
        once = [n for n in carrying if self.packs[n].order == "first"]

        def dearest(parts: int) -> tuple[float, int, float]:
            rate = min((self.packs[n].price / max(self._weighed(n, parts), 1) for n in again), default=rest)
            return min(rate, rest), -max((self._weighed(n, parts) for n in once), default=0), rate

        return max(range(WEIGHTS, -1, -1), key=dearest)

    def _brought(self, number: int) -> int:
        """Units that a renewal by this pack carries, of however many packs, and that its term can use, at most."""
        carry, first = self.packs[number].carry, max(self.packs[number].days.start, 0)
        assert carry is not None
        life = carry.end(first) - first + LEAP
        return min(carry.amount(1 << 62), self.need * min(life, self.span[number]))

    def _weighed(self, number: int, parts: int) -> int:
        """All that is used of it, also when carried, weighed against what is used in its term, whosever that is."""
        passed = self.passed[self.packs[number].seller] * self.sizes[number].ends
        its = min(self.sizes[number].whole, self.need * self.span[number] + passed)
        return -(-(its * parts + self.within[number] * (WEIGHTS - parts)) // WEIGHTS)

    def _units(self, number: int) -> int:
        """What a pack can give at most."""
        pack = self.packs[number]
        if pack.carry is not None:
            return self._weighed(number, self.weight[pack.seller])
        return self.sizes[number].used

    def _of(self, seller: int, *orders: str) -> list[int]:
        return [n for n in self.able if self.packs[n].seller == seller and self.packs[n].order in orders]

    def _price_topups(self) -> None:
        """A top-up's unit costs as much more as makes the cheapest unit of its seller dearest."""
        for seller in range(len(self.reach)):
            mine = self._of(seller, "topup")
            if not mine:
                continue
            self.reach[seller] = max(self.span[number] for number in mine)
            opens = {
                n: self.need * (self.span[n] + self.reach[seller] - 1)
                for n in self._of(seller, "any", "again", "first")
            }
            bases = self._of(seller, "any", "again")
            cheap = min(self.packs[n].price / self.units[n] for n in mine)
            more = [(self.packs[n].price - cheap * self.units[n]) / (self.units[n] + opens[n]) for n in bases]
            price = self.unlocking[seller] = int(max(min(more, default=cheap), 0.0) * COUNT * (1 << FINE))
            for number in mine:
                self.extra[number] += price
            for number in bases:
                self.cost[number] -= -(-price * opens[number] >> FINE)
            self.credit[seller] = max((-(-price * opens[n] >> FINE) for n in self._of(seller, "first")), default=0)

    def _price_windows(self) -> None:
        """A unit of what is sold for a time costs as much more as brings it, on its days, to the price of the rest."""
        lasting = [n for n in self.able if self.packs[n].order != "first"]
        timed = {n for n in lasting if self.packs[n].days.stop < self.days}
        rest = min((self._rate(n) for n in lasting if n not in timed), default=0.0)
        gain = {n: int(max(rest - self._rate(n), 0.0) * (1 << FINE)) for n in timed}
        days = {n: range(max(self.packs[n].days.start, 0), self._last_use(n)) for n in timed}
        daily = [0] * self.days
        for number in sorted(timed, key=lambda n: (gain[n], n)):
            daily[days[number].start : days[number].stop] = [gain[number]] * len(days[number])
        for number in timed:
            self.extra[number] += min((daily[day] for day in days[number]), default=0)
        self.daily, self.steepest = daily, -(-max(daily) * self.slice >> FINE)  #: by day and unit, with FINE bits
        #: up to a day: what a unit of each day is worth, added up
        self.worth = list(accumulate((max(int(rest * (1 << FINE)) - more, 0) for more in daily), initial=0))
        self.last_sale = max((self.packs[n].days.stop for n in timed), default=0)
        #: by day: what days of sale from then on give at most
        self.hurry = [-(-more * self.need >> FINE) for more in accumulate(reversed(daily), initial=0)][::-1]

    def waits(self, number: int, day: int) -> int:
        """What is lost by having a pack that is had once on a day and not on its best one."""
        last = min(self.span[number], -(-self.units[number] // self.need))

        def value(first: int) -> int:
            return self.need * (self.worth[min(first + last, self.days)] - self.worth[first]) >> FINE

        return max(value(first) for first in range(self.days)) - value(day)

    def _rate(self, number: int) -> float:
        return self.cost[number] / self.units[number] + self.extra[number] / (1 << FINE)

    def _last_use(self, number: int) -> int:
        """The first day on which nothing of a pack that is sold for a time can be used any more, carried once."""
        pack = self.packs[number]
        last = min(pack.days.stop - 1 + self.span[number], self.days)
        if pack.carry is not None:
            last += max(self.span[n] for n in self.able if self.packs[n].carry and self.packs[n].seller == pack.seller)
        return min(last, self.days)

    def _steps(self, numbers: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """(cost, slices, cost of each slice used), the cheapest first."""
        for number in sorted(numbers, key=lambda n: (self.cost[n], -self.units[n], n)):
            yield self.cost[number], -(-self.units[number] // self.slice), self.extra[number] * self.slice

    def _unbounded(self) -> list[int]:
        """By slices that must be covered: the least cost with packs that can be had again and again."""
        length = self.need * self.days // self.slice + 1
        items: list[tuple[int, int, int]] = []
        for cost, slices, each in self._steps([n for n in self.able if self.packs[n].order != "first"]):
            if cost <= 0:
                return [0] * length
            if not any(-(-slices // size) * less <= cost and more <= each for less, size, more in items):
                items.append((cost, slices, each))
        if not items:
            return [0] * length
        most = max(slices for _, slices, _ in items)
        plain = [(cost, most - slices) for cost, slices, each in items if not each]
        dear = [(cost + (each * slices >> FINE), cost, slices, each) for cost, slices, each in items if each]
        table = [0] * (most + length)  #: begins with what is covered already, and more than that
        for cover in range(1, length):
            least = [cost + table[cover + back] for cost, back in plain]
            for whole, cost, slices, each in dear:
                part = cost + (each * cover >> FINE) if slices >= cover else whole + table[most + cover - slices]
                least.append(part)
            table[most + cover] = min(least)
        return table[most:]

    def _table(self, unopened: int) -> list[int]:
        """The least cost of every cover where a first order of each of these sellers, as bits, is still to come."""
        found = self.tables.get(unopened)
        if found is not None:
            return found
        return self._made(unopened if len(self.tables) < TABLES else sum(self.bits.values()))

    def _made(self, unopened: int) -> list[int]:
        found = self.tables.get(unopened)
        if found is not None:
            return found
        bit = unopened & -unopened
        table = made = self._made(unopened & ~bit)
        seller = next(seller for seller, its in self.bits.items() if its == bit)
        for cost, slices, _ in self._steps(self._of(seller, "first")):
            made = list(map(min, made, [cost] * slices + [cost + least for least in table]))
        self.tables[unopened] = made
        return made

    def left(self, day: int, stock: Stock) -> int:
        """Units that must still be bought."""
        have = 0
        for end, start, tag, units in stock:
            span = self.need * max(min(end, self.days) - max(start, day), 0)
            used = min(units, span)
            have += used + (self._share(tag, min(units - used, self.passed[tag])) if tag >= 0 else 0)
        return self.need * (self.days - day) - have

    def _share(self, seller: int, units: int) -> int:
        """What carried units count for where they come from."""
        return -(-units * self.weight[seller] // WEIGHTS)

    def taken(self, day: int, stock: Stock) -> int:
        """What the use of a stock takes, at least, from what days of sale give: no day is served twice."""
        if day >= self.last_sale:
            return 0
        taken = 0
        for end, start, tag, units in stock:
            first, last = max(start, day), min(end, self.days)
            used = min(units, self.need * max(last - first, 0))
            if tag >= 0:
                carried = min(units - used, self.passed[tag])
                used += self._share(tag, carried) - self._share(tag, min(units, self.passed[tag]))
            if used > 0:
                taken += self._lowest(first, last, used)
        return taken >> FINE

    def _lowest(self, first: int, last: int, used: int) -> int:
        """What so many units take on those of some days on which that is least, with FINE bits."""
        found = self.ordered.get((first, last))
        if found is None:
            low = sorted(self.daily[first:last])
            found = self.ordered[first, last] = low, list(accumulate(low, initial=0))
        whole, more = divmod(used, self.need)
        return found[1][whole] * self.need + (found[0][whole] * more if more else 0)

    def least(self, left: int, day: int, lines: Sequence[int], taken: int) -> int:
        """What so many units cost at least from a day on, with lines as they are and so much taken by the stock."""
        if left <= 0:
            return 0
        return max(self._cost(self._unopened(lines), left // self.slice, taken) - self._saved(day, lines), 0)

    def _cost(self, unopened: int, slices: int, taken: int) -> int:
        """By the tables; what is taken is given back as far as stock is left to waste and more is bought instead."""
        least = self._table(unopened)[slices]
        return max(least, self._wasting(unopened)[slices] + taken) if taken else least

    def _wasting(self, unopened: int) -> list[int]:
        """By slices that must be covered: the least cost when more is bought and takes nothing."""
        found = self.wasteful.get(unopened)
        if found is None:
            table = self._table(unopened)
            least, found = table[-1], []
            for cost in reversed(table):
                least = min(cost, least - self.steepest)
                found.append(least)
            found.reverse()
            self.wasteful[unopened] = found
        return found

    def buying(
        self, numbers: Sequence[int], left: int, day: int, lines: Sequence[int], taken: int, most: int
    ) -> list[tuple[int, int]]:
        """(cost in all at least, number) of each pack that may be bought now at that cost or less."""
        saved = self._saved(day, lines)
        unopened = self._unopened(lines)
        slices, wanted = max(left, 0) // self.slice, max(left, 0)
        table = self._table(unopened)
        wasting = self._wasting(unopened) if taken else table
        found = []
        for number in numbers:
            units = self.units[number]
            if units <= 0:
                continue
            rest, least = slices - -(-units // self.slice), self.cost[number] - saved
            if self.extra[number]:
                least += self.extra[number] * min(units, wanted) >> FINE
            if rest > 0:
                bit = self.bits[self.packs[number].seller] if self.packs[number].order == "first" else 0
                if bit:
                    least += self._cost(unopened & ~bit, rest, taken)
                else:
                    least += max(table[rest], wasting[rest] + taken)
            if least < most:
                least = max(least, self.packs[number].price * COUNT + 1)
                if least < most:
                    found.append((least, number))
        return found

    def _unopened(self, lines: Sequence[int]) -> int:
        """The sellers that still give a first order, as bits."""
        return sum(bit for seller, bit in self.bits.items() if lines[seller] < 0)

    def _saved(self, day: int, lines: Sequence[int]) -> int:
        """What lines, first orders and days of sale still give at most of what the rules cost in the prices."""
        saved = sum(credit for seller, credit in self.credit.items() if credit and lines[seller] < 0)
        for seller, end in enumerate(lines):
            if end > day and self.unlocking[seller]:
                span = min(end - day + self.reach[seller] - 1, self.days - day)
                saved += -(-self.unlocking[seller] * self.need * span >> FINE)
        return saved + (self.hurry[day] if day < self.last_sale else 0)
