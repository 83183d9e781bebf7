"""How much somebody needs: what a line really used."""

from typing import TYPE_CHECKING

from esimctl.errors import UsageError

if TYPE_CHECKING:
    from esimctl.actions.session import Session

LEAST_DAYS = 3  #: of history; under it nothing is said


def of_line(session: "Session", name: str) -> tuple[int, int]:
    """(octets a day, days of history) of a line's measured use; refused where there is too little of it."""
    from esimctl.actions.balance.readings import known_use
    from esimctl.actions.balance.use import history

    session.line(name)
    days = history(known_use(session, session.store.ledger_for_reading(), name), session)
    total = sum(days.values())
    if len(days) < LEAST_DAYS or total <= 0:
        raise UsageError(
            "{line} has too little history to measure its use: {days} days, 3 are needed",
            hint="--per-day VOLUME, or look at esimctl balance now and then",
            code="too_little_history",
            line=name,
            days=len(days),
        )
    return -(-total // len(days)), len(days)
