"""What would be cheaper, for a balance: the search is loaded only where lines are worked out anew."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esimctl.documents.balance import BalanceLine
    from esimctl.documents.setup import HintRow
    from esimctl.profile.opened import Session


def advise(session: "Session", lines: "Sequence[BalanceLine]") -> "list[HintRow]":
    """What would be cheaper for these lines; see `hints`."""
    from esimctl.advice.hints import hints

    return hints(session, lines)
