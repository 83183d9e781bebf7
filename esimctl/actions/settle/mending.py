"""What a stop between the journal and the profile left behind is made good: the journal says which lines there are."""

from typing import TYPE_CHECKING

from esimctl.actions.purchase.outcome import keep_line

if TYPE_CHECKING:
    from esimctl.actions.books import Books


def mend_lines(books: "Books") -> None:
    """A line that was bought, or renamed, is in the profile under its name. Writes only what is missing.

    A line that a person removed stays removed.
    """
    session = books.session
    missing = {
        name: fact
        for name, fact in books.ledger.lines.items()
        if fact.removed_at is None and fact.order is not None and name not in session.lines
    }
    if not missing:
        return
    for _seq, old, new in books.ledger.renames:
        if new in missing and old in session.lines and old not in books.ledger.lines:
            _move(books, old, new)
    for name, fact in missing.items():
        order = books.ledger.order(fact.order or "")
        if name not in session.lines and order is not None and order.line == name:
            keep_line(books, order)


def _move(books: "Books", old: str, new: str) -> None:
    books.session.store.profile.rename_table("line", old, new)
    books.session.forget()


__all__ = ["mend_lines"]
