"""Documents of what-if: scenarios replayed, and plans side by side."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from esimctl.documents.balance import BalanceLine, BucketRow
from esimctl.documents.document import ABSENT, Absent, Anything, Document, Octets, Prose
from esimctl.values.money import Money


class ExpectationRow(Document):
    """One expectation of a scenario, or one refusal: `event` is its number in the file (from 1).

    `expected` and `actual` have the keys that the file asks for, in octets where they end in `_bytes`.
    """

    event: int
    at: datetime
    line: str
    expected: Mapping[str, Anything]
    actual: Mapping[str, Anything]
    ok: bool


class MoveRow(Document):
    """A movement of data on a line or in a pool, in its bucket's unit."""

    line: str
    at: datetime
    reason: str
    bucket: str | None
    category: str | None
    amount: int | None
    before: int | None
    after: int | None
    other: str | None


class ToldRow(Document):
    """One sentence of the story of a line or pool."""

    line: str
    at: datetime
    reason: str
    text: Prose
    template: str
    params: Mapping[str, str]


class PoolRow(Document):
    """What several lines use together; `used_bytes` is what each took in this period."""

    pool: str
    remaining_bytes: Octets | None
    unlimited: bool
    forfeited_bytes: Octets
    used_bytes: Mapping[str, Octets]
    expires_at: datetime | None
    buckets: Sequence[BucketRow]


class FinalPart(Document):
    """Lines and pools as they are after the last event."""

    as_of: datetime
    lines: Sequence[BalanceLine]
    pools: Sequence[PoolRow]


class SimulationDocument(Document, schema="simulation"):
    """What came of a scenario; `zone` is the one in which it was written."""

    name: str
    passed: bool
    checks: Sequence[ExpectationRow]
    final: FinalPart
    journal: Sequence[MoveRow]
    about: str | None
    zone: str
    explanation: Sequence[ToldRow] | Absent = ABSENT


class PlayedMonthRow(Document):
    """One month from the start; `granted_bytes` of unlimited data and `paid` of an unknown price are null.

    What is carried or lost at the last instant of a month counts for that month.
    """

    month: int
    start: datetime
    granted_bytes: Octets | None
    used_bytes: Octets
    carried_bytes: Octets
    lost_bytes: Octets
    out_of_bucket_bytes: Octets
    paid: Money | None


class TotalPart(Document):
    """What all months of a plan come to."""

    used_bytes: Octets
    lost_bytes: Octets
    out_of_bucket_bytes: Octets
    paid: Money | None


class PlayedPlanRow(Document):
    """A plan, month by month."""

    plan: str
    name: str
    rollover: str
    months: Sequence[PlayedMonthRow]
    total: TotalPart


class WhatIfDocument(Document, schema="what-if"):
    """So much a day on plans side by side."""

    per_day_bytes: Octets
    plans: Sequence[PlayedPlanRow]
