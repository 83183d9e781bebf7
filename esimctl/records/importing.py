"""Records of purchases that were made elsewhere, taken over once: matched with what is known, never guessed.

Known by our id, or by the provider and its number, is a double and left alone. The same amount on the same line within
a day is perhaps one: told, and not taken. What is taken stands apart: no limit counts it, no line's data changes.
A file is read to its end once before anything is taken, and then in portions: memory does not grow with its rows.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from esimctl.documents.orders import ImportedOrderRow, RecordsImportDocument, UnreadableOrderRow
from esimctl.documents.reading import read
from esimctl.documents.result import Result
from esimctl.errors import ExitCode
from esimctl.profile.books import open_books
from esimctl.profile.rows import Rows
from esimctl.records.file_rows import CHARGED, Record, RowRefused, record_of_row, rows
from esimctl.records.known import KnownRecords, RowVerdict, remembering
from esimctl.values.moments import zone
from esimctl.values.sentence import Sentence
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.profile.opened import Session
    from esimctl.values.text import LongText

PORTION: Final = 2000  #: rows that are written at once, and held in memory until then
RESULTS: Final = ("imported", "duplicates", "conflicts", "skipped")


class TakenRows:
    """What became of the rows so far, by result; there may be a million."""

    def __init__(self) -> None:
        self.rows = {name: Rows(partial(read, ImportedOrderRow)) for name in RESULTS}
        self.refused = Rows(partial(read, UnreadableOrderRow))


def import_records(
    session: "Session", file: str, text: "LongText", form: str | None, *, dry_run: bool = False, wait: float = 0.0
) -> "Result[RecordsImportDocument]":
    """Take over what is new, some thousand rows with one fsync; 20 where one was refused or is perhaps known already.

    What was taken over before a stop is a double of itself the next time: every row has an id, or gets one by its
    content. With `dry_run` nothing is locked and nothing written.
    """
    chosen, found, sheet = rows(text, form)
    told = TakenRows()
    lines = text.data.count(b"\n")
    good = _good(session, found, told)
    portions = iter(lambda: list(islice(good, PORTION)), [])
    first = next(portions, [])
    with remembering() as known:
        if dry_run or not first:
            known.take_in(session.store.ledger_for_reading())
            for portion in chain((first,), portions):
                _sorted(portion, known, told)
        else:
            with open_books(session, f"transactions import {file}", wait) as books:
                known.take_in(books.ledger)
                for portion in chain((first,), portions):
                    if entries := _sorted(portion, known, told):
                        books.write(*entries)
                        session.store.keep_point()
                        session.progress(Sentence("importing"), portion[-1].row, lines)
    conflicts, refused = len(told.rows["conflicts"]), len(told.refused)
    document = RecordsImportDocument(
        profile=session.store.name, file=file, format=chosen, dry_run=dry_run, **told.rows, refused=told.refused
    )
    result = Result("transactions-import", document, ExitCode.ATTENTION if conflicts + refused else ExitCode.DONE)
    if conflicts + refused:
        result.note(
            "{conflicts} rows are perhaps known already and {refused} could not be read: they were not imported",
            conflicts=conflicts,
            refused=refused,
        )
    said = None if sheet is None else sheet.note()
    if said is not None:
        result.note(said)
    return result


def _good(session: "Session", found: Iterable[tuple[int, Any]], told: TakenRows) -> Iterator[Record]:
    """The rows that can be read; the others go to `refused`."""
    where, now = zone(session.zone), session.clock.now()
    for number, row in found:
        try:
            if isinstance(row, RowRefused):
                raise row
            made = record_of_row(number, row, where)
            if made.ordered_at > now or made.paid_at > now:
                raise RowRefused("time", "it lies in the future")
            yield made
        except RowRefused as why:
            told.refused.append(UnreadableOrderRow(row=number, reason=why.reason, detail=why.detail))


def _sorted(good: list[Record], known: KnownRecords, told: TakenRows) -> list[dict[str, Toml]]:
    """Put every row where it belongs in the document; the entries of those that are taken."""
    entries = []
    for row in good:
        moved = CHARGED.get(row.state)
        verdict = known.judge(row)
        if not moved and verdict.result != "duplicates":
            verdict = RowVerdict("skipped", "open" if moved is None else "not_charged")
        told.rows[verdict.result].append(_document(row, verdict))
        if verdict.result == "imported":
            entries.append(_entry(row))
            known.add(row)
    return entries


def _document(row: Record, verdict: RowVerdict) -> ImportedOrderRow:
    return ImportedOrderRow(
        row=row.row,
        order=row.id,
        line=row.line,
        provider=row.provider,
        provider_order=row.provider_order,
        at=row.paid_at,
        amount=row.counted,
        reason=verdict.reason,
        like=verdict.like,
    )


def _entry(row: Record) -> dict[str, Toml]:
    return {
        "kind": "imported",
        "order": row.id,
        "order_kind": row.kind,
        "line": row.line,
        "provider": row.provider,
        "method": row.method,
        "price_minor": row.price.minor,
        "currency": row.price.currency,
        "paid_minor": None if row.paid is None else row.paid.minor,
        "paid_currency": None if row.paid is None else row.paid.currency,
        "refund_minor": None if row.refund is None else row.refund.minor,
        "refund_currency": None if row.refund is None else row.refund.currency,
        "refund_at": row.refund_at,
        "ordered_at": row.ordered_at,
        "paid_at": row.paid_at,
        "plan": row.plan,
        "provider_order": row.provider_order,
        "promotion": row.promotion,
        "reason": row.reason,
        "data_bytes": row.data_bytes,
        "play": row.play or None,
    }
