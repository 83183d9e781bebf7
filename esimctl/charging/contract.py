"""A plan that was bought, between its anchor and its end, and a renewal on its way."""

from datetime import datetime

from esimctl.charging.buckets import Bucket
from esimctl.charging.rhythm import FOREVER, Rhythm
from esimctl.charging.terms import Terms


class Contract:
    """One plan that was bought; `boundary` ends the running period, `term_end` the term without its queue."""

    __slots__ = (
        "base", "beyond", "boundary", "charged", "deadline", "once", "period", "queued", "rhythm", "superseded", "term",
        "term_end", "waiting",
    )  # fmt: skip

    def __init__(self, rhythm: Rhythm, *, once: bool = False) -> None:
        self.follow(rhythm)
        self.base: Bucket | None = None
        self.queued: list[Terms] = []
        self.superseded = self.waiting = False
        self.once = once
        self.deadline = FOREVER
        self.charged = 0  #: minor units of this period's overage
        self.beyond = 0  #: octets of this period that no bucket covered

    @property
    def terms(self) -> Terms:
        """What was bought."""
        return self.rhythm.terms

    @property
    def early_renewal(self) -> str:
        """What a renewal before the end does now: stack, queue, extend or reset.

        A bucket can only be extended in the last period of its term: before that the renewal waits for the term's end.
        """
        mode = self.terms.early_renewal
        return "queue" if mode == "extend" and self.boundary != self.term_end else mode

    @property
    def next(self) -> datetime:
        """When something happens to it by itself."""
        return self.deadline if self.waiting else self.boundary

    def follow(self, rhythm: Rhythm) -> None:
        """Begin the first period of a rhythm."""
        self.rhythm = rhythm
        self._at(0, 0)

    def step(self) -> None:
        """Go on to the next period."""
        last = self.boundary >= self.term_end
        self._at(self.term + last, 0 if last else self.period + 1)

    def _at(self, term: int, period: int) -> None:
        self.term, self.period = term, period
        self.boundary = self.rhythm.period_end(term, period)
        self.term_end = self.rhythm.term_end(term)


class Order:
    """A renewal that has been ordered and is not effective yet."""

    __slots__ = ("completes", "fails", "placed", "terms")

    def __init__(self, placed: datetime, completes: datetime, terms: Terms, fails: bool) -> None:
        self.placed, self.completes, self.terms, self.fails = placed, completes, terms, fails
