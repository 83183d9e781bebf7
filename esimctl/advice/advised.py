"""What would be cheaper, for a balance: the search is loaded only where lines are worked out anew."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from esimctl.profile.opened import Session


def advise(session: "Session", lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What would be cheaper for these lines; see `hints`."""
    from esimctl.advice.hints import hints

    return hints(session, lines)
