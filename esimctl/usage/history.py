"""`usage history`: what a line used by local day, week or month, and how each figure was come by."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from esimctl.documents.balance import ReadingPart
from esimctl.documents.result import Result
from esimctl.documents.usage import PeriodRow, UsageDocument
from esimctl.errors import UsageError
from esimctl.profile.naming import known_line
from esimctl.usage.kept import Day, by_day, spans, whole
from esimctl.usage.last_reading import reading_of
from esimctl.usage.modelled import is_modelled
from esimctl.usage.playing import play
from esimctl.usage.readings import fresh_balance
from esimctl.usage.use import UseHistory, line_use
from esimctl.values.moments import instant, plus_months, zone
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Reading

PERIODS: Final = ("day", "week", "month")
DAYS: Final = {"day": 30, "week": 84, "month": 366}  #: that are shown unless asked otherwise
MOST: Final = 3660
#: use that was spread over more than this is an estimate for each day
NEAR: Final = timedelta(days=1)


def usage_history(
    session: "Session", line: str, *, days: int | None = None, by: str = "day", refresh: bool | None = None
) -> "Result[UsageDocument]":
    """The rows of the last `days` local days; the provider is asked first where its reading is old.

    Of a line that was removed, by its identity, what the journal knows.
    """
    if by not in PERIODS:
        raise UsageError("--by takes day, week or month, not {by!r}", code="bad_period", by=Raw(by))
    wanted = DAYS[by] if days is None else days
    if not 1 <= wanted <= MOST:
        raise UsageError("--days takes 1 to {most}", code="bad_days", most=MOST)
    line = named(session, line)
    notes: list[Sentence] = []
    if line in session.lines:
        fresh = fresh_balance(session, [line], refresh=refresh)
        (document,), (use, reading), notes = fresh.lines, fresh.known[line], fresh.notes
        told = document.reading
        if use.source == "readings" and fresh.ledger.archive is not None:
            use = line_use(session, fresh.ledger, line, reading, ever=True)
    else:
        use, reading, told = of_the_past(session, line)
    where = zone(session.zone)
    today = session.clock.now().astimezone(where).date()
    first = first_of(today - timedelta(days=wanted - 1), by)
    shown = {day: known for day, known in use.days.items() if first <= day <= today}
    rows = list(periods(shown, by, where, use))
    history = UsageDocument(
        line=line,
        by=by,
        zone=session.zone,
        from_=first,
        to=today,
        source=use.source,
        known_until=use.until,
        reading=told,
        used_bytes=sum(known.octets for known in shown.values()) if shown else None,
        usage=rows,
    )
    result = Result("usage", history)
    result.notes.extend(notes)
    if told.stale and reading is not None:
        result.note("the last reading is from {at}: nothing is known of the time since", at=Raw(instant(reading.at)))
    if any(row.basis == "spread" for row in rows):
        result.note("some figures are spread evenly over the time between two readings that lay more than a day apart")
    return result


def named(session: "Session", line: str) -> str:
    """Under what the books keep a line that is called by its name or identity, as `lines show` takes them."""
    if line in session.lines or not session.store.exists():
        session.line(line)
        return line

    return known_line(session, session.store.ledger_for_reading(), line)


def of_the_past(session: "Session", key: str) -> "tuple[UseHistory, Reading | None, ReadingPart]":
    """What the journal knows of the use of a line that was removed: up to then, and nobody is asked."""
    ledger = session.store.ledger_for_reading()
    fact, facts = ledger.lines[key], ledger.all_readings(key)
    last = max(facts, key=lambda each: each.read_at, default=None)
    if is_modelled(session, {"provider": fact.provider}):
        movements = play(session, ledger, key, fact.removed_at or session.clock.now()).balance.movements
        use = line_use(session, ledger, key, None, movements)
    else:
        found = spans([reading_of(each) for each in facts])
        use = UseHistory(by_day(found, zone(session.zone)), found, "readings" if found else "none")
    told = ReadingPart(
        at=None if last is None else last.read_at,
        source=None if last is None else last.source,
        stale=last is not None,
    )
    return use, None if last is None else reading_of(last), told


def periods(days: Mapping[date, Day], by: str, where: tzinfo, use: UseHistory) -> Iterator[PeriodRow]:
    """One row for each day, week (from Monday) or month of which something is known; the others are not there."""
    groups: dict[date, list[date]] = {}
    for day in days:
        groups.setdefault(first_of(day, by), []).append(day)
    for first, members in sorted(groups.items()):
        last = last_of(first, by)
        complete = [day for day in members if whole(day, days[day], where)]
        gap = max(days[members[0]].gap, days[members[-1]].gap)  # inside a period nothing is divided
        yield PeriodRow(
            start=first,
            end=last,
            used_bytes=sum(days[day].octets for day in members),
            complete=len(complete) == (last - first).days + 1,
            days_known=len(complete),
            basis="records" if use.source == "records" else "spread" if gap > NEAR else "readings",
            gap_seconds=int(gap.total_seconds()),
        )


def first_of(day: date, by: str) -> date:
    """The first day of the period that a day lies in."""
    if by == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by == "month" else day


def last_of(first: date, by: str) -> date:
    """The last day of the period that begins then."""
    if by == "week":
        return first + timedelta(days=6)
    return plus_months(first, 1) - timedelta(days=1) if by == "month" else first
