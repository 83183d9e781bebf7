"""What is left: what can be used now, and what only in its hours, in one app or later; and what thresholds look at.

A night pack is data that a person has and cannot use at nine in the morning: one sum of both would be wrong at any
hour. Thresholds look at what can be used at any hour, so that they do not come and go with a window; on a line that
has nothing of that kind they look at what its windows and apps hold.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from esimctl.charging.lines import Line
from esimctl.charging.views import ahead, live
from esimctl.values.record import record
from esimctl.values.volume import Unlimited


@record
class Holding:
    """A bucket of data, or what another line lets this one use; octets, None where nobody says."""

    left: int | None
    granted: int | None
    reserved: int = 0
    unlimited: bool = False
    begun: bool = True
    active: bool = True  #: False while it waits for a renewal
    anytime: bool = True  #: False where it is bound to hours or to one app
    open: bool = True  #: whether it may be used at this hour

    @property
    def usable(self) -> bool:
        """Whether it can be used now."""
        return self.begun and self.active and self.open


@record
class Left:
    """Octets; None where nobody says, or beside its flag for data without a number.

    `judged` is what thresholds look at, less what is reserved, and `judged_granted` what it was granted as.
    """

    now: int | None
    restricted: int | None = 0
    unlimited: bool = False
    restricted_unlimited: bool = False
    judged: int | None = None
    judged_granted: int | None = None

    @property
    def endless(self) -> bool:
        """Whether what thresholds look at has no number: such a line never runs low."""
        return self.judged is None and (self.unlimited or self.restricted_unlimited)


def left_of(holdings: Sequence[Holding]) -> Left:
    """The figures of a line's holdings at the instant at which they were judged."""
    usable = [one for one in holdings if one.usable]
    bound = [one for one in holdings if not one.usable]
    ready = [one for one in holdings if one.begun and one.active]
    scope = [one for one in ready if one.anytime] or ready
    unlimited = any(one.unlimited for one in usable)
    endless = any(one.unlimited for one in bound)
    without = any(one.unlimited for one in scope)
    free = _sum(None if one.left is None else max(0, one.left - one.reserved) for one in scope)
    return Left(
        now=None if unlimited else _sum(one.left for one in usable),
        restricted=None if endless else _sum(one.left for one in bound),
        unlimited=unlimited,
        restricted_unlimited=endless,
        judged=None if without else free,
        judged_granted=None if without else _sum(one.granted for one in scope),
    )


def left_on(line: Line, now: datetime) -> Left:
    """The figures of a line of an engine that has been brought up to that instant."""
    holdings = [
        Holding(
            bucket.remaining,
            bucket.granted,
            bucket.reserved,
            bucket.unlimited,
            active=bucket.status == "active",
            anytime=bucket.window is None and bucket.purpose is None,
            open=bucket.purpose is None and (bucket.window is None or bucket.window.open_at(now, line.zone)),
        )
        for bucket in live(line, now)
    ]
    for view in ahead(line):
        endless = isinstance(view.remaining, Unlimited)
        left = 0 if isinstance(view.remaining, Unlimited) else view.remaining
        holdings.append(Holding(left, left, unlimited=endless, begun=False, open=False))
    for source in line.sources:
        lets = source.lets(line.name, now)
        left = 0 if isinstance(lets, Unlimited) else lets
        granted = left if isinstance(source.cap, Unlimited) else source.cap
        holdings.append(Holding(left, granted, unlimited=isinstance(lets, Unlimited)))
    return left_of(holdings)


def _sum(octets: Iterable[int | None]) -> int | None:
    total = 0
    for one in octets:
        if one is None:
            return None
        total += one
    return total
