"""Rules of the automatic top-up: what they may do, what runs them, what they decided and why."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from esimctl.documents.autotopup import (
    DecidedRow,
    LastDecisionPart,
    LogDocument,
    LogRow,
    RuleRow,
    RulesDocument,
    RunByPart,
    RunDocument,
)
from esimctl.documents.document import Absent
from esimctl.show.amounts import money, octets, term
from esimctl.show.reader import reader
from esimctl.show.styles import ACT, ASKED, COMMAND, GOOD, LOOK, PLAY, SOURCE, styled
from esimctl.show.table import draw, listed
from esimctl.show.terminal import Terminal
from esimctl.show.times import day, from_now, moment, only_day, span
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import english, say
from esimctl.values.moments import instant

#: how often a rule buys by the calendar → from which day on, and in short
CALENDAR = {
    "weekly": ("every week from {day}", "every week"),
    "fortnightly": ("every two weeks from {day}", "every two weeks"),
    "monthly": ("every month from {day}", "every month"),
}


def trigger(rule: RuleRow) -> str:
    """What sets a rule off, for programs."""
    found = rule.trigger
    if found.kind == "schedule":
        return english("{every} from {at}", every=found.every, at=instant(found.from_))
    if found.kind == "before_expiry":
        return english("{lead} before the plan ends", lead=found.before_expiry)
    return english("at {left} or less", left=threshold(rule))


def threshold(rule: RuleRow) -> str:
    """At how much left a rule buys."""
    found = rule.trigger
    return money(found.below_amount) if found.below_amount is not None else octets(found.below_bytes)


def when(rule: RuleRow) -> str:
    """What sets a rule off: `at 9 GB or less`, `3 days before the plan ends`, `every month from 5 Dec`."""
    found = rule.trigger
    if found.kind == "schedule" and found.from_ is not None:
        return say(CALENDAR[found.every or "monthly"][0], day=day(reader().here(found.from_).date()))
    if found.kind == "before_expiry":
        return say("{lead} before the plan ends", lead=term(found.before_expiry))
    return say("at {left} or less", left=threshold(rule))


def when_in_short(rule: RuleRow) -> str:
    """`9 GB left`, `3 days before`, `every month`."""
    found = rule.trigger
    if found.kind == "schedule":
        return say(CALENDAR[found.every or "monthly"][1])
    if found.kind == "before_expiry":
        return say("{lead} before", lead=term(found.before_expiry))
    return say("{left} left", left=threshold(rule))


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
    """What a person reads before confirming a rule: at most eight lines, a sentence for each limit."""
    params = {"rule": rule.rule, "line": rule.line, "when": styled(when(rule), ASKED),
              "what": styled(purchase(rule), ASKED)}  # fmt: skip
    play = styled("  SANDBOX", PLAY) if rule.play_money else ""
    if rule.does == "reminds":
        yield say("{rule}: reminds you to buy {what} for {line}, {when}", **params) + play
        yield say("Only you can buy for {line}: it tells you how to pay.", line=rule.line)
        return
    if rule.does == "asks":
        yield say("{rule}: tells you to buy {what} for {line}, {when}", **params) + play
    else:
        yield say("{rule}: buys {what} for {line}, {when}", **params) + play
    first, *others = rule.pay or ["-"]
    paid = say("It pays with {method}.", method=first)
    if others:
        paid = say("It pays with {method}; only if that is declined, with {others}.", method=first,
                   others=", ".join(others))  # fmt: skip
    yield paid
    yield say("One order costs at most {price}.", price=money(rule.max_price))
    if rule.max_per_day is not None:
        yield say("In one day it spends at most {price}.", price=money(rule.max_per_day))
    yield say("In one month it spends at most {price}.", price=money(rule.max_per_month))
    if rule.max_count:
        yield say("In one month it orders at most {count} times.", count=rule.max_count)
    if rule.floor is not None:
        yield say("It leaves at least {floor} in the account.", floor=money(rule.floor))
    yield say("All rules pause after {count} orders in a row without you.", count=rule.max_unattended)


def limits(rule: RuleRow) -> str:
    """One of several rules that are confirmed together: what it does, and at most for how much."""
    most = say(
        "at most {price} an order, {month} a month", price=money(rule.max_price), month=money(rule.max_per_month)
    )
    return f"{next(describe(rule))} · {most}"


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
    Column("trigger", trigger, when),
    Column("buys", lambda row: purchase(row, english), purchase),
    *columns(RuleRow, "max-price=max_price max-per-month=max_per_month"),
    *columns(RuleRow, "spent=spent_this_month orders=orders_this_month next=next_due last=last_decision.reason"),
    WHY._replace(shown=False),
    *columns(RuleRow, "failures", shown=False),
    *columns(RuleRow, "play_money", shown=False, sheet=True),
)


#: status of a rule → how it is shown; those that need attention first
STATES = {
    "suspended": ("suspended", ACT),
    "paused": ("paused", LOOK),
    "unconfirmed": ("to confirm", LOOK),
    "active": ("on", GOOD),
    "disabled": ("off", SOURCE),
    "terminated": ("ended", SOURCE),
    "removed": ("removed", SOURCE),
}

#: decision → what was done
DID = {
    "skip": ("nothing", SOURCE),
    "ask": ("asked you", LOOK),
    "remind": ("reminded you", LOOK),
    "would_topup": ("would buy", GOOD),
    "topup": ("bought", GOOD),
}

#: what happened to a rule → how it is shown
HAPPENED = {
    "confirmed": ("confirmed", GOOD),
    "disabled": ("turned off", SOURCE),
    "paused": ("paused", LOOK),
    "resumed": ("resumed", GOOD),
    "suspended": ("suspended", ACT),
    "alert": ("told you", LOOK),
}


def state(rule: RuleRow) -> str:
    """`on`, `off`, `suspended`."""
    word, style = STATES[rule.status]
    return styled(say(word), style)


def did(row: DecidedRow | LogRow) -> str:
    """What was done, in a word or two."""
    word, style = DID[row.decision] if row.decision else HAPPENED[row.kind if isinstance(row, LogRow) else "alert"]
    return styled(say(word), style)


def spent(rule: RuleRow) -> str:
    """What it spent this month, in the currency of its limit."""
    return money(rule.spent_this_month)


def spent_in_short(rule: RuleRow) -> str:
    """The amount alone, where the limit beside it says the currency."""
    amount = spent(rule)
    return amount.removesuffix(f" {rule.max_per_month.currency}")


SANDBOX: Column[RuleRow] = Column(
    "", lambda row: row.play_money, lambda row: styled("SANDBOX", PLAY) if row.play_money else "", priority=1
)

SCREEN: Columns[RuleRow] = (
    Column("rule", lambda row: row.rule, priority=0),
    SANDBOX,
    Column("state", lambda row: row.status, state, priority=1),
    Column("when", trigger, when, priority=2, short=[when_in_short]),
    Column("buys", lambda row: purchase(row, english), purchase, priority=5),
    Column("limit", lambda row: row.max_per_month, lambda row: money(row.max_per_month), right=True, priority=3),
    Column("spent", lambda row: row.spent_this_month, spent, right=True, priority=4, short=[spent_in_short]),
)


def price(row: DecidedRow) -> str:
    """What an order would cost or has cost; nothing where there is none."""
    return "" if row.would_charge is None else money(row.would_charge)


RUN_SCREEN: Columns[DecidedRow] = (
    Column("rule", lambda row: row.rule, priority=0),
    Column("line", lambda row: row.line, lambda row: "" if row.line == row.rule else row.line, priority=4),
    Column("does", lambda row: row.decision, did, priority=1),
    Column("price", lambda row: row.would_charge, price, right=True, priority=2),
    Column("why", lambda row: row.explanation, reason_of, priority=3, cut=True),
)  # fmt: skip

LOG_SCREEN: Columns[LogRow] = (
    Column("when", lambda row: instant(row.at), lambda row: moment(row.at), priority=2,
           short=[lambda row: only_day(row.at)]),
    Column("rule", lambda row: row.rule, lambda row: row.rule or row.line, priority=1),
    Column("did", lambda row: row.decision or row.kind, did, priority=0),
    Column("why", lambda row: row.explanation, lambda row: reason_of(row) or "", priority=3, cut=True),
)  # fmt: skip

#: decisions, those that a person has to know of first
WORST_FIRST = ("ask", "remind", "would_topup", "topup", "skip")


def rules(data: RulesDocument, terminal: Terminal) -> None:
    """Rules, those that need attention first, and what runs them."""
    if not data.rules:
        terminal.note(say("no rules yet: esimctl autotopup set --help"))
        return
    every = sorted(data.rules, key=lambda row: list(STATES).index(row.status))
    play = all(row.play_money for row in every)
    if play and len(every) > 1:
        terminal.tell(styled("SANDBOX", PLAY) + "\n")
    draw([column for column in SCREEN if column is not SANDBOX or not play or len(every) == 1], every, terminal)
    runs(data, terminal)


def runs(data: RulesDocument, terminal: Terminal) -> None:
    """What runs the rules, where one of them is on."""
    if not isinstance(data.run_by, Absent) and any(row.status == "active" for row in data.rules):
        terminal.tell(run_by(data.run_by) + "\n")


def run_by(part: RunByPart) -> str:
    """What runs the rules and when it did last, or that nothing does, with the command that changes it."""
    last = None if part.last_run is None else from_now(part.last_run)
    if part.machine == "another":
        command = styled("esimctl autotopup takeover", COMMAND)
        return styled("! ", LOOK) + say(
            "another machine runs these rules; to run them here: {command}", command=command
        )
    by = ", ".join([*part.kinds, *(part.unknown or ())])
    if not part.kinds:
        return not_run(part, by, last)
    if last is None:
        return styled("! ", LOOK) + say("{scheduler} has not run these rules yet", scheduler=by)
    every = part.every_minutes or None
    if every is None:
        return say("run by {scheduler}, last {time}", scheduler=by, time=last)
    now = reader().now
    if now is not None and part.last_run is not None and now - part.last_run > timedelta(minutes=3 * every):
        command = styled("esimctl schedule show --check", COMMAND)
        return styled("! ", LOOK) + say(
            "run every {interval} by {scheduler}, but last {time}: {command}",
            interval=in_minutes(every), scheduler=by, time=last, command=command,
        )  # fmt: skip
    return say("run every {interval} by {scheduler}, last {time}", interval=in_minutes(every), scheduler=by, time=last)


def not_run(part: RunByPart, by: str, last: str | None) -> str:
    """No scheduler of this machine is known to run the rules."""
    if part.unknown:
        command = styled("esimctl schedule show", COMMAND)
        return styled("! ", LOOK) + say("{scheduler} does not say whether it runs these rules: {command}", scheduler=by,
                                        command=command)  # fmt: skip
    command = styled("esimctl schedule install", COMMAND)
    if last is None:
        return styled("! ", ACT) + say("nothing runs these rules: {command}", command=command)
    return styled("! ", ACT) + say("nothing runs these rules (last run: {time}): {command}", time=last,
                                   command=command)  # fmt: skip


def in_minutes(minutes: int) -> str:
    """How often: `15 min`, `3 hours`."""
    return say("{count} min", count=minutes) if minutes % 60 else span(timedelta(minutes=minutes))


def set_card(data: RulesDocument, terminal: Terminal) -> None:
    """A rule that was set, as it is confirmed; several of them as a table."""
    if len(data.rules) != 1:
        rules(data, terminal)
        return
    [rule] = data.rules
    for line in describe(rule):
        terminal.tell(line + "\n")
    if rule.status in ("disabled", "unconfirmed"):
        terminal.tell(styled(say("It does nothing until you enable it."), LOOK) + "\n")


def run_card(data: RunDocument, terminal: Terminal) -> None:
    """What the rules did, or would do, what has to be known first."""
    rows = sorted(noteworthy(data), key=lambda row: WORST_FIRST.index(row.decision))
    if rows:
        draw(RUN_SCREEN, rows, terminal)


def log(data: LogDocument, terminal: Terminal) -> None:
    """What happened, newest first."""
    if not data.log:
        terminal.note(say("nothing has happened yet"))
        return
    newest = sorted(data.log, key=lambda row: row.at, reverse=True)
    listed(LOG_SCREEN, newest, terminal, most=30, showing="Showing {shown} of {count} entries (--all)")


def why(data: RulesDocument, terminal: Terminal) -> None:
    """Rules in sentences, each with its state and its last decision."""
    for at, rule in enumerate(data.rules):
        terminal.tell(("\n" if at else "") + "\n".join([*describe(rule), *standing(rule)]) + "\n")
    runs(data, terminal)


def standing(rule: RuleRow) -> Iterator[str]:
    """How a rule stands, and what it decided last."""
    spending = say("{spent} of {limit} spent this month", spent=spent(rule), limit=money(rule.max_per_month))
    why = f": {rule.suspended_reason}" if rule.suspended_reason else ""
    yield f"{state(rule)}{why} · {spending}"
    last = rule.last_decision
    if last is not None:
        word, style = DID[last.decision]
        yield " · ".join([moment(last.at), styled(say(word), style), reason_of(last) or ""])


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

VIEWS = {
    "autotopup": View(
        RULES, lambda data: data.rules, rules, "no rules yet: esimctl autotopup set --help", screen=SCREEN
    ),
    "autotopup-set": View(RULES, lambda data: data.rules, set_card, screen=SCREEN),
    "autotopup-why": View((*columns(RuleRow, "rule reason=last_decision.reason"), WHY), lambda data: data.rules, why),
    "autotopup-run": View(RUN, noteworthy, run_card, screen=RUN_SCREEN),
    "autotopup-log": View(LOG, lambda data: data.log, log, "nothing has happened yet", screen=LOG_SCREEN),
}
