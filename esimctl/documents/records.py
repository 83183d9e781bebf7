"""Documents to keep: reports of months, receipts of purchases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from esimctl.documents.document import Anything, Document, Octets, one_of
from esimctl.documents.orders import AttachmentRow, OrderRow
from esimctl.documents.setup import BudgetRow, HintRow
from esimctl.values.money import Money

FIGURES = {
    "spend": ["money"],
    "refunds": ["money"],
    "perhaps": ["money"],
    "foreign": ["money"],
    "overage": ["money"],
    "purchases": "count",
    "topups": "count",
    "triggers": [
        {"by": "text", "rule": "text?", "purchases": "count", "topups": "count", "spend": ["money"]},
    ],
    "bought_bytes": "octets?",
    "used_bytes": "octets?",
    "carried_bytes": "octets?",
    "wasted_bytes": "octets?",
    "wasted_money": ["money"],
    "gifts_sent_bytes": "octets",
    "gifts_received_bytes": "octets",
    "pool_taken_bytes": "octets",
    "pool_lent_bytes": "octets",
    "unlimited": "flag",
    "unknown": {
        "paid": "count",
        "bought": "count",
        "used": "count",
        "carried": "count",
        "wasted": "count",
        "wasted_money": "count",
        "foreign": "count",
        "overage": "count",
    },
}


class CountedClaimRow(Document):
    """A claim that counted when something was bought; only its id where it is known no more."""

    id: str
    topic: str | None
    source: str | None
    as_of: str | None


class PromisedPart(Document):
    """The terms as they stood in an order's snapshot."""

    data_bytes: Octets | None
    unlimited: bool
    validity: str | None
    rollover: str | None
    amount: Money | None
    terms: Anything
    claims: Sequence[CountedClaimRow]


class DeliveredPart(Document):
    """What came, as far as anybody has seen it."""

    confirmed_by: Annotated[str, one_of("provider|user")] | None
    settled_at: datetime | None
    iccid: str | None
    use_by: datetime | None
    expires_at: datetime | None
    data_bytes: Octets | None
    seen_at: datetime | None


class ReferencesPart(Document):
    """The names under which a provider's support finds an order."""

    provider_order: str | None
    request_id: str
    key: str
    line_reference: str | None
    msisdn: str | None
    request_sha256: str


class OrderStepRow(Document):
    """An entry of the journal about an order."""

    at: datetime
    step: str
    detail: str | None


class ReceiptPart(Document):
    """One order with everything that speaks for it."""

    order: OrderRow
    carrier: str | None
    owner: str | None
    by: Annotated[str, one_of("person|rule")]
    rule: str | None
    amount_due: Money | None
    refund: Money | None
    promised: PromisedPart
    delivered: DeliveredPart
    differs: Sequence[Annotated[str, one_of("price|data|undelivered")]]  #: what was not as promised
    references: ReferencesPart
    steps: Sequence[OrderStepRow]
    attachments: Sequence[AttachmentRow]


class ReceiptDocument(Document, schema="receipt"):
    """A receipt."""

    as_of: datetime
    profile: str
    play_money: bool
    receipt: ReceiptPart


DOCUMENTS: dict[str, Any] = {
    "report": {
        "as_of": "instant",
        "profile": "text",
        "zone": "text",
        "by": "line|carrier|person|method?",
        "months": ["text"],
        "report": [{"month": "text", "group": "text?", "play_money": "flag", **FIGURES}],
        "totals": [{"play_money": "flag", **FIGURES}],
        "budgets": [BudgetRow],
        "hints": [HintRow],
    },
}
