"""What is done about an order whose outcome is open: the recovery table, by capability tier and last record."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from esimctl.errors import EsimctlError, UnknownOutcome, reason_of
from esimctl.market.on_offer import COUNTER, kind_of
from esimctl.profile.books import Books
from esimctl.profile.codes import codes_of_order
from esimctl.profile.deadline import LONGEST, Deadline, SharedDeadline
from esimctl.providers.abilities import OnWord
from esimctl.providers.protocol import Answer, Request, Tier, Verdict
from esimctl.purchase.document import order_document
from esimctl.purchase.outcome import HELD, cancelled_entry, record, rejected_entry
from esimctl.purchase.profile_lines import mend_lines
from esimctl.purchase.sending import MOST_ATTEMPTS, as_sent, attempt, their_clock, understood, with_paid
from esimctl.purchase.witness import Purse, purse
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.providers.protocol import Provider

#: past this a keyed order is no longer sent again: its key may have been forgotten there
RETRY_HORIZON = timedelta(hours=20)
#: seconds before each further look-up within one run
PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0)
ABSENT_ONCE = "absent_once"
ABSENT_BUT_PAID = "absent_but_paid"
#: not there, and the vendor had answered that it does nothing now: no answer was lost
ABSENT_AFTER_LIMIT = "absent_after_limit"
#: the seller says that it has an order of ours, and does not show it
EXISTS = "exists"
TOLD_TO = timedelta(seconds=1)  #: how exactly a provider tells its time
#: how long a call may still be on its way to the seller's books when we have hung up
CALL_LIFE = timedelta(seconds=LONGEST)
#: an answer of this kind used the whole deadline up: nothing more is asked in this run
SPENT = "deadline"
#: somebody stands between us and the provider: a later run looks the order up
REDIRECTED = "redirected"
LIMITED = "rate_limited"


def pursue(
    books: Books, order: "OrderState", provider: "Provider", deadline: Deadline, *, wait: float = 0.0
) -> "OrderState":
    """Look an open order up, send its stored bytes again where the tier allows it, until it is settled or time ends.

    `wait` are the seconds that the provider asked for; what it asked for beyond the deadline a later run waits for.
    """
    if wait and not deadline.pause(wait):
        return order
    for pause in PAUSES:
        if not order.open or order.state == "manual" or order.reason == REDIRECTED or not deadline.pause(pause):
            break
        if order.state == "prepared":
            books.write(cancelled_entry(order, "never_sent"))
            return books.order(order.id)
        books.session.progress(
            Sentence("order {id}: asking {name}", {"id": Raw(order.id), "name": Raw(order.provider)})
        )
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
            return absent(books, order, provider, deadline)
        case Verdict.ABSENT if order.reason == EXISTS and waited(books, order, provider) >= patience(provider):
            books.write({"kind": "order.manual", "order": order.id, "reason": EXISTS})
            return books.order(order.id)
        case _ if order.state in {"attempted", "unknown"} and for_a_person(order, now):
            books.write({"kind": "order.manual", "order": order.id, "reason": "horizon_passed"})
            return books.order(order.id)
        case _:
            return order


def absent(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline) -> "OrderState":
    """It was not found, which proves little: a list may be late, and an answer that was lost was perhaps a yes.

    Under a key that is honoured the same bytes go out again and bring the answer. Under a unique reference they do
    only when the first call cannot be on its way any more and the account is not lower. Closed as absent is what is
    absent again after the horizon, while nothing in the account speaks against it; else a person decides then.
    """
    again = resend_allowed(order, books.now()) and order.attempts < MOST_ATTEMPTS and spending_allowed(books)
    if again and order.tier == Tier.KEYED:
        order, _ = attempt(books, order, provider, deadline, sure=False)
        return order
    since = waited(books, order, provider)
    if order.reason not in HELD:
        return not_there(books, order, ABSENT_AFTER_LIMIT if order.reason == LIMITED else ABSENT_ONCE)
    if since < provider.settle_window:
        return order
    told = purse(books, order, provider, deadline)
    horizon = provider.settle_window if order.reason == ABSENT_AFTER_LIMIT else provider.absence_horizon
    if told is Purse.MOVED and since >= patience(provider):
        books.write({"kind": "order.manual", "order": order.id, "reason": ABSENT_BUT_PAID})
        return books.order(order.id)
    if told is Purse.MOVED:
        return not_there(books, order, ABSENT_BUT_PAID)
    if told is Purse.UNASKED:
        return order
    if again and order.tier == Tier.REFERENCE:
        if since >= max(provider.settle_window, min(CALL_LIFE, provider.absence_horizon)):
            order, _ = attempt(books, order, provider, deadline, sure=False)
        return order
    if since < horizon:
        return order
    books.write(rejected_entry(order, "absent"))
    return books.order(order.id)


def patience(provider: "Provider") -> timedelta:
    """After how long a person is asked about an order that may be charged and is not found; until then it is sought."""
    return max(provider.absence_horizon, RETRY_HORIZON)


def not_there(books: Books, order: "OrderState", reason: str) -> "OrderState":
    """Journal that it was not found, and how; what is in the books already is not written again."""
    if order.reason != reason:
        books.write({"kind": "order.unknown", "order": order.id, "reason": reason, "charged": order.charged})
    return books.order(order.id)


def waited(books: Books, order: "OrderState", provider: "Provider") -> timedelta:
    """How long ago it was sent last, by whichever clock says less, ours or the provider's: one may have jumped."""
    ours = books.now() - (order.last_attempt_at or order.created_at)
    theirs = their_clock(books, provider)
    if theirs is None or order.last_their_time is None:
        return ours
    return min(ours, theirs - order.last_their_time + TOLD_TO)


def resend_allowed(order: "OrderState", now: datetime) -> bool:
    """Tiers A and B may send the same bytes again, within the horizon; C and D never."""
    return order.tier in (Tier.KEYED, Tier.REFERENCE) and now - order.since < RETRY_HORIZON


def for_a_person(order: "OrderState", now: datetime) -> bool:
    """Nobody could say what became of it for so long, and its tier has no better question: a person has to look."""
    return order.tier in (Tier.LABEL, Tier.NOTHING) and now - order.since >= RETRY_HORIZON


def spending_allowed(books: Books) -> bool:
    """Sending again is spending: not while a person has paused it, nor in a restored profile that was not compared."""
    return not books.session.store.paused() and not books.ledger.must_reconcile


def settle_open(
    books: Books, deadline: Deadline, *, only_line: str | None = None, everything: bool = False
) -> list["OrderState"]:
    """Pursue every open order, oldest first; one that cannot be asked about never stops the others. Returns them.

    Nor does a provider that answers slowly: each has its share of the time.

    With `everything` also those that wait for a person are looked up: the provider may know by now.

    Lines that a stop kept out of the profile are put there first.
    """
    mend_lines(books)
    came_to = []
    barred: set[str] = set()
    still_open = books.ledger.open_orders(line=only_line)
    shares = SharedDeadline(deadline, [order.provider for order in still_open])
    for order in still_open:
        if order.provider in barred and order.state != "prepared":
            came_to.append(order)
            continue
        try:
            provider = books.session.provider(order.provider)
            share = shares.of(order.provider)
            if everything and order.state == "manual":
                after = look_again(books, order, provider, share)
            else:
                after = once(books, order, provider, share)
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
        id=Raw(order.id),
        what=reason_of(error),
    ) from error


def once(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline) -> "OrderState":
    """One round for an order found open at the start of a run: two look-ups at most, no long waiting."""
    if order.state == "prepared":
        return never_sent(books, order, provider, deadline)
    if order.state == "manual":
        return order
    order = from_evidence(books, from_word(books, order, provider), provider)
    for _ in range(2):
        if not order.open or deadline.left <= 0:
            break
        order = step(books, order, provider, deadline)
        if order.state in {"accepted", "manual"}:
            break
    return order


def from_word(books: Books, order: "OrderState", provider: "Provider") -> "OrderState":
    """A purchase that a person's word books stands in its own request: what a stop kept out of the journal is there."""
    if not isinstance(provider, OnWord) or order.state not in {"attempted", "manual"}:
        return order
    outcome = provider.interpret(as_sent(order), provider.word(Request(order.endpoint, order.request)))
    return record(books, order, outcome)


def never_sent_word(books: Books, order: "OrderState") -> "OrderState":
    """An open order of a person's word, finished without asking anybody; any other one stays as it is."""
    if kind_of(books.session, order.provider) != COUNTER:
        return order
    provider = books.session.provider(order.provider)
    if not isinstance(provider, OnWord):
        return order
    if order.state == "prepared":
        books.write(cancelled_entry(order, "never_sent"))
        return books.order(order.id)
    return from_word(books, order, provider)


def from_evidence(books: Books, order: "OrderState", provider: "Provider") -> "OrderState":
    """An answer that was kept, but not journalled: a stop between the two loses nothing that it says.

    One that decides nothing is journalled as such, as it would have been then: it is read once, and from then on the
    order is looked up.
    """
    if order.state != "attempted":
        return order
    for piece in books.session.store.evidence.read(order.id):
        if piece.attempt == order.attempts and piece.status is not None and not piece.cut:
            answer = Answer(piece.status, piece.body, piece.headers)
            outcome = understood(provider, as_sent(order), answer)
            if outcome.goods is not None:  # codes are masked in evidence; the vault has them, or a look-up will
                outcome = replace(outcome, goods=replace(outcome.goods, lpa=None, confirmation_code=None))
            delivered = order.kind != "new" or bool(codes_of_order(books.session, order, books.ledger))
            if outcome.verdict in (Verdict.ACCEPTED, Verdict.REFUSED) or (
                outcome.verdict is Verdict.SETTLED and delivered
            ):
                return record(books, order, outcome, sure=order.attempts == 1)
            if outcome.verdict is Verdict.AMBIGUOUS:
                return record(books, order, outcome)
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
    if isinstance(provider, OnWord):
        return from_word(books, order, provider)
    outcome = provider.look_up(as_sent(order, books), books.session.clock.now(), deadline=deadline.left)
    if outcome.verdict in (Verdict.SETTLED, Verdict.REFUSED):
        return record(books, order, outcome, sure=outcome.verdict is Verdict.REFUSED)
    return order
