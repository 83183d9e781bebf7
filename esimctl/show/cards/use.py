"""Use, its forecast, what was recorded by hand, and data that lines share."""

from collections.abc import Iterator, Mapping
from typing import Any

from esimctl.show.amounts import flat_money, local, money, octets
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, View
from esimctl.show.words import say


def rows_of(data: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """(period, octets, what is said of them) of every row, for pictures."""
    return [(label(row, data["by"]), row["used_bytes"], figure(row)) for row in data["usage"]]


def picture(data: Mapping[str, Any], form: str) -> bytes:
    """The bars as a file: `png` or `svg`."""
    from esimctl.show import plots

    draw = plots.png if form == "png" else plots.svg
    return draw(f"{data['line']}: {data['from']} - {data['to']}", rows_of(data))


USAGE: tuple[Column[Any], ...] = (
    Column("start", lambda r: r["start"]),
    Column("end", lambda r: r["end"]),
    Column("used_bytes", lambda r: r["used_bytes"], lambda r: octets(r["used_bytes"]), right=True),
    Column("complete", lambda r: r["complete"]),
    Column("basis", lambda r: r["basis"], lambda r: say(r["basis"])),
    Column("days-known", lambda r: r["days_known"], shown=False),
    Column("gap-seconds", lambda r: r["gap_seconds"], shown=False),
)


def label(row: Mapping[str, Any], by: str) -> str:
    """A period as it stands in a picture: the day, the week's first day, the month."""
    return str(row["start"])[:7] if by == "month" else str(row["start"])


def figure(row: Mapping[str, Any]) -> str:
    """A row's use; ~ stands before what was spread over a gap, + behind what is only a part of its time."""
    return f"{'~' if row['basis'] == 'spread' else ''}{octets(row['used_bytes'])}{'' if row['complete'] else '+'}"


def history_person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """The plot where the library for it is installed and there is room, else bars of block characters."""
    rows = rows_of(data)
    if not rows:
        terminal.note(say("nothing is known of its use yet: it takes two readings, esimctl balance now and then"))
        return
    from esimctl.show.table import bars

    terminal.tell(
        say("use of {line} by {period}, {total} in all", line=data["line"], period=say(data["by"]),
            total=octets(data["used_bytes"])) + "\n"
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
    if any(not row["complete"] for row in data["usage"]):
        terminal.tell(say("+ only a part of that time is known") + "\n")
    if any(row["basis"] == "spread" for row in data["usage"]):
        terminal.tell(say("~ spread evenly over the time between two readings") + "\n")


def forecast_person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """What is coming, in sentences."""
    for sentence in foretold(data):
        terminal.tell(sentence + "\n")


def _left(data: Mapping[str, Any]) -> Iterator[str]:
    yield say("{line}: {left} left", line=data["line"], left=octets(data["remaining_bytes"]))
    if data["restricted_bytes"]:
        yield say("{volume} more in its hours, apps or later", volume=octets(data["restricted_bytes"]))


def foretold(data: Mapping[str, Any]) -> Iterator[str]:
    """The sentences of a forecast, the most important first."""
    yield from _left(data)
    if data["method"] == "none":
        yield say("no forecast: {reason}", reason=say(data["reason"]))
    elif data["runs_out_at"] is None:
        yield say("it is not foretold to run out: {reason}", reason=say(data["reason"]))
        if data["earliest"] is not None:
            yield say("at the earliest {earliest}", earliest=local(data["earliest"]))
    else:
        yield say(
            "runs out about {time}, between {earliest} and {latest}",
            time=local(data["runs_out_at"]),
            earliest=local(data["earliest"]),
            latest=say("its end") if data["latest"] is None else local(data["latest"]),
        )
    if data["method"] != "none":
        yield say(METHODS[data["method"]], days=data["days_of_history"], mean=octets(data["mean_per_day_bytes"]))
        if data["spread_days"]:
            yield say("of these, {days} are use spread evenly between two readings", days=data["spread_days"])
    yield from _term(data)
    for row in data["waste"]:
        if row["wasted_bytes"]:
            yield say(
                "! {volume} of {bucket} will lapse unused on {time}",
                volume=octets(row["wasted_bytes"]),
                bucket=row["bucket"],
                time=local(row["ends_at"]),
            )
    alert = data["alert"]
    if alert is not None:
        yield say(
            "! abnormally fast: {volume} in the last {hours} hours, more than {factor} times the even pace",
            volume=octets(alert["used_bytes"]),
            hours=alert["window_seconds"] // 3600,
            factor=alert["factor"],
        )
    if data["reading"]["stale"]:
        yield say("! the reading is old: {time}", time=local(data["reading"]["at"]))
    yield from map(say, data.get("tips", ()))


def _term(data: Mapping[str, Any]) -> Iterator[str]:
    """How the running term stands."""
    if data["term_ends_at"] is None:
        return
    if data["leftover_bytes"] is not None:
        yield say(
            "expected to be left at the end of the term, {time}: {volume}",
            time=local(data["term_ends_at"]),
            volume=octets(data["leftover_bytes"]),
        )
    if data["allowed_per_day_bytes"] is not None:
        yield say("to last until then: {volume} a day at most", volume=octets(data["allowed_per_day_bytes"]))
    pace = data["pace"]
    if pace is not None:
        yield say("pace: {ratio} times the even one", ratio=pace["ratio"])
        if pace["runs_out_at"] is not None and data["method"] == "none":  # one end on one screen
            yield say("at the pace of the whole term it would be gone on {time}", time=local(pace["runs_out_at"]))


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

FORECAST: tuple[Column[Any], ...] = (
    Column("line", lambda r: r["line"]),
    Column("method", lambda r: r["method"]),
    Column("days", lambda r: r["days_of_history"], right=True),
    Column("runs-out-at", lambda r: r["runs_out_at"], lambda r: local(r["runs_out_at"])),
    Column("earliest", lambda r: r["earliest"], lambda r: local(r["earliest"])),
    Column("latest", lambda r: r["latest"], lambda r: local(r["latest"])),
    Column("term-ends-at", lambda r: r["term_ends_at"], lambda r: local(r["term_ends_at"])),
    Column("leftover_bytes", lambda r: r["leftover_bytes"], lambda r: octets(r["leftover_bytes"]), right=True),
    Column("wasted_bytes", lambda r: r["wasted_bytes"], lambda r: octets(r["wasted_bytes"]), right=True),
    Column("allowed_per_day_bytes", lambda r: r["allowed_per_day_bytes"], right=True),
    Column("pace", lambda r: (r["pace"] or {}).get("ratio")),
    Column("alert", lambda r: (r["alert"] or {}).get("factor")),
    Column("stale", lambda r: r["reading"]["stale"]),
    Column("reason", lambda r: r["reason"]),
)

COLUMNS: tuple[Column[Any], ...] = (
    Column("line", lambda r: r["line"]),
    Column("at", lambda r: r["at"], lambda r: local(r["at"])),
    Column("state", lambda r: r["state"], lambda r: say(r["state"])),
    Column("remaining_bytes", lambda r: r["remaining_bytes"], lambda r: octets(r["remaining_bytes"]), right=True),
    Column("main_balance", flat_money("main_balance"), lambda r: money(r["main_balance"]), right=True),
    Column("expires_at", lambda r: r["expires_at"], lambda r: local(r["expires_at"])),
    Column("adjusted_bytes", lambda r: r["adjusted_bytes"], lambda r: octets(r["adjusted_bytes"]), right=True),
    Column("findings", lambda r: ",".join(r["findings"])),
    Column("pattern", lambda r: r["pattern"], shown=False),
    Column("source", lambda r: r["source"], shown=False),
    Column("modelled_bytes", lambda r: r["modelled_bytes"], shown=False),
    Column("granted_bytes", lambda r: r["granted_bytes"], shown=False),
    Column("text", lambda r: r["text"], shown=False),
)

PATTERN: tuple[Column[Any], ...] = (
    Column("name", lambda r: r["name"]),
    Column("carrier", lambda r: r["carrier"]),
    Column("places", lambda r: ",".join(r["places"])),
    Column("template", lambda r: r["template"]),
)


def person(data: Mapping[str, Any], terminal: Terminal) -> None:
    """One reading, in a sentence."""
    reading = data["reading"]
    terminal.tell(
        say(
            "{line}: {state}, {left} left as of {time}",
            line=reading["line"],
            state=say(reading["state"]),
            left=octets(reading["remaining_bytes"]),
            time=local(reading["at"]),
        )
        + "\n"
    )


SHARING: tuple[Column[Any], ...] = (
    Column("what", lambda r: r["what"], lambda r: say(r["what"])),
    Column("line", lambda r: r["line"]),
    Column("with", lambda r: r["with"]),
    Column("bytes", lambda r: r["bytes"], lambda r: octets(r["bytes"]) if r["bytes"] is not None else "", right=True),
)


VIEWS = {
    "usage": View(USAGE, lambda data: data["usage"], history_person),
    "forecast": View(FORECAST, None, forecast_person),
    "reading": View(COLUMNS, lambda data: [data["reading"]], person),
    "usage-import": View(COLUMNS, lambda data: data["readings"], None, "nothing was read"),
    "sharing": View(SHARING, lambda data: [data["sharing"]], None),
    "pattern": View(PATTERN, lambda data: [data["pattern"]], None),
    "patterns": View(PATTERN, lambda data: data["patterns"], None, "no pattern of yours yet"),
}
