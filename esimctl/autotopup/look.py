"""What a run asks, and what it comes to: readings that rules need, decisions, orders, alerts, one exit code."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from esimctl.alerts.notices import PROBLEM, SILENT, Condition
from esimctl.autotopup.rule import Rule
from esimctl.autotopup.situation import reading_problem, standing
from esimctl.documents.alerts import AlertRow
from esimctl.documents.autotopup import DecidedRow, RunDocument
from esimctl.documents.result import Result
from esimctl.errors import EsimctlError, ExitCode, UnknownOutcome, reason_of
from esimctl.ledger.said import text, text_or_none
from esimctl.profile.naming import line_ref
from esimctl.usage.last_reading import allowance_of
from esimctl.usage.readings import ask, journal_readings
from esimctl.values.record import field, record
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from datetime import timedelta

    from esimctl.autotopup.situation import Context
    from esimctl.documents.orders import OrderRow
    from esimctl.profile.books import Books
    from esimctl.providers.protocol import Reading

#: lines without a rule that one run asks about, the longest unread first: reminders can wait, a run cannot
WITHOUT_RULE: Final = 25


def refresh(
    context: "Context", rules: list[Rule], line: str | None
) -> "tuple[dict[str, Reading], dict[str, EsimctlError]]":
    """New readings by line, and why there is none of the lines whose provider failed; the table judges old ones."""
    allowances: dict[str, timedelta] = {}
    needed: list[str] = []
    ruled = {rule.line for rule in rules}
    for rule in rules:
        answers = rule.line in context.session.lines and not context.by_hand(rule.line)
        if answers and rule.line not in needed and _wants(context, rule, allowances):
            needed.append(rule.line)
    others = [
        name
        for name in context.session.lines
        if name not in ruled and line in (None, name) and not context.by_hand(name)
    ]
    old = [(at, name) for name in others if (at := _age(context, name, allowances)) is not None]
    needed += [name for _, name in sorted(old)[:WITHOUT_RULE]]
    taken: dict[str, Reading] = {}
    barred: dict[str, EsimctlError] = {}
    unasked: dict[str, EsimctlError] = {}
    for name in needed:
        table = context.session.lines[name]
        provider = str(table.get("provider"))
        if provider not in barred:
            try:
                reading = context.session.provider(provider).reading(line_ref(name, dict(table)), context.now)
            except EsimctlError as error:
                barred[provider] = error  # it is not asked once more for every other line
            else:
                taken |= {} if reading is None else {name: reading}
        if provider in barred:
            unasked[name] = barred[provider]
    return taken, unasked


def look_again(books: "Books", context: "Context", lines: set[str]) -> None:
    """Ask about lines whose order came to an end in this run: what waited behind it is decided now, not a run later."""
    session = context.session
    ruled = {str(table.get("line", name)) for name, table in session.section("rule").items()}
    taken = {}
    for name in sorted(lines & ruled & set(session.lines)):
        reading = None if context.by_hand(name) else ask(session, name, session.lines[name], [])
        if reading is not None:
            taken[name] = reading
    journal_readings(books, taken)
    context.taken |= taken


def _wants(context: "Context", rule: Rule, allowances: "dict[str, timedelta]") -> bool:
    """Whether a rule that may act has no reading that is young enough."""
    confirmed, _ = standing(context, rule, context.ledger.rule(rule.name))
    if not confirmed:
        return _age(context, rule.line, allowances) is not None
    reading = context.reading(rule.line)
    return bool(reading_problem(context, rule, reading)) or _age(context, rule.line, allowances) is not None


def _age(context: "Context", name: str, allowances: "dict[str, timedelta]") -> str | None:
    """When the newest reading was taken, if it is older than its provider's allowance; None while it is young."""
    table = context.session.lines[name]
    provider = str(table.get("provider"))
    if provider not in allowances:
        allowances[provider] = allowance_of(context.session, table)
    reading = context.reading(name)
    if reading is None:
        return ""
    return None if context.now < reading.at + allowances[provider] else reading.at.isoformat()


#: the exit codes of a run, the one that matters most first
GRAVITY: Final = (4, 6, 74, 77, 78, 76, 3, 69, 75, 5)


@record(frozen=False)
class Findings:
    """What a run comes to."""

    decisions: list[DecidedRow] = field(default_factory=list)
    orders: "list[OrderRow]" = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    alerts: list[dict[str, Toml]] = field(default_factory=list)
    codes: set[int] = field(default_factory=set)
    entries: list[dict[str, Toml]] = field(default_factory=list)  #: decisions and what follows from them
    notes: list[Sentence] = field(default_factory=list)
    spends: bool = False  #: a rule is due and nothing but its price is to be asked for

    def result(self) -> "Result[RunDocument]":
        """The document and the exit code."""
        told = [_alert_row(entry) for entry in self.alerts if not entry.get("resolved") and entry["class"] != SILENT]
        over = [_alert_row(entry) for entry in self.alerts if entry.get("resolved") and entry["class"] == PROBLEM]
        data = RunDocument(decisions=self.decisions, orders=self.orders, alerts=told, resolved=over)
        code = next((code for code in GRAVITY if code in self.codes), max(self.codes, default=0))
        result = Result("autotopup-run", data, ExitCode(code))
        result.notes.extend(self.notes)
        return result


def _alert_row(entry: Mapping[str, Toml]) -> AlertRow:
    return AlertRow(
        alert=text(entry, "alert"),
        class_=text(entry, "class"),
        key=text(entry, "key"),
        line=text_or_none(entry, "line"),
        rule=text_or_none(entry, "rule"),
        order=text_or_none(entry, "order"),
        text=text(entry, "text"),
    )


@contextmanager
def finished(orders: "Sequence[OrderRow]") -> Iterator[None]:
    """Whatever goes wrong inside after `orders` got its first order is 4 and carries the last of them."""
    try:
        yield
    except Exception as error:
        if not orders:
            raise
        raise UnknownOutcome(
            "order {id} was sent for a rule, but the run could not be finished: {what}",
            hint="esimctl transactions show {id}",
            code="interrupted_after_sending",
            order=orders[-1],
            id=Raw(orders[-1].id),
            what=reason_of(error),
        ) from error
