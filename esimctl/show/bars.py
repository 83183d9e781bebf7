"""Bars where there is a whole, sparklines where there is a row of days."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from esimctl.show.reader import reader
from esimctl.show.styles import ACT, GOOD, LOOK, Styled, styled

EIGHTHS: Final = "▁▂▃▄▅▆▇█"

#: parts of a character cell, for the end of a lying bar
PARTS: Final = " ▏▎▍▌▋▊▉█"

#: the steps of a sparkline where there are no block characters
PLAIN_STEPS: Final = "_.-=+*#@"

TEN: Final = 10  #: cells of the bar of a figure


def level(part: int, whole: int) -> Styled:
    """What is left of a whole in ten cells: `████▍░░░░░`, or `[####------]`; green, yellow from a fifth, red at 0."""
    share = 0 if whole <= 0 else max(0, min(part, whole))
    style = ACT if share == 0 else LOOK if share * 5 <= whole else GOOD
    if not reader().blocks:
        full = 0 if whole <= 0 else max(share * TEN // whole, share > 0)
        return styled(f"[{'#' * full}{'-' * (TEN - full)}]", style)
    drawn = bar(share, whole, TEN)
    return styled(drawn + "░" * (TEN - len(drawn)), style)


def spark(values: Sequence[int | None]) -> str:
    """One character a value, heights in proportion to the highest; unknown is a point, nothing the lowest step."""
    steps = EIGHTHS if reader().blocks else PLAIN_STEPS
    highest = max((value for value in values if value is not None), default=0)
    unknown = "·" if reader().blocks else " "
    return "".join(unknown if value is None else steps[value * 7 // highest if highest else 0] for value in values)


def recent_days(days: Mapping[str, int]) -> list[int | None]:
    """The last two weeks of a line's use, one value a day, up to the last day that is known (day (ISO) → octets)."""
    last = date.fromisoformat(max(days))
    return [days.get((last - timedelta(days=n)).isoformat()) for n in reversed(range(14))]


def bar(value: int, highest: int, width: int) -> str:
    """A lying bar of at most `width` cells, to the eighth of a cell; never empty where there is something."""
    if not reader().blocks:
        return "#" * max(value * width // highest if highest else 0, value > 0)
    eighths = value * width * 8 // highest if highest else 0
    if value > 0:
        eighths = max(eighths, 1)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (PARTS[rest] if rest else "")
