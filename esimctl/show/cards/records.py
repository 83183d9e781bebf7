"""What an export holds, what became of an import's rows, what an audit and a reconciliation found."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from heapq import merge

from esimctl.documents.books import AuditDocument, FindingRow, ReconcileDocument
from esimctl.documents.document import Document
from esimctl.documents.orders import ExportDocument, RecordsImportDocument
from esimctl.show.amounts import money
from esimctl.show.cards.orders import SCREEN, STATES
from esimctl.show.styles import ACT, COMMAND, GOOD, LOOK, PLAY, styled
from esimctl.show.table import draw
from esimctl.show.terminal import Terminal
from esimctl.show.times import moment, moment_from_now
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

#: deadline → what it is for
TEXTS = {"refund_by": "refund before {time}", "cancel_by": "cancel before {time}"}

AUDIT_HEADS = {
    "duplicate_charge": "charged more than once",
    "failed_charge": "the payment failed",
    "charged_not_delivered": "charged, but not delivered",
    "foreign_order": "not one of your orders",
    "amount_differs": "another amount than agreed",
    "unknown_outcome": "unknown whether it was charged",
}


def audit_card(data: AuditDocument, terminal: Terminal) -> None:
    """How many charges need a look, and a block for each; the good news is one sentence."""
    put = terminal.tell
    count = len(data.findings)
    if not count:
        good = say("No problems: every charge matches an order, was made once and was delivered.")
        put(signed(good, GOOD, terminal) + "\n")
    else:
        bad = say("1 charge needs a look") if count == 1 else say("{count} charges need a look", count=count)
        put(signed(bad, ACT, terminal) + "\n")
    for row in data.overage:
        spent = {"line": row.line, "money": money(row.amount), "time": moment(row.at)}
        told = say("{line} paid {money} beyond its plan from its main balance, seen {time}", **spent)
        put(told + play(row.play_money) + "\n")
    for finding in data.findings:
        put("\n" + finding_head(finding) + "\n")
        for piece in finding.evidence:
            put(f"  {moment(piece.at)}  {say(piece.source)}: {clean(piece.says)}\n")
        put("  " + say("for support: {sentence}", sentence=finding.support) + "\n")
        for key, sentence in TEXTS.items():
            if until := getattr(finding, key):
                put("  " + styled(say(sentence, time=moment_from_now(until)), LOOK) + "\n")
        put(f"  {styled(finding.next, COMMAND)}\n")
    if count:
        whole = styled("esimctl transactions audit --bundle case.tar.gz", COMMAND)
        looked = styled("esimctl reconcile --acknowledge ORDER", COMMAND)
        put("\n" + say("The whole case in one file: {command}", command=whole) + "\n")
        put(say("Mark as reviewed: {command}", command=looked) + "\n")


def finding_head(finding: FindingRow) -> str:
    """`charged more than once · phone · 4.00 USD · 261128-82978a8a`."""
    names = ", ".join([*finding.orders, *finding.provider_orders]) or finding.provider or ""
    parts: list[str] = [styled(say(AUDIT_HEADS[finding.kind]), ACT)]
    parts += [clean(part) for part in (finding.line or "",) if part]
    parts += [] if finding.amount is None else [money(finding.amount)]
    return " · ".join([*parts, clean(names)]) + play(finding.play_money)


def play(playing: bool) -> str:
    """SANDBOX at the end of a row of its own money."""
    return f" · {styled('SANDBOX', PLAY)}" if playing else ""


def signed(said: str, style: str, terminal: Terminal) -> str:
    """A sentence behind the sign of its style."""
    sign = {GOOD: "✓", LOOK: "!", ACT: "!"}[style] if terminal.blocks or style != GOOD else ""
    return f"{styled(sign, style)} {said}" if sign else said


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
    """Whether anything is open or does not fit, then what was found."""
    put = terminal.tell
    put(reconciled(data, terminal) + "\n")
    if data.orders:
        draw(SCREEN, data.orders, terminal)
    for mended in data.healed:
        put(say(HEALED[mended.what], line=mended.line, order=mended.order) + "\n")
    for foreign in data.foreign:
        if not foreign.acknowledged:
            number = {"number": foreign.provider_order, "order": foreign.order or "-"}
            told = say(STRANGERS[foreign.reason], amount=money(foreign.amount), **number)
            put(styled(f"! {told}", ACT) + "\n")
    for row in data.balances:
        told = say(
            BALANCES[row.basis, row.fits], provider=row.provider, expected=money(row.expected), actual=money(row.actual)
        )
        put((styled(f"! {told}", ACT) if row.fits is False else told) + "\n")
        if row.note:
            put(f"  {clean(row.note)}\n")


def reconciled(data: ReconcileDocument, terminal: Terminal) -> str:
    """The first line: the answer."""
    still = sum(STATES[order.state][0] == "open" for order in data.orders)
    if still:
        return signed(
            say("1 order is still open") if still == 1 else say("{count} orders are still open", count=still),
            ACT,
            terminal,
        )
    if any(row.fits is False for row in data.balances) or any(not each.acknowledged for each in data.foreign):
        return signed(say("Nothing is open, but the money does not match."), ACT, terminal)
    return signed(say("Nothing is open."), GOOD if data.ok else LOOK, terminal)


HEALED = {
    "line_restored": "line {line} is back in the profile (order {order})",
    "plan_updated": "line {line} has the plan of its last renewal again (order {order})",
    "line_given_back": "line {line} was given back and is no longer followed (order {order})",
    "order_reopened": "order {order} for {line} exists after all and is open again",
    "code_fetched": "the activation code of {line} was fetched again (order {order})",
}

BALANCES = {
    ("account", True): "{provider}: the balance {actual} fits the orders",
    ("account", False): "{provider}: the balance is {actual}, your orders account for {expected}",
    ("account", None): "{provider}: the balance {actual} could not be compared",
    ("charges", True): "{provider}: charges of {actual} fit the orders",
    ("charges", False): "{provider}: {actual} was charged, your orders account for {expected}",
    ("none", None): "{provider}: nothing to compare with",
}

STRANGERS = {
    "not_ours": "{amount} was paid for {number}, which is not one of your orders",
    "duplicate_charge": "{amount} more was charged for order {order} ({number})",
    "charged_although_refused": "{amount} was charged for order {order}, which was declined ({number})",
}


VIEWS = {
    "export": View(EXPORT, None, exported),
    "transactions-import": View(IMPORT, rows, imported),
    "audit": View(AUDIT_COLUMNS, lambda data: data.findings, audit_card, "no findings"),
    "reconcile": View(RECONCILE_COLUMNS, reconcile_rows, reconcile_card, "nothing is open"),
}
