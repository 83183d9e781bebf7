"""Documents about policies, promotions, recommendations and changes of the catalogue."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, TypeAlias

from esimctl.documents.document import ABSENT, Absent, Document, Octets, one_of
from esimctl.documents.plans import CountedRollover, PlanRow
from esimctl.documents.schemas import Nullable
from esimctl.values.money import Money

Field: TypeAlias = Money | date | Sequence[str] | str | bool | int | None  #: what a field of a catalogue's row holds


class PurchaseRow(Document):
    """Something to buy, and when; `converted` is its price in the currency asked for, where that is another one."""

    plan: str
    at: datetime
    price: Money
    converted: Money | None
    promotion: str | None
    data_bytes: Octets | None
    validity: str | None
    provider: str
    by_use: bool
    persons: int
    example: bool
    seen: date | None
    retrieved: date | None
    stale: bool


class ConvertedPrices(Document):
    """A plan's prices in the currency asked for."""

    price: Money
    price_per_gb: Money | None
    price_per_day: Money | None


class ComparedPlan(PlanRow):
    """A plan beside others; `policy` is the rollover that is counted upon."""

    policy: CountedRollover | None
    disputed: bool
    in_: ConvertedPrices | None
    coverage: Sequence[str]


class ComparisonDocument(Document, schema="comparison"):
    """Plans side by side."""

    plans: Sequence[ComparedPlan]
    currency: str | None
    rates: Sequence[str]


class ChangeRow(Document):
    """A row of a catalogue that came, went, or has another value in a field; `plan` is the id of a row of any kind."""

    plan: str
    of: Annotated[str, one_of("plan|promotion|claim|carrier|device")]
    change: Annotated[str, one_of("added|removed|changed")]
    field: str | None
    before: Field
    after: Field


class FetchedList(Document):
    """A provider whose list was fetched, and how many plans are in it."""

    provider: str
    plans: int


class PlanChangesDocument(Document, schema="plan-changes"):
    """What differs between two states of the catalogue."""

    before: str
    after: str
    providers: Sequence[FetchedList] | Absent = ABSENT
    changes: Sequence[ChangeRow]


class ImportedRows(Document):
    """How many rows of each kind were taken."""

    plans: int
    promotions: int
    claims: int
    carriers: int
    devices: int


class WrongRow(Document):
    """A row of a file that is wrong, and why."""

    file: str
    key: str
    message: str


class ImportDocument(Document, schema="import"):
    """What was taken from a file of rows, and what differs by it."""

    imported: ImportedRows
    refused: Sequence[WrongRow]
    changes: Sequence[ChangeRow]


WAY = {"purchases": [PurchaseRow], "total": "money", "covers_bytes": "octets", "wasted_bytes": "octets?"}
REASON = {"text": "text", "template": "text", "values": "any"}
DOCUMENTS: dict[str, Any] = {
    "recommendation": {
        "from": "day",
        "days": "count",
        "need_bytes": "octets",
        "currency": "text",
        **WAY,
        "optimal": "flag",
        "complete": "flag",
        "reason": REASON,
        "runner_up": Nullable({**WAY, "without": "text", "reason": REASON}),
        "if_generous": Nullable({**WAY, "saves": "money?"}),
        "rates": ["text"],
        "candidates": "count",
        "assumes": ["text"],
        "persons": "count",
        "compared": "count",
        "left_out": [{"currency": "text?", "rows": "count"}],
        "fewer": Nullable({**WAY, "more": "money", "optimal": "flag"}),
        "cheapest": Nullable({**WAY, "saves": "money", "optimal": "flag"}),
        "without_promotions": Nullable({**WAY, "more": "money", "optimal": "flag", "complete": "flag"}),
        "carrier": "text?",
        "left": Nullable({"line": "text", "bytes": "octets?", "ends_at": "instant?"}),
        "elsewhere": Nullable({**WAY, "saves": "money", "optimal": "flag"}),
        "on_top": [
            {
                "plan": "text",
                "price": "money",
                "data_bytes": "octets?",
                "unlimited": "flag",
                "validity": "text?",
                "window": "any",
                "purpose": "text?",
            }
        ],
        "estimate": Nullable({"bytes_per_day": "octets", "line": "text", "days_of_history": "count"}),
    },
}
