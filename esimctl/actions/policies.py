"""What a line's policies are: the terms it was bought with, and the claims that say otherwise."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from esimctl.actions.session import Session


def effective_rollover(session: "Session", table: Mapping[str, Any]) -> tuple[str, bool, str | None]:
    """(carry, none, promo-only, not-applicable or unknown; whether claims disagree; the claim that counts)."""
    from esimctl.actions.plans import rollover_word
    from esimctl.catalogue.plans import plans

    for row in plans():
        if row.id == table.get("plan"):
            return rollover_word(row), False, row.source or None
    del session
    return "unknown", False, None


__all__ = ["effective_rollover"]
