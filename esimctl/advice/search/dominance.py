"""What it costs at most to have what another has: so that of two ways the dearer one is given up early."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cache

from esimctl.advice.search.bounds import COUNT
from esimctl.advice.search.states import Pack, Stock

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
