"""What runs the rules of the automatic top-up: the schedulers, what they have installed, and when it ran."""

from esimctl.documents.schedule import ScheduleDocument, ScheduleRow
from esimctl.show.styles import ACT, GOOD, LOOK, SOURCE, styled
from esimctl.show.table import draw
from esimctl.show.terminal import Terminal
from esimctl.show.times import from_now, moment, only_day
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.moments import instant

COLUMNS = columns(
    ScheduleRow, "kind installed last=last_run.began_at exit=last_run.exit_code next=next_run text enabled"
)


def state(row: ScheduleRow) -> str:
    """Whether it runs the rules."""
    if row.installed is None:
        return styled(say("unknown"), LOOK)
    if not row.text:
        return styled(say("removed"), SOURCE)
    return styled(say("off"), ACT) if row.enabled is False else styled(say("on"), GOOD)


def last_run(row: ScheduleRow) -> str:
    """When the rules were run last, and whether that ended well; empty where it was not asked."""
    last = row.last_run
    if last is None:
        return ""
    if last.began_at is None:
        return styled(say("never"), LOOK)
    if last.exit_code in (0, None):
        return from_now(last.began_at)
    return from_now(last.began_at) + " " + styled(say("(exit code {code})", code=last.exit_code), ACT)


def next_run(row: ScheduleRow) -> str:
    """When they run next; empty where it was not asked."""
    if row.last_run is None:
        return ""
    return say("unknown") if row.next_run is None else moment(row.next_run)


SCREEN: Columns[ScheduleRow] = (
    Column("scheduler", lambda row: row.kind, priority=0),
    Column("state", lambda row: row.installed, state, priority=1),
    Column("last run", lambda row: row.last_run and instant(row.last_run.began_at), last_run, priority=2),
    Column("next run", lambda row: instant(row.next_run), next_run, priority=3,
           short=[lambda row: only_day(row.next_run) if row.next_run else next_run(row)]),
)  # fmt: skip


def card(data: ScheduleDocument, terminal: Terminal) -> None:
    """The schedulers as a table, and below it the text that is installed."""
    if data.schedules:
        draw(SCREEN, data.schedules, terminal)
    for row in data.schedules:
        if row.text:
            terminal.tell("".join(styled(line, SOURCE) + "\n" for line in row.text.rstrip("\n").split("\n")))


VIEWS = {"schedule": View(COLUMNS, lambda data: data.schedules, card, "nothing is installed", screen=SCREEN)}
