"""Bugs of recovery: what was paid is given up, or what was begun is not finished."""

from typing import Any

from tests.faults.seeded import bug
from tests.faults.seeded.hunts import killing, matching, nesting


@bug(killing("topup"))
def sent_orders_cancelled() -> None:
    """Recovery takes every open order for one that was never sent."""
    from esimctl.purchase import outcome, pursue

    def once(books: Any, order: Any, provider: Any, deadline: Any) -> Any:
        del provider, deadline
        entry = outcome.cancelled_entry if order.state == "prepared" else outcome.rejected_entry
        books.write(entry(order, "never_sent"))
        return books.order(order.id)

    pursue.once = once


@bug(matching("CD"))
def absence_believed_at_once() -> None:
    """One look-up without a find, and the order is given up."""
    from esimctl.purchase import outcome, pursue

    def absent(books: Any, order: Any, *_more: Any) -> Any:
        books.write(outcome.rejected_entry(order, "absent"))
        return books.order(order.id)

    pursue.absent = absent


@bug(matching("A", "500"))
def ambiguous_is_no() -> None:
    """An answer that nobody understands is a refusal."""
    from esimctl.providers.protocol import Verdict
    from esimctl.purchase import outcome

    real = outcome.entries_for

    def entries(order: Any, came: Any, *, sure: bool = True) -> Any:
        if came.verdict is Verdict.AMBIGUOUS:
            return [outcome.rejected_entry(order, "refused")]
        return real(order, came, sure=sure)

    outcome.entries_for = entries


@bug(matching("B"))
def refusal_of_the_second_settles_the_first() -> None:
    """A definite answer to a second sending is taken for the answer to the first."""
    from esimctl.purchase import outcome

    real = outcome.entries_for
    outcome.entries_for = lambda order, came, **_sure: real(order, came, sure=True)


@bug(killing("buy"))
def code_kept_too_late() -> None:
    """The activation code is put away after the order is settled."""
    from esimctl.purchase import outcome, sending

    real = outcome.record

    def record(books: Any, order: Any, came: Any, *, sure: bool = True) -> Any:
        goods = came.goods
        vault = books.session.store.vault
        kept, vault.write = vault.write, lambda *_words, **_more: None
        try:
            after = real(books, order, came, sure=sure)
        finally:
            vault.write = kept
        if goods is not None and goods.lpa:
            outcome.keep_codes(books.session, books.ledger, order, outcome.secrets_of(goods))
        return after

    sending.keep_answer = lambda *_words: None
    sending.record = record  # type: ignore[attr-defined]
    from esimctl.purchase import pursue

    pursue.record = record  # type: ignore[attr-defined]


@bug(killing("buy"))
def line_not_brought_back() -> None:
    """A line that was paid and did not reach the profile stays away."""
    from esimctl.purchase import profile_lines, pursue

    for module in (profile_lines, pursue):  # the next command asks the one, the walk the other
        module.mend_lines = lambda _books: None  # type: ignore[attr-defined]


@bug(nesting)
def recovery_always_writes() -> None:
    """Every recovery leaves an entry, whether it did anything or not."""
    from tests.faults import crash, verdict

    real = verdict.recover

    def recover(environ: Any) -> int:
        from tests.faults.verdict import opened

        code = real(environ)
        session = opened(environ)
        from esimctl.profile.books import open_books

        with open_books(session, "note", 5.0) as books:
            books.write({"kind": "note", "text": "recovered"})
        return code

    crash.recover = verdict.recover = recover  # type: ignore[attr-defined]


@bug(killing("restore"))
def restore_never_swept() -> None:
    """What a killed restore had unpacked stays beside the profile for good."""
    from esimctl.store import folder

    folder.clear_restoring = lambda _folder: None  # type: ignore[assignment, misc]
