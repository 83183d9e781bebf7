"""Lists of orders: what was bought, for how much, and what became of it."""

from datetime import timedelta

from esimctl.documents.orders import OrderRow, TransactionsDocument
from esimctl.show.amounts import money
from esimctl.show.reader import reader
from esimctl.show.styles import ACT, GOOD, LOOK, PLAY, SOURCE, styled
from esimctl.show.table import listed
from esimctl.show.terminal import Terminal
from esimctl.show.times import moment, only_day
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import LANGUAGES, say, say_in
from esimctl.values.moments import instant

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
    """SANDBOX behind an amount, where the columns of programs are shown to a person."""
    return "  SANDBOX" if order.play_money else ""


VIEWS = {"transactions": View(COLUMNS, lambda data: data.transactions, transactions, "no orders yet", SCREEN)}
