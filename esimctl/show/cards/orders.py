"""Orders, one or many: what was bought, for how much, and what to do next."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from esimctl.documents.lines import ActivationPart
from esimctl.documents.offers import OrderDocument
from esimctl.documents.orders import AttachmentRow, BulkDocument, BulkRow, OrderRow, TransactionsDocument
from esimctl.show.amounts import local, money, octets
from esimctl.show.reader import reader
from esimctl.show.styles import ACT, GOOD, LOOK, PLAY, SOURCE, styled
from esimctl.show.terminal import Terminal
from esimctl.show.times import moment, only_day
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import LANGUAGES, say, say_in
from esimctl.values.moments import instant
from esimctl.values.text import clean

if TYPE_CHECKING:
    from esimctl.errors import EsimctlError

COLUMNS: Columns[OrderRow] = (
    *columns(OrderRow, "id created_at kind line plan"),
    *columns(OrderRow, "price", person=lambda row: money(row.price) + sandbox(row)),
    *columns(OrderRow, "paid"),
    *columns(OrderRow, "state", person=lambda row: say(row.state) + origin(row) + ("  !" if row.attention else "")),
    *columns(OrderRow, "attention payment_method charged provider provider_order settled_at", shown=False),
    *columns(OrderRow, "stated_at request_id promotion", shown=False),
    *columns(OrderRow, "reason"),
    *columns(OrderRow, "refund imported", shown=False),
    *columns(OrderRow, "play_money date month refund_date refund_month", shown=False, sheet=True),
)


#: state → what a person calls it, and how much it matters; several are open, and say which only to programs
STATES = {
    "planned": ("planned", SOURCE),
    "prepared": ("open", LOOK),
    "attempted": ("open", ACT),
    "accepted": ("open", LOOK),
    "unknown": ("open", ACT),
    "manual": ("open", ACT),
    "settled": ("done", GOOD),
    "rejected": ("declined", ACT),
    "cancelled": ("cancelled", SOURCE),
    "refunding": ("refund asked", LOOK),
    "refunded": ("refunded", GOOD),
}
#: what a person calls the states of orders that were made
STATE_WORDS = tuple(dict.fromkeys(word for state, (word, _) in STATES.items() if state != "planned"))


def states_called(word: str) -> frozenset[str]:
    """The states that people call by that word, in any of the languages; none for another word."""
    return frozenset(
        state
        for state, (name, _) in STATES.items()
        if state != "planned" and word in {say_in(tag, name).casefold() for tag in LANGUAGES}
    )


#: kind → what a person calls it
KINDS = {"new": "new", "renew": "renewal", "topup": "top-up", "gift": "gift", "overage": "use beyond a plan"}


def state(order: OrderRow) -> str:
    """`done`, `declined`, `open`; whether it came from elsewhere or audit doubts its charge."""
    word, style = STATES[order.state]
    return styled(say(word) + origin(order) + (" !" if order.attention else ""), ACT if order.attention else style)


SCREEN: Columns[OrderRow] = (
    Column("when", lambda r: instant(r.created_at), lambda r: moment(r.created_at), priority=4,
           short=[lambda r: only_day(r.created_at)]),
    Column("what", lambda r: r.kind, lambda r: say(KINDS[r.kind]), priority=6),
    Column("line", lambda r: r.line, priority=1),
    Column("plan", lambda r: r.plan, priority=5),
    Column("price", lambda r: r.price, lambda r: money(r.price if r.paid is None else r.paid), right=True, priority=3),
    Column("", lambda r: r.play_money, lambda r: styled("SANDBOX", PLAY) if r.play_money else "", priority=3),
    Column("state", lambda r: r.state, state, priority=2),
    Column("order", lambda r: r.id, priority=0),
)  # fmt: skip

OLD = timedelta(days=1)  #: an order that is open longer than this is said apart


def transactions(data: TransactionsDocument, terminal: Terminal) -> None:
    """Orders, newest first as they come; those that are open and older stand in one red line below."""
    from esimctl.show.table import listed

    orders = list(data.transactions)
    if not orders:
        terminal.note(say("no orders yet"))
        return
    newest = sorted(orders, key=lambda order: order.created_at, reverse=True)
    listed(SCREEN, newest, terminal, most=30, showing="Showing {shown} of {count} orders (--all)")
    now = reader().now
    stuck = [each for each in newest if now and STATES[each.state][0] == "open" and now - each.created_at > OLD]
    if stuck:
        ids = ", ".join(str(each.id) for each in stuck[:3]) + (" …" if len(stuck) > 3 else "")
        terminal.tell(styled(say("open for more than a day: {orders} (esimctl reconcile)", orders=ids), ACT) + "\n")


def origin(order: OrderRow) -> str:
    """A record that came from elsewhere says so."""
    return f" ({say('imported')})" if order.imported else ""


def sandbox(order: OrderRow) -> str:
    """SANDBOX stands wherever the embedded operator's money is shown."""
    return "  SANDBOX" if order.play_money else ""


def person(data: OrderDocument, terminal: Terminal) -> None:
    """What happened, the activation code where there is one, and the next step."""
    order, put = data.order, terminal.tell
    if data.offer:
        from esimctl.show.cards.offer import describe

        for line in describe(data.offer):
            put(line + "\n")
        put(say("nothing was ordered: --dry-run") + "\n")
        return
    head = say(order.state) + origin(order)
    put(f"{head}: {say(order.kind)} {order.plan or ''} ({order.line})\n")
    paid = order.price if order.paid is None else order.paid
    told = {"id": order.id, "money": money(paid) + sandbox(order), "method": order.payment_method}
    put(say("order {id}, {money}, {method}", **told) + "\n")
    if order.stated_at:
        put(say("a wrong clock dated it {time}; it counts in that month as well", time=local(order.stated_at)) + "\n")
    if order.reason:
        put(say("reason: {reason}", reason=order.reason) + "\n")
    for key, sentence in DEADLINES.items():
        if until := getattr(order, key):
            put(say(sentence, time=local(until), id=order.id) + "\n")
    if order.activation is not None and order.activation.lpa:
        goods(order.activation, terminal, order.line)
    for each in data.attachments or ():
        put(attached(each) + "\n")
    after = (order.kind, order.state)
    counter = order.provider == "manual" and after == ("new", "settled")
    for sentence in NEXT_AT_COUNTER if counter else NEXT.get(after, ()):
        put(say(sentence, line=order.line) + "\n")


def goods(activation: ActivationPart, terminal: Terminal, line: str) -> None:
    """The activation code, with its picture and links where it is not masked."""
    from esimctl.show.cards import qr

    put = terminal.tell
    put(f"ICCID {activation.iccid}\n{activation.lpa}\n")
    if activation.lpa and "***" not in activation.lpa:
        qr.draw(activation.lpa, terminal, f"esimctl lines qr {line} --png FILE")
        put(say("iPhone: {url}", url=activation.apple_url) + "\n")
        put(say("Android, where the phone follows it: {url}", url=activation.android_url) + "\n")
    if activation.use_by:
        put(say("install before {time}", time=local(activation.use_by)) + "\n")


def attached(row: AttachmentRow) -> str:
    """A file that is kept with an order, and whether it still is."""
    told = say("file {file}, {size}", file=row.file, size=octets(row.size_bytes))
    if row.state != "kept":
        told += ": " + say("it is missing" if row.state == "missing" else "it is not as it was attached")
    return told + (f"  {clean(row.note)}" if row.note else "")


#: until when money can come back, where a policy says so
DEADLINES = {
    "refund_by": "a refund can be asked for until {time}: esimctl transactions audit --bundle case.tar.gz",
    "cancel_by": "it can be cancelled until {time}: esimctl transactions refund {id}",
}

#: what to do next, by kind and state
NEXT = {
    ("new", "settled"): (
        "Next: scan the code with the phone (Settings, add eSIM) and keep the network on until it is active.",
        "Then: esimctl balance {line}",
    ),
    ("renew", "settled"): ("Next: esimctl balance {line}",),
    ("topup", "settled"): ("Next: esimctl balance {line}",),
    ("new", "accepted"): ("Next: esimctl reconcile, until it is settled; keep the network on.",),
    ("renew", "accepted"): ("Next: esimctl reconcile, until it is settled; keep the network on.",),
}

#: what to do with a line from a counter: nobody but its owner can look at it
NEXT_AT_COUNTER = (
    "Next: esimctl usage record {line} --remaining 4.2GB, whenever you have looked",
    "Then: esimctl balance {line}",
)


class Foreseen(Protocol):
    """A row as `describe` needs it."""

    @property
    def line(self) -> str: ...
    @property
    def plan(self) -> str | None: ...
    @property
    def price(self) -> object: ...
    @property
    def error(self) -> "EsimctlError | None": ...
    @property
    def earlier(self) -> object: ...


def describe(planned: Sequence[Foreseen]) -> Iterator[str]:
    """One line for each row: its price, that it was done before, or why it cannot be."""
    for each in planned:
        if each.error is not None:
            yield f"{each.line}: {say(each.error.said)}"
        elif each.earlier is not None:
            yield say("{line}: done before, nothing is bought again", line=each.line)
        else:
            yield " ".join(part for part in (f"{each.line}:", each.plan, str(each.price)) if part)


def question(count: int, totals: Sequence[str], played: Sequence[str]) -> str:
    """The question that is asked last, for all rows together; sums of play money stand by themselves and say so."""
    sums = [part for part in (" + ".join(totals), f"{' + '.join(played)} SANDBOX" if played else "") if part]
    return say("Orders: {count}. Pay {total} in all?", total=", ".join(sums), count=count)


class ReportedRow(BulkRow):
    """A row that knows whether it is only a rehearsal."""

    dry_run: bool


def rows(data: BulkDocument) -> list[ReportedRow]:
    """The rows of a report."""
    return [ReportedRow(**vars(row), dry_run=data.dry_run) for row in data.rows]


def outcome(row: ReportedRow) -> str:
    """What became of a row, in a word or two."""
    if row.ok and not row.repeated:
        return say("would be done") if row.dry_run else say("done")
    if row.ok:
        return say("done before")
    return say("not tried") if row.exit_code is None else (row.code or "").replace("_", " ")


def _short(row: ReportedRow) -> str:
    return row.code or ("repeated" if row.repeated else "planned" if row.dry_run else "done")


BULK_COLUMNS: Columns[ReportedRow] = (
    *columns(ReportedRow, "row line"),
    *columns(ReportedRow, "ok", shown=False),
    *columns(ReportedRow, "exit_code price order=order.id"),
    Column("outcome", _short, outcome),
    *columns(ReportedRow, "plan", shown=False),
    *columns(ReportedRow, "message"),
)


def bulk_card(data: BulkDocument, terminal: Terminal) -> None:
    """The rows as a table, and how many came to what."""
    from esimctl.show.table import draw

    told = [
        column for column in BULK_COLUMNS if column.shown and column.name != "message"
    ]  # it was told as it happened
    draw(told, rows(data), terminal)
    counts = {"done": data.done, "failed": data.failed, "left": data.not_tried}
    if data.dry_run:
        terminal.note(say("{done} would be done, {failed} would fail; nothing was done", **counts))
        return
    terminal.note(say("{done} done, {failed} failed, {left} not tried", **counts))
    mark = " SANDBOX" if data.play_money else ""
    for block, of_play in ((data, mark), (data.play, " SANDBOX")):
        for key, sentence in SUMS.items():
            if sums := getattr(block, key, ()):
                terminal.note(say(sentence, total=" + ".join(map(money, sums)) + of_play))


#: sums of the report → how they are said
SUMS = {"charged": "charged in all: {total}", "unknown": "not known whether charged: {total}"}


VIEWS = {
    "order": View(COLUMNS, lambda data: [data.order], person),
    "transactions": View(COLUMNS, lambda data: data.transactions, transactions, "no orders yet", SCREEN),
    "bulk": View(BULK_COLUMNS, rows, bulk_card),
}
