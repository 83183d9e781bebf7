"""Raw answers of providers go when they have served: 90 days after their order came to its end."""

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esimctl.profile.books import Books


def prune_evidence(books: "Books") -> int:
    """Remove what is due, under the lock; how many files went. That a file cannot be removed changes nothing.

    Only the orders of which there is evidence are looked up; those that are open, or unknown here, keep it.
    """
    evidence = books.session.store.evidence
    ended = {}
    for name in evidence.orders():
        order = books.ledger.order(name)
        if order is not None and not order.open and order.state != "refunding":
            ended[name] = order.changed_at
    with suppress(OSError):
        return evidence.prune(ended, books.now())
    return 0
