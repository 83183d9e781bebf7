"""Ways to cover a stay: the cheapest, the one to name first, and what they come to.

Few purchases are worth something. A way of more than one pack a week is not named first where one with fewer packs
costs at most a tenth or half a dollar more.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from esimctl.advice.packs import Choice
from esimctl.advice.search.states import Found
from esimctl.documents.advice import BoughtWay
from esimctl.values.money import Money
from esimctl.values.record import record

if TYPE_CHECKING:
    from esimctl.advice.question import Question

WEEK = 7
BEARABLE_PER_CENT = 10
BEARABLE = Money.parse("0.50 USD")


@record
class WayPart:
    """A found way for so many people who share it."""

    question: "Question"
    found: Found
    choices: Sequence[Choice]
    persons: int = 1

    @property
    def packs(self) -> int:
        """How many packs are bought: what is paid by use is none."""
        return sum(1 for _, number in self.found.purchases if self.choices[number].days is None)


@record
class Way:
    """What is bought in all: one part for everybody who buys for himself, or for those who share."""

    parts: tuple[WayPart, ...]

    @property
    def price(self) -> int:
        """Minor units of the currency asked for."""
        return sum(part.found.price for part in self.parts)

    @property
    def count(self) -> int:
        """How many packs it takes."""
        return sum(part.packs for part in self.parts)

    @property
    def complete(self) -> bool:
        """Whether it covers everything."""
        return all(part.found.complete for part in self.parts)

    @property
    def proven(self) -> bool:
        """Whether all cases were compared."""
        return all(part.found.proven for part in self.parts)

    def bought(self) -> BoughtWay:
        """Purchases, total and what they come to; what is left on a line counts as there."""
        question = self.parts[0].question
        covered = sum(part.found.covered // part.question.stay.scale for part in self.parts)
        had = [part.question.left() for part in self.parts]
        there = [part.choices[number].octets for part in self.parts for _, number in part.found.purchases] + had
        rows = [row for part in self.parts for row in part.question.purchases(part.found, part.choices, part.persons)]
        endless = any(octets is None for octets in there)
        return BoughtWay(
            purchases=sorted(rows, key=lambda row: row.at),
            total=question.money(self.price),
            covers_bytes=covered,
            wasted_bytes=None if endless else max(sum(octets or 0 for octets in there) - covered, 0),
        )


@record
class Ways:
    """The one to name first, the cheapest, and the cheapest with fewer purchases than the first; None without one.

    `proven` is about the first two: all cases were compared.
    """

    first: Way
    cheapest: Way
    fewer: Way | None
    proven: bool


def ways(question: "Question", persons: int = 1, *, time: tuple[int, int] = (50, 80), **narrow: Any) -> Ways:
    """The ways of one question, narrowed as `Question.answer` takes it.

    `time` is the per cent of the time after which the search for the cheapest ends, and that for the others.
    """
    tried: list[WayPart] = []

    def search(**more: Any) -> WayPart:
        found, choices = question.answer(**{**narrow, **more})
        tried.append(WayPart(question, found, choices, persons))
        return tried[-1]

    def beside(**more: Any) -> WayPart:
        return search(**{"percent": time[1], "share": 2, **narrow, **more})

    cheapest = search(**{"percent": time[0], **narrow})
    first, fewer = cheapest, None
    if cheapest.found.complete:
        first = few(cheapest, beside)
    proven = all(part.found.proven for part in tried)
    if first.found.complete and first.packs > 1:
        fewer = beside(count=first.packs - 1)
    way = {id(part): Way((part,)) for part in tried}
    below = None if fewer is None or not fewer.found.complete else way[id(fewer)]
    return Ways(way[id(first)], way[id(cheapest)], below, proven)


def few(part: WayPart, search: Callable[..., WayPart]) -> WayPart:
    """The way to name first instead of the cheapest: see above."""
    days = part.question.stay.days
    while part.packs * WEEK > days and part.packs > 1:
        cheap = partial(search, below=bearable(part.question, part.found.price) + 1)
        better = fewest(part.packs - 1, days // WEEK, cheap)
        if better is None:
            break
        part = better
    return part


def fewest(most: int, enough: int, search: Callable[..., WayPart]) -> WayPart | None:
    """A way of at most `most` packs: the cheapest with `enough` of them or less, or else the one with fewest."""
    if 1 <= enough <= most and (part := search(count=enough)).found.complete:
        return part
    best = search(count=most) if most > enough else None
    if best is None or not best.found.complete:
        return None
    low = max(enough, 0)
    while low + 1 < best.packs:
        middle = (low + best.packs) // 2
        part = search(count=middle)
        if part.found.complete:
            best = part
        else:
            low = middle
    return best


def bearable(question: "Question", price: int) -> int:
    """What fewer purchases may cost at most, in minor units of the question's currency."""
    half = question.convert(BEARABLE)
    return price + max(price * BEARABLE_PER_CENT // 100, 0 if half is None else half.minor)
