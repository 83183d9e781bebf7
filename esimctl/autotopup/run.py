"""`autotopup run`: look, decide, and top up where a rule that a person confirmed says so; at most one order a line.

1. Without the lock: readings that are missing or old are asked for, every rule is decided.
2. If nothing is to be written, that is all: no lock, no file touched.
3. Under the lock: readings, what earlier runs left open, every rule decided again by what stands in the journal now;
   the order; then what is to be told. Everything is on disk before anybody is told.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from esimctl.alerts.notices import PROBLEM, Condition, crossings
from esimctl.alerts.settings import Reminders, read_reminders
from esimctl.autotopup.clock import is_sane, told_lately, told_today
from esimctl.autotopup.late import of_wait
from esimctl.autotopup.line_alerts import figures, of_doubts, of_line
from esimctl.autotopup.look import Findings, finished, look_again, refresh
from esimctl.autotopup.machine import ELSEWHERE, TAKEOVER, runs_on
from esimctl.autotopup.notices import of_attempt, of_decision, of_held, of_orders, of_suspension, sentence
from esimctl.autotopup.order import carry_out, judge
from esimctl.autotopup.rule import MOST_FAILURES, Rule
from esimctl.autotopup.situation import Context, gather
from esimctl.autotopup.table import OWN_RULES, REMIND, TRIED, Decision, Priced, decide
from esimctl.autotopup.vetting import is_needed, vet
from esimctl.documents.autotopup import DecidedRow
from esimctl.documents.document import ABSENT, Absent
from esimctl.documents.result import Result
from esimctl.errors import Damaged, EsimctlError, ExitCode
from esimctl.ledger.said import text_or_none
from esimctl.profile.books import Books, open_books
from esimctl.profile.deadline import Deadline
from esimctl.purchase.document import order_document
from esimctl.purchase.pursue import settle_open
from esimctl.purchase.walk import prune_evidence
from esimctl.usage.readings import journal_readings
from esimctl.usage.whole import of_journal
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.autotopup.order import Attempt
    from esimctl.documents.autotopup import RunDocument
    from esimctl.documents.orders import CounterStepRow
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session
    from esimctl.values.money import Money

#: decisions that say what it would cost
PRICED: Final = frozenset({"would_topup", "topup", "ask", REMIND})
#: what is told of a run that decided nothing
TEXTS: Final = {
    "far_ahead": "the clock is more than a year ahead of the journal: rules wait for you: esimctl doctor --clock",
}
#: how a provider failed that did not tell what is left, where that is worth a code of its own
FAILED: Final = frozenset({ExitCode.PROTOCOL, ExitCode.CREDENTIALS, ExitCode.CONFIGURATION})
SETTLE_BUDGET: Final = 20.0  #: seconds for what earlier runs left open


class Looked(NamedTuple):
    """What a run came to. `ledger` is None where there is none, or where something was written after it was read."""

    result: "Result[RunDocument]"
    ledger: "Ledger | None" = None
    clock_sane: bool = False


def run(
    session: "Session",
    line: str | None = None,
    *,
    dry_run: bool = False,
    wait: float = 0.0,
    max_price: "Money | None" = None,
) -> "Result[RunDocument]":
    """Go through all rules (or those of one line) once. `dry_run` writes nothing and orders nothing."""
    return run_and_look(session, line, dry_run=dry_run, wait=wait, max_price=max_price).result


def run_and_look(
    session: "Session", line: str | None, *, dry_run: bool = False, wait: float, max_price: "Money | None"
) -> Looked:
    """`run`, with what it knew when it ended."""
    if line is not None:
        session.line(line)
    session.store.check_settings_there()
    if not session.store.exists():
        return Looked(alarmed(session, Findings(), dry_run=dry_run), clock_sane=True)
    if runs_on(session) == ELSEWHERE:
        return Looked(elsewhere(dry_run=dry_run), clock_sane=True)
    settings = read_reminders(session.settings)
    context = look(session, dry_run)
    rules = context.rules(line)
    context.taken, context.unasked = refresh(context, rules, line)
    findings = survey(context, rules, line, settings, max_price)
    if context.ledger.astray:
        return Looked(alarmed(session, findings, dry_run=dry_run), context.ledger, clock_sane=context.clock_sane)
    if not context.clock_sane and context.now > (context.ledger.high_water or context.now):
        return Looked(far_ahead(session, findings), context.ledger, clock_sane=False)
    writes = context.taken or findings.entries or findings.alerts or findings.spends or context.ledger.open_orders()
    if dry_run or not writes:
        return Looked(findings.result(), context.ledger, clock_sane=context.clock_sane)
    findings = Findings()
    with finished(findings.orders), open_books(session, "autotopup run", wait) as books:
        result = act(books, context, line, settings, max_price, findings).result()
        return Looked(result, clock_sane=context.clock_sane)


def elsewhere(*, dry_run: bool = False) -> "Result[RunDocument]":
    """The rules of the profile run on another machine: nothing is looked at here, and only a rehearsal says so."""
    result = Findings().result()
    if dry_run:
        result.note("the rules run on another machine; to have them run on this one: {command}", command=Raw(TAKEOVER))
    return result


def far_ahead(session: "Session", findings: Findings) -> "Result[RunDocument]":
    """The clock is years ahead of the journal. Nothing is written, lest the journal believe it; told once a day."""
    findings.codes.add(int(ExitCode.OWN_RULES))
    findings.alerts.clear()
    if not told_lately(session, int(ExitCode.OWN_RULES)):
        findings.notes.append(Sentence(TEXTS["far_ahead"], {}))
    return findings.result()


def clock_unset(session: "Session", why: EsimctlError) -> "Result[RunDocument]":
    """The clock cannot be right, as that of a machine that has just begun. Nothing is written; told once a day."""
    findings = Findings()
    findings.codes.add(int(ExitCode.OWN_RULES))
    if not told_lately(session, int(ExitCode.OWN_RULES)):
        findings.notes.append(why.said)
    return findings.result()


def alarmed(session: "Session", findings: Findings, *, dry_run: bool) -> "Result[RunDocument]":
    """Where the journal is not all there is nothing is ordered or written; told once a day, as every look tells it."""
    flaws = [flaw for flaw in of_journal(session) if flaw.code is ExitCode.DAMAGED]
    if flaws:
        findings.codes.add(int(ExitCode.DAMAGED))
        findings.alerts.clear()
        if dry_run or not told_today(session, int(ExitCode.DAMAGED)):
            findings.notes += [flaw.said for flaw in flaws]
    return findings.result()


def look(session: "Session", dry_run: bool) -> Context:
    """The profile and the journal as they are; damage is said at once, not only when something is due."""
    ledger = session.store.ledger_for_reading()
    for finding in session.store.findings:
        if finding.blocking:
            raise Damaged("the journal is damaged ({what}): nothing is spent", hint="esimctl doctor", what=finding.said)
    now = session.clock.now()
    return Context(session, ledger, now, dry_run=dry_run, clock_sane=is_sane(session, ledger, now))


def survey(
    context: Context, rules: list[Rule], line: str | None, settings: Reminders, max_price: "Money | None"
) -> Findings:
    """Decide every rule by what is known, without ordering; and what there is to tell."""
    findings = Findings()
    for rule in rules:
        situation = gather(context, rule)
        if not context.dry_run and is_needed(decide(situation)):
            findings.spends = True
            continue
        decision, priced, _ = judge(context, rule, max_price, situation)
        if decision.decision == "would_topup":
            context.ordered.add(rule.line)
        _record(context, rule, decision, priced, findings)
    _bad_rules(context, findings)
    if not context.dry_run:
        tell(context, rules, line, settings, findings)
    _open_codes(context, line, findings)
    return findings


def act(
    books: Books,
    before: Context,
    line: str | None,
    settings: Reminders,
    max_price: "Money | None",
    findings: Findings,
) -> Findings:
    """One run under the lock, with orders. Whatever is decided here is decided by what is in the journal now."""
    session = books.session
    journal_readings(books, before.taken)
    closed = recover(books)
    recovered = [(order.rule, order_document(session, order)) for order in closed if order.rule]
    prune_evidence(books)
    look_again(books, before, {order.line for order in closed if order.settled_at is not None})
    context = before.afresh(ledger=books.ledger, now=session.clock.now(), ordered=set(), unchecked={}, bad={})
    rules = context.rules(line)
    for rule in rules:
        findings.conditions += of_orders(rule, [order for name, order in recovered if name == rule.name])
        _check_failures(context, rule, findings)
    if findings.entries:
        books.write(*findings.entries)
        findings.entries.clear()
    findings.conditions += vet(books, context, rules)
    context = replace(context, ledger=books.ledger, _orders={}, _readings={}, _covered={})
    for rule in rules:
        decision, priced, methods = judge(context, rule, max_price)
        if decision.decision == "topup":
            tried = carry_out(context, rule, priced, methods, max_price)
            findings.orders += tried.orders
            books.ledger = session.store.ledger_for_writing()
            ordered = {*context.ordered, rule.line}
            context = context.afresh(ledger=books.ledger, ordered=ordered)
            _record(context, rule, decision, priced, findings, tried)
            _follow(context, rule, tried, findings)
        else:
            _record(context, rule, decision, priced, findings)
            _sleep(context, rule, decision, findings)
    _bad_rules(context, findings)
    if findings.entries:
        books.write(*findings.entries)
    tell(context, rules, line, settings, findings)
    if findings.alerts:
        books.write(*findings.alerts)
    _open_codes(context, line, findings)
    return findings


def recover(books: Books) -> "list[OrderState]":
    """Settle what earlier runs left open; the orders that came to an end by it."""
    if not books.ledger.open_orders():
        return []

    came_to = settle_open(books, Deadline(min(SETTLE_BUDGET, Deadline.from_environment(books.session.environ).left)))
    return [order for order in came_to if not order.open]


def _check_failures(context: Context, rule: Rule, findings: Findings) -> None:
    """Three definite failures suspend a rule, also where the run that saw the third did not get so far."""
    fact = context.ledger.rule(rule.name)
    if fact.failures >= MOST_FAILURES and fact.suspended_at is None:
        _suspend(context, rule, Sentence("{count} orders in a row were refused", {"count": fact.failures}), findings)


def _record(
    context: Context,
    rule: Rule,
    decision: Decision,
    priced: Priced | None,
    findings: Findings,
    tried: "Attempt | None" = None,
) -> None:
    """A decision, and what came of it where it was tried: in the document, as alerts, and in the journal where it
    differs from the last one.
    """
    charge = priced.price if priced is not None and decision.decision in PRICED else None
    said, reason, order = sentence(decision), decision.reason, None
    if tried is not None:
        reason, order = tried.reason, tried.order
        if reason != "topped_up":
            said = Sentence(TRIED, {"why": said, "what": tried.said or Raw("")})
    steps: Sequence[CounterStepRow] | Absent = ABSENT
    command: str | Absent = ABSENT
    if decision.decision == REMIND:
        from esimctl.autotopup.by_hand import told_way

        steps, command, reminder = told_way(context, rule, said, charge)
        findings.conditions.append(reminder)
    findings.decisions.append(
        DecidedRow(
            rule=rule.name,
            line=rule.line,
            decision=decision.decision,
            reason=reason,
            order=order,
            would_charge=charge,
            row=decision.row,
            explanation=str(said),
            said=said,
            way=steps,
            command=command,
        )
    )
    findings.codes |= set(_codes(context, rule, decision.reason))
    if tried is None and decision.decision == "topup":
        return
    findings.conditions += [*of_decision(context, rule, decision), *of_wait(context, rule, decision)]
    last = context.ledger.rule(rule.name).last_decision or {}
    if order is not None or (text_or_none(last, "decision"), text_or_none(last, "reason")) != (
        decision.decision,
        reason,
    ):
        findings.entries.append(
            {
                "kind": "rule.decision", "rule": rule.name, "line": rule.line, "decision": decision.decision,
                "reason": reason, "order": order, "text": str(said), "said": said.as_table(),
            }
        )  # fmt: skip


def _codes(context: Context, rule: Rule, reason: str) -> Iterator[int]:
    """What a reason makes of the run's exit code."""
    if reason in OWN_RULES:
        yield int(ExitCode.OWN_RULES)
    elif reason == "unreachable":
        yield int(ExitCode.UNREACHABLE)
    elif reason == "balance_unknown" and rule.line in context.unasked:
        known = context.unasked[rule.line].exit_code
        yield int(known if known in FAILED else ExitCode.UNREACHABLE)
    elif reason == "credentials":
        yield int(ExitCode.CREDENTIALS)


def _follow(context: Context, rule: Rule, tried: "Attempt", findings: Findings) -> None:
    """What an attempt makes of the run and of its rule: the third failure suspends it."""
    findings.codes.add(int(tried.exit_code))
    findings.conditions += of_attempt(rule, tried)
    if tried.exit_code is ExitCode.UNKNOWN_OUTCOME and tried.reason != "discrepancy":
        findings.notes.append(tried.said or Sentence(""))
    _check_failures(context, rule, findings)
    if tried.reason == "discrepancy":
        why = Sentence("something else was charged or delivered than was ordered")
        _suspend(context, rule, why, findings)


def _sleep(context: Context, rule: Rule, decision: Decision, findings: Findings) -> None:
    """What a decision does to its rule: an ended one is turned off, one without effect sleeps, a mended one wakes."""
    fact = context.ledger.rule(rule.name)
    if decision.reason == "expired" and fact.disabled_at is None:
        findings.entries.append({"kind": "rule.disabled", "rule": rule.name, "reason": "expired"})
    elif decision.reason == "no_effect":
        _suspend(context, rule, Sentence("two orders in a row changed nothing on the line"), findings)
    elif fact.suspended_at is not None and decision.reason not in {"suspended", "disabled", "unconfirmed", "expired"}:
        findings.entries.append({"kind": "rule.resumed", "rule": rule.name, "reason": "topped up by a person"})


def _suspend(context: Context, rule: Rule, why: Sentence, findings: Findings) -> None:
    findings.entries.append({"kind": "rule.suspended", "rule": rule.name, "reason": str(why)})
    findings.conditions.append(of_suspension(rule, context.now, why))


def _bad_rules(context: Context, findings: Findings) -> None:
    """A rule that cannot be read stops nobody but itself."""
    for name, error in context.bad.items():
        why = error.said
        findings.codes.add(int(ExitCode.CONFIGURATION))
        findings.decisions.append(
            DecidedRow(
                rule=name,
                line=str(context.session.section("rule")[name].get("line", name)),
                decision="skip",
                reason="invalid_rule",
                order=None,
                would_charge=None,
                row="9",
                explanation=error.message,
                said=why,
            )
        )
        findings.conditions.append(
            Condition(
                f"invalid_rule:{name}", "invalid_rule", PROBLEM, "{why}", {"why": why}, rule=name, repeats=True
            )
        )  # fmt: skip


def _open_codes(context: Context, line: str | None, findings: Findings) -> None:
    """While an order is open whose outcome nobody knows, the run says so, whatever else it did."""
    if any(order.state != "prepared" for order in context.ledger.open_orders(line=line)):
        findings.codes.add(int(ExitCode.UNKNOWN_OUTCOME))


def tell(context: Context, rules: list[Rule], line: str | None, settings: Reminders, findings: Findings) -> None:
    """The alerts that begin or end with this run, as journal entries."""
    by_line: dict[str, list[Rule]] = {}
    for rule in rules:
        by_line.setdefault(rule.line, []).append(rule)
    conditions = [*findings.conditions, *of_held(context, line)]
    lines = [line] if line is not None else list(context.session.lines)
    for name in lines:
        conditions += of_line(context, name, by_line.get(name, []), settings)
    conditions += of_doubts(context, lines if line is not None else (), conditions)
    if line is None:
        conditions += figures(context, lines, settings)
    findings.alerts = crossings(context.ledger, conditions, context.now)
