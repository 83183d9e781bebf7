"""A profile that holds a made-up year, written through the store as commands write it."""

import os
from typing import Any

from tests.year import Year

BATCH = 20_000  #: entries an fsync


def fill(made: Year, extra: "list[dict[str, Any]] | None" = None) -> int:
    """Put a year into the profile that ESIMCTL_HOME names; how many entries its journal has then."""
    from esimctl.purchase.opening import open_profile

    session = open_profile(None, os.environ)
    session.begin()
    with session.store.locked(0.0, "filling"):
        session.store.profile.edit(lambda doc: doc.__setitem__("line", made.lines))
    entries = [*made.entries, *(extra or [])]
    for start in range(0, len(entries), BATCH):
        with session.store.locked(0.0, "filling"):
            session.store.append(session.store.ledger_for_writing(), entries[start : start + BATCH])
    return len(entries)


__all__ = ["fill"]
