"""Rules of the automatic top-up, what they decided and why; reminders, targets, the second factor."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from esimctl.documents.alerts import RemindersDocument, RemindersPart, TargetRow
from esimctl.documents.autotopup import DecidedRow, LastDecisionPart, LogRow, RuleRow, RulesDocument, RunDocument
from esimctl.documents.setup import SecondFactorDocument, SecondFactorPart
from esimctl.show.amounts import local, money, octets
from esimctl.show.terminal import Terminal
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import english, say
from esimctl.values.moments import instant
from esimctl.values.money import Money


def trigger(rule: RuleRow, speak: Callable[..., str] = say) -> str:
    """What sets a rule off, in words; `english` speaks to programs."""
    found = rule.trigger
    if found.kind == "schedule":
        at = instant(found.from_) if speak is english else local(found.from_)
        return speak("{every} from {at}", every=found.every, at=at)
    if found.kind == "before_expiry":
        return speak("{lead} before the plan ends", lead=found.before_expiry)
    left = money(found.below_amount) if found.below_amount is not None else octets(found.below_bytes)
    return speak("at {left} or less", left=left)


def purchase(rule: RuleRow, speak: Callable[..., str] = say) -> str:
    """What a rule buys, in words; `english` speaks to programs."""
    buys = rule.buys
    if buys.plan:
        return str(buys.plan)
    if buys.amount is not None:
        return money(buys.amount)
    target = money(buys.target_amount) if buys.target_amount is not None else octets(buys.target_bytes)
    return speak("up to {target}", target=target)


def describe(rule: RuleRow) -> Iterator[str]:
    """What a person reads before confirming a rule."""
    yield say(
        "rule {rule} for {line}: {trigger}, buy {what}",
        rule=rule.rule,
        line=rule.line,
        trigger=trigger(rule),
        what=purchase(rule),
    )
    if rule.does == "reminds":
        yield say("it reminds you, with the way to pay: only you can buy for {line}", line=rule.line)
        return
    yield say("paid with {methods}, the next only if one is declined", methods=", ".join(rule.pay))
    limits = say(
        "at most {price} an order and {month} a month",
        price=money(rule.max_price),
        month=money(rule.max_per_month),
    )
    if rule.max_count:
        limits += say(", {count} orders a month", count=rule.max_count)
    if rule.floor is not None:
        limits += say(", {floor} stays in the account", floor=money(rule.floor))
    yield limits
    yield say("after {count} orders without you here rules stop and say so", count=rule.max_unattended)


def spent(rule: RuleRow) -> str:
    """What it has spent; SANDBOX stands beside play money."""
    return money(rule.spent_this_month) + ("  SANDBOX" if rule.play_money else "")


def reason_of(row: LastDecisionPart | LogRow | DecidedRow) -> str | None:
    """Why, in the reader's language where the row holds it as a sentence."""
    return row.explanation if row.said is None else say(row.said.template, **row.said.params)


WHY = Column[RuleRow](
    "why",
    lambda row: None if row.last_decision is None else row.last_decision.explanation,
    lambda row: None if row.last_decision is None else reason_of(row.last_decision),
)

RULES: Columns[RuleRow] = (
    *columns(RuleRow, "rule line status"),
    *columns(RuleRow, "does", shown=False),
    Column("trigger", lambda row: trigger(row, english), trigger),
    Column("buys", lambda row: purchase(row, english), purchase),
    *columns(RuleRow, "max-price=max_price max-per-month=max_per_month"),
    Column("spent", lambda row: row.spent_this_month, spent),
    *columns(RuleRow, "orders=orders_this_month next=next_due last=last_decision.reason"),
    WHY._replace(shown=False),
    *columns(RuleRow, "failures", shown=False),
    *columns(RuleRow, "play_money", shown=False, sheet=True),
)


def why(data: RulesDocument, terminal: Terminal) -> None:
    """Rules with the reason of their last decision in words."""
    for rule in data.rules:
        for line in describe(rule):
            terminal.write(line + "\n")
        terminal.write(say("status: {status}", status=say(rule.status)) + "\n")
        if rule.suspended_reason:
            terminal.write(say("suspended: {why}", why=rule.suspended_reason) + "\n")
        last = rule.last_decision
        if last:
            terminal.write(
                say(
                    "last: {reason}, since {at}: {why}",
                    reason=last.reason,
                    at=local(last.at),
                    why=reason_of(last) or "",
                )
                + "\n"
            )
        terminal.write("\n")


def noteworthy(data: RunDocument) -> list[DecidedRow]:
    """The decisions of a run that are worth a line: all of them in a rehearsal, else what was ordered."""
    every = data.dry_run or data.verbose
    return [row for row in data.decisions if every or row.decision == "topup"]


RUN: Columns[DecidedRow] = (
    *columns(DecidedRow, "rule line"),
    Column("decision", lambda row: row.decision),
    *columns(DecidedRow, "reason order charge=would_charge"),
    Column("why", lambda row: row.explanation, reason_of),
)

LOG: Columns[LogRow] = (
    *columns(LogRow, "at kind rule"),
    Column("decision", lambda row: row.decision),
    *columns(LogRow, "reason order"),
    Column("why", lambda row: row.explanation, reason_of),
)

TARGETS: Columns[TargetRow] = (
    *columns(TargetRow, "target kind to confirmed since"),
    *columns(TargetRow, "failing_since failure", shown=False, sheet=True),
)


class Reminder(NamedTuple):
    """A setting by its name, and as its kind stands in cells for machines."""

    name: str
    value: object
    cell: object


def settings(data: RemindersDocument) -> list[Reminder]:
    """Every setting as a row."""
    fields = columns(RemindersPart, " ".join(RemindersPart.KEYS))
    return [Reminder(each.name, getattr(data.reminders, each.name), each.cell(data.reminders)) for each in fields]


def plain(value: object) -> str:
    """A setting in words."""
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return say("yes" if value else "no")
    return "-" if value is None else str(value)


REMINDERS: Columns[Reminder] = (
    Column("reminder", lambda row: row.name),
    Column("value", lambda row: row.cell, lambda row: plain(row.value)),
)


def person(data: SecondFactorDocument, terminal: Terminal) -> None:
    """The state in words; the drawing comes first."""
    found = data.second_factor
    if found.uri:
        from esimctl.show.cards.qr import draw

        draw(found.uri, terminal)
        terminal.write(found.uri + "\n")
    text = "a second factor is enrolled" if found.enrolled else "no second factor is enrolled"
    if found.pending:
        text = "scan this with an authenticator, then give its code: esimctl profile second-factor confirm"
    terminal.write(say(text) + "\n")


VIEWS = {
    "autotopup": View(RULES, lambda data: data.rules, None, "no rules yet: esimctl autotopup set --help"),
    "autotopup-why": View((*columns(RuleRow, "rule reason=last_decision.reason"), WHY), lambda data: data.rules, why),
    "autotopup-run": View(RUN, noteworthy),
    "autotopup-log": View(LOG, lambda data: data.log, None, "nothing has happened yet"),
    "reminders": View(REMINDERS, settings),
    "targets": View(TARGETS, lambda data: data.targets, None, "alerts go to stderr alone"),
    "second-factor": View(
        columns(SecondFactorPart, "enrolled pending locked-until=locked_until uri"),
        lambda data: [data.second_factor],
        person,
    ),
}
