"""Documents about orders, and the one that every failure is told in."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias

from esimctl.documents.document import ABSENT, Absent, Document, Octets, Prose, one_of
from esimctl.documents.lines import ActivationPart
from esimctl.documents.plans import PlanRow
from esimctl.documents.schemas import Nullable
from esimctl.values.money import Money

Day: TypeAlias = date  #: a field is called date
#: overage: a day's charges for use beyond a plan, in lists alone
OrderKind: TypeAlias = Annotated[str, one_of("new|renew|topup|gift|overage")]
OrderWord: TypeAlias = Annotated[
    str,
    one_of("planned|prepared|attempted|accepted|unknown|settled|rejected|cancelled|manual|refunding|refunded"),
]


class OrderRow(Document):
    """An order, the same keys everywhere."""

    id: str | None
    kind: OrderKind
    state: OrderWord
    charged: bool | Literal["unknown"]
    retry_safe: bool
    request_id: str | None
    line: str
    provider: str
    plan: str | None
    price: Money | None
    paid: Money | None
    promotion: str | None
    payment_method: str
    provider_order: str | None
    created_at: datetime
    settled_at: datetime | None
    stated_at: datetime | Absent = ABSENT  #: what a clock said that was taken back; it counts in both months
    reason: Prose | None
    refund: Money | None
    refunded_at: datetime | None
    imported: bool
    play_money: bool
    activation: ActivationPart | None
    data_bytes: Octets | Absent | None = ABSENT  #: exports: what the pack holds
    date: Day | Absent = ABSENT  #: lists and exports: the day and month of the profile's zone in which it counts
    month: str | Absent = ABSENT
    refund_date: Day | Absent | None = ABSENT  #: and those of what came back
    refund_month: str | Absent | None = ABSENT
    profile: str | Absent = ABSENT
    attention: Sequence[str] | Absent = ABSENT  #: lists: open for too long, or what audit doubts about the charge
    refund_by: datetime | Absent | None = ABSENT  #: of one alone: until when a policy lets the money come back
    cancel_by: datetime | Absent | None = ABSENT


class AttachmentRow(Document):
    """A file that a person keeps with an order."""

    file: str
    sha256: str
    size_bytes: Octets
    note: Prose | None
    at: datetime
    state: Annotated[str, one_of("kept|missing|changed")]


class TransactionsDocument(Document, schema="transactions"):
    """Orders and what use beyond plans cost."""

    transactions: Iterable[OrderRow]


class BulkRow(Document):
    """A row of many; `exit_code` null: not tried."""

    row: int
    line: str
    ok: bool
    exit_code: int | None
    code: str | None
    message: Prose | None
    plan: str | None
    price: Money | None
    repeated: bool
    order: OrderRow | None


class SumsPart(Document):
    """What all rows cost, what was charged, and what nobody knows yet, by currency."""

    total: Sequence[Money]
    charged: Sequence[Money]
    unknown: Sequence[Money]


class BulkDocument(Document, schema="bulk"):
    """One report of many rows. The sums are missing where nothing is bought."""

    command: str
    ok: bool
    dry_run: bool
    done: int
    failed: int
    not_tried: int
    rows: Sequence[BulkRow]
    request_id: str | Absent | None = ABSENT
    total: Sequence[Money] | Absent = ABSENT
    charged: Sequence[Money] | Absent = ABSENT
    unknown: Sequence[Money] | Absent = ABSENT
    play_money: bool | Absent = ABSENT  #: of which money these sums are
    play: SumsPart | Absent = ABSENT  #: where both are spent, the sums of play money


class ExportDocument(Document, schema="export"):
    """What an export holds, and where it is: in the file at `path`, or in `content`."""

    as_of: datetime
    profile: str
    format: Annotated[str, one_of("csv|json|hledger|beancount|ics|prometheus")]
    since: datetime | None
    until: datetime | None
    line: str | None
    records: int
    path: str | None
    content: str | None


class ImportedOrderRow(Document):
    """A row of a file that was imported, or why it was not; `like` is what is known already."""

    row: int
    order: str
    line: str
    provider: str
    provider_order: str | None
    at: datetime
    amount: Money
    reason: str | None
    like: str | None


class UnreadableOrderRow(Document):
    """A row that could not be read."""

    row: int
    reason: str
    detail: Prose


class RecordsImportDocument(Document, schema="transactions-import"):
    """What became of the rows of a file."""

    profile: str
    file: str
    format: Annotated[str, one_of("csv|json")]
    dry_run: bool
    imported: Iterable[ImportedOrderRow]
    duplicates: Iterable[ImportedOrderRow]
    conflicts: Iterable[ImportedOrderRow]
    skipped: Iterable[ImportedOrderRow]
    refused: Iterable[UnreadableOrderRow]


class FailurePart(Document):
    """Why a command did not do what was asked."""

    code: str
    exit_code: int
    message: Prose
    hint: Prose | None
    retry_safe: bool


class ErrorDocument(Document, schema="error"):
    """A failure, and the order that it is about."""

    error: FailurePart
    order: OrderRow | None


class CounterStepRow(Document):
    """A step of a purchase elsewhere: a sentence with its figure, and where that comes from.

    `tel` is what a phone's camera can dial.
    """

    say: str
    value: str | None
    source: str | None
    as_of: date | None
    grade: str | None
    tel: str | None


#: What `--dry-run` shows beside the order that was not made.
#: the five steps of a renewal: line and account, what is left, the plans that fit, and what comes of it
RENEWAL = {
    "line": "text",
    "carrier": "text?",
    "provider": "text",
    "by_hand": "flag",
    "status": "pending|active|suspended|expired|closed|unknown",
    "remaining_bytes": "octets?",
    "restricted_bytes": "octets?",
    "restricted_unlimited": "flag",
    "unlimited": "flag",
    "voice_seconds": "seconds?",
    "expires_at": "instant?",
    "renew_by": "instant?",
    "grace_until": "instant?",
    "plans": [
        {
            "id": "text",
            "name": "text",
            "price": "money?",
            "data_bytes": "octets?",
            "unlimited": "flag",
            "validity": "text?",
            "present": "flag",
            "chosen": "flag",
        }
    ],
    "new_end": "instant?",
    "days_lost": "count?",
    "kept_bytes": "octets?",
    "kept_until": "instant?",
    "lost_bytes": "octets?",
}

OFFER = {
    "plan": Nullable(PlanRow),
    "amount": "money?",
    "price": "money?",
    "payment_method": "text",
    "play_money": "flag",
    "effect": "text?",
    "begins_at": "instant?",  # of what waits for the present term to end
    "lost_bytes": "octets?",
    "plan_change": Nullable(
        {"from": "text?", "carry_bytes": "octets", "carry_if_same_bytes": "octets", "lost_bytes": "octets"}
    ),
    "balance_before": "money?",
    "unusual_price": Nullable(
        {"than": "above|below", "least": "money", "most": "money", "claim": "text", "source": "text"}
    ),
    "promotions~": ["any"],
    "needs_confirmation": "flag",
    "valid_until": "instant?",
    "notes": ["text"],
    "way~": [CounterStepRow],
    "dial~": "text",
    "renewal~": RENEWAL,
}

DOCUMENTS: dict[str, Any] = {
    "order": {"order": OrderRow, "offer~": OFFER, "dry_run~": "flag", "attachments~": [AttachmentRow]},
}
