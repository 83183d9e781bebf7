"""A line's use, from wherever it is known best: the provider's records, its readings, or a model that was corrected."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from esimctl.errors import EsimctlError
from esimctl.providers.abilities import TellsUses
from esimctl.usage.kept import Day, UseSpan, by_day, model_spans, spans, whole_days
from esimctl.usage.last_reading import reading_of
from esimctl.values.moments import zone
from esimctl.values.record import field, record

if TYPE_CHECKING:
    from esimctl.charging.buckets import Movement
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Reading

SPARK: Final = 14  #: days of the small picture beside a balance
SLICE: Final = timedelta(minutes=5)  #: the shortest window of an alert


@record
class UseHistory:
    """Use by local day, and the spans behind it. `source` is records, readings, observations or none."""

    days: dict[date, Day] = field(default_factory=dict)
    spans: list[UseSpan] = field(default_factory=list)
    source: str = "none"

    @property
    def until(self) -> datetime | None:
        """Up to when anything is known."""
        return max((span.end for span in self.spans), default=None)


def line_use(
    session: "Session",
    ledger: "Ledger",
    name: str,
    reading: "Reading | None",
    movements: "Iterable[Movement] | None" = None,
    *,
    ever: bool = False,
) -> UseHistory:
    """Everything known of a line's use up to its newest reading.

    `movements` are those of the model of a line without an interface; `ever` looks into the archive as well.
    """
    where = zone(session.zone)
    if movements is not None:
        found, source = model_spans(movements), "observations"
    else:
        recorded = _records(session, name, reading)
        found, source = (recorded, "records") if recorded else (spans(_past(ledger, name, reading, ever)), "readings")
    return UseHistory(by_day(found, where), found, source if found else "none")


def history(use: UseHistory, session: "Session") -> dict[date, int]:
    """Octets of the whole local days before today, for a forecast."""
    where = zone(session.zone)
    today = session.clock.now().astimezone(where).date()
    return {day: octets for day, octets in whole_days(use.days, where).items() if day < today}


def recent(use: UseHistory, session: "Session") -> dict[str, int]:
    """Day → octets of the last days, for the small picture: only those that are known, none before there are two."""
    days = history(use, session)
    if len(days) < 2:
        return {}
    first = max(days) - timedelta(days=SPARK - 1)
    return {day.isoformat(): octets for day, octets in days.items() if day >= first}


def points(use: UseHistory, since: datetime) -> Iterator[tuple[datetime, int]]:
    """Use after `since` as instants, for an alert: a span is spread evenly, lest its end look like a burst."""
    for start, end, octets in use.spans:
        if not octets or end <= since:
            continue
        slices = max(1, -(-(end - start) // SLICE))
        given = 0
        for number in range(1, slices + 1):
            upto = octets * number // slices
            yield start + (end - start) * number / slices, upto - given
            given = upto


def _records(session: "Session", name: str, reading: "Reading | None") -> list[UseSpan]:
    """What the provider itself has written down of each use, as far as its reading goes; empty where it cannot."""
    if reading is None:
        return []
    from esimctl.profile.naming import line_ref

    table = session.line(name)
    try:
        provider = session.provider(str(table["provider"]))
        told = provider.uses(line_ref(name, dict(table)), reading.at) if isinstance(provider, TellsUses) else None
    except EsimctlError:
        return []  # its readings are in the journal
    if told is None or told[0] >= reading.at:
        return []
    return [UseSpan(told[0], reading.at, 0), *(UseSpan(at, at, octets) for at, octets in told[1])]


def _past(ledger: "Ledger", name: str, reading: "Reading | None", ever: bool) -> "list[Reading]":
    facts = ledger.all_readings(name) if ever else ledger.readings.get(name, ())
    past = [reading_of(fact) for fact in facts]
    if reading is not None and (not past or max(one.at for one in past) < reading.at):
        past.append(reading)
    return past
