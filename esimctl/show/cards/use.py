"""Use, its forecast, what was recorded by hand, and data that lines share."""

from collections.abc import Iterator

from esimctl.documents.tracking import SharingPart
from esimctl.documents.usage import (
    ForecastDocument,
    PatternRow,
    PeriodRow,
    ReadingDocument,
    ReadingRow,
    UsageDocument,
)
from esimctl.show.amounts import local, octets
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say


def rows_of(data: UsageDocument) -> list[tuple[str, int, str]]:
    """(period, octets, what is said of them) of every row, for pictures."""
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


def history_person(data: UsageDocument, terminal: Terminal) -> None:
    """The plot where the library for it is installed and there is room, else bars of block characters."""
    rows = rows_of(data)
    if not rows:
        terminal.note(say("nothing is known of its use yet: it takes two readings, esimctl balance now and then"))
        return
    from esimctl.show.bars import bars

    terminal.tell(
        say("use of {line} by {period}, {total} in all", line=data.line, period=say(data.by),
            total=octets(data.used_bytes)) + "\n"
    )  # fmt: skip
    from esimctl.show.plots import on_terminal

    picture = on_terminal(rows, terminal)
    if picture is not None:
        terminal.write(picture)
        for row in rows:
            terminal.write(f"{row[0]}  {row[2]}\n")
    else:
        for line in bars(rows, terminal.width):
            terminal.write(line + "\n")
    if any(not row.complete for row in data.usage):
        terminal.tell(say("+ only a part of that time is known") + "\n")
    if any(row.basis == "spread" for row in data.usage):
        terminal.tell(say("~ spread evenly over the time between two readings") + "\n")


def forecast_person(data: ForecastDocument, terminal: Terminal) -> None:
    """What is coming, in sentences."""
    for sentence in foretold(data):
        terminal.tell(sentence + "\n")


def _left(data: ForecastDocument) -> Iterator[str]:
    yield say("{line}: {left} left", line=data.line, left=octets(data.remaining_bytes))
    if data.restricted_bytes:
        yield say("{volume} more in its hours, apps or later", volume=octets(data.restricted_bytes))


def foretold(data: ForecastDocument) -> Iterator[str]:
    """The sentences of a forecast, the most important first."""
    yield from _left(data)
    if data.method == "none":
        yield say("no forecast: {reason}", reason=say(data.reason or ""))
    elif data.runs_out_at is None:
        yield say("it is not foretold to run out: {reason}", reason=say(data.reason or ""))
        if data.earliest is not None:
            yield say("at the earliest {earliest}", earliest=local(data.earliest))
    else:
        yield say(
            "runs out about {time}, between {earliest} and {latest}",
            time=local(data.runs_out_at),
            earliest=local(data.earliest),
            latest=say("its end") if data.latest is None else local(data.latest),
        )
    if data.method != "none":
        yield say(METHODS[data.method], days=data.days_of_history, mean=octets(data.mean_per_day_bytes))
        if data.spread_days:
            yield say("of these, {days} are use spread evenly between two readings", days=data.spread_days)
    yield from _term(data)
    for row in data.waste:
        if row.wasted_bytes:
            yield say(
                "! {volume} of {bucket} will lapse unused on {time}",
                volume=octets(row.wasted_bytes),
                bucket=row.bucket,
                time=local(row.ends_at),
            )
    alert = data.alert
    if alert is not None:
        yield say(
            "! abnormally fast: {volume} in the last {hours} hours, more than {factor} times the even pace",
            volume=octets(alert.used_bytes),
            hours=alert.window_seconds // 3600,
            factor=alert.factor,
        )
    if data.reading.stale:
        yield say("! the reading is old: {time}", time=local(data.reading.at))
    yield from map(say, data.tips or ())


def _term(data: ForecastDocument) -> Iterator[str]:
    """How the running term stands."""
    if data.term_ends_at is None:
        return
    if data.leftover_bytes is not None:
        yield say(
            "expected to be left at the end of the term, {time}: {volume}",
            time=local(data.term_ends_at),
            volume=octets(data.leftover_bytes),
        )
    if data.allowed_per_day_bytes is not None:
        yield say("to last until then: {volume} a day at most", volume=octets(data.allowed_per_day_bytes))
    pace = data.pace
    if pace is not None:
        yield say("pace: {ratio} times the even one", ratio=pace.ratio)
        if pace.runs_out_at is not None and data.method == "none":  # one end on one screen
            yield say("at the pace of the whole term it would be gone on {time}", time=local(pace.runs_out_at))


#: why there is no forecast, or no end in it
REASONS = {
    "fewer": "fewer than three days of history",
    "nothing": "no use seen",
    "lasts": "lasts until it ends",
    "unread": "no reading yet",
    "gone": "by now it should be used up: read it again",
}

METHODS = {
    "flat-mean": "from {days} days of history, {mean} a day",
    "weekday-profile": "from {days} days of history, each weekday by its own mean; {mean} a day",
}

FORECAST: Columns[ForecastDocument] = (
    *columns(ForecastDocument, "line"),
    Column("method", lambda row: row.method),
    *columns(
        ForecastDocument,
        "days=days_of_history runs-out-at=runs_out_at earliest latest term-ends-at=term_ends_at leftover_bytes "
        "wasted_bytes",
    ),
    Column("allowed_per_day_bytes", lambda row: row.allowed_per_day_bytes, right=True),
    *columns(ForecastDocument, "pace=pace.ratio alert=alert.factor stale=reading.stale reason"),
)

COLUMNS: Columns[ReadingRow] = (
    *columns(ReadingRow, "line at state remaining_bytes main_balance expires_at adjusted_bytes findings"),
    *columns(ReadingRow, "pattern", shown=False),
    Column("source", lambda row: row.source, shown=False),
    Column("modelled_bytes", lambda row: row.modelled_bytes, shown=False),
    Column("granted_bytes", lambda row: row.granted_bytes, shown=False),
    *columns(ReadingRow, "text", shown=False),
)

PATTERN: Columns[PatternRow] = columns(PatternRow, "name carrier places template")


def person(data: ReadingDocument, terminal: Terminal) -> None:
    """One reading, in a sentence."""
    reading = data.reading
    said = say(
        "{line}: {state}, {left} left as of {time}",
        line=reading.line,
        state=say(reading.state),
        left=octets(reading.remaining_bytes),
        time=local(reading.at),
    )
    terminal.tell(said + "\n")


SHARING: Columns[SharingPart] = (
    *columns(SharingPart, "what line with"),
    Column("bytes", lambda row: row.bytes, lambda row: "" if row.bytes is None else octets(row.bytes), right=True),
)


VIEWS = {
    "usage": View(USAGE, lambda data: data.usage, history_person),
    "forecast": View(FORECAST, None, forecast_person),
    "reading": View(COLUMNS, lambda data: [data.reading], person),
    "usage-import": View(COLUMNS, lambda data: data.readings, None, "nothing was read"),
    "sharing": View(SHARING, lambda data: [data.sharing], None),
    "pattern": View(PATTERN, lambda data: [data.pattern], None),
    "patterns": View(PATTERN, lambda data: data.patterns, None, "no pattern of yours yet"),
}
