"""What is done about an order whose outcome is open: the recovery table, by capability tier and last record."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from esimctl.actions.books import Books
from esimctl.actions.purchase.attempt import MOST_ATTEMPTS, as_sent, attempt
from esimctl.actions.purchase.deadline import Deadline
from esimctl.actions.purchase.order_document import order_document
from esimctl.actions.purchase.outcome import cancelled_entry, record, rejected_entry
from esimctl.actions.purchase.paid import with_paid
from esimctl.actions.settle.mending import mend_lines
from esimctl.errors import EsimctlError, UnknownOutcome
from esimctl.providers.protocol import Answer, Tier, Verdict

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.providers.protocol import Provider

#: past this a keyed order is no longer sent again: its key may have been forgotten there
RETRY_HORIZON = timedelta(hours=20)
#: seconds before each further look-up within one run
PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0)
ABSENT_ONCE = "absent_once"
ABSENT_BUT_PAID = "absent_but_paid"
OWN_CREDIT = "provider-balance"
#: an answer of this kind used the whole deadline up: nothing more is asked in this run
SPENT = "deadline"
#: somebody stands between us and the provider: a later run looks the order up
REDIRECTED = "redirected"


def pursue(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline) -> "OrderState":
    """Look an open order up, send its stored bytes again where the tier allows it, until it is settled or time ends."""
    for pause in PAUSES:
        if not order.open or order.state == "manual" or order.reason == REDIRECTED or not deadline.pause(pause):
            break
        if order.state == "prepared":
            books.write(cancelled_entry(order, "never_sent"))
            return books.order(order.id)
        books.session.progress(f"order {order.id}: {order.state}, asking {order.provider} …")
        before = order
        order = step(books, order, provider, deadline)
        if order.reason in {"unauthorized", SPENT} or (order == before and pause > deadline.left):
            break
    return order


def step(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline) -> "OrderState":
    """One look-up and what follows from it."""
    now = books.now()
    outcome = provider.look_up(as_sent(order, books), books.session.clock.now(), deadline=deadline.left)
    match outcome.verdict:
        case Verdict.SETTLED | Verdict.REFUSED:
            outcome = with_paid(books, order, as_sent(order, books), provider, outcome, deadline)
            return record(books, order, outcome, sure=outcome.verdict is Verdict.REFUSED)
        case Verdict.ACCEPTED:
            changed = order.state != "accepted" or (outcome.provider_order, outcome.charged) != (
                order.provider_order,
                order.charged,
            )
            return record(books, order, outcome) if changed else order
        case Verdict.ABSENT if order.state != "accepted":
            return absent(books, order, provider, deadline, now)
        case _ if order.state in {"attempted", "unknown"} and for_a_person(order, now):
            books.write({"kind": "order.manual", "order": order.id, "reason": "horizon_passed"})
            return books.order(order.id)
        case _:
            return order


def absent(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline, now: datetime) -> "OrderState":
    """It was not found: proof only if seen twice, the second time when the settle window has passed."""
    again = resend_allowed(order, now) and order.attempts < MOST_ATTEMPTS and spending_allowed(books)
    if again and order.tier == Tier.KEYED:
        order, _ = attempt(books, order, provider, deadline, sure=False)
        return order
    since = order.last_attempt_at or order.created_at
    if order.reason not in (ABSENT_ONCE, ABSENT_BUT_PAID) or now < since + provider.settle_window:
        if order.reason not in (ABSENT_ONCE, ABSENT_BUT_PAID):
            books.write({"kind": "order.unknown", "order": order.id, "reason": ABSENT_ONCE, "charged": order.charged})
        return books.order(order.id)
    again = again and order.tier == Tier.REFERENCE
    if not (again and repeats_safely(provider)) and money_left(books, order, provider, deadline):
        if order.reason != ABSENT_BUT_PAID:
            entry = {"kind": "order.unknown", "order": order.id, "reason": ABSENT_BUT_PAID, "charged": order.charged}
            books.write(entry)
        elif now - order.created_at >= RETRY_HORIZON:
            books.write({"kind": "order.manual", "order": order.id, "reason": ABSENT_BUT_PAID})
        return books.order(order.id)
    if again:
        order, _ = attempt(books, order, provider, deadline, sure=False)
        return order
    books.write(rejected_entry(order, "absent"))
    return books.order(order.id)


def repeats_safely(provider: "Provider") -> bool:
    """Whether the same reference is the same order by the seller's word: then sending it again finds it."""
    from esimctl.providers.abilities import Repeats

    return isinstance(provider, Repeats) and provider.repeats_safely


def money_left(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline) -> bool:
    """Whether the account went down by the price although the order cannot be found: then it is not proven absent.

    Only for orders paid from the account's own credit; what other orders of ours took from it since is taken into
    account. A balance that cannot be asked, or is of another currency, says nothing.
    """
    before = order.wallet_before
    if order.method_kind != OWN_CREDIT or before is None:
        return False
    try:
        balance = provider.account_balance(books.session.clock.now(), deadline=max(1.0, deadline.left))
    except EsimctlError:
        return False
    if balance is None or balance.currency != before.currency:
        return False
    taken = sum(
        other.counted.minor
        for other in books.ledger.orders.values()
        if other.provider == order.provider
        and other.method_kind == OWN_CREDIT
        and other.settled_at is not None
        and other.seq > order.seq
        and other.counted.currency == before.currency
    )
    return before.minor - taken - balance.minor >= order.price.minor > 0


def resend_allowed(order: "OrderState", now: datetime) -> bool:
    """Tiers A and B may send the same bytes again, within the horizon; C and D never."""
    return order.tier in (Tier.KEYED, Tier.REFERENCE) and now - order.created_at < RETRY_HORIZON


def for_a_person(order: "OrderState", now: datetime) -> bool:
    """Nobody could say what became of it for so long, and its tier has no better question: a person has to look."""
    return order.tier in (Tier.LABEL, Tier.NOTHING) and now - order.created_at >= RETRY_HORIZON


def spending_allowed(books: Books) -> bool:
    """Sending again is spending: not while a person has paused it, nor in a restored profile that was not compared."""
    return not books.session.store.paused() and not books.ledger.must_reconcile


def settle_open(
    books: Books, deadline: Deadline, *, only_line: str | None = None, everything: bool = False
) -> list["OrderState"]:
    """Pursue every open order, oldest first; one that cannot be asked about never stops the others. Returns them.

    With `everything` also those that wait for a person are looked up: the provider may know by now.

    Lines that a stop kept out of the profile are put there first.
    """
    mend_lines(books)
    came_to = []
    barred: set[str] = set()
    for order in books.ledger.open_orders(line=only_line):
        if order.provider in barred and order.state != "prepared":
            came_to.append(order)
            continue
        try:
            provider = books.session.provider(order.provider)
            if everything and order.state == "manual":
                after = look_again(books, order, provider, deadline)
            else:
                after = once(books, order, provider, deadline)
        except BaseException as error:
            unless_sent(books, order, error)
            if not isinstance(error, EsimctlError):
                raise
            barred.add(order.provider)  # its credentials or its address are gone: leave its orders as they are
            after = books.order(order.id)
        came_to.append(after)
    return came_to


def unless_sent(books: Books, order: "OrderState", error: BaseException) -> None:
    """A stop or a failing disk in the middle of a second sending is 4, like one in the middle of the first."""
    after = books.order(order.id)
    if after.attempts == order.attempts or (isinstance(error, EsimctlError) and not isinstance(error, OSError)):
        return
    raise UnknownOutcome(
        "interrupted after order {id} was sent again: {what}",
        hint="esimctl reconcile",
        code="interrupted_after_sending",
        order=order_document(books.session, after),
        id=order.id,
        what=str(error) or type(error).__name__,
    ) from error


def once(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline) -> "OrderState":
    """One round for an order found open at the start of a run: two look-ups at most, no long waiting."""
    if order.state == "prepared":
        return never_sent(books, order, provider, deadline)
    if order.state == "manual":
        return order
    order = from_evidence(books, order, provider)
    for _ in range(2):
        if not order.open or deadline.left <= 0:
            break
        order = step(books, order, provider, deadline)
        if order.state in {"accepted", "manual"}:
            break
    return order


def from_evidence(books: Books, order: "OrderState", provider: "Provider") -> "OrderState":
    """An answer that was kept, but not journalled: a stop between the two loses nothing that it says."""
    if order.state != "attempted":
        return order
    for piece in books.session.store.evidence.read(order.id):
        if piece.attempt == order.attempts and piece.status is not None and not piece.cut:
            answer = Answer(piece.status, piece.body, piece.headers)
            outcome = provider.interpret(as_sent(order), answer)
            if outcome.goods is not None:  # codes are masked in evidence; the vault has them, or a look-up will
                outcome = replace(outcome, goods=replace(outcome.goods, lpa=None, confirmation_code=None))
            delivered = order.kind != "new" or bool(books.session.store.vault.read(order.line))
            if outcome.verdict in (Verdict.ACCEPTED, Verdict.REFUSED) or (
                outcome.verdict is Verdict.SETTLED and delivered
            ):
                return record(books, order, outcome, sure=order.attempts == 1)
    return order


def never_sent(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline) -> "OrderState":
    """It was prepared and not sent, so it is cancelled; but a restored journal may have lost that it was sent."""
    if books.ledger.must_reconcile:
        outcome = provider.look_up(as_sent(order, books), books.session.clock.now(), deadline=deadline.left)
        if outcome.verdict is not Verdict.ABSENT:
            books.write({"kind": "order.attempted", "order": order.id, "n": order.attempts + 1})
            return record(books, books.order(order.id), outcome, sure=outcome.verdict is Verdict.REFUSED)
    books.write(cancelled_entry(order, "never_sent"))
    return books.order(order.id)


def look_again(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline) -> "OrderState":
    """An order that waits for a person: a definite answer spares the person the decision, nothing else changes it."""
    outcome = provider.look_up(as_sent(order, books), books.session.clock.now(), deadline=deadline.left)
    if outcome.verdict in (Verdict.SETTLED, Verdict.REFUSED):
        return record(books, order, outcome, sure=outcome.verdict is Verdict.REFUSED)
    return order


__all__ = ["RETRY_HORIZON", "once", "pursue", "resend_allowed", "settle_open", "step"]
