"""Documents about use: readings by hand and from pasted messages, the patterns that understand them, and forecasts."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, TypeAlias

from esimctl.documents.balance import ReadingPart
from esimctl.documents.document import ABSENT, Absent, Document, Octets, Prose, Seconds, one_of
from esimctl.values.money import Money

#: what is odd about a reading
ReadingFinding: TypeAlias = Annotated[str, one_of("derived|above_granted|raised|unexplained|carry_doubtful")]
#: what a message tells of, by its pattern
Tells: TypeAlias = Annotated[str, one_of("balance|low|empty|expired|bought|topped-up|failed|other")]


class ClosedBucketRow(Document):
    """A bucket that was not carried over."""

    bucket: str
    since: datetime
    octets: Octets
    at: datetime
    reason: str


class CarryPart(Document):
    """What was not carried over: how much, which buckets are closed for it, whom to tell until when, in which words."""

    expected_bytes: Octets
    carried_bytes: Octets
    failed_bytes: Octets
    closed: Sequence[ClosedBucketRow]
    complain_by: datetime | None
    call: Sequence[str]
    say: Prose


class ReadingRow(Document):
    """What a person or a message said of a line, beside what the books had (`modelled_bytes`)."""

    line: str
    at: datetime | None
    source: Annotated[str, one_of("sms|ussd|manual")]
    state: Annotated[str, one_of("recorded|duplicate|unknown|outdated|future|event|undone")]
    remaining_bytes: Octets | None
    used_bytes: Octets | None
    main_balance: Money | None
    expires_at: datetime | None
    modelled_bytes: Octets | None
    granted_bytes: Octets | None
    adjusted_bytes: Octets | None
    findings: Sequence[ReadingFinding]
    pattern: str | None
    tells: Tells | None
    text: Prose | None
    carry: CarryPart | None
    bonus: Money | None
    bonus_expires_at: datetime | None


class ReadingDocument(Document, schema="reading"):
    """One reading."""

    reading: ReadingRow


class RefusedRow(Document):
    """A row that could not be read: its number in the file, and why."""

    row: int
    why: Prose


class UsageImportDocument(Document, schema="usage-import"):
    """Readings of messages or of a file; `refused` of a file alone."""

    line: str
    readings: Iterable[ReadingRow]
    recorded: int
    duplicates: int
    unknown: int
    refused: Iterable[RefusedRow] | Absent = ABSENT


class PatternFiguresPart(Document):
    """What a pattern reads off a text."""

    remaining_bytes: Octets | None
    used_bytes: Octets | None
    granted_bytes: Octets | None
    main_balance: Money | None
    expires_at: datetime | None
    percent_used: int | None
    minutes: int | None
    bonus: Money | None
    bonus_expires_at: datetime | None


class PatternRow(Document):
    """A pattern of the person's own; of one that was just taught, what it reads, replaces, and read again."""

    name: str
    carrier: str | None
    template: Prose
    places: Sequence[str]
    figures: PatternFiguresPart | Absent | None = ABSENT
    replaces: Sequence[str] | Absent = ABSENT
    read_again: int | Absent = ABSENT


class PatternDocument(Document, schema="pattern"):
    """One that was taught."""

    pattern: PatternRow


class PatternsDocument(Document, schema="patterns"):
    """All of them, or one."""

    patterns: Sequence[PatternRow]


class PeriodRow(Document):
    """A local day, week or month of which something is known."""

    start: date
    end: date
    used_bytes: Octets
    complete: bool
    days_known: int
    basis: Annotated[str, one_of("records|readings|spread")]
    gap_seconds: Seconds


class UsageDocument(Document, schema="usage"):
    """What a line used, by day, week or month."""

    line: str
    by: Annotated[str, one_of("day|week|month")]
    zone: str
    from_: date
    to: date
    source: Annotated[str, one_of("records|readings|observations|none")]
    known_until: datetime | None
    reading: ReadingPart
    used_bytes: Octets | None
    usage: Sequence[PeriodRow]


class WasteRow(Document):
    """What will end unused of a bucket."""

    bucket: str
    category: str | None
    ends_at: datetime | None
    remaining_bytes: Octets | None
    wasted_bytes: Octets


class WeekdaysPart(Document):
    """Octets of each day of the week, foretold."""

    mon: Octets
    tue: Octets
    wed: Octets
    thu: Octets
    fri: Octets
    sat: Octets
    sun: Octets


class PacePart(Document):
    """How many times the even pace a term's data is being used, and when it would be gone like that."""

    ratio: str
    from_: datetime
    to: datetime | None
    granted_bytes: Octets
    used_bytes: Octets
    runs_out_at: datetime | None


class BurnAlertPart(Document):
    """The window in which data is being used abnormally fast."""

    factor: str
    window_seconds: Seconds
    short_window_seconds: Seconds
    used_bytes: Octets


class ForecastDocument(Document, schema="forecast"):
    """When the data runs out, as a range; what will lapse unused; whether the pace is right."""

    as_of: datetime
    line: str
    method: Annotated[str, one_of("none|flat-mean|weekday-profile")]
    days_of_history: int
    spread_days: int
    reason: Prose | None
    runs_out_at: datetime | None
    earliest: datetime | None
    latest: datetime | None
    mean_per_day_bytes: Octets | None
    weekday_bytes: WeekdaysPart | None
    remaining_bytes: Octets | None
    restricted_bytes: Octets | None
    term_ends_at: datetime | None
    leftover_bytes: Octets | None
    waste: Sequence[WasteRow]
    wasted_bytes: Octets | None
    allowed_per_day_bytes: Octets | None
    pace: PacePart | None
    alert: BurnAlertPart | None
    reading: ReadingPart
    tips: Sequence[Prose] | Absent = ABSENT
