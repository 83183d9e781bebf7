"""A profile opened with everything that stands above it: its providers, and what a stopped run left in its books."""

from collections.abc import Callable, Mapping

from esimctl.market.provider import provider_of
from esimctl.profile.opened import Session, silent


def open_profile(profile: str | None, environ: Mapping[str, str], progress: Callable[[str], None] = silent) -> Session:
    """The profile of this run, see `Session.open`; what a run that was stopped had begun in it is finished first."""
    session = Session.open(profile, environ, provider_of, progress)
    if session.unfinished:
        from esimctl.purchase.stopped import finish_stopped

        finish_stopped(session)
    return session
