"""Documents to keep: reports of months, receipts of purchases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from esimctl.documents.balance import BudgetRow, HintRow
from esimctl.documents.document import Anything, Document, Octets, one_of
from esimctl.documents.orders import AttachmentRow, OrderRow
from esimctl.values.money import Money


class TriggerRow(Document):
    """What was bought at the word of a person, of one rule, or elsewhere."""

    by: str
    rule: str | None
    purchases: int
    topups: int
    spend: Sequence[Money]


class UnknownPart(Document):
    """Of how many lines or orders a figure is not known, or not wholly."""

    paid: int
    bought: int
    used: int
    carried: int
    wasted: int
    wasted_money: int
    foreign: int
    overage: int


class FiguresRow(Document):
    """The figures of a time, in one sort of money."""

    play_money: bool
    spend: Sequence[Money]
    refunds: Sequence[Money]
    perhaps: Sequence[Money]
    foreign: Sequence[Money]
    overage: Sequence[Money]
    purchases: int
    topups: int
    triggers: Sequence[TriggerRow]
    bought_bytes: Octets | None
    used_bytes: Octets | None
    carried_bytes: Octets | None
    wasted_bytes: Octets | None
    wasted_money: Sequence[Money]
    gifts_sent_bytes: Octets
    gifts_received_bytes: Octets
    pool_taken_bytes: Octets
    pool_lent_bytes: Octets
    unlimited: bool
    unknown: UnknownPart


class MonthPart(Document):
    """Which month, and of which group."""

    month: str
    group: str | None


class ReportedMonthRow(MonthPart, FiguresRow):
    """A month's figures, of a group where there are groups."""


class ReportDocument(Document, schema="report"):
    """Spend, use and waste by month."""

    as_of: datetime
    profile: str
    zone: str
    by: Annotated[str, one_of("line|carrier|person|method")] | None
    months: Sequence[str]
    report: Sequence[ReportedMonthRow]
    totals: Sequence[FiguresRow]
    budgets: Sequence[BudgetRow]
    hints: Sequence[HintRow]


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
