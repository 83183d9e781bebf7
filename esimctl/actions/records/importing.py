"""Records of purchases that were made elsewhere, taken over once: matched with what is known, never guessed.

Known by our id, or by the provider and its number, is a double and left alone. The same amount on the same line within
a day is perhaps one: told, and not taken. What is taken stands apart: no limit counts it, no line's data changes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from esimctl.actions.books import open_books
from esimctl.actions.purchase.order_document import instant
from esimctl.actions.records.reading import CHARGED, Record, RowRefused, record, rows
from esimctl.actions.result import Result
from esimctl.charging.moments import zone
from esimctl.charging.money import Money
from esimctl.errors import ExitCode

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.ledger.state import LedgerState

MOST: Final = 64 << 20  #: characters of a file
PORTION: Final = 2000  #: rows that are written at once, and held in memory until then
NEAR: Final = timedelta(days=1)
RESULTS: Final = ("imported", "duplicates", "conflicts", "skipped")


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of an order to compare a row with."""

    id: str
    line: str
    provider: str
    number: str | None
    money: Money
    refund: Money | None
    at: datetime


@dataclass(slots=True)
class Memory:
    """Everything that is known, by id, by the provider's number, and by amount."""

    ids: dict[str, Known] = field(default_factory=dict)
    numbers: dict[tuple[str, str], Known] = field(default_factory=dict)
    amounts: dict[Money, list[Known]] = field(default_factory=dict)

    @classmethod
    def of(cls, ledger: "LedgerState") -> "Memory":
        """All orders, also imported ones, and the charges of somebody else."""
        memory = cls()
        for order in ledger.records():
            known = Known(
                order.id, order.line, order.provider, order.provider_order, order.counted, order.refund,
                order.settled_at or order.created_at,
            )  # fmt: skip
            memory.add(known)
            if order.charged is not False:
                memory.amounts.setdefault(known.money, []).append(known)
        for (provider, number), fact in ledger.foreign.items():
            money = Money(fact.amount_minor or 0, fact.currency or "USD")
            known = Known(f"foreign:{provider}:{number}", "", provider, number, money, None, fact.at)
            memory.numbers.setdefault((provider, number), known)
        return memory

    def add(self, known: Known) -> None:
        """Remember one by its names; rows of one file are not compared by amount with each other."""
        self.ids[known.id] = known
        if known.number is not None:
            self.numbers.setdefault((known.provider, known.number), known)

    def judge(self, row: Record) -> tuple[str, str | None, Known | None]:
        """(imported, duplicates or conflicts; why; what it is like)."""
        same = self.ids.get(row.id)
        reason = "id"
        if same is None and row.provider_order is not None:
            same, reason = self.numbers.get((row.provider, row.provider_order)), "number"
        if same is not None:
            agreed = same.money == row.counted and (same.refund == row.refund or same.id.startswith("foreign:"))
            return ("duplicates", reason, same) if agreed else ("conflicts", f"{reason}_differs", same)
        near = next((known for known in self.amounts.get(row.counted, ()) if alike(known, row)), None)
        return ("imported", None, None) if near is None else ("conflicts", "looks_alike", near)


def alike(known: Known, row: Record) -> bool:
    """Whether two are one purchase: the amount, the line and the day agree, and no number of a provider differs."""
    if known.line != row.line or abs(known.at - row.paid_at) > NEAR:
        return False
    return not (known.provider == row.provider and known.number is not None and row.provider_order is not None)


def import_records(
    session: "Session", file: str, text: str, form: str | None, *, dry_run: bool = False, wait: float = 0.0
) -> Result:
    """Take over what is new, some thousand rows with one fsync; 20 where one was refused or is perhaps known already.

    What was taken over before a stop is a double of itself the next time: every row has an id, or gets one by its
    content. With `dry_run` nothing is locked and nothing written.
    """
    chosen, found, sheet = rows(text, form)
    told: dict[str, Any] = {
        "profile": session.store.name, "file": file, "format": chosen, "dry_run": dry_run,
        **{name: [] for name in RESULTS}, "refused": [],
    }  # fmt: skip
    good = _good(session, found, told)
    portion = list(islice(good, PORTION))
    if dry_run or not portion:
        memory = Memory.of(session.store.ledger_for_reading())
        while portion:
            _sorted(portion, memory, told)
            portion = list(islice(good, PORTION))
    else:
        with open_books(session, f"transactions import {file}", wait) as books:
            memory = Memory.of(books.ledger)
            while portion:
                entries = _sorted(portion, memory, told)
                if entries:
                    books.write(*entries)
                portion = list(islice(good, PORTION))
    attention = told["conflicts"] or told["refused"]
    result = Result("transactions-import", told, ExitCode.ATTENTION if attention else ExitCode.DONE)
    if attention:
        result.note(
            "{conflicts} rows are perhaps known already and {refused} could not be read: they were not imported",
            conflicts=len(told["conflicts"]),
            refused=len(told["refused"]),
        )
    said = None if sheet is None else sheet.note()
    if said is not None:
        result.note(said[0], **said[1])
    return result


def _good(session: "Session", found: Iterable[tuple[int, Any]], told: dict[str, Any]) -> Iterator[Record]:
    """The rows that can be read; the others go to `refused`."""
    where, now = zone(session.zone), session.clock.now()
    for number, row in found:
        try:
            if isinstance(row, RowRefused):
                raise row
            made = record(number, row, where)
            if made.ordered_at > now or made.paid_at > now:
                raise RowRefused("time", "it lies in the future")
            yield made
        except RowRefused as why:
            told["refused"].append({"row": number, "reason": why.reason, "detail": why.detail})


def _sorted(good: list[Record], memory: Memory, told: dict[str, Any]) -> list[dict[str, Any]]:
    """Put every row where it belongs in the document; the entries of those that are taken."""
    entries = []
    for row in good:
        moved = CHARGED.get(row.state)
        result, reason, like = memory.judge(row)
        if not moved and result != "duplicates":
            result, reason, like = "skipped", "open" if moved is None else "not_charged", None
        told[result].append(_document(row, reason, like))
        if result == "imported":
            entries.append(_entry(row))
            memory.add(Known(row.id, row.line, row.provider, row.provider_order, row.counted, row.refund, row.paid_at))
    return entries


def _document(row: Record, reason: str | None, like: Known | None) -> dict[str, Any]:
    return {
        "row": row.row,
        "order": row.id,
        "line": row.line,
        "provider": row.provider,
        "provider_order": row.provider_order,
        "at": instant(row.paid_at),
        "amount": row.counted.as_json(),
        "reason": reason,
        "like": None if like is None else like.id,
    }


def _entry(row: Record) -> dict[str, Any]:
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


__all__ = ["MOST", "import_records"]
