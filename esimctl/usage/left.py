"""What is left by a reading: now, and in windows, apps or later; the one builder of these figures for all documents."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final

from esimctl.charging.left import Holding, Left, left_of
from esimctl.values.windows import window_from_text

if TYPE_CHECKING:
    from esimctl.providers.protocol import Reading, ReadingBucket
    from esimctl.values.windows import Window

OVER: Final = frozenset({"expired", "closed"})


def left_in(reading: "Reading | None", now: datetime, where: tzinfo, status: str = "active") -> Left:
    """The figures of a reading at an instant that may be later than it; `status` is what the line is by then.

    After its end a line has nothing that can be used (R-71), whatever the last reading said.
    """
    if reading is None:
        return Left(None, None)
    data = [bucket for bucket in (*reading.buckets, *reading.ahead) if bucket.usage_type == "data"]
    if status in OVER and (data or reading.remaining_bytes is not None or reading.unlimited):
        return Left(0, judged=0, judged_granted=reading.granted_bytes)
    if data:
        return left_of(list(_holdings(data, now, where)))
    if reading.remaining_bytes is None and not reading.unlimited:
        return Left(None, None)
    whole = Holding(reading.remaining_bytes, reading.granted_bytes, reading.reserved_bytes, reading.unlimited or False)
    return left_of([whole])


def left_at_any_hour(reading: "Reading", now: datetime) -> Left:
    """The figures of a reading for who looks at `judged` and `endless` alone, which no zone and no hour changes."""
    return left_in(reading, now, UTC)


def usable(bucket: "ReadingBucket", now: datetime, where: tzinfo) -> str:
    """Whether a bucket can be used: now, or why not: `window`, `app`, `later`, `suspended`, `ended`."""
    if bucket.status == "suspended":
        return "suspended"
    if bucket.status != "active" or (bucket.end is not None and bucket.end <= now):
        return "ended"
    if bucket.start is not None and bucket.start > now:
        return "later"
    if bucket.purpose is not None:
        return "app"
    hours = hours_of(bucket)
    return "now" if bucket.window is None or (hours is not None and hours.open_at(now, where)) else "window"


def hours_of(bucket: "ReadingBucket") -> "Window | None":
    """The hours of a window; None where it has none, or a text that is not understood."""
    return None if bucket.window is None else window_from_text(bucket.window)


def _holdings(data: "list[ReadingBucket]", now: datetime, where: tzinfo) -> Iterator[Holding]:
    for bucket in data:
        word = usable(bucket, now, where)
        if word == "ended":
            continue
        left = 0 if bucket.unlimited else bucket.remaining
        granted = left if bucket.shared and bucket.granted is None else bucket.granted
        yield Holding(
            left,
            granted,
            bucket.reserved,
            bucket.unlimited,
            begun=word != "later",
            active=word != "suspended",
            anytime=bucket.window is None and bucket.purpose is None,
            open=word == "now",
        )
