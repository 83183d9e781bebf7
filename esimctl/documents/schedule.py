"""Documents of what runs the rules: the schedulers of this machine and the last run."""

from collections.abc import Sequence
from datetime import datetime

from esimctl.documents.document import Document


class LastRunPart(Document):
    """The last `autotopup run`: when it began, how it ended, when one last ended well; null where there was none."""

    began_at: datetime | None
    ended_at: datetime | None
    exit_code: int | None
    ok_at: datetime | None


class ScheduleRow(Document):
    """What one scheduler has; `installed` and `enabled` as it says itself, null where it cannot be asked."""

    kind: str
    installed: bool | None
    enabled: bool | None
    command: Sequence[str]
    text: str | None
    last_run: LastRunPart | None
    next_run: datetime | None


class ScheduleDocument(Document, schema="schedule"):
    """`schedule`."""

    schedules: Sequence[ScheduleRow]
