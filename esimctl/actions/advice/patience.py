"""How long somebody who asked is left waiting: a recommendation answers within two seconds with what it has found."""

from collections.abc import Callable
from time import perf_counter

PATIENCE = 1.0  #: seconds for all searches of one recommendation; the rest of two seconds starts and draws


class Patience:
    """The time of one recommendation, begun when it is made."""

    def __init__(self) -> None:
        self.begun, self.seconds = perf_counter(), PATIENCE

    def until(self, percent: int) -> Callable[[], bool]:
        """Whether so many per cent of the time are over, as a question that can be asked again and again."""
        end = self.begun + self.seconds * percent / 100
        return lambda: perf_counter() >= end

    @property
    def over(self) -> bool:
        """Whether all of it is gone: what would only be good to know is left out then."""
        return self.until(100)()


__all__ = ["PATIENCE", "Patience"]
