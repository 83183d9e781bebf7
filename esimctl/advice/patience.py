"""How long somebody who asked is left waiting: a recommendation answers within two seconds with what it has found.

Counted is the processor's time: on a machine that is busy with other things the same question has the same answer.
"""

from collections.abc import Callable
from time import process_time

PATIENCE = 1.0  #: seconds for all searches of one recommendation; the rest of two seconds starts and draws


class Patience:
    """The time of one recommendation, begun when it is made."""

    def __init__(self) -> None:
        self.begun, self.seconds = process_time(), PATIENCE

    def until(self, percent: int) -> Callable[[], bool]:
        """Whether so many per cent of the time are over, as a question that can be asked again and again."""
        end = self.begun + self.seconds * percent / 100
        return lambda: process_time() >= end

    @property
    def over(self) -> bool:
        """Whether all of it is gone: what would only be good to know is left out then."""
        return self.until(100)()
