"""Keep a file with an order: copied into the profile first, journalled with its content's hash then."""

from typing import TYPE_CHECKING, Final

from esimctl.documents.offers import OrderDocument
from esimctl.documents.orders import AttachmentRow
from esimctl.documents.result import Result
from esimctl.errors import UsageError
from esimctl.profile.books import open_together
from esimctl.profile.opened import unknown
from esimctl.purchase.document import order_document
from esimctl.store.attachments import Copied
from esimctl.store.user_file import said
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.ledger.facts import AttachedFact
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session

MOST: Final = 20  #: files with one order
_CODE: Final = b"LPA:1$"


def attach(
    session: "Session", order_id: str, source: str, note: str | None = None, *, wait: float = 0.0
) -> "Result[OrderDocument]":
    """Copy a file to an order; the same file again is the one that is there. UsageError (2) where it cannot be kept."""
    note = said(note, "--note", 200)
    find(session.store.ledger_for_reading(), order_id)
    files = session.store.attachments
    wanted, data = files.read(source)
    with open_together(session, f"attach {order_id}", wait=wait) as books:
        order = find(books.ledger, order_id)
        there = {fact.sha256: fact for fact in books.ledger.attached(order.id)}
        known = there.get(wanted.sha256)
        if known is None and len(there) >= MOST:
            raise UsageError("order {id} has {most} files already", code="too_many_files", id=Raw(order.id), most=MOST)
        kept = wanted if known is None else Copied(known.file, known.sha256, known.size)
        files.keep(order.id, kept, data)
        if known is None:
            books.write({"kind": "attached", "order": order.id, "file": kept.name, "sha256": kept.sha256,
                         "size": kept.size, "note": note})  # fmt: skip
    every = attachments(session, books.ledger, order.id)
    result = Result("order", OrderDocument(order=order_document(session, order), attachments=every))
    if known is not None:
        result.note("the same file is there already: {file}", file=Raw(known.file))
    elif kept.name != source.rpartition("/")[2]:
        result.note("kept as {file}", file=Raw(kept.name))
    if _CODE in data:
        result.note("the file holds an activation code: it goes into every backup and is shown to whoever opens it")
    return result


def find(ledger: "LedgerState", order_id: str) -> "OrderState":
    """The order by its id; an unknown one is refused with the nearest."""
    order = ledger.order(order_id)
    if order is None:
        raise unknown("order", order_id, [known.id for known in ledger.all_orders()], "esimctl transactions list")
    return order


def attachments(session: "Session", ledger: "LedgerState", order_id: str) -> list[AttachmentRow]:
    """The files of an order, each with whether it is still there as it was."""
    return [attachment(session, fact) for fact in ledger.attached(order_id)]


def attachment(session: "Session", fact: "AttachedFact") -> AttachmentRow:
    """One file; `state` is kept, missing or changed."""
    kept = Copied(fact.file, fact.sha256, fact.size)
    return AttachmentRow(
        file=fact.file,
        sha256=fact.sha256,
        size_bytes=fact.size,
        note=fact.note,
        at=fact.at,
        state=session.store.attachments.state(fact.order, kept),
    )
