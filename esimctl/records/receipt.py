"""`transactions receipt`: one order with everything that speaks for it, from the journal (R-61, R-113, R-116)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from esimctl.catalogue import renamed
from esimctl.catalogue.claims import shipped_claims
from esimctl.documents.orders import OrderRow
from esimctl.documents.records import CountedClaimRow, OrderStepRow, ReceiptDocument, ReceiptPart, ReferencesPart
from esimctl.documents.result import Result
from esimctl.ledger.taken_back import dated
from esimctl.profile.opened import takes_play_money
from esimctl.profile.own_catalogue import market
from esimctl.providers.lpa import mask
from esimctl.purchase.document import order_document
from esimctl.records.attachments import attachments, find
from esimctl.records.delivered import delivered, differences, promised
from esimctl.values.record import replace
from esimctl.values.toml import Toml, text_at

if TYPE_CHECKING:
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session

#: fields of the journal's entries that a step of an order may show
SHOWN = ("reason", "n", "confirmed_by", "provider_order", "discrepancy")


def receipt(session: "Session", order_id: str) -> "Result[ReceiptDocument]":
    """The document. It holds no activation code, and of ICCID and number only what tells two apart."""
    ledger = session.store.ledger_for_reading()
    if ledger.order(order_id) is None:
        session.store.check_whole()  # it may be among what cannot be read
    order = find(ledger, order_id)
    later = [each for each in ledger.orders_of([order.line]) if each.settled_at is not None]
    after = min((e.settled_at for e in later if e.settled_at and order.settled_at and e.settled_at > order.settled_at),
                default=None)  # fmt: skip
    wanted, came = promised(order, claims(session, order)), delivered(order, ledger.all_readings(order.line), after)
    table = session.lines.get(order.line, {})
    document = ReceiptDocument(
        as_of=session.clock.now(),
        profile=session.store.name,
        play_money=order.play or takes_play_money(session, order.provider),
        receipt=ReceiptPart(
            order=without_codes(order_document(session, order)),
            carrier=text_at(table, "carrier"),
            owner=text_at(table, "owner"),
            by="person" if order.rule is None else "rule",
            rule=order.rule,
            amount_due=order.counted if order.settled_at is not None else None,
            refund=order.refund,
            promised=wanted,
            delivered=came,
            differs=differences(order, wanted, came),
            references=references(order),
            steps=steps(session, order.id),
            attachments=attachments(session, ledger, order.id),
        ),
    )
    return Result("receipt", document)


def without_codes(order: OrderRow) -> OrderRow:
    """The order without what could install an eSIM; even the masked code is left out."""
    if order.activation is None:
        return order
    return replace(order, activation=replace(order.activation, lpa=None, apple_url=None, android_url=None))


def claims(session: "Session", order: "OrderState") -> list[CountedClaimRow]:
    """The claims that counted when it was bought, as they are known today; only the id of one that is gone."""
    known = {claim.id: claim for claim in (*shipped_claims(), *market(session).own.values())}
    found = []
    for name in order.claims:
        claim = renamed.find("claim", name, known)
        found.append(
            CountedClaimRow(
                id=name,
                topic=None if claim is None else claim.topic,
                source=None if claim is None else claim.source,
                as_of=None if claim is None or claim.as_of is None else str(claim.as_of),
            )
        )
    return found


def references(order: "OrderState") -> ReferencesPart:
    """The names under which the provider's support finds it."""
    return ReferencesPart(
        provider_order=order.provider_order,
        request_id=order.request_id,
        key=order.key,
        line_reference=None if order.reference is None else mask(order.reference),
        msisdn=None if order.msisdn is None else mask(order.msisdn),
        request_sha256=order.request_sha256,
    )


def steps(session: "Session", order_id: str) -> list[OrderStepRow]:
    """What happened to the order, entry by entry."""
    found = []
    for entry, at in dated(session.store.journal.load().entries):
        kind = str(entry.get("kind"))
        if entry.get("order") == order_id and kind.startswith("order."):
            found.append(OrderStepRow(at=at, step=kind.removeprefix("order."), detail=detail(entry)))
    return found[::-1]


def detail(entry: Mapping[str, Toml]) -> str | None:
    """The fields of an entry that say how it went."""
    told = [f"{name}={entry[name]}" for name in SHOWN if name in entry]
    return ", ".join(told) or None
