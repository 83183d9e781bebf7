"""The codes of lines: each belongs to a line's identity, so that a name that is used again shows nobody else's."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from esimctl.ledger.lives import identity, of_order, owners

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session
    from esimctl.store.vault import VaultedCodes


def codes_of_line(session: "Session", line: str, ledger: "LedgerState | None" = None) -> "VaultedCodes | None":
    """What the vault holds of a line, by its name or its identity; None where there is nothing."""
    if not session.store.exists():
        return None
    ledger = ledger or session.store.ledger_for_reading()
    wanted = identity(ledger, line)
    order = session.lines.get(line, {}).get("order")
    if wanted == line and isinstance(order, str):  # the journal is gone, or was cut: the profile knows its purchase
        wanted = of_order(order)
    return _read(session, ledger, wanted)


def codes_of_order(
    session: "Session", order: "OrderState", ledger: "LedgerState | None" = None
) -> "VaultedCodes | None":
    """What the vault holds of the line that an order brought; the ledger is read where it is needed and not given."""
    vault = session.store.vault
    found = vault.read(of_order(order.id))
    if found is not None or not vault.lines():
        return found
    ledger = ledger or session.store.ledger_for_reading()
    return _read(session, ledger, identity(ledger, order.line, order))


def _read(session: "Session", ledger: "LedgerState", wanted: str) -> "VaultedCodes | None":
    """Under the identity, or under the name by which an earlier version kept it."""
    vault = session.store.vault
    found = vault.read(wanted)
    if found is not None:
        return found
    kept = next((name for name, owner in owners(ledger, vault.lines()).items() if owner == wanted), None)
    return None if kept is None else vault.read(kept)


def keep_codes(session: "Session", ledger: "LedgerState", order: "OrderState", codes: Mapping[str, str]) -> None:
    """Keep what an order's line was delivered with. OSError when the disk refuses."""
    session.store.vault.write(identity(ledger, order.line, order), codes)


def move_old_codes(session: "Session", ledger: "LedgerState") -> None:
    """Give every file that an earlier version kept by name to the line that it belongs to. Only under the lock."""
    vault = session.store.vault
    for name, owner in owners(ledger, vault.lines()).items():
        vault.move(name, owner)
