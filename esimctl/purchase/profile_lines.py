"""What a stop between the journal and the profile left behind is made good: the journal says which lines there are."""

from collections.abc import Container
from typing import TYPE_CHECKING

from esimctl.purchase.outcome import keep_line

if TYPE_CHECKING:
    from esimctl.profile.books import Books


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
    _finish_renames(books, missing)
    for name, fact in missing.items():
        order = books.ledger.order(fact.order or "")
        if name not in session.lines and order is not None and order.line == name:
            keep_line(books, order)


def set_free(books: "Books", name: str) -> None:
    """A name that a line is about to be given: who had it and was taken out of the profile by hand is removed now."""
    fact = books.ledger.lines.get(name)
    if fact is None or fact.removed_at is not None:
        return
    _finish_renames(books, {name})
    if name not in books.session.lines:
        books.write({"kind": "line.removed", "line": name, "reason": "not in the profile"})


def _finish_renames(books: "Books", missing: Container[str]) -> None:
    session = books.session
    for _seq, old, new in books.ledger.renames:
        if new in missing and old in session.lines and old not in books.ledger.lines:
            session.store.profile.rename_table("line", old, new)
            session.forget()
