"""What a stopped run left to be done in the books, without asking anybody: done by whichever command comes next."""

from contextlib import suppress
from typing import TYPE_CHECKING

from esimctl.errors import EsimctlError

if TYPE_CHECKING:
    from esimctl.actions.session import Session


def finish_stopped(session: "Session") -> None:
    """Put lines in their place, book what a person's word had begun; `session.finished` are the orders that it met.

    Where somebody is at work, or the disk refuses, it is left to the next command: nothing is said here.
    """
    from esimctl.actions.books import open_books
    from esimctl.actions.purchase.pursue import never_sent_word
    from esimctl.actions.settle.mending import mend_lines

    with suppress(EsimctlError, OSError), open_books(session, "finish") as books:
        before = set(session.lines)
        mend_lines(books)
        born = {table.get("order") for name, table in session.lines.items() if name not in before}
        session.finished |= {str(order) for order in born if order is not None}
        for order in books.ledger.open_orders():
            after = never_sent_word(books, order)
            if after.state == "settled":
                session.finished.add(order.id)


__all__ = ["finish_stopped"]
