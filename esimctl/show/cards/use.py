"""What a line used, what was recorded of it, and data that lines share."""

from collections.abc import Iterator, Sequence

from esimctl.documents.tracking import SharingDocument, SharingPart
from esimctl.documents.usage import (
    PatternDocument,
    PatternRow,
    PeriodRow,
    ReadingDocument,
    ReadingRow,
    UsageDocument,
    UsageImportDocument,
)
from esimctl.show.amounts import money, month, octets, rounded
from esimctl.show.bars import bar, spark
from esimctl.show.page import cells
from esimctl.show.reader import reader
from esimctl.show.styles import ACT, ASKED, GOOD, LOOK, SOURCE, styled
from esimctl.show.table import draw, listed
from esimctl.show.terminal import Terminal
from esimctl.show.times import day, moment, only_day
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.moments import instant


def rows_of(data: UsageDocument) -> list[tuple[str, int, str]]:
    """(period, octets, what is said of them) of every row, for picture files."""
    return [(label(row, data.by), row.used_bytes, figure(row)) for row in data.usage]


def picture(data: UsageDocument, form: str) -> bytes:
    """The bars as a file: `png` or `svg`."""
    from esimctl.show import plots

    draw = plots.png if form == "png" else plots.svg
    return draw(f"{data.line}: {data.from_} - {data.to}", rows_of(data))


USAGE: Columns[PeriodRow] = (
    *columns(PeriodRow, "start end used_bytes complete basis"),
    *columns(PeriodRow, "days-known=days_known gap-seconds=gap_seconds", shown=False),
)


def label(row: PeriodRow, by: str) -> str:
    """A period as it stands in a picture: the day, the week's first day, the month."""
    return row.start.isoformat()[:7] if by == "month" else row.start.isoformat()


def figure(row: PeriodRow) -> str:
    """A row's use; ~ stands before what was spread over a gap, + behind what is only a part of its time."""
    return f"{'~' if row.basis == 'spread' else ''}{octets(row.used_bytes)}{'' if row.complete else '+'}"


#: rows → what stands above their periods, and the name of one
PERIODS = {"day": "day", "week": "week of", "month": "month"}

#: notes that a screen need not repeat
SAID_ON_SCREEN = (
    "some figures are spread evenly over the time between two readings that lay more than a day apart",
    "the last reading is from {at}: the forecast goes on from there; newer: {command}",
)

LONGEST_BAR = 40  #: cells; the highest period has them all


def period(row: PeriodRow, by: str) -> str:
    """`Tue 10 Nov`, the first day of a week, `Nov 2026`."""
    return month(row.start) if by == "month" else day(row.start, week=by == "day")


def used(row: PeriodRow) -> str:
    """`~` stands before what is estimated, `≥` before what is known of a part of the time only."""
    at_least = "" if row.complete else "≥" if reader().blocks else ">="
    return at_least + ("~" if row.basis == "spread" else "") + octets(row.used_bytes)


def history_person(data: UsageDocument, terminal: Terminal) -> None:
    """What was used in all and on a day, then a row with a bar for each period."""
    rows = data.usage
    if not rows:
        terminal.note(say("nothing is known of its use yet: it takes two readings, esimctl balance now and then"))
        return
    terminal.tell(summary(data) + "\n")
    highest = max(row.used_bytes for row in rows)
    taken = max(cells(period(row, data.by)) for row in rows) + max(cells(used(row)) for row in rows) + 4
    room = min((terminal.width or 80) - taken, LONGEST_BAR)
    drawn: list[Column[PeriodRow]] = [
        Column(PERIODS[data.by], lambda row: row.start, lambda row: period(row, data.by), priority=0),
        Column("used", lambda row: row.used_bytes, used, right=True, priority=0),
    ]
    if room >= SHORTEST_BAR and highest:
        drawn.append(Column("", lambda row: row.used_bytes, lambda row: bar(row.used_bytes, highest, room), priority=0))
    draw(drawn, rows, terminal)
    for said in signs(rows):
        terminal.tell(styled(said, SOURCE) + "\n")


SHORTEST_BAR = 8  #: cells: shorter ones tell nothing


def summary(data: UsageDocument) -> str:
    """`sim · 54 GB since 10 Nov · 5.4 GB a day`, and how it went."""
    whole = [row for row in data.usage if row.complete]
    days, total = sum(row.days_known for row in whole), sum(row.used_bytes for row in whole)
    first = min(row.start for row in data.usage)
    parts = [
        styled(data.line, ASKED),
        say("{volume} since {day}", volume=styled(octets(data.used_bytes), ASKED), day=day(max(first, data.from_))),
    ]
    if days > 1 and total:
        parts.append(say("{volume} a day", volume=octets(rounded(total // days))))
    drawn = spark([row.used_bytes for row in data.usage][-LONGEST_SPARK:]) if len(data.usage) > 2 and total else ""
    return " · ".join(parts) + (f"   {drawn}" if drawn else "")


LONGEST_SPARK = 31  #: periods, the last ones


def signs(rows: Sequence[PeriodRow]) -> Iterator[str]:
    """What the signs before figures mean, where there are any."""
    if any(row.basis == "spread" for row in rows):
        yield say("~ estimated: spread evenly over the time between two readings")
    if any(not row.complete for row in rows):
        yield say("{sign} only a part of that time is known", sign="≥" if reader().blocks else ">=")


COLUMNS: Columns[ReadingRow] = (
    *columns(ReadingRow, "line at state remaining_bytes main_balance expires_at adjusted_bytes findings"),
    *columns(ReadingRow, "pattern", shown=False),
    Column("source", lambda row: row.source, shown=False),
    Column("modelled_bytes", lambda row: row.modelled_bytes, shown=False),
    Column("granted_bytes", lambda row: row.granted_bytes, shown=False),
    *columns(ReadingRow, "text", shown=False),
)

PATTERN: Columns[PatternRow] = columns(PatternRow, "name carrier places template")


#: state of a reading → what became of it
STATES = {
    "recorded": ("recorded", GOOD),
    "duplicate": ("known already", SOURCE),
    "unknown": ("not understood", LOOK),
    "outdated": ("older than what is known", SOURCE),
    "future": ("in the future: not counted", ACT),
    "event": ("no balance in it", SOURCE),
    "undone": ("taken back", GOOD),
}


def state(reading: ReadingRow) -> str:
    """What became of a reading, in words."""
    word, style = STATES[reading.state]
    return styled(say(word), style)


def figures(reading: ReadingRow) -> str:
    """`4.2 GB left`, `1.5 GB used`, `2.00 USD`: what it told."""
    found = []
    if reading.remaining_bytes is not None:
        found.append(say("{volume} left", volume=octets(reading.remaining_bytes)))
    elif reading.used_bytes is not None:
        found.append(say("{volume} used", volume=octets(reading.used_bytes)))
    if reading.main_balance is not None:
        found.append(say("main balance: {money}", money=money(reading.main_balance)))
    return ", ".join(found) or "-"


def person(data: ReadingDocument, terminal: Terminal) -> None:
    """One reading in a line: what it told, of when, until when, and what became of it."""
    reading = data.reading
    parts = [styled(reading.line, ASKED), styled(figures(reading), ASKED), moment(reading.at)]
    if reading.expires_at is not None:
        parts.append(say("ends {time}", time=moment(reading.expires_at)))
    terminal.tell(" · ".join([*parts, state(reading)]) + "\n")


SCREEN: Columns[ReadingRow] = (
    Column("when", lambda r: instant(r.at), lambda r: moment(r.at), priority=1, short=[lambda r: only_day(r.at)]),
    Column("reading", lambda r: r.remaining_bytes, figures, priority=0),
    Column("ends", lambda r: instant(r.expires_at), lambda r: moment(r.expires_at), priority=3,
           short=[lambda r: only_day(r.expires_at)]),
    Column("state", lambda r: r.state, state, priority=2),
    Column("text", lambda r: r.text, priority=4, cut=True),
)  # fmt: skip


def imported(data: UsageImportDocument, terminal: Terminal) -> None:
    """How many readings are new, then each with what became of it; rows of a file that could not be read."""
    rows, refused = list(data.readings), list(data.refused or ())
    if not rows and not refused:
        terminal.note(say("nothing was read"))
        return
    said = [say("{count} recorded", count=data.recorded)]
    if data.duplicates:
        said.append(say("{count} known already", count=data.duplicates))
    if data.unknown:
        said.append(styled(say("{count} not understood", count=data.unknown), LOOK))
    if refused:
        said.append(styled(say("{count} refused", count=len(refused)), ACT))
    terminal.tell(f"{styled(data.line, ASKED)} · {', '.join(said)}\n")
    listed(SCREEN, rows, terminal, most=30, showing="Showing {shown} of {count} readings (--all)")


#: what became of data between two lines
SHARED = {
    "shared": "{with_} may use the data of {line} from now on",
    "unshared": "{with_} no longer uses the data of {line}",
    "gifted": "{line} gave {volume} to {with_}",
}


def sharing(data: SharingDocument, terminal: Terminal) -> None:
    """What two lines share now, or what was given away, in a sentence."""
    part = data.sharing
    volume = "" if part.bytes is None else octets(part.bytes)
    said = say(SHARED[part.what], line=styled(part.line, ASKED), with_=styled(part.with_, ASKED), volume=volume)
    if volume and part.what == "shared":
        said += " · " + say("at most {volume} a period", volume=volume)
    terminal.tell(styled("✓ " if reader().blocks else "", GOOD) + said + "\n")


SHARING: Columns[SharingPart] = (
    *columns(SharingPart, "what line with"),
    Column("bytes", lambda row: row.bytes, lambda row: "" if row.bytes is None else octets(row.bytes), right=True),
)


def taught(data: PatternDocument, terminal: Terminal) -> None:
    """The pattern that was taught: its name, what it reads, and how many messages it has read again."""
    row = data.pattern
    said = say("{name} reads {places}", name=styled(row.name, ASKED), places=", ".join(map(say, row.places)))
    if row.read_again:
        said += " · " + say("{count} earlier messages were read again", count=row.read_again)
    terminal.tell(said + "\n")


VIEWS = {
    "usage": View(USAGE, lambda data: data.usage, history_person),
    "reading": View(COLUMNS, lambda data: [data.reading], person),
    "usage-import": View(COLUMNS, lambda data: data.readings, imported),
    "sharing": View(SHARING, lambda data: [data.sharing], sharing),
    "pattern": View(PATTERN, lambda data: [data.pattern], taught),
    "patterns": View(PATTERN, lambda data: data.patterns, None, "no pattern of yours yet"),
}
