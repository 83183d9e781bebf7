"""Where the boundaries of a term lie: four clocks, counted from the anchor, never from the boundary before."""

from datetime import UTC, datetime, timedelta, tzinfo

from esimctl.charging.policies import RolloverPolicy
from esimctl.charging.terms import Terms
from esimctl.values.moments import Duration, boundary, later, midnight_before, month_start

#: Stands for "never" among ends of buckets: later than any instant that is counted.
FOREVER = datetime.max.replace(tzinfo=UTC)


class Rhythm:
    """The boundaries of terms and periods from one anchor; `months` is how far a plan before has come from it.

    `step` is the length of a period, `periods` how many of them make a term where they divide it evenly, else 0.
    """

    __slots__ = ("anchor", "clock", "months", "periods", "step", "terms", "zone")

    def __init__(self, terms: Terms, anchor: datetime, zone: tzinfo, months: int = 0) -> None:
        self.terms, self.anchor, self.zone, self.months = terms, anchor, zone, months
        self.step = terms.period or terms.term or Duration()
        self.periods = 1 if terms.period is None and terms.term is not None else _divided(terms.term, self.step)
        self.clock = terms.clock
        if terms.clock == "calendar-month" and terms.period not in (None, terms.term) and not self.step.months:
            self.clock, self.periods = "anchor", 0  # days within a term that ends with its month

    def term_end(self, term: int) -> datetime:
        """The end of the term with that number, the first being 0; never, for one without a length."""
        return FOREVER if self.terms.term is None else self._point(self.terms.term, term + 1)

    def period_end(self, term: int, period: int) -> datetime:
        """The end of a period of that term, both counted from 0."""
        if self.terms.term is None:
            return FOREVER
        if self.periods:
            return self._point(self.step, term * self.periods + period + 1)
        begin = self.anchor if term == 0 else self.term_end(term - 1)
        return min(self.term_end(term), clocked(self.clock, begin, self.step, period + 1, self.zone))

    def index(self, term: int, period: int) -> int:
        """How many periods have passed since the anchor then; -1 where they do not divide the term."""
        return term * self.periods + period + 1 if self.periods else -1

    def carried_until(self, policy: RolloverPolicy, at: datetime, index: int) -> datetime:
        """The end of data carried at a boundary, `index` periods after the anchor (rollover step 8)."""
        if policy.validity_periods is not None:
            if index >= 0 and self.periods:
                return self._point(self.step, index + policy.validity_periods)
            return clocked(self.clock, at, self.step, policy.validity_periods, self.zone)
        valid = policy.validity or Duration()
        if valid.months and index >= 0 and self.periods and self.step.months:
            return self._point(Duration(months=1), self.step.months * index + valid.months)
        if valid.days and self.terms.clock == "hours24":
            return at + timedelta(hours=24 * valid.days)
        return later(at, valid, self.zone)

    def with_terms(self, terms: Terms) -> "Rhythm":
        """This rhythm's boundaries under other terms, whose lengths must be equal."""
        return Rhythm(terms, self.anchor, self.zone, self.months)

    def term_begin(self, term: int) -> datetime:
        """The instant at which the term with that number begins."""
        return self.anchor if self.terms.term is None else max(self.anchor, self._point(self.terms.term, term))

    def next_plan(self, terms: Terms, term: int, period: int) -> "Rhythm":
        """The rhythm of a plan that follows at the end of that period: the same anchor where both count months."""
        at = self.period_end(term, period)
        months = terms.term is not None and terms.term.months and (terms.period or terms.term).months
        if months and self.periods and self.step.months and terms.clock == self.terms.clock:
            passed = self.months + self.step.months * (term * self.periods + period + 1)
            return Rhythm(terms, self.anchor, self.zone, passed)
        return Rhythm(terms, at, self.zone)

    def _point(self, step: Duration, n: int) -> datetime:
        if self.months and step.months:
            step, n = Duration(months=self.months + step.months * n), 1
        return clocked(self.terms.clock, self.anchor, step, n, self.zone)


def _divided(term: Duration | None, step: Duration) -> int:
    if term is not None and step.months and not step.days and term.months:
        return 0 if term.months % step.months else term.months // step.months
    if term is not None and step.days and not step.months and term.days:
        return 0 if term.days % step.days else term.days // step.days
    return 0


def clocked(clock: str, anchor: datetime, step: Duration, n: int, where: tzinfo) -> datetime:
    """The n-th end of a step as a clock counts it."""
    if clock == "calendar-month":
        return month_start(anchor, (step.months or 1) * n, where)
    if clock == "hours24" and step.days:
        return anchor + timedelta(hours=24 * step.days * n)
    at = boundary(anchor, step, n, where)
    return midnight_before(at, where) if clock == "calendar-day" else at
