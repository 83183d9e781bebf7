"""What an export holds, what became of an import's rows, what an audit and a reconciliation found."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from heapq import merge

from esimctl.documents.books import AuditDocument, FindingRow, ReconcileDocument
from esimctl.documents.document import Document
from esimctl.documents.orders import ExportDocument, RecordsImportDocument
from esimctl.show.amounts import local, money
from esimctl.show.terminal import Terminal
from esimctl.show.view import Columns, View, columns
from esimctl.show.words import say
from esimctl.values.money import Money
from esimctl.values.text import clean

#: what became of a row
HEADS: Mapping[str, str] = {
    "imported": "imported",
    "duplicates": "known already",
    "conflicts": "perhaps known already",
    "skipped": "left out",
    "refused": "refused",
}

TAKEN = ("imported", "duplicates", "conflicts", "skipped")

EXPORT: Columns[ExportDocument] = columns(ExportDocument, "path format records")


class FileRow(Document):
    """A row of the file with what became of it."""

    row: int
    result: str
    order: str | None = None
    line: str | None = None
    provider: str | None = None
    provider_order: str | None = None
    at: datetime | None = None
    amount: Money | None = None
    reason: str | None
    like: str | None = None


IMPORT: Columns[FileRow] = (
    *columns(FileRow, "row"),
    *columns(FileRow, "result", person=lambda row: say(HEADS[row.result])),
    *columns(FileRow, "order line amount at"),
    *columns(FileRow, "provider provider_order", shown=False),
    *columns(FileRow, "reason like"),
)


def rows(data: RecordsImportDocument) -> Iterator[FileRow]:
    """Every row of the file with what became of it, in the order of the file."""

    def of(result: str) -> Iterator[FileRow]:
        return (FileRow(**vars(row), result=result) for row in getattr(data, result))

    unread = (FileRow(row=row.row, result="refused", reason=f"{row.reason}: {row.detail}") for row in data.refused)
    yield from merge(*map(of, TAKEN), unread, key=lambda row: row.row)


def exported(data: ExportDocument, terminal: Terminal) -> None:
    """Where it is."""
    terminal.tell(say("{path}: {count} records", path=clean(data.path or "-"), count=data.records) + "\n")


def imported(data: RecordsImportDocument, terminal: Terminal) -> None:
    """A count of each, then the rows that want a look."""
    counts = ", ".join(f"{say(head)}: {len(getattr(data, result))}" for result, head in HEADS.items())
    terminal.tell(counts + (f"  ({say('nothing was written: --dry-run')})" if data.dry_run else "") + "\n")
    for row in rows(data):
        if row.result in ("conflicts", "refused"):
            like = f" ({clean(row.like)})" if row.like else ""
            place = say("row {number}", number=row.row)
            terminal.tell(f"  {place}: {say(HEADS[row.result])}: {clean(row.reason or '')}{like}\n")


AUDIT_COLUMNS: Columns[FindingRow] = (
    *columns(FindingRow, "kind provider line orders provider_orders amount support"),
    *columns(FindingRow, "refund_by cancel_by next", shown=False),
    *columns(FindingRow, "play_money", shown=False, sheet=True),
)

#: deadline → the sentence for it
TEXTS = {
    "refund_by": "a refund can be asked for until {time}",
    "cancel_by": "it can be cancelled until {time}",
}

AUDIT_HEADS = {
    "duplicate_charge": "charged more than once",
    "failed_charge": "the payment failed",
    "charged_not_delivered": "charged, but not delivered",
    "foreign_order": "an order of somebody else",
    "amount_differs": "another amount than agreed",
    "unknown_outcome": "nobody knows whether it was charged",
}


def audit_card(data: AuditDocument, terminal: Terminal) -> None:
    """A block for each finding; the good news is one sentence."""
    put = terminal.tell
    for row in data.overage:
        spent = {"line": clean(row.line), "money": money(row.amount), "time": local(row.at)}
        told = say("overage: the main balance of {line} paid {money}, known at {time}", **spent)
        put(told + ("  SANDBOX" if row.play_money else "") + "\n")
    if not data.findings:
        put(say("every charge was meant, once, and delivered") + "\n")
        return
    for place, finding in enumerate(data.findings):
        names = ", ".join([*finding.orders, *finding.provider_orders]) or finding.provider or ""
        put(("\n" if place else "") + f"{say(AUDIT_HEADS[finding.kind])}: {clean(names)}  {money(finding.amount)}\n")
        for piece in finding.evidence:
            put(f"  {local(piece.at)}  {say(piece.source)}: {clean(piece.says)}\n")
        put("  " + say("to support: {sentence}", sentence=finding.support) + "\n")
        for key, sentence in TEXTS.items():
            if until := getattr(finding, key):
                put("  " + say(sentence, time=local(until)) + "\n")
        put("  " + say("next: {command}", command=finding.next) + "\n")
    put("\n" + say("The whole case in one file: esimctl transactions audit --bundle case.tar.gz") + "\n")
    put(say("Looked at and done with: esimctl reconcile --acknowledge ORDER") + "\n")


class ReconciledRow(Document):
    """An order that was open, a balance or a foreign order in one row."""

    what: str
    provider: str
    id: str | None
    state: str
    expected: Money | None
    actual: Money | None


RECONCILE_COLUMNS: Columns[ReconciledRow] = columns(ReconciledRow, "what provider id state expected actual")


def reconcile_rows(data: ReconcileDocument) -> Iterator[ReconciledRow]:
    """One row for each order that was open, each balance and each foreign order."""
    for order in data.orders:
        yield ReconciledRow(
            what="order", provider=order.provider, id=order.id, state=order.state, expected=order.price,
            actual=order.paid,
        )  # fmt: skip
    for row in data.balances:
        state = {True: "fits", False: "differs", None: "unknown"}[row.fits]
        yield ReconciledRow(
            what=row.basis, provider=row.provider, id=None, state=state, expected=row.expected, actual=row.actual
        )
    for foreign in data.foreign:
        state = "acknowledged" if foreign.acknowledged else foreign.reason
        yield ReconciledRow(
            what="foreign", provider=foreign.provider, id=foreign.provider_order, state=state, expected=None,
            actual=foreign.amount,
        )  # fmt: skip


def reconcile_card(data: ReconcileDocument, terminal: Terminal) -> None:
    """What was found, in sentences for a person; the good news in one."""
    put = terminal.tell
    for order in data.orders:
        put(say("order {id} ({line}): {state}", id=order.id, line=order.line, state=say(order.state)) + "\n")
    for mended in data.healed:
        put(say(HEALED[mended.what], line=mended.line, order=mended.order) + "\n")
    for row in data.balances:
        put(
            say(
                BALANCES[row.basis, row.fits],
                provider=row.provider,
                expected=money(row.expected),
                actual=money(row.actual),
            )
            + "\n"
        )
        if row.note:
            put(f"  {row.note}\n")
    for foreign in data.foreign:
        if not foreign.acknowledged:
            put(
                say(
                    STRANGERS[foreign.reason],
                    number=foreign.provider_order,
                    amount=money(foreign.amount),
                    order=foreign.order or "-",
                )
                + "\n"
            )
    if data.ok and not data.orders:
        put(say("nothing is open") + "\n")


HEALED = {
    "line_restored": "line {line} is back in the profile (order {order})",
    "plan_updated": "line {line} has the plan of its last renewal again (order {order})",
    "line_given_back": "line {line} is followed no longer, it was given back (order {order})",
    "order_reopened": "order {order} exists after all: it is taken up again for {line}",
    "code_fetched": "the activation code of {line} was fetched again (order {order})",
}

BALANCES = {
    ("account", True): "{provider}: the balance {actual} fits the orders",
    ("account", False): "{provider}: the balance is {actual}, the orders come to {expected}",
    ("account", None): "{provider}: the balance {actual} could not be compared",
    ("charges", True): "{provider}: charges of {actual} fit the orders",
    ("charges", False): "{provider}: {actual} were charged, the orders come to {expected}",
    ("none", None): "{provider}: nothing to compare with",
}

STRANGERS = {
    "not_ours": "order {number} ({amount}) was made by somebody else",
    "duplicate_charge": "{number}: {amount} more were charged for order {order}",
    "charged_although_refused": "{number}: {amount} were charged for order {order}, which was refused",
}


VIEWS = {
    "export": View(EXPORT, None, exported),
    "transactions-import": View(IMPORT, rows, imported),
    "audit": View(AUDIT_COLUMNS, lambda data: data.findings, audit_card, "no findings"),
    "reconcile": View(RECONCILE_COLUMNS, reconcile_rows, reconcile_card, "nothing is open"),
}
