"""The journal and what it comes to, held together under the lock: every entry is written first, then counted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from esimctl.documents.document import JSON
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session


class Books:
    """The ledger of a locked profile. `write` is the only way in which it changes."""

    def __init__(self, session: "Session", ledger: "Ledger") -> None:
        self.session = session
        self.ledger = ledger
        self.repeated = False  #: whether a run that was stopped had asked for the very same, and it is done now
        self.answer: Mapping[str, JSON] = {}  #: what cannot be told any more once it is done; kept for who repeats it

    def now(self) -> "datetime":
        """The present, never before what is already written: a clock that was set back reorders nothing."""
        now, high = self.session.clock.now(), self.ledger.high_water
        return now if high is None or now >= high else high

    def write(self, *entries: dict[str, Toml]) -> None:
        """Append entries, with one fsync, and apply them. Either all are on disk or none is counted."""
        at = self.now()
        self.session.store.append(self.ledger, [{"at": at, **entry} for entry in entries])

    def remove(self, path: "Path") -> None:
        """Take a file of ours away, together with what else is changed. Inside `open_together` alone."""
        self.session.store.remove(path)

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
    from esimctl.profile import trusting
    from esimctl.profile.codes import move_old_codes

    session.begin()
    with session.store.locked(wait, purpose):
        session.forget()
        trusting.begin(session)
        ledger = session.store.ledger_for_writing(anew=anew)
        move_old_codes(session, ledger)
        yield Books(session, ledger)


@contextmanager
def open_together(session: "Session", purpose: str, *asked: object, wait: float = 0.0) -> Iterator[Books]:
    """`open_books` for a command that changes more than one file: all of it becomes true at the end, or none.

    `asked` is what the person wants, in full: where a run that was stopped had asked for the same, and this one has
    just finished its work, `repeated` says so, and nothing is to be done a second time.
    """
    with open_books(session, purpose, wait) as books:
        said = wanted(purpose, *asked)
        books.repeated = bool(asked) and said in session.store.finished
        books.answer = session.store.finished[said] if books.repeated else {}
        try:
            with session.store.together(books.ledger, said if asked else "") as changes:
                yield books
                changes.answer = books.answer
        except BaseException:
            session.forget()  # what was noted down has not become true
            raise


def done_before(session: "Session", purpose: str, *asked: object) -> "Mapping[str, JSON] | None":
    """The answer of a run that was stopped, if it had asked for the same and this run has just finished its work."""
    return session.store.finished.get(wanted(purpose, *asked))


def wanted(purpose: str, *asked: object) -> str:
    """What a command was asked for, in a form that tells nothing of it: codes may be part of it."""
    from hashlib import sha256

    return sha256(repr((purpose, *asked)).encode(errors="surrogateescape")).hexdigest()
