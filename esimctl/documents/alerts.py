"""Documents of alerts: what is worth one, where they go, and what a run has told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from esimctl.documents.document import Document, one_of
from esimctl.values.money import Money


class AlertRow(Document):
    """An alert that began, or is over."""

    alert: str
    class_: Annotated[str, one_of("money|problem|reminder|figure")]
    key: str
    line: str | None
    rule: str | None
    order: str | None
    text: str


class RemindersPart(Document):
    """What is worth a word and when it is told; what is off is null, times of day are `07:30`."""

    used_percent: Sequence[int]
    expiry_days: Sequence[int]
    low_balance: Money | None
    stale_after: str
    quiet: str | None
    digest: str | None
    morning: str | None
    monthly: bool
    each: bool


class RemindersDocument(Document, schema="reminders"):
    """`autotopup reminders`."""

    reminders: RemindersPart


class TargetRow(Document):
    """A target of alerts, without what is secret of it; `failing_since` and `failure` of one that takes nothing."""

    target: str
    kind: str  #: command, apprise or heartbeat; whatever the file says where it is not confirmed
    to: str | None
    confirmed: bool
    since: datetime | None
    failing_since: datetime | None
    failure: Annotated[str, one_of("late|refused|absent")] | None


class TargetsDocument(Document, schema="targets"):
    """`autotopup targets`."""

    targets: Sequence[TargetRow]
