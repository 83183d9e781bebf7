"""Documents that advise: what to buy, plans side by side, and what has changed in a catalogue."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, TypeAlias

from esimctl.documents.document import ABSENT, Absent, Anything, Document, Octets, Prose, one_of
from esimctl.documents.plans import CountedRollover, PlanRow
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


class BoughtWay(Document):
    """What is bought in all, and what that comes to; `wasted_bytes` is null where data is without limit."""

    purchases: Sequence[PurchaseRow]
    total: Money
    covers_bytes: Octets
    wasted_bytes: Octets | None


class ReasonPart(Document):
    """Why a way is the one to go: in English, and as a template with its figures."""

    text: Prose
    template: str
    values: Mapping[str, str | int]


class RunnerUp(BoughtWay):
    """The cheapest way without the plan that costs most of the first one."""

    without: str
    reason: ReasonPart


class GenerousWay(BoughtWay):
    """The way if the best claim on rollover held."""

    saves: Money | None


class CheaperWay(BoughtWay):
    """A way that costs less than the first one; `optimal` where all cases were compared."""

    saves: Money
    optimal: bool


class DearerWay(BoughtWay):
    """A way that costs more than the first one; `optimal` where all cases were compared."""

    more: Money
    optimal: bool


class UnpromotedWay(DearerWay):
    """The way at prices without a promotion."""

    complete: bool


class LeftOutRow(Document):
    """How many plans could not be compared, by their currency; null is a price that nobody knows."""

    currency: str | None
    rows: int


class LeftOnLine(Document):
    """What is left on the line when the stay begins; null without a limit."""

    line: str
    bytes: Octets | None
    ends_at: datetime | None


class PackOnTop(Document):
    """A pack for some hours or one app that could be had on top; `window` is that of its terms."""

    plan: str
    price: Money
    data_bytes: Octets | None
    unlimited: bool
    validity: str | None
    window: Mapping[str, Anything] | None
    purpose: Annotated[str, one_of("social")] | None


class UseEstimate(Document):
    """A need that is taken from a line's measured use."""

    bytes_per_day: Octets
    line: str
    days_of_history: int


class RecommendationDocument(Document, schema="recommendation"):
    """The purchases that cover a need, the other ways worth knowing, and what was compared."""

    from_: date
    days: int
    need_bytes: Octets
    currency: str
    purchases: Sequence[PurchaseRow]
    total: Money
    covers_bytes: Octets
    wasted_bytes: Octets | None
    optimal: bool
    complete: bool
    reason: ReasonPart
    runner_up: RunnerUp | None
    if_generous: GenerousWay | None
    rates: Sequence[str]
    candidates: int
    assumes: Sequence[Prose]
    persons: int
    compared: int
    left_out: Sequence[LeftOutRow]
    fewer: DearerWay | None
    cheapest: CheaperWay | None
    without_promotions: UnpromotedWay | None
    carrier: str | None
    left: LeftOnLine | None
    elsewhere: CheaperWay | None
    on_top: Sequence[PackOnTop]
    estimate: UseEstimate | None


class RecommendationScreen(RecommendationDocument):
    """A recommendation as a person is shown it: with why, and the next best way, where that was asked for."""

    explain: bool


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
