"""Bugs of two machines that carry one profile: what the other one wrote is dropped, doubled or swept away."""

from typing import Any

from tests.faults.seeded import bug
from tests.faults.seeded.hunts import carrying


@bug(carrying)
def the_other_tail_dropped() -> None:
    """A merge keeps what is written here and says that it took the rest."""
    from esimctl.ledger import uniting
    from esimctl.store import merge

    real = uniting.unite

    def unite(before: Any, ours: Any, theirs: Any, now: Any, known: int = 0) -> Any:
        orders = {entry["order"] for entry in ours if entry["kind"] == "order.prepared"}
        dropped = [entry for entry in theirs if not entry["kind"].startswith("order.") or entry["order"] in orders]
        return real(before, ours, dropped, now, known)

    merge.unite = unite  # type: ignore[attr-defined]


@bug(carrying)
def one_purchase_twice() -> None:
    """Two orders that went out under one key are kept apart, though the seller has one."""
    from esimctl.ledger import two_orders

    two_orders._is_one = lambda _mine, _other: False  # type: ignore[assignment]


@bug(carrying)
def strangers_stay() -> None:
    """What looked like somebody else's order before the merge is counted beside the order that it is."""
    from esimctl.setup import merging

    merging.ours_after_all = lambda *_words: []  # type: ignore[attr-defined]


@bug(carrying)
def other_copies_swept_away() -> None:
    """A merge moves what else a sync program had set aside out of sight."""
    from esimctl.store import migrate

    migrate._bring_along = lambda _folder: None  # type: ignore[assignment]
