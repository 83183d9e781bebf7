"""The one walk of every purchase: buy, renew, topup and the automatic top-up.

1. resolve names and quote (`preview`: no lock, nothing written); a person confirms, or `--yes`;
2. lock; load; settle what is open; the same request id is answered from the books;
3. quote again; the gates;
4. journal `prepared`, fsync; journal `attempted`, fsync;
5. the stored bytes go out once, under one deadline; raw answer to evidence, outcome to the journal, fsync;
6. an open outcome is pursued by its tier's rules until the deadline; unlock; the result is shown by somebody else.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from hmac import new as hmac_new
from typing import TYPE_CHECKING

from esimctl.documents.document import ABSENT, Absent
from esimctl.documents.offers import OfferPart, OrderDocument, PlanChangePart
from esimctl.documents.orders import CounterStepRow, OrderRow
from esimctl.documents.result import Result
from esimctl.errors import ConfigurationError, EsimctlError, UnknownOutcome, reason_of
from esimctl.ledger import postings
from esimctl.market import on_offer
from esimctl.market.on_offer import unusual
from esimctl.market.plans import plan_row
from esimctl.market.policies import claims_used
from esimctl.market.promotions import applying
from esimctl.profile.books import Books, open_books
from esimctl.profile.budget import over_budget, told
from esimctl.profile.deadline import Deadline
from esimctl.providers.protocol import OutgoingOrder, Verdict
from esimctl.purchase.document import order_document
from esimctl.purchase.gates import BEFORE_THE_LOCK, clock_is_sane, pass_gates, room_on_disk
from esimctl.purchase.intent import check_request_id, make_offer
from esimctl.purchase.offer import Intent, Offer
from esimctl.purchase.outcome import conclude, failure
from esimctl.purchase.profile_lines import set_free
from esimctl.purchase.pursue import SPENT, pursue, settle_open
from esimctl.purchase.repeat import again
from esimctl.purchase.sending import attempt
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import text_at

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session


def prune_evidence(books: "Books") -> int:
    """Remove what is due, under the lock; how many files went. That a file cannot be removed changes nothing.

    Only the orders of which there is evidence are looked up; those that are open, or unknown here, keep it.
    """
    evidence = books.session.store.evidence
    ended = {}
    for name in evidence.orders():
        order = books.ledger.order(name)
        if order is not None and not order.open and order.state != "refunding":
            ended[name] = order.changed_at
    with suppress(OSError):
        return evidence.prune(ended, books.now())
    return 0


SETTLE_BUDGET = 20.0  #: seconds for what earlier runs left open


def preview(session: "Session", intent: Intent) -> "tuple[Offer, Result[OrderDocument]]":
    """What would be bought, for how much and with which effect. Takes no lock, writes nothing, sends no order."""
    ledger = session.store.ledger_for_reading()
    offer = make_offer(session, intent, ledger)
    for gate in BEFORE_THE_LOCK:
        gate(session, ledger, offer)
    shown = offer_document(session, offer)
    result = Result("order", OrderDocument(order=planned(session, offer), offer=shown))
    result.notes += budget_warnings(session, ledger, offer)
    on_offer.told(result, shown.unusual_price, offer.quote.price)
    return offer, result


def budget_warnings(session: "Session", ledger: "Ledger", offer: Offer) -> list[Sentence]:
    """What a person hears of the month's budgets before buying; nothing is refused for it."""
    price, now = offer.quote.price, session.clock.now()
    try:
        play = offer.provider.play_money
        return [told(each, price) for each in over_budget(session, ledger, offer.wish.line.name, price, now, play=play)]
    except ConfigurationError as error:
        return [error.said]


def check(session: "Session", offer: Offer) -> None:
    """Whether the gates would let an offer through, for `--dry-run`; raises what the purchase would raise."""
    pass_gates(session, session.store.ledger_for_reading(), offer)


def repeated(session: "Session", intent: Intent) -> bool:
    """Whether this request id is in the books already: then nobody needs to be asked again."""
    check_request_id(intent.request_id)
    return (
        intent.request_id is not None and session.store.ledger_for_reading().by_request(intent.request_id) is not None
    )


def purchase(session: "Session", intent: Intent) -> "Result[OrderDocument]":
    """Buy, once. Raises the failure that carries the order, or returns the order's document."""
    deadline = Deadline.from_environment(session.environ)
    check_request_id(intent.request_id)
    with open_books(session, f"{intent.kind} {intent.line or intent.plan}", intent.lock_wait) as books:
        earlier = intent.request_id and books.ledger.by_request(intent.request_id)
        if earlier:
            return again(books, intent, earlier, deadline, carry_out)
        settle_open(books, Deadline(min(SETTLE_BUDGET, deadline.left)))
        prune_evidence(books)
        offer = make_offer(session, intent, books.ledger, deadline=min(30.0, deadline.left))
        if intent.source != "person":
            clock_is_sane(books)
        pass_gates(session, books.ledger, offer)
        room_on_disk(books)
        order = prepare(books, offer)
        return carry_out(books, order, offer, deadline)


def prepare(books: Books, offer: Offer) -> "OrderState":
    """Journal the intent with the exact bytes that will be sent; returns the order, `prepared`."""
    session, intent, wish, quote = books.session, offer.intent, offer.wish, offer.quote
    if intent.kind == "new":
        set_free(books, wish.line.name)
    order_id = f"{books.now():%y%m%d}-{os.urandom(4).hex()}"
    key = wire_key(session, intent, offer)
    order = OutgoingOrder(id=order_id, key=key, wish=wish, price=quote.price, created_at=books.now())
    request = offer.provider.request(order)
    terms = dict(quote.terms) if quote.terms is not None else None
    books.write(
        {
            "kind": "order.prepared",
            "order": order_id,
            "order_kind": intent.kind,
            "line": wish.line.name,
            "provider": offer.provider.name,
            "plan": wish.plan,
            "amount_minor": None if wish.amount is None else wish.amount.minor,
            "amount_currency": None if wish.amount is None else wish.amount.currency,
            "terms": terms,
            "price_minor": quote.price.minor,
            "currency": quote.price.currency,
            "max_price_minor": None if intent.max_price is None else intent.max_price.minor,
            "method": wish.method,
            "method_kind": wish.method_kind,
            "promotion": wish.promotion,
            "claims": claims_used(session, offer.plan) or None,
            "holds": None if quote.holds is None else dict(quote.holds),
            "request_id": intent.request_id or key,
            "key": key,
            "tier": offer.provider.tier.value,
            "endpoint": request.endpoint,
            "request": request.body,
            "request_sha256": sha256(request.body.encode()).hexdigest(),
            "source": intent.source,
            "generation": intent.generation,
            "play": offer.provider.play_money or None,
            "wallet_before_minor": None if quote.balance_before is None else quote.balance_before.minor,
            "provider_line": wish.line.reference,
            "iccid": wish.line.iccid if intent.kind != "new" else None,
            "granted_before": quote.granted_before,
            "packs_before": quote.packs_before,
            "postings": postings.prepared(order_id, offer.provider.name, wish.method, quote.price),
        }
    )
    return books.order(order_id)


def wire_key(session: "Session", intent: Intent, offer: Offer) -> str:
    """The key under which the order goes out, as UUID text without meaning.

    Random for a person. Derived from the profile's seed for a `--request-id` and for a rule's n-th order, so that two
    overlapping runs, or a restored backup, compute the same one and the provider can refuse the second. The price is
    no part of a request id's key: a price that has changed since must not turn the same order into a second one.
    """
    wish = offer.wish
    what = [wish.line.name if intent.line else "", wish.plan or "", str(wish.amount or "")]
    if intent.request_id is not None:
        words = ["v1", "id", intent.request_id, intent.kind, offer.provider.name, *what]
    elif intent.source != "person":
        words = ["v1", intent.source, str(intent.generation), *what, str(offer.quote.price)]
    else:
        words = []
    raw = os.urandom(16)
    if words:
        raw = hmac_new(session.store.seed(), "|".join(words).encode(), sha256).digest()[:16]
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def carry_out(books: Books, order: "OrderState", offer: Offer, deadline: Deadline) -> "Result[OrderDocument]":
    """Send a prepared order and follow it until its outcome is known or time is up. From here on nothing exits 1."""
    session, no_wait = books.session, offer.intent.no_wait
    try:
        order, outcome = attempt(books, order, offer.provider, deadline, sure=True)
        while outcome.verdict is Verdict.NOT_SENT and order.state == "attempted":
            deadline.pause(min(0.5 * order.attempts, deadline.left / 2))
            order, outcome = attempt(books, order, offer.provider, deadline, sure=True)
        waits = order.open and outcome.reason != SPENT and outcome.verdict is not Verdict.BUSY
        if waits and not (no_wait and order.state == "accepted"):
            order = pursue(books, order, offer.provider, deadline, wait=outcome.retry_after or 0.0)
    except BaseException as error:
        raise after_sending(books, order, error) from error
    return conclude(session, order, no_wait=no_wait)


def after_sending(books: Books, order: "OrderState", error: BaseException) -> EsimctlError:
    """Whatever goes wrong once a byte may have left is 4: look before you retry."""
    order = books.ledger.order(order.id) or order
    document = order_document(books.session, order)
    if not order.open and order.state != "settled":
        return failure(order, document)
    if order.state == "prepared" and isinstance(error, EsimctlError):
        return error  # nothing has left: the failure says what it is
    if order.state == "prepared" and not isinstance(error, Exception):
        raise error  # Ctrl-C or SIGTERM before anything was sent
    if order.state == "prepared":
        return UnknownOutcome(
            "order {id} was prepared, but not sent: {what}",
            hint="esimctl reconcile",
            order=document,
            id=Raw(order.id),
            what=reason_of(error),
        )
    return UnknownOutcome(
        "interrupted after order {id} was sent: {what}",
        hint="esimctl reconcile",
        code="interrupted_after_sending",
        order=document,
        id=Raw(order.id),
        what=reason_of(error),
    )


def planned(session: "Session", offer: Offer) -> OrderRow:
    """The order document of something that has not been ordered: state `planned`."""
    wish, quote = offer.wish, offer.quote
    return OrderRow(
        id=None,
        kind=offer.intent.kind,
        state="planned",
        charged=False,
        retry_safe=True,
        request_id=offer.intent.request_id,
        line=wish.line.name,
        provider=offer.provider.name,
        plan=wish.plan,
        price=quote.price,
        paid=None,
        promotion=wish.promotion,
        payment_method=wish.method,
        provider_order=None,
        created_at=session.clock.now(),
        settled_at=None,
        reason=None,
        refund=None,
        refunded_at=None,
        imported=False,
        play_money=offer.provider.play_money,
        activation=None,
    )


def offer_document(session: "Session", offer: Offer) -> OfferPart:
    """What a person needs to see before agreeing: plan, price, terms, effect, what would be lost."""
    quote = offer.quote
    steps: Sequence[CounterStepRow] | Absent = ABSENT
    if quote.by_hand:
        from esimctl.market.counter import way

        steps = way(session, offer.wish)
    return OfferPart(
        plan=None if offer.plan is None else plan_row(session, offer.plan),
        amount=offer.wish.amount,
        price=quote.price,
        payment_method=offer.wish.method,
        play_money=offer.provider.play_money,
        effect=quote.effect,
        begins_at=quote.begins_at,
        lost_bytes=quote.lost_bytes,
        plan_change=plan_change_document(session, offer),
        balance_before=quote.balance_before,
        needs_confirmation=quote.needs_confirmation,
        valid_until=quote.valid_until,
        notes=quote.notes,
        unusual_price=None if offer.provider.play_money else unusual(session, offer.plan, quote.price),
        promotions=[] if offer.wish.promotion else applying(session, offer.plan, offer.intent.kind),
        way=steps,
    )


def plan_change_document(session: "Session", offer: Offer) -> PlanChangePart | None:
    """What becomes of what is left when a line goes over to another plan; None where it does not."""
    change = offer.quote.change
    if change is None:
        return None
    return PlanChangePart(
        from_=text_at(session.line(offer.wish.line.name), "plan"),
        carry_bytes=change.carry_bytes,
        carry_if_same_bytes=change.carry_if_same_bytes,
        lost_bytes=change.lost_bytes,
    )
