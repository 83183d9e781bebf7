"""One sending of an order: journalled before, evidence and outcome after; and what it really cost."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from esimctl.errors import Damaged, EsimctlError
from esimctl.ledger.archived import OrderQuery
from esimctl.ledger.lives import identity
from esimctl.malformed import Malformed, parsed
from esimctl.profile.books import Books
from esimctl.profile.deadline import Deadline, undisturbed
from esimctl.providers.abilities import Checks, CountsFiner, TellsCharge
from esimctl.providers.protocol import Answer, LineRef, Outcome, OutgoingOrder, Request, Verdict, Wish
from esimctl.providers.verdicts import ambiguous
from esimctl.purchase.outcome import record, secrets_of
from esimctl.purchase.witness import Purse, purse
from esimctl.store.evidence import masked_body
from esimctl.values.money import Money
from esimctl.values.record import replace
from esimctl.values.secrecy import SHORTEST
from esimctl.values.sentence import Raw

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.providers.protocol import Provider

OWN_CREDIT = "provider-balance"

COMPARABLE = timedelta(minutes=10)  #: after which somebody may have paid credit in, or spent some

ASKING = 5.0  #: seconds at most


def with_paid(
    books: Books, order: "OrderState", sent: OutgoingOrder, provider: "Provider", outcome: Outcome, deadline: Deadline
) -> Outcome:
    """A settled outcome with what was paid, as far as the balance or the seller's list tells; unknown stays unknown."""
    if outcome.verdict is not Verdict.SETTLED or outcome.paid is not None:
        return outcome
    try:
        if isinstance(provider, TellsCharge) and provider.tells_charge:
            return replace(outcome, paid=listed(books, sent, provider, outcome, deadline))
        fell = fallen(books, order, provider, deadline) if comparable(books, order) else None
    except EsimctlError:
        return outcome
    finer = order.plan is not None and isinstance(provider, CountsFiner) and provider.finer(order.plan)
    if fell is None or fell.minor <= 0 or fell.minor < order.price.minor - finer:
        return outcome
    if fell.minor > order.price.minor and somebody_else(books, order, provider, deadline):
        return outcome
    return replace(outcome, paid=fell, rounded=finer)


def listed(
    books: Books, sent: OutgoingOrder, provider: "Provider", outcome: Outcome, deadline: Deadline
) -> Money | None:
    """What the seller's own list says that this very order cost."""
    found = provider.look_up(sent, books.session.clock.now(), deadline=max(0.5, min(ASKING, deadline.left)))
    return found.paid if found.provider_order == outcome.provider_order else None


def comparable(books: Books, order: "OrderState") -> bool:
    """Whether a difference of balances can be this order's alone."""
    if order.method_kind != OWN_CREDIT or order.wallet_before is None:
        return False
    return books.now() - order.since <= COMPARABLE and alone(books, order)


def alone(books: Books, order: "OrderState") -> bool:
    """Whether no other order was sent to the same provider since this one was prepared."""
    return not any(
        other.id != order.id and other.last_attempt_at is not None and other.last_attempt_at >= order.since
        for other in books.ledger.select(OrderQuery(own=True, provider=order.provider))
    )


def fallen(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline) -> Money | None:
    """By how much the account's balance is lower than before the order; None where there is nothing to compare."""
    before = order.wallet_before
    after = provider.account_balance(books.session.clock.now(), deadline=max(0.5, min(ASKING, deadline.left)))
    if before is None or after is None or after.currency != before.currency:
        return None
    return Money(before.minor - after.minor, before.currency)


def somebody_else(books: Books, order: "OrderState", provider: "Provider", deadline: Deadline) -> bool:
    """Whether the seller lists an order since then that is none of ours; no is also said where it cannot be asked."""
    since = (order.their_time or order.since) - timedelta(seconds=5)
    try:
        listed = provider.orders(since, books.session.clock.now(), deadline=max(0.5, min(ASKING, deadline.left)))
    except EsimctlError:
        return False
    ours, ledger = OrderQuery(own=True), books.ledger
    names = {*ledger.names_of("key", ours), *ledger.names_of("provider_order", ours)}
    return any(
        theirs.created_at is not None and theirs.created_at >= since and not {theirs.key, theirs.provider_order} & names
        for theirs in listed or ()
    )


#: how often one order may be sent in one run: only after NOT_SENT, or again with the same key or reference
MOST_ATTEMPTS = 3


#: what does not get better by asking again at once
LASTING = frozenset({"tls", "unauthorized", "configuration", "own_pace", "redirected", "rate_limited"})


def as_sent(order: "OrderState", books: Books | None = None) -> OutgoingOrder:
    """The order as its provider needs it, rebuilt from the journal alone; `books` name our other orders there."""
    line = LineRef(
        order.line,
        iccid=order.iccid,
        reference=order.reference or order.provider_line,
        msisdn=order.msisdn,
        plan=order.plan,
    )
    wish = Wish(
        kind=order.kind,
        line=line,
        method=order.method,
        method_kind=order.method_kind,
        plan=order.plan,
        amount=order.amount,
        promotion=order.promotion,
        confirmed=True,
    )
    return OutgoingOrder(
        id=order.id,
        key=order.key,
        wish=wish,
        price=Money(order.price.minor, order.price.currency),
        created_at=order.since,
        provider_order=order.provider_order,
        attempted_at=order.made_after or order.attempted_at,
        others=frozenset() if books is None else others(books, order),
        wallet_before=order.wallet_before,
        their_time=order.their_time,
        granted_before=order.granted_before,
        packs_before=order.packs_before,
    )


def others(books: Books, order: "OrderState") -> frozenset[str]:
    """The numbers under which the provider has our other orders."""
    ledger, theirs = books.ledger, OrderQuery(own=True, provider=order.provider)
    numbers = set(ledger.names_of("provider_order", theirs))
    if order.provider_order is not None:
        same = ledger.select(replace(theirs, numbers=frozenset({order.provider_order})))
        if all(each.id == order.id for each in same):
            numbers.discard(order.provider_order)
    return frozenset(numbers)


def their_clock(books: Books, provider: "Provider") -> datetime | None:
    """The present by the provider's own clock, as its last answer in this run told it; None where it told none."""
    seconds = provider.clock_skew() if isinstance(provider, Checks) else None
    return None if seconds is None else books.session.clock.now() + timedelta(seconds=seconds)


def attempt(
    books: Books, order: "OrderState", provider: "Provider", deadline: Deadline, *, sure: bool
) -> tuple["OrderState", Outcome]:
    """Send the stored bytes once. Returns the order as journalled and the outcome; signals wait until then."""
    request = Request(order.endpoint, order.request)
    if sha256(request.body.encode()).hexdigest() != order.request_sha256:
        raise Damaged(
            "the stored request of order {id} is damaged; it is not sent", hint="esimctl doctor", id=Raw(order.id)
        )
    with undisturbed():
        theirs = their_clock(books, provider)
        books.write({"kind": "order.attempted", "order": order.id, "n": order.attempts + 1, "their_time": theirs})
        order = books.order(order.id)
        try:
            sent = as_sent(order, books)
            answer = provider.send(sent, request, books.session.clock.now(), deadline=deadline.left)
            keep_answer(books, order, provider, sent, answer)
            outcome = understood(provider, sent, answer)
            if outcome.verdict is Verdict.NOT_SENT and retry_not_sent(order, outcome, deadline):
                return order, outcome
            if outcome.verdict is Verdict.REFUSED and outcome.reason == "unauthorized":
                outcome = past_the_door(books, order, provider, outcome, deadline)
            outcome = with_paid(books, order, sent, provider, outcome, deadline)
            return record(books, order, outcome, sure=sure), outcome
        except OSError as error:
            unrecorded(order, error)
            raise


def past_the_door(
    books: Books, order: "OrderState", provider: "Provider", refusal: Outcome, deadline: Deadline
) -> Outcome:
    """What became of an order that was answered by "who are you": it speaks of the door, so the books are looked at.

    Who cannot look either is refused; so is an order that is not there while the account stands as before.
    """
    found = provider.look_up(as_sent(order, books), books.session.clock.now(), deadline=deadline.left)
    if found.verdict in (Verdict.SETTLED, Verdict.ACCEPTED):
        return found
    if found.verdict is Verdict.ABSENT and purse(books, order, provider, deadline) is Purse.MOVED:
        return ambiguous("unauthorized", refusal.message)
    return refusal


def keep_answer(books: Books, order: "OrderState", provider: "Provider", sent: OutgoingOrder, answer: Answer) -> None:
    """Keep an answer before anything depends on understanding it: its secrets in the vault, the rest as evidence.

    The vault comes first, and its write is tried again with the ballast given up: on a full disk the code is what
    cannot be bought again. Evidence that cannot be written keeps no outcome from the journal.
    """
    store = books.session.store
    kept, line = secrets_in(provider, sent, answer), identity(books.ledger, order.line, order)
    if not kept and masked_body(answer.body) != answer.body:
        kept, line = {f"answer-{order.attempts}": answer.body.decode("utf-8", "replace")}, order.id
    if kept:
        try:
            store.vault.write(line, kept)
        except OSError:
            if not store.journal.drop_ballast():
                raise
            store.vault.write(line, kept)
    with suppress(OSError):
        store.evidence.write(
            order.id, order.attempts, answer.status, dict(answer.headers), answer.body, codes=codes_in(kept)
        )


def understood(provider: "Provider", sent: OutgoingOrder, answer: Answer) -> Outcome:
    """What an answer came to, of now or kept; one that nobody can read decides nothing."""
    try:
        return parsed(provider.interpret, sent, answer)
    except Malformed:
        return ambiguous("malformed")


def secrets_in(provider: "Provider", sent: OutgoingOrder, answer: Answer) -> dict[str, str]:
    """The activation code in an answer that can be understood; a reader that fails on it finds none."""
    goods = understood(provider, sent, answer).goods
    return {} if goods is None or not goods.lpa else secrets_of(goods)


def codes_in(kept: Mapping[str, str]) -> list[str]:
    """What works for whoever has it, of what the vault keeps: the code, its last part alone, its PIN."""
    lpa = kept.get("lpa", "")
    found = [lpa, lpa.partition(":")[2], *lpa.split("$")[2:3], kept.get("confirmation_code", "")]
    return [each for each in found if len(each) >= SHORTEST]


def retry_not_sent(order: "OrderState", outcome: Outcome, deadline: Deadline) -> bool:
    """Whether an order of which no byte left may be tried again now; a certificate that fails is not tried again."""
    return outcome.reason not in LASTING and order.attempts < MOST_ATTEMPTS and deadline.left > 2.0


def unrecorded(order: "OrderState", error: OSError) -> None:
    """The one line that must reach somebody when the disk fails after the order left: it names order and key."""
    words = f"ESIMCTL-UNRECORDED order={order.id} key={order.key} error={error.errno}\n"
    try:
        os.write(2 if sys.stderr is None else sys.stderr.fileno(), words.encode())
    except (OSError, ValueError):  # a stream of somebody's own, without a descriptor
        with suppress(OSError, ValueError):
            sys.stderr.write(words)
