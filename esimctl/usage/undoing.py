"""`usage undo`: a reading that was typed or pasted wrongly is taken back, as an entry of its own."""

from typing import TYPE_CHECKING

from esimctl.documents.result import Result
from esimctl.documents.usage import ReadingDocument, ReadingRow
from esimctl.errors import UsageError
from esimctl.profile.books import Books, open_books
from esimctl.usage.modelled import is_modelled
from esimctl.usage.observing import UNDONE
from esimctl.usage.playing import play
from esimctl.usage.present import present_reading
from esimctl.usage.story import OBSERVED
from esimctl.values.sentence import Raw
from esimctl.values.volume import Unlimited, format_volume

if TYPE_CHECKING:
    from esimctl.ledger.facts import ReadingFact
    from esimctl.profile.opened import Session


def undo(session: "Session", line: str) -> "Result[ReadingDocument]":
    """Take back what was read by hand last; what stood before it counts again, in history, report and forecast too."""
    session.line(line)
    with open_books(session, f"usage undo {line}") as books:
        fact = last_by_hand(books, line)
        if fact is None:
            raise UsageError(
                "nothing that was read by hand is known of {line}: there is nothing to take back",
                hint="esimctl usage history {line}",
                code="nothing_to_undo",
                line=Raw(line),
            )
        books.write({"kind": "reading.undone", "line": line, "undoes": fact.seq})
        left = left_now(books, line)
    result = Result("reading", ReadingDocument(reading=taken_back(fact, left)))
    if left is not None:
        result.note("{line}: by the books {left} is left now", line=Raw(line), left=Raw(format_volume(left)))
    return result


def last_by_hand(books: Books, line: str) -> "ReadingFact | None":
    """The reading that came in last from a person; texts that gave no figure are none."""
    facts = [
        fact
        for fact in books.ledger.all_readings(line)
        if fact.source in OBSERVED and ("status" in fact.data or "buckets" in fact.data)
    ]
    return max(facts, key=lambda fact: fact.seq, default=None)


def left_now(books: Books, line: str) -> int | None:
    """Octets that the books have left, as they stand now."""
    if not is_modelled(books.session, books.session.line(line)):
        reading = present_reading(books.session, books.ledger, line)
        return None if reading is None else reading.remaining_bytes
    balance = play(books.session, books.ledger, line, books.session.clock.now()).balance
    return None if isinstance(balance.remaining, Unlimited) or not balance.buckets else balance.remaining


def taken_back(fact: "ReadingFact", left: int | None) -> ReadingRow:
    """The reading that was taken back, as it had been written, and what the books have left now."""
    return ReadingRow(
        line=fact.line,
        at=fact.read_at,
        source=fact.source,
        state=UNDONE,
        remaining_bytes=fact.remaining_bytes,
        used_bytes=fact.used_bytes,
        main_balance=fact.main_balance,
        expires_at=fact.expires_at,
        modelled_bytes=left,
        granted_bytes=None,
        adjusted_bytes=None,
        findings=(),
        pattern=fact.pattern,
        tells=None,
        text=fact.text,
        carry=None,
        bonus=fact.bonus,
        bonus_expires_at=fact.bonus_expires_at,
    )
