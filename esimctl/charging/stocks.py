"""What is left of several packs, day by day: used from what ends first, whole days at a time."""

#: by entry: the first day after it, its first day, the seller that may carry its rest or -1, units
Stock = tuple[tuple[int, int, int, int], ...]


def advance(day: int, stock: Stock, need: int, stop: int, carriers: frozenset[int] = frozenset()) -> tuple[int, Stock]:
    """Serve whole days until `stop`, a day that cannot be served whole, or the end of a rest that could be carried.

    Gives that day and what is there on it; of what has ended only the rests that could be carried.
    """
    while day < stop:
        later = [entry for entry in stock if entry[1] > day]
        begun = [entry for entry in stock if entry[1] <= day < entry[0]]
        turns = [entry[1] for entry in later] + [entry[0] for entry in begun if entry[2] in carriers]
        day, rest, short = _burn(day, begun, need, min([stop, *turns]))
        ended = [entry for entry in rest if entry[0] <= day]
        stock = tuple(sorted([*(entry for entry in rest if entry[0] > day), *later]))
        if any(entry[2] in carriers for entry in ended):
            return day, tuple(sorted([*(entry for entry in ended if entry[2] in carriers), *stock]))
        if short:
            break
    return day, stock


def _burn(day: int, entries: list[tuple[int, int, int, int]], need: int, stop: int) -> tuple[int, Stock, bool]:
    """Use what ends first, whole days at a time; a day that cannot be served leaves things as they were on it."""
    number, asked = 0, need
    units = entries[0][3] if entries else 0
    mark = (0, units)
    while day < stop:
        if number == len(entries):
            break
        if entries[number][0] <= day or units < asked:
            if entries[number][0] > day:
                asked -= units
            number += 1
            units = entries[number][3] if number < len(entries) else 0
            if asked == need:
                mark = (number, units)
            continue
        units, asked, day = units - asked, need, day + 1
        more = max(min(units // need, entries[number][0] - day, stop - day), 0)
        units, day = units - more * need, day + more
        mark = (number, units)
    number, units = mark
    rest = [(*entries[number][:3], units), *entries[number + 1 :]] if number < len(entries) else []
    return day, tuple(entry for entry in rest if entry[3]), day < stop


def here(day: int, stock: Stock) -> int:
    """Units that can be used on a day."""
    return sum(units for end, start, _, units in stock if start <= day < end)


def no_less(one: Stock, other: Stock, day: int) -> bool:
    """Whether the first lasts as long and is as much as the other, whatever it is used for from a day on."""
    plain = [(entry[0], entry[3]) for entry in one if entry[1] <= day]
    special: dict[tuple[int, int, int], int] = {}
    for end, start, tag, units in one:
        special[end, start, tag] = special.get((end, start, tag), 0) + units
    wanted: list[tuple[int, int]] = []
    for end, start, tag, units in other:
        if start > day or tag >= 0:
            special[end, start, tag] = special.get((end, start, tag), 0) - units
            if special[end, start, tag] < 0:
                return False
        if start <= day:
            wanted.append((end, units))
    return all(
        sum(units for at, units in plain if at >= end) >= sum(units for at, units in wanted if at >= end)
        for end, _ in wanted
    )
