"""How much somebody needs: from what they do in a day, or from what a line really used."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from esimctl.catalogue.uses import uses
from esimctl.errors import UsageError

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.charging.moments import Duration

LEAST_DAYS = 3  #: of history; under it nothing is said


def of_uses(durations: "Mapping[str, Duration | None]") -> tuple[int, list[dict[str, Any]]]:
    """Octets a day, and the working: each activity with its figure and source."""
    working: list[dict[str, Any]] = []
    total = 0
    for name, span in durations.items():
        if span is None:
            continue
        if span.months or span.days > 1 or span.seconds > 86_400:
            raise UsageError("--{name} takes the time of one day, 24h at most", code="bad_use", name=name)
        use = uses()[name]
        octets = use.octets(span.seconds + span.days * 86_400)
        total += octets
        row: dict[str, Any] = {
            "use": name,
            "seconds": span.seconds + span.days * 86_400,
            "bytes_per_hour": use.per_hour,
        }
        working.append({**row, "bytes": octets, "source": use.source, "as_of": use.as_of})
    return total, working


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


__all__ = ["LEAST_DAYS", "of_line", "of_uses"]
