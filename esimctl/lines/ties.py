"""Lines that share data: who may use whose, up to which cap, and what was taken of it (R-05, R-49)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session


def ties_in_force(ledger: "Ledger") -> dict[tuple[str, str], int | None]:
    """(owner, member) → the member's cap in octets a period, None without one; in the order in which they began."""
    found: dict[tuple[str, str], int | None] = {}
    for tie in ledger.ties:
        pair = (tie.line, tie.to)
        if tie.tie == "shared":
            found.pop(pair, None)
            found[pair] = tie.octets
        elif tie.tie == "unshared":
            found.pop(pair, None)
    return found


def tie_documents(session: "Session", ledger: "Ledger", name: str) -> list[dict[str, Any]]:
    """The ties of a line with lines that are followed; `taken_bytes` is what the member took in the running period."""
    found = []
    for (owner, member), cap in ties_in_force(ledger).items():
        other = member if owner == name else owner if member == name else None
        if other is None or other not in session.lines:
            continue
        role = "member" if owner == name else "owner"
        taken = _taken(session, ledger, owner, member)
        found.append({"line": other, "role": role, "cap_bytes": cap, "taken_bytes": taken})
    return found


def _taken(session: "Session", ledger: "Ledger", owner: str, member: str) -> int | None:
    """By the model of a line without an interface, else by the member's newest reading; None where neither says."""
    from esimctl.usage.last_reading import last_reading
    from esimctl.usage.line import called
    from esimctl.usage.modelled import is_modelled, modelled

    by_hand = is_modelled(session, session.line(member))
    reading = modelled(session, ledger, member).reading if by_hand else last_reading(ledger, member)
    buckets = () if reading is None else reading.buckets
    return next((each.taken for each in buckets if each.shared and called(session, each.owner) == owner), None)
