"""When a line's data runs out, from the readings in the journal."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.ledger.fold import Ledger
    from esimctl.providers.protocol import Reading


def forecast_document(session: "Session", ledger: "Ledger", name: str, reading: "Reading | None") -> dict[str, Any]:
    """The `forecast` object: none under three days of history, and it says so."""
    del reading
    readings = ledger.all_readings(name)
    days = 0 if not readings else (session.clock.now() - readings[0].read_at).days
    return {
        "runs_out_at": None,
        "earliest": None,
        "latest": None,
        "days_of_history": days,
        "reason": "fewer than three days of history" if days < 3 else "no use seen",
    }


__all__ = ["forecast_document"]
