"""The document of one order, and what is shown of an order before it is made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from esimctl.documents.balance import LineStatus
from esimctl.documents.document import ABSENT, Absent, Document, Octets, Prose, Seconds, one_of
from esimctl.documents.orders import AttachmentRow, CounterStepRow, OrderRow
from esimctl.documents.plans import PlanRow
from esimctl.values.money import Money


class PlanChoice(Document):
    """A plan as a person chooses by."""

    id: str
    name: Prose
    price: Money | None
    data_bytes: Octets | None
    unlimited: bool
    validity: str | None


class FittingPlanRow(PlanChoice):
    """A plan that a line can have."""

    present: bool
    chosen: bool


class RenewalPart(Document):
    """The five steps of a renewal: line and account, what is left, the plans that fit, and what comes of it."""

    line: str
    carrier: str | None
    provider: str
    by_hand: bool
    status: LineStatus
    remaining_bytes: Octets | None
    restricted_bytes: Octets | None
    restricted_unlimited: bool
    unlimited: bool
    voice_seconds: Seconds | None
    expires_at: datetime | None
    renew_by: datetime | None
    grace_until: datetime | None
    plans: Sequence[FittingPlanRow]
    new_end: datetime | None
    days_lost: int | None
    kept_bytes: Octets | None
    kept_until: datetime | None
    lost_bytes: Octets | None


class PlanChangePart(Document):
    """What becomes of what is left when a line goes over to another plan, at the end of its term."""

    from_: str | None
    carry_bytes: Octets
    carry_if_same_bytes: Octets
    lost_bytes: Octets


class UnusualPricePart(Document):
    """How far a price lies outside the claimed level, and who says so."""

    than: Annotated[str, one_of("above|below")]
    least: Money
    most: Money
    claim: str
    source: Prose


class ApplyingPromotionRow(Document):
    """A promotion that would hold for an order like this one."""

    id: str
    name: Prose


class OfferPart(Document):
    """What a person needs to see before agreeing: plan, price, effect, what would be lost, the way to buy."""

    plan: PlanRow | None
    amount: Money | None
    price: Money | None
    payment_method: str
    play_money: bool
    effect: str | None
    begins_at: datetime | None  #: of what waits for the present term to end
    lost_bytes: Octets | None
    plan_change: PlanChangePart | None
    balance_before: Money | None
    needs_confirmation: bool
    valid_until: datetime | None
    notes: Sequence[Prose]
    unusual_price: UnusualPricePart | None
    promotions: Sequence[ApplyingPromotionRow] | Absent = ABSENT
    way: Sequence[CounterStepRow] | Absent = ABSENT
    renewal: RenewalPart | Absent = ABSENT
    dial: str | Absent = ABSENT


class OrderDocument(Document, schema="order"):
    """One order; with `dry_run` one that was not made, and what it would be."""

    order: OrderRow
    offer: OfferPart | Absent = ABSENT
    dry_run: bool | Absent = ABSENT
    attachments: Sequence[AttachmentRow] | Absent = ABSENT
