"""How far something has come that takes its time, for the one line on a terminal that is overwritten."""

from typing import Final

BAR: Final = 24  #: characters


def bar(done: int, total: int) -> str:
    """How much of the whole is done, as a bar."""
    full = BAR * min(done, total) // max(1, total)
    return "█" * full + "░" * (BAR - full)


def so_far(done: int, total: int) -> str:
    """The bar and both figures."""
    return f"{bar(done, total)} {done}/{max(done, total)}"
