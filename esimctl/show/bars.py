"""Use as pictures of characters: a small line beside a balance, and bars where no plot library is installed."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from esimctl.show.amounts import octets
from esimctl.show.page import cells
from esimctl.show.words import say

EIGHTHS = "▁▂▃▄▅▆▇█"
#: parts of a character cell, for the end of a lying bar
PARTS = " ▏▎▍▌▋▊▉█"


def spark(values: Sequence[int | None]) -> str:
    """One character a value, heights in proportion to the highest; unknown is a point, nothing the lowest step."""
    highest = max((value for value in values if value is not None), default=0)
    return "".join("·" if value is None else EIGHTHS[value * 7 // highest if highest else 0] for value in values)


def spark_line(days: Mapping[str, int]) -> str:
    """The last two weeks of a line's use: day (ISO) → octets, those known."""
    last = date.fromisoformat(max(days))
    values = [days.get((last - timedelta(days=n)).isoformat()) for n in reversed(range(14))]
    return say(
        "use in 14 days to {day}: {picture}  highest {most} a day",
        day=last.isoformat(),
        picture=spark(values),
        most=octets(max(days.values())),
    )


def bar(value: int, highest: int, width: int) -> str:
    """A lying bar of at most `width` cells, to the eighth of a cell; never empty where there is something."""
    eighths = value * width * 8 // highest if highest else 0
    if value > 0:
        eighths = max(eighths, 1)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (PARTS[rest] if rest else "")


def bars(rows: Sequence[tuple[str, int, str]], width: int | None) -> list[str]:
    """(label, value, what is said of it) → lines with a bar each, where at least eight cells are left for bars.

    A terminal that is too narrow gets the figures alone: no digit is ever cut.
    """
    labels = max((cells(label) for label, _, _ in rows), default=0)
    told = max((cells(text) for _, _, text in rows), default=0)
    highest = max((value for _, value, _ in rows), default=0)
    room = min((80 if width is None else width) - labels - told - 3, 60)
    lines = []
    for label, value, text in rows:
        line = label + " " * (labels - cells(label)) + " " + " " * (told - cells(text)) + text
        lines.append(line if room < 8 else f"{line}  {bar(value, highest, room)}".rstrip())
    return lines
