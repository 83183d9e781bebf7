"""Which readings a run asks for: those that rules need and that are old, and a few of the lines that have no rule."""

from typing import TYPE_CHECKING, Final

from esimctl.actions.autotopup.rule import Rule
from esimctl.actions.autotopup.situation import reading_problem, standing
from esimctl.actions.balance.last_reading import allowance_of
from esimctl.actions.balance.readings import ask, journal_readings
from esimctl.actions.naming import line_ref
from esimctl.errors import EsimctlError

if TYPE_CHECKING:
    from datetime import timedelta

    from esimctl.actions.autotopup.situation import Context
    from esimctl.actions.books import Books
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
