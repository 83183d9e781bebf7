"""What only a person can decide: whether an open order was charged. The decision is journalled as theirs."""

from typing import TYPE_CHECKING

from esimctl.documents.offers import OrderDocument
from esimctl.documents.result import Result
from esimctl.errors import EsimctlError, ExitCode, UsageError
from esimctl.ledger import postings
from esimctl.profile.books import Books, open_books
from esimctl.profile.opened import unknown
from esimctl.providers.protocol import Outcome, Verdict
from esimctl.providers.registry import steps
from esimctl.purchase.document import order_document
from esimctl.purchase.matching import BY_HAND
from esimctl.purchase.outcome import cancelled_entry, keep_line, record, rejected_entry, reopened_entry
from esimctl.purchase.refund import forget_line, refunded_entries
from esimctl.purchase.sending import as_sent
from esimctl.values.moments import instant
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.text import clean
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session

LONGEST_NUMBER = 128


def console_steps(session: "Session", order: "OrderState") -> list[str]:
    """The exact steps that tell a person at the provider whether this order was charged."""
    settings = session.section("provider").get(order.provider, {})
    words = {
        "key": order.key,
        "at": instant(order.last_attempt_at or order.created_at),
        "price": str(order.price),
        "provider": order.provider,
    }
    return [step.format(**words) for step in steps(str(settings.get("kind", order.provider)))]


def to_decide(
    session: "Session", order_id: str, charged: str | None, *, not_charged: bool
) -> tuple["OrderState", list[str]]:
    """The order and the steps to take before deciding; UsageError where there is nothing to decide or no decision."""
    order = find(session.store.ledger_for_reading(), order_id)
    told = console_steps(session, order)
    if charged is not None and not_charged:
        raise UsageError("--charged and --not-charged contradict each other")
    if charged is None and not not_charged:
        raise UsageError(
            "was order {id} charged? {steps}",
            hint="esimctl transactions resolve {id} --charged PROVIDER_ORDER, or --not-charged",
            code="undecided",
            order=order_document(session, order),
            id=Raw(order.id),
            steps=Raw("; ".join(f"{place}. {step}" for place, step in enumerate(told, 1))),
        )
    if charged is not None and (not charged or len(charged) > LONGEST_NUMBER or clean(charged) != charged):
        raise UsageError("{number!r} cannot be the number of an order", code="bad_number", number=Raw(charged))
    closed = not order.open and order.state != "refunding" and not takes_word_back(order, charged)
    if closed and not agrees(order, charged):
        raise UsageError(
            "order {id} is {state}: there is nothing to decide",
            hint="esimctl transactions show {id}",
            code="not_open",
            order=order_document(session, order),
            id=Raw(order.id),
            state=Sentence(order.state),
        )
    return order, told


def agrees(order: "OrderState", charged: str | None) -> bool:
    """Whether a closed order is already what the person says."""
    if charged is None:
        return order.state in {"rejected", "cancelled", "refunded"}
    return order.state == "settled" and order.provider_order == charged


def takes_word_back(order: "OrderState", charged: str | None) -> bool:
    """Whether a person who said that it was not charged has found it at the seller since."""
    return charged is not None and order.state == "rejected" and order.reason == BY_HAND


def resolve(session: "Session", order_id: str, charged: str | None, *, wait: float = 0.0) -> "Result[OrderDocument]":
    """Journal the decision: charged under the provider's number, or not charged (None).

    The provider is asked once more; what it knows for certain counts more than what a person read, and is told (4).
    """
    with open_books(session, f"resolve {order_id}", wait) as books:
        order = find(books.ledger, order_id)
        if order.state == "refunding":
            return concluded(session, resolve_refund(books, order, came_back=charged is None))
        if takes_word_back(order, charged):
            books.write(reopened_entry(order, charged))
            order = books.order(order.id)
        if not order.open:
            return Result("order", OrderDocument(order=order_document(session, order)))
        told = last_look(books, order, charged)
        if told is not None and told.verdict is Verdict.SETTLED:
            order = record(books, order, told)
            return as_told(session, order, agreed=charged is not None)
        if told is not None and told.verdict is Verdict.REFUSED and charged is not None:
            order = record(books, order, told)
            return as_told(session, order, agreed=False)
        if charged is None:
            books.write(rejected_entry(order, BY_HAND) if order.attempts else cancelled_entry(order, "never_sent"))
        else:
            books.write(*charged_entries(order, charged))
            keep_line(books, books.order(order.id))
        result = concluded(session, books.order(order.id))
        if charged is None and order.attempts:
            result.note(
                "{price} are at risk: if {provider} carried order {id} out after all, they are charged; its list is"
                " compared at every esimctl reconcile",
                price=Raw(str(order.price)),
                provider=Raw(order.provider),
                id=Raw(order.id),
            )
        return result


def resolve_refund(books: Books, order: "OrderState", *, came_back: bool) -> "OrderState":
    """A refund that the provider never confirmed: the money came back (not charged), or it did not (charged)."""
    if came_back:
        books.write(*refunded_entries(order, order.counted))
        forget_line(books, books.order(order.id))
    else:
        books.write({"kind": "order.refund_denied", "order": order.id, "reason": "resolved_by_a_person"})
    return books.order(order.id)


def find(ledger: "LedgerState", order_id: str) -> "OrderState":
    """The order by its id; an unknown one is refused with the nearest."""
    order = ledger.order(order_id)
    if order is None:
        raise unknown("order", order_id, [known.id for known in ledger.all_orders()], "esimctl transactions list")
    return order


def last_look(books: Books, order: "OrderState", charged: str | None) -> Outcome | None:
    """Ask the provider under the number that the person found; None where it cannot be asked."""
    session = books.session
    if not order.attempts:
        return None
    try:
        asked = as_sent(order if charged is None else replace(order, provider_order=charged))
        return session.provider(order.provider).look_up(asked, session.clock.now(), deadline=20.0)
    except EsimctlError:
        return None


def charged_entries(order: "OrderState", number: str) -> list[dict[str, Toml]]:
    """Settled by a person's word; what was paid stays unknown until the provider's books say it."""
    entries: list[dict[str, Toml]] = []
    if not order.attempts:
        entries.append({"kind": "order.attempted", "order": order.id, "n": 1})
    entries.append(
        {
            "kind": "order.settled",
            "order": order.id,
            "provider_order": number,
            "confirmed_by": "user",
            "reason": "resolved_by_a_person",
            "postings": postings.settled(order.id, order.line, order.provider, order.method, order.price, None),
        }
    )
    if order.kind == "new":
        entries.append({"kind": "line.added", "line": order.line, "provider": order.provider, "order": order.id})
    return entries


def as_told(session: "Session", order: "OrderState", *, agreed: bool) -> "Result[OrderDocument]":
    """The provider knew."""
    result = concluded(session, order)
    if not agreed:
        result.exit_code = ExitCode.UNKNOWN_OUTCOME
        result.note(
            "{provider} says otherwise, and its word was taken: {state}",
            provider=Raw(order.provider),
            state=Sentence(order.state),
        )
    return result


def concluded(session: "Session", order: "OrderState") -> "Result[OrderDocument]":
    """The order as it stands now, and what to do next where its goods are not here."""
    result = Result("order", OrderDocument(order=order_document(session, order)))
    if order.kind == "new" and order.state == "settled" and order.iccid is None:
        result.note(
            "the activation code is not here: esimctl reconcile asks for it, or copy it from {provider}",
            provider=Raw(order.provider),
        )
    return result
