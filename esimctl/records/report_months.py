"""The months of a report: local months of the profile's zone, as instants."""

import re
from bisect import bisect_right
from datetime import datetime, tzinfo

from esimctl.errors import UsageError
from esimctl.values.moments import EARLIEST, LATEST, month_start, to_utc
from esimctl.values.record import record

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\Z", re.ASCII)
MOST = 120  #: months at a time


@record
class Months:
    """Months one after the other: their names (`2026-11`), and the instant at which each begins and the last ends."""

    names: tuple[str, ...]
    edges: tuple[datetime, ...]

    def of(self, at: datetime) -> int | None:
        """The place of the month that an instant is in; None before the first and after the last."""
        place = bisect_right(self.edges, at) - 1
        return place if 0 <= place < len(self.names) else None

    @property
    def start(self) -> datetime:
        """The first instant."""
        return self.edges[0]

    @property
    def end(self) -> datetime:
        """The first instant after the last month."""
        return self.edges[-1]


def months_until(month: str | None, count: int, now: datetime, zone: tzinfo) -> Months:
    """So many months, the last of them `month` (`2026-11`), or the present one; UsageError (2) for no such month."""
    if not 1 <= count <= MOST:
        raise UsageError("--months takes 1 to {most}, not {count}", code="bad_months", most=MOST, count=count)
    last = now if month is None else _first(month, zone)
    edges = [month_start(last, step, zone) for step in range(1 - count, 2)]
    if edges[0] < EARLIEST or edges[-1] >= LATEST:
        raise UsageError("there are no reports for that year", code="bad_month")
    names = [edge.astimezone(zone).strftime("%Y-%m") for edge in edges[:-1]]
    return Months(tuple(names), tuple(edges))


def _first(month: str, zone: tzinfo) -> datetime:
    found = _MONTH.match(month)
    if found is None or not 1971 <= int(found[1]) <= 2298:
        raise UsageError("--month takes a month as in 2026-11, not {month!r}", code="bad_month", month=month)
    return to_utc(datetime(int(found[1]), int(found[2]), 1), zone)  # noqa: DTZ001
