"""Documents about orders, and the one that every failure is told in."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias

from esimctl.documents.document import ABSENT, Absent, Document, Octets, Prose, one_of
from esimctl.documents.lines import ActivationPart
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
