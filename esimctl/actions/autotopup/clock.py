"""Whether the clock can be believed where money is spent without anybody looking."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from esimctl.actions.autotopup.last_run import believed_at
from esimctl.actions.purchase.gates import CLOCK_TOLERANCE
from esimctl.errors import EsimctlError
from esimctl.store.kept_by import is_timely

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.ledger.fold import Ledger

#: a clock that is further ahead of the journal and of the last run than this is not believed by anything automatic
FORWARD_TOLERANCE: Final = timedelta(days=366)
#: a provider whose `Date` header is further away than this disagrees about the day
MOST_SKEW: Final = timedelta(hours=24)
#: from here on signed requests are refused by some: worth a warning
WARN_SKEW: Final = timedelta(minutes=5)


def is_sane(session: "Session", ledger: "Ledger", now: datetime) -> bool:
    """Whether the clock stands where one could stand that was right when the journal was written."""
    if not session.clock.rehearsal and not is_timely(now):
        return False
    high = ledger.high_water
    if high is None:
        return True
    return now >= high - CLOCK_TOLERANCE and not is_far_ahead(session, ledger, now)


def is_far_ahead(session: "Session", ledger: "Ledger", now: datetime) -> bool:
    """Whether it stands more than a year after the newest entry and after the last run that believed it."""
    last = ledger.high_water
    if last is None:
        return False
    return now > last + FORWARD_TOLERANCE and now > (believed_at(session) or last) + FORWARD_TOLERANCE


def provider_skew(session: "Session", name: str) -> timedelta | None:
    """The provider's clock minus ours in its last answer; None where it did not say, and in a rehearsal."""
    from esimctl.providers.abilities import Checks

    if session.clock.rehearsal:
        return None
    try:
        provider = session.provider(name)
    except EsimctlError:  # one that cannot even be opened stops no other one's rules
        return None
    seconds = provider.clock_skew() if isinstance(provider, Checks) else None
    return None if seconds is None else timedelta(seconds=seconds)
