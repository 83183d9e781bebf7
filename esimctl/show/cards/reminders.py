"""What is worth a reminder, where alerts go, and the second factor."""

from typing import NamedTuple

from esimctl.documents.alerts import RemindersDocument, RemindersPart, TargetRow
from esimctl.documents.setup import SecondFactorDocument, SecondFactorPart
from esimctl.show.amounts import money, term
from esimctl.show.styles import ACT, COMMAND, GOOD, LOOK, SOURCE, styled
from esimctl.show.terminal import Terminal
from esimctl.show.times import day_from_now, moment, only_day
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.money import Money


class Reminder(NamedTuple):
    """A setting by its name, and as its kind stands in cells for machines."""

    name: str
    value: object
    cell: object


#: setting → what it is about
TEXTS = {
    "used_percent": "data used",
    "expiry_days": "before a plan ends",
    "low_balance": "money left",
    "stale_after": "reading older than",
    "quiet": "quiet hours",
    "digest": "all in one, daily at",
    "morning": "every morning at",
    "monthly": "monthly review",
    "each": "one message each",
}


def settings(data: RemindersDocument) -> list[Reminder]:
    """Every setting as a row."""
    fields = columns(RemindersPart, " ".join(RemindersPart.KEYS))
    return [Reminder(each.name, getattr(data.reminders, each.name), each.cell(data.reminders)) for each in fields]


def name(row: Reminder) -> str:
    """What the setting is about."""
    return say(TEXTS[row.name])


def value(row: Reminder) -> str:
    """A setting in words; what is not set is off."""
    given = row.value
    if given is None or given is False or given == []:
        return styled(say("off"), SOURCE)
    if given is True:
        return styled(say("on"), GOOD)
    if isinstance(given, Money):
        return say("at {left} or less", left=money(given))
    if isinstance(given, list | tuple):
        if row.name == "expiry_days":
            return say("{count} days", count=", ".join(map(str, given)))
        return ", ".join(f"{each}%" for each in given)
    return term(str(given)) if row.name == "stale_after" else str(given)


REMINDERS: Columns[Reminder] = (
    Column("reminder", lambda row: row.name),
    Column("value", lambda row: row.cell, value),
)

REMINDERS_SCREEN: Columns[Reminder] = (
    Column("reminder", lambda row: row.name, name, priority=0),
    Column("when", lambda row: row.cell, value, priority=0),
)

TARGETS: Columns[TargetRow] = (
    *columns(TargetRow, "target kind to confirmed since"),
    *columns(TargetRow, "failing_since failure", shown=False, sheet=True),
)


def state(row: TargetRow) -> str:
    """`on`, `not confirmed`, or since when it takes nothing."""
    if not row.confirmed:
        return styled(say("not confirmed"), LOOK)
    if row.failing_since is not None:
        return styled(say("failing since {time}", time=moment(row.failing_since)), ACT)
    return styled(say("on"), GOOD)


TARGETS_SCREEN: Columns[TargetRow] = (
    Column("target", lambda row: row.target, priority=0),
    Column("state", lambda row: row.confirmed, state, priority=1),
    Column("kind", lambda row: row.kind, priority=4),
    Column("to", lambda row: row.to, priority=2),
    Column("since", lambda row: row.since, lambda row: day_from_now(row.since), priority=5,
           short=[lambda row: only_day(row.since)]),
    Column("failure", lambda row: row.failure, priority=3, cut=True),
)  # fmt: skip


def second_factor(data: SecondFactorDocument, terminal: Terminal) -> None:
    """The state in words; the code to scan comes first."""
    found = data.second_factor
    if found.uri:
        from esimctl.show.cards.qr import draw

        draw(found.uri, terminal)
        terminal.write(found.uri + "\n")
    if found.pending:
        command = styled("esimctl profile second-factor confirm", COMMAND)
        text = say("Scan this with an authenticator app, then give its code: {command}", command=command)
    elif found.enrolled:
        text = styled(say("on"), GOOD) + say(": enabling a rule asks for a code of your authenticator app")
    else:
        command = styled("esimctl profile second-factor enroll", COMMAND)
        text = styled(say("off"), SOURCE) + say(": enabling a rule asks for no code ({command})", command=command)
    terminal.tell(text + "\n")
    if found.locked_until is not None:
        terminal.tell(styled(say("too many wrong codes: locked until {time}", time=moment(found.locked_until)), ACT)
                      + "\n")  # fmt: skip


VIEWS = {
    "reminders": View(REMINDERS, settings, screen=REMINDERS_SCREEN),
    "targets": View(
        TARGETS, lambda data: data.targets, None, "alerts are only printed on stderr", screen=TARGETS_SCREEN
    ),
    "second-factor": View(
        columns(SecondFactorPart, "enrolled pending locked-until=locked_until uri"),
        lambda data: [data.second_factor],
        second_factor,
    ),
}
