"""A plan that was bought, between its anchor and its end, and a renewal on its way."""

from datetime import datetime

from esimctl.charging.buckets import Bucket
from esimctl.charging.rhythm import FOREVER, Rhythm
from esimctl.charging.terms import Terms


class Contract:
    """One plan that was bought: where it stands between its anchor and its end."""

    __slots__ = ("base", "charged", "deadline", "once", "period", "queued", "rhythm", "superseded", "term", "waiting")

    def __init__(self, rhythm: Rhythm, *, once: bool = False) -> None:
        self.rhythm = rhythm
        self.term = self.period = 0
        self.base: Bucket | None = None
        self.queued: list[Terms] = []
        self.superseded = self.waiting = False
        self.once = once
        self.deadline = FOREVER
        self.charged = 0

    @property
    def terms(self) -> Terms:
        """What was bought."""
        return self.rhythm.terms

    @property
    def boundary(self) -> datetime:
        """The end of the running period."""
        return self.rhythm.period_end(self.term, self.period)

    @property
    def term_end(self) -> datetime:
        """The end of the running term, without what is queued."""
        return self.rhythm.term_end(self.term)

    @property
    def next(self) -> datetime:
        """When something happens to it by itself."""
        return self.deadline if self.waiting else self.boundary

    def step(self) -> None:
        """Go on to the next period."""
        last = self.boundary >= self.term_end
        self.term, self.period = (self.term + 1, 0) if last else (self.term, self.period + 1)


class Order:
    """A renewal that has been ordered and is not effective yet."""

    __slots__ = ("completes", "fails", "placed", "terms")

    def __init__(self, placed: datetime, completes: datetime, terms: Terms, fails: bool) -> None:
        self.placed, self.completes, self.terms, self.fails = placed, completes, terms, fails


__all__ = ["Contract", "Order"]
