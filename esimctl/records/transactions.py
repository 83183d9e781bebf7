"""Orders and what became of them, from the journal alone."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from esimctl.documents.offers import OrderDocument
from esimctl.documents.orders import OrderRow, TransactionsDocument
from esimctl.documents.result import Result
from esimctl.ledger.archived import OrderQuery
from esimctl.profile.naming import key_of
from esimctl.profile.opened import moment, unknown
from esimctl.profile.rows import Again, Made
from esimctl.purchase.document import charge_document, dated, order_document
from esimctl.purchase.doubts import doubts
from esimctl.records.attachments import attachments
from esimctl.usage.overage import overage
from esimctl.values.moments import zone
from esimctl.values.record import replace
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.documents.document import Document
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session


def list_transactions(
    session: "Session",
    *,
    lines: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    states: frozenset[str] | None = None,
) -> "Result[TransactionsDocument]":
    """Every order of these lines (of all, if none is named), oldest first and masked: refused and imported ones too.

    What use beyond a plan has cost stands among them, a row of kind `overage` for each line and day, without an id.
    """
    first, last = moment(session, since, "--since"), moment(session, until, "--until")
    ledger = session.store.ledger_for_reading()
    lines = [key_of(ledger, line) for line in lines]
    query = OrderQuery(lines=frozenset(lines) if lines else None, states=states, since=first, until=last)
    orders = Again(lambda: ledger.select(query))
    doubted = doubts(session, ledger, lines)
    kinds: dict[str | None, list[str]] = {}
    for doubt in doubted:
        kinds.setdefault(doubt.order, []).append(doubt.kind)
    named = {order.id: order for order in ledger.select(replace(query, misdated=True))}
    doubtful = (ledger.order(order) for order in kinds if order is not None)
    named.update((order.id, order) for order in doubtful if order is not None and query.fits(order))
    noted = sorted(named.values(), key=lambda order: order.seq)  # the others may be many
    _check_lines(session, ledger, lines, orders)
    where = zone(session.zone)

    def made() -> Iterator[OrderRow]:
        for order in orders:
            row = order_document(session, order, ledger=ledger)
            yield dated(row, where, attention=kinds.get(order.id, []))

    charges = overage(session, ledger, first).charges if states is None or "settled" in states else []
    rows: Iterable[OrderRow] = Made(made)
    if charges:
        rows = [*made()] + [
            dated(charge_document(charge), where, attention=[])
            for charge in charges
            if (not lines or charge.line in lines) and (last is None or charge.at < last)
        ]
        rows.sort(key=lambda row: row.created_at)
    result = Result("transactions", TransactionsDocument(transactions=rows))
    say_dates(result, noted)
    listed = {None, *(order.id for order in noted)}
    for doubt in doubted:
        if doubt.order in listed:
            result.note(doubt.said)
    return result


def _check_lines(
    session: "Session", ledger: "LedgerState", lines: Sequence[str], orders: "Iterable[OrderState]"
) -> None:
    """NotFound (3) for a line that has no orders, is none, and never was."""
    for line in lines if next(iter(orders), None) is None else ():
        if line not in session.lines and line not in ledger.lines:
            raise unknown("line", line, list(session.lines), "esimctl lines list")


def say_dates(result: "Result[Document]", orders: "Sequence[OrderState]") -> None:
    """A sentence for each order that was made while the clock was wrong."""
    for order in orders:
        if order.stated_at is not None:
            day = f"{order.stated_at:%Y-%m-%d}"
            result.note(
                "a wrong clock dated order {id} {day}; it counts in that month as well", id=Raw(order.id), day=Raw(day)
            )


def dates(order: "OrderState") -> tuple[datetime, ...]:
    """When an order was made, and when by a clock that was taken back."""
    return (order.created_at,) if order.stated_at is None else (order.created_at, order.stated_at)


def show_transaction(session: "Session", order_id: str) -> "Result[OrderDocument]":
    """One order, by its id, with the deadlines for its money to come back where a policy knows them."""
    from esimctl.market.deadlines import back_by

    ledger = session.store.ledger_for_reading()
    order = ledger.order(order_id)
    if order is None:
        raise unknown("order", order_id, [known.id for known in ledger.records()], "esimctl transactions list")
    document = dated(
        order_document(session, order),
        zone(session.zone),
        refund_by=back_by(session, order, "refund"),
        cancel_by=back_by(session, order, "cancellation"),
    )
    return Result("order", OrderDocument(order=document, attachments=attachments(session, ledger, order.id)))
