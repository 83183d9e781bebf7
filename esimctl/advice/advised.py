"""What would be cheaper, for a balance and a report: the search is loaded only for lines whose use is known."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esimctl.documents.balance import BalanceLine, HintRow
    from esimctl.profile.opened import Session

ENOUGH_DAYS = 3  #: of history; under it nothing is said


def advise(session: "Session", lines: "Sequence[BalanceLine]") -> "list[HintRow]":
    """What would be cheaper for the active ones of these lines whose use is known; see `hints`."""
    asked = [line for line in lines if line.status == "active" and line.forecast.days_of_history >= ENOUGH_DAYS]
    if not asked:
        return []
    from esimctl.advice.hints import hints

    return hints(session, asked)
