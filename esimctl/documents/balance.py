"""What is left on lines, also where a simulation ends, with hints and budgets, and what `check` watches."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, TypeAlias

from esimctl.documents.document import ABSENT, Absent, Document, Octets, Prose, Seconds, field, one_of
from esimctl.values.money import Money
from esimctl.values.sentence import Sentence

LineStatus: TypeAlias = Annotated[str, one_of("pending|active|suspended|expired|closed|unknown")]
#: who says a figure; `modelled` is worked out from what was bought
ReadingSource: TypeAlias = Annotated[str, one_of("provider|sms|ussd|manual|modelled")]
BucketCategory: TypeAlias = Annotated[
    str, one_of("base|rollover|topup|addon|promo|gift|window|shared|monetary|emergency")
]
UsageType: TypeAlias = Annotated[str, one_of("data|voice|sms|monetary")]
BucketStatus: TypeAlias = Annotated[str, one_of("active|suspended|expired")]
#: whether a bucket can be used now, or why not
Usable: TypeAlias = Annotated[str, one_of("now|window|app|later|suspended|ended")]
RolloverMode: TypeAlias = Annotated[str, one_of("carry|none|promo-only|not-applicable|unknown")]
Attention: TypeAlias = Annotated[
    str, one_of("low_data|expiring|expired|stale_reading|order_open|rollover_at_risk|end_unseen")
]


class DataPart(Document):
    """Octets; unknown is null, unlimited is null beside its flag. `judged_bytes` is what thresholds look at.

    `available_bytes` is what is left less what is set aside, of a played line.
    """

    granted_bytes: Octets | None = field(column=5)
    used_bytes: Octets | None = field(column=6)
    reserved_bytes: Octets | None
    remaining_bytes: Octets | None = field(column=1)
    restricted_bytes: Octets | None
    restricted_unlimited: bool
    judged_bytes: Octets | None
    judged_granted_bytes: Octets | None
    unlimited: bool
    available_bytes: Octets | Absent | None = ABSENT


class VoicePart(Document):
    """Calls that are left."""

    remaining_seconds: Seconds | None


class WindowPart(Document):
    """The hours in which a bucket can be used, as `22:00-06:00 sat,sun`."""

    opens: str


class BucketRow(Document):
    """A bucket in the words of TM Forum, in its own unit: octets, seconds, minor units of money."""

    id: str
    category: BucketCategory = field(column=0)
    usage_type: UsageType
    granted: int | None = field(column=3)
    remaining: int | None = field(column=1)
    reserved: int
    start: datetime | None
    end: datetime | None = field(column=2)
    status: BucketStatus
    window: WindowPart | None
    shared: bool
    provisional: bool
    unlimited: bool
    money: Money | None
    purpose: str | None
    usable: Usable
    owner: str | Absent | None = ABSENT
    taken: int | Absent | None = ABSENT


class RolloverHeldPart(Document):
    """What is counted upon, by which claim and whose word."""

    effective: RolloverMode
    disputed: bool
    claim: str | None
    by: str | None


class RolloverPart(RolloverHeldPart):
    """What renewing does with the data that is left, each part with its date."""

    carry_if_renewed_bytes: Octets | None
    lost_anyway_bytes: Octets | None
    lost_if_not_bytes: Octets | None
    kept_anyway_bytes: Octets | None
    carried_until: datetime | None
    lost_anyway_at: datetime | None
    renew_by: datetime | None
    grace_until: datetime | None


class RunOutPart(Document):
    """When the data runs out: a range and the days it rests on, or why there is none."""

    runs_out_at: datetime | None
    earliest: datetime | None
    latest: datetime | None
    days_of_history: int
    reason: Prose | None


class ReadingPart(Document):
    """Where the figures come from, and how old they are."""

    at: datetime | None
    source: ReadingSource | None
    stale: bool


class FigurePart(Document):
    """Of which kind a figure of a modelled line is, and how old."""

    kind: Annotated[str, one_of("observed|modelled|unknown")]
    source: ReadingSource | None
    at: datetime | None


class DataFigurePart(FigurePart):
    """The figure of data, with what was read and what it would be without readings beside each other."""

    observed_bytes: Octets | None
    observed_at: datetime | None
    modelled_bytes: Octets | None


class FiguresPart(Document):
    """The kinds of a modelled line's figures."""

    data: DataFigurePart
    main_balance: FigurePart
    expires_at: FigurePart
    voice_seconds: FigurePart


class StoryRow(Document):
    """One sentence of the story of a line's data."""

    at: datetime
    reason: str
    text: Prose
    template: str
    params: Mapping[str, str]


class BalanceLine(Document):
    """What is left on a line, what follows from it by now, and what needs attention.

    Only a played line says what was `charged` for use that nothing covered, and what was forfeited.
    """

    line: str = field(column=0)
    provider: str | None
    carrier: str | None
    plan: str | None
    play_money: bool
    status: LineStatus = field(column=4)
    data: DataPart
    voice: VoicePart
    main_balance: Money | None
    use_by: datetime | None
    expires_at: datetime | None = field(column=2)
    throttled: bool | None
    out_of_bucket_bytes: Octets | None
    buckets: Sequence[BucketRow]
    rollover: RolloverPart
    forecast: RunOutPart
    reading: ReadingPart
    attention: Sequence[Attention] = field(column=3)
    charged: Money | Absent | None = ABSENT
    forfeited_bytes: Octets | Absent = ABSENT
    figures: FiguresPart | Absent = ABSENT
    explanation: Sequence[StoryRow] | Absent = ABSENT


class HintRow(Document):
    """What would be cheaper for a line, said with its arithmetic and the command that gives the same answer."""

    line: str
    text: Prose
    template: str
    params: Mapping[str, str | int]


class BudgetRow(Document):
    """A month's budget of the profile or of a line, and where the month ends by pace."""

    scope: Annotated[str, one_of("profile|line")]
    line: str | None
    budget: Money
    spent: Money
    reserved: Money
    left: Money
    from_: datetime
    until: datetime
    play_money: bool
    expected: Money | None


class BudgetDocument(Document, schema="budget"):
    """Every budget with what this month has done to it."""

    as_of: datetime
    budgets: Sequence[BudgetRow]


class BalanceDocument(Document, schema="balance"):
    """Lines; `budget` where one is set, `hints` where something saves, `recent_use` (octets by day) for a picture."""

    as_of: datetime
    profile: str
    lines: Sequence[BalanceLine]
    budget: Sequence[BudgetRow] | Absent = ABSENT
    recent_use: Mapping[str, Octets] | Absent = ABSENT
    hints: Sequence[HintRow] | Absent = ABSENT


class CheckedLine(Document):
    """A line's finding. Thresholds look at `judged_bytes`."""

    line: str
    ok: bool
    attention: Sequence[
        Annotated[
            str,
            one_of("low_data|expiring|expired|stale_reading|order_open|rollover_at_risk|end_unseen|exhausted"),
        ]
    ]
    remaining_bytes: Octets | None
    expires_at: datetime | None
    source: ReadingSource | None
    restricted_bytes: Octets | None
    restricted_unlimited: bool
    judged_bytes: Octets | None
    unlimited: bool
    renew_by: datetime | None
    grace_until: datetime | None


class HeldOrderRow(Document):
    """An order whose outcome is open, with the money that is held for it."""

    order: str
    line: str
    state: Annotated[str, one_of("attempted|accepted|unknown|manual")]
    price: Money
    sent_at: datetime | None


class DoubtRow(Document):
    """An order that is open too long, a charge that audit doubts, or books that are not whole."""

    kind: Annotated[
        str,
        one_of(
            "order_overdue|duplicate_charge|charged_not_delivered|amount_differs|foreign_order|profile_mistake"
            "|restored|journal_damaged|journal_gone|journal_cut|journal_torn|journal_shorter|journal_replaced"
            "|journal_of_another|line_without_order|line_lost|profile_vanished|no_profile"
        ),
    ]
    line: str | None
    order: str | None
    provider: str | None
    since: datetime | None
    text: Prose
    said: Sentence


class OverdueRule(Document):
    """A rule that no machine has gone through for too long."""

    rule: str
    line: str
    last_run: datetime | None
    text: Prose
    said: Sentence


class PluginPart(Document):
    """State and exit code as plugins of Nagios and Icinga give them."""

    state: Annotated[str, one_of("OK|WARNING|CRITICAL|UNKNOWN")]
    exit_code: int


class CheckDocument(Document, schema="check"):
    """What a monitor asks: what needs attention on lines, in orders, in the books and among the rules."""

    ok: bool
    lines: Sequence[CheckedLine]
    orders: Sequence[HeldOrderRow]
    findings: Sequence[DoubtRow]
    rules: Sequence[OverdueRule]
    plugin: PluginPart | Absent = ABSENT
