"""What the search for the cheapest purchases works with: labels, and what it finds."""

from dataclasses import dataclass

from esimctl.charging.stocks import Stock


@dataclass(frozen=True, slots=True)
class Found:
    """Purchases as (day, number of the pack), their price, units of need covered without a gap, and whether proven."""

    purchases: tuple[tuple[int, int], ...]
    price: int
    covered: int
    complete: bool
    proven: bool


@dataclass(slots=True)
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
