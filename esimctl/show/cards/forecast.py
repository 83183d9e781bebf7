"""When a line's data runs out: the answer first, then its figures, then what to look at."""

from collections.abc import Iterator
from datetime import timedelta

from esimctl.documents.usage import ForecastDocument
from esimctl.show.amounts import octets, rounded
from esimctl.show.styles import ACT, ASKED, GOOD, LOOK, styled
from esimctl.show.table import draw
from esimctl.show.terminal import Terminal
from esimctl.show.times import counted, moment, moment_from_now, span
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say

#: a range of less than this is not worth two dates
SURE = timedelta(hours=2)

#: why there is no forecast, or no end in it
REASONS = {
    "fewer": "fewer than three days of history",
    "nothing": "no use seen",
    "lasts": "lasts until it ends",
    "unread": "no reading yet",
    "gone": "by now it should be used up: read it again",
}

#: how the mean was come by
METHODS = {
    "flat-mean": "from {days} of history",
    "weekday-profile": "from {days} of history, each weekday by its own mean",
}


def person(data: ForecastDocument, terminal: Terminal) -> None:
    """The answer, its figures as a table without a head, warnings, and the tips that were asked for."""
    terminal.tell(answer(data) + "\n")
    draw(FIGURES, list(figures(data)), terminal, header=False)
    for said in warnings(data):
        terminal.tell(said + "\n")
    for tip in data.tips or ():
        terminal.tell(f"- {say(tip)}\n")


def answer(data: ForecastDocument) -> str:
    """When it runs out, and how long before the term's end; or that it does not, or why nobody can tell."""
    line = styled(data.line, ASKED)
    if data.method == "none":
        return say("{line}: no forecast: {reason}", line=line, reason=say(data.reason or ""))
    out, end = data.runs_out_at, data.term_ends_at
    if out is None:
        reason = styled(say(data.reason or ""), GOOD if data.reason == REASONS["lasts"] else None)
        return say("{line} is not expected to run out: {reason}", line=line, reason=reason)
    when = styled(moment_from_now(out), LOOK)
    if end is None or end <= out:
        return say("{line} runs out about {time}", line=line, time=when)
    return say("{line} runs out about {time}, {span} before it ends", line=line, time=when, span=span(end - out))


def figures(data: ForecastDocument) -> Iterator[tuple[str, str]]:
    """(name, figure) of what is known."""
    left = octets(data.remaining_bytes)
    if data.restricted_bytes:
        more = say("{volume} more in its hours, apps or later", volume=octets(data.restricted_bytes))
        left = f"{left} + {more}"
    yield say("Left now"), left
    yield from _range(data)
    if data.method != "none" and data.mean_per_day_bytes is not None:
        how = say(METHODS[data.method], days=counted(data.days_of_history, "day"))
        if data.spread_days:
            how += ", " + say("{days} of them estimated", days=data.spread_days)
        yield say("Used a day"), f"{octets(rounded(data.mean_per_day_bytes))} ({how})"
    end = data.term_ends_at
    if end is not None and data.allowed_per_day_bytes is not None:
        most = octets(rounded(data.allowed_per_day_bytes))
        yield say("To make it last"), say("{volume} a day until {time}", volume=most, time=moment(end))
    pace = data.pace
    if pace is not None and pace.ratio != "0":
        yield say("Pace"), say("{ratio} times the pace that lasts to the end", ratio=pace.ratio)
        if pace.runs_out_at is not None and data.method == "none":  # one end on one screen
            yield say("At that pace"), say("used up on {time}", time=moment_from_now(pace.runs_out_at))
    if end is not None and data.leftover_bytes:
        yield say("Left over"), say("{volume} on {time}", volume=octets(data.leftover_bytes), time=moment(end))


def _range(data: ForecastDocument) -> Iterator[tuple[str, str]]:
    """Between when and when it runs out, where that is worth saying."""
    first, last = data.earliest, data.latest
    if first is None:
        return
    if data.runs_out_at is None:
        yield say("At the earliest"), moment_from_now(first)
    elif last is None:
        yield say("Between"), say("{first} and its end", first=moment(first))
    elif last - first >= SURE:
        yield say("Between"), say("{first} and {last}", first=moment(first), last=moment(last))


def warnings(data: ForecastDocument) -> Iterator[str]:
    """What ends unused, whether data goes abnormally fast, and whether the last reading is old."""
    for row in data.waste:
        if row.wasted_bytes:
            volume, time = octets(row.wasted_bytes), moment(row.ends_at)
            yield styled("! " + say("{volume} will be lost unused on {time}", volume=volume, time=time), LOOK)
    alert = data.alert
    if alert is not None:
        fast = say("used much faster than usual: {volume} in the last {hours}", volume=octets(alert.used_bytes),
                   hours=counted(alert.window_seconds // 3600, "hour"))  # fmt: skip
        yield styled("! " + fast, ACT)
    if data.reading.stale:
        yield styled("! " + say("old reading"), LOOK) + f": {moment(data.reading.at)}"


FIGURES: Columns[tuple[str, str]] = (
    Column("name", lambda row: row[0], priority=0),
    Column("figure", lambda row: row[1], priority=0),
)

COLUMNS: Columns[ForecastDocument] = (
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

VIEWS = {"forecast": View(COLUMNS, None, person)}
