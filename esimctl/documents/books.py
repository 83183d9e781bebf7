"""Documents that compare the journal with what providers say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from esimctl.documents.document import ABSENT, Absent, Document, Prose, one_of
from esimctl.documents.orders import OrderRow
from esimctl.values.money import Money


class EvidenceRow(Document):
    """A piece of evidence in words: of the journal, a provider or a reading."""

    source: str
    at: datetime | None
    says: Prose


class FindingRow(Document):
    """A charge that was not meant, not once, or not delivered; what to tell support, and the command that goes on."""

    kind: Annotated[
        str,
        one_of("duplicate_charge|failed_charge|charged_not_delivered|foreign_order|amount_differs|unknown_outcome"),
    ]
    provider: str | None
    orders: Sequence[str]
    provider_orders: Sequence[str]
    line: str | None
    amount: Money | None
    evidence: Sequence[EvidenceRow]
    support: Prose
    refund_by: datetime | None
    cancel_by: datetime | None
    next: str
    play_money: bool


class AskedRow(Document):
    """Whether a provider's books could be seen."""

    provider: str
    order_list: bool
    matched: int
    error: str | None


class OverageRow(Document):
    """What a line's main balance paid on a day for use beyond its plan, by the provider's count or by the model."""

    line: str
    provider: str
    plan: str | None
    at: datetime
    amount: Money
    source: Annotated[str, one_of("provider|modelled")]
    play_money: bool


class AuditDocument(Document, schema="audit"):
    """Whether every charge was meant, once, and delivered."""

    as_of: datetime
    profile: str
    since: datetime
    findings: Sequence[FindingRow]
    providers: Sequence[AskedRow]
    overage: Sequence[OverageRow]
    bundle: str | Absent = ABSENT


class ComparedRow(Document):
    """An account or charges at a provider against the books; `fits` is null where nothing could be compared."""

    provider: str
    basis: Annotated[str, one_of("account|charges|none")]
    expected: Money | None
    actual: Money | None
    fits: bool | None
    note: Prose | None


class ForeignRow(Document):
    """Money that left an account without an order of ours."""

    provider: str
    provider_order: str
    reason: Annotated[str, one_of("not_ours|duplicate_charge|charged_although_refused|ours")]
    order: str | None
    kind: str | None
    plan: str | None
    iccid: str | None
    amount: Money | None
    created_at: datetime | None
    acknowledged: bool


class HealedRow(Document):
    """What was mended."""

    order: str
    line: str
    what: Annotated[str, one_of("line_restored|plan_updated|code_fetched|line_given_back|order_reopened")]


class MatchedProviderRow(Document):
    """What could be compared with a provider."""

    provider: str
    tier: str | None
    order_list: bool
    balance: bool
    matched: int
    unlisted: Sequence[str]
    error: str | None


class ReconcileDocument(Document, schema="reconcile"):
    """What was open when it began, every balance, every stranger."""

    as_of: datetime
    profile: str
    ok: bool
    orders: Sequence[OrderRow]
    balances: Sequence[ComparedRow]
    foreign: Sequence[ForeignRow]
    healed: Sequence[HealedRow]
    providers: Sequence[MatchedProviderRow]
