"""The journal and what it comes to, held together under the lock: every entry is written first, then counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from esimctl.actions.session import Session
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState


class Books:
    """The ledger of a locked profile. `write` is the only way in which it changes."""

    def __init__(self, session: "Session", ledger: "Ledger") -> None:
        self.session = session
        self.ledger = ledger

    def now(self) -> "datetime":
        """The present, never before what is already written: a clock that was set back reorders nothing."""
        now, high = self.session.clock.now(), self.ledger.high_water
        return now if high is None or now >= high else high

    def write(self, *entries: dict[str, Any]) -> None:
        """Append entries, with one fsync, and apply them. Either all are on disk or none is counted."""
        at = self.now()
        self.session.store.append(self.ledger, [{"at": at, **entry} for entry in entries])

    def order(self, order_id: str) -> "OrderState":
        """The order as it stands now."""
        order = self.ledger.order(order_id)
        assert order is not None
        return order


@contextmanager
def open_books(session: "Session", purpose: str, wait: float = 0.0, *, anew: bool = False) -> Iterator[Books]:
    """The books under the lock, for writing. Raises Busy (75) when another run holds it, Damaged (6) when broken.

    `anew` begins a journal that is gone.
    """
    from esimctl.actions.lines.codes import move_old_codes

    session.begin()
    with session.store.locked(wait, purpose):
        session.forget()
        ledger = session.store.ledger_for_writing(anew=anew)
        move_old_codes(session, ledger)
        yield Books(session, ledger)


__all__ = ["Books", "open_books"]
