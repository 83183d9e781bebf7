"""Money that came back at a counter: whom to call and what to say, and the booking of what was received (R-62, R-72).

Nobody is asked over a network: the person's word books it, as it booked the purchase.
"""

from typing import TYPE_CHECKING

from esimctl.documents.offers import OrderDocument
from esimctl.documents.result import Result
from esimctl.errors import Refused, UsageError
from esimctl.market.counter import contacts
from esimctl.market.deadlines import deadline
from esimctl.market.on_offer import kind_of
from esimctl.profile.books import open_together
from esimctl.profile.opened import unknown
from esimctl.profile.own_catalogue import own_carriers
from esimctl.purchase.document import order_document
from esimctl.purchase.refund import forget_line, takes_line
from esimctl.values.moments import instant, zone
from esimctl.values.money import Money
from esimctl.values.record import record
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml, text_at

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session


@record
class Support:
    """Whom to call about an order, until when (None: nobody says), and the sentence to say."""

    numbers: tuple[str, ...]
    until: str | None
    say: str


def at_counter(session: "Session", order_id: str) -> "OrderState | None":
    """The order, if it was bought by hand: its refund is booked, not asked for."""
    ledger = session.store.ledger_for_reading()
    order = ledger.order(order_id)
    if order is None:
        raise unknown("order", order_id, [known.id for known in ledger.all_orders()], "esimctl transactions list")
    if order.imported or kind_of(session, order.provider) != "manual":
        return None
    return order


def support(session: "Session", order: "OrderState") -> Support:
    """What helps at the carrier's hotline: what was bought, when, for how much, by which receipt."""
    carrier = text_at(session.lines.get(order.line, {}), "carrier")
    if carrier is None:
        fact = session.store.ledger_for_reading().lines.get(order.line)
        carrier = None if fact is None else fact.carrier
    numbers = tuple(row.value for row in contacts(carrier, own_carriers(session)) if row.purpose == "call")
    at = order.settled_at or order.created_at
    day = at.astimezone(zone(session.zone)).date().isoformat()
    what = order.plan or (f"{order.amount} of credit" if order.amount else order.kind)
    receipt = "" if order.provider_order is None else f", receipt {order.provider_order}"
    found = deadline(session, order, "refund")
    return Support(
        numbers,
        None if found is None else instant(found.at),
        f"I paid {order.counted} for {what} on {day}{receipt}. I ask for a refund. How do I get the money back?",
    )


def refused(session: "Session", order: "OrderState") -> Refused:
    """Why nothing is booked yet, with whom to call and what to say."""
    help_there = support(session, order)
    numbers = " / ".join(help_there.numbers) or "the seller"
    return Refused(
        "what was bought at a counter comes back there: call {numbers} and say: {say}"
        if help_there.until is None
        else "what was bought at a counter comes back there: call {numbers}, until {until}, and say: {say}",
        hint="when the money is back: esimctl transactions refund {id} --received MONEY",
        code="no_refunds",
        order=order_document(session, order),
        numbers=Raw(numbers),
        until=Raw(help_there.until),
        say=Raw(help_there.say),
        id=Raw(order.id),
    )


def received(session: "Session", order_id: str, money: Money, *, wait: float = 0.0) -> "Result[OrderDocument]":
    """Book what came back. All of it takes the pack away, and the line that came with it; a part leaves both."""
    with open_together(session, f"refund {order_id}", wait=wait) as books:
        order = checked(session, books.ledger, order_id, money)
        if order.state != "refunded":
            why = "received_at_a_counter"
            back: dict[str, Toml] = {"amount_minor": money.minor, "currency": money.currency, "reason": why}
            steps: list[dict[str, Toml]] = []
            if order.state == "settled":
                steps.append({"kind": "order.refunding", "order": order.id, "reason": why})
            books.write(*steps, {"kind": "order.refunded", "order": order.id, **back})
            order = books.order(order.id)
            if takes_line(books.ledger, order):
                books.write({"kind": "line.removed", "line": order.line, "reason": "refunded"})
        gone = takes_line(books.ledger, order) and forget_line(books, order)
    result = Result("order", OrderDocument(order=order_document(session, order)))
    if gone:
        result.note("{line} went back with it and is no longer followed; its history is kept", line=Raw(order.line))
    elif not order.given_back:
        result.note("a part came back: what {id} brought stays on {line}", id=Raw(order.id), line=Raw(order.line))
    return result


def checked(session: "Session", ledger: "LedgerState", order_id: str, money: Money) -> "OrderState":
    """The order, if so much of it can have come back; the same again is harmless, anything else is refused."""
    order = ledger.order(order_id)
    assert order is not None  # `at_counter` has found it
    document = order_document(session, order)
    if order.state == "refunded" and order.refund == money:
        return order
    if order.kind == "gift" or order.state not in {"settled", "refunding"}:
        raise UsageError(
            "nothing can have come back for order {id}: it is {kind}, {state}", hint="esimctl transactions show {id}",
            code="not_refundable", order=document, id=Raw(order.id), kind=Sentence(order.kind),
            state=Sentence(order.state),
        )  # fmt: skip
    if not money or (money.currency == order.counted.currency and money > order.counted):
        raise UsageError(
            "{money} cannot have come back: {paid} was paid for order {id}", hint="--received {exact}",
            code="bad_refund", order=document, money=Raw(str(money)), paid=Raw(str(order.counted)), id=Raw(order.id),
            exact=Raw(str(order.counted).replace(" ", "")),
        )  # fmt: skip
    return order
