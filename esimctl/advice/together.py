"""Several people: some share a plan, the others buy for themselves, whichever costs least in all (R-34)."""

from esimctl.advice.packs import shared
from esimctl.advice.question import Question
from esimctl.advice.ways import Way, WayPart, Ways, ways


def together(question: Question, *, time: tuple[int, int] = (50, 80), **narrow: bool) -> Ways:
    """The ways for all the people of a wish, by every division of them into those who share and those who do not.

    Each part is named as it would be alone: see `ways`.
    """
    persons = question.wish.persons
    if persons == 1:
        return ways(question, time=time, **narrow)
    alone = ways(question, time=(time[0] // 2, time[0]), share=2, **narrow)
    options: dict[int, list[Way]] = {1: [alone.first, *([] if alone.fewer is None else [alone.fewer])]}
    proven, common = alone.proven, question.offers.only(lambda plan: shared(plan) or plan.kind == "topup")
    if any(shared(plan) for plan in common.plans):
        for size in range(2, persons + 1):
            group = Question(question.session, question.wish.of(size), common, patience=question.patience)
            found = ways(group, size, time=(time[1], time[1]), share=4, **narrow)
            proven = proven and found.proven
            options[size] = [found.first, *([] if found.fewer is None else [found.fewer])]
    divided = divisions(options, persons)
    if not divided:  # not even one of them is served whole
        return Ways(alone.first, alone.first, None, proven)
    first, *others = divided
    if question.budget is not None and first.price > question.budget:
        return Ways(affordable(first, question.budget), first, None, proven)
    fewer = others[0] if others else None
    return Ways(first, first, fewer, proven)


def divisions(options: dict[int, list[Way]], persons: int) -> list[Way]:
    """The best ways for so many people: of each number of purchases the cheapest, and no dearer than fewer ones."""
    best: dict[int, list[Way]] = {0: [Way(())]}
    for size in range(1, persons + 1):
        found = [
            Way((*rest.parts, *way.parts))
            for group, its in options.items()
            if group <= size
            for way in its
            if way.complete
            for rest in best[size - group]
        ]
        kept: list[Way] = []
        for way in sorted(found, key=lambda way: (way.price, way.count)):
            if not kept or way.count < kept[-1].count:
                kept.append(way)
        best[size] = kept
    return best[persons]


def affordable(way: Way, budget: int) -> Way:
    """As many parts of a way as there is money for: the others are not served."""
    kept: list[WayPart] = []
    for part in sorted(way.parts, key=lambda part: part.found.price / part.persons):
        if part.found.price + sum(one.found.price for one in kept) <= budget:
            kept.append(part)
    return Way(tuple(kept or way.parts[:1]))
