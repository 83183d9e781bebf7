"""Rules on lines that only their owner can buy for: they remind, with the way to pay and what to say afterwards (R-91).

Nothing is ordered and nothing is spent, so that no limit holds such a rule back: what it costs is told, not charged.
"""

from typing import TYPE_CHECKING, Any

from esimctl.alerts.notices import REMINDER, Condition
from esimctl.autotopup.pricing import NotPossible, wanted
from esimctl.autotopup.table import REMIND
from esimctl.documents.orders import CounterStepRow
from esimctl.errors import EsimctlError
from esimctl.market.counter import in_words, way
from esimctl.profile.naming import line_ref
from esimctl.providers.protocol import Wish
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.autotopup.rule import Rule
    from esimctl.autotopup.situation import Context
    from esimctl.profile.opened import Session
    from esimctl.purchase.offer import Intent
    from esimctl.values.money import Money


def told_way(
    context: "Context", rule: "Rule", why: Sentence, price: "Money | None"
) -> tuple[list[CounterStepRow], str, Condition]:
    """How its owner buys, the command that says so afterwards, and the reminder that is due.

    The reminder is told once each time the rule becomes due; buying ends it.
    """
    intent = intent_of(context, rule)
    steps = [] if intent is None else steps_of(context.session, intent)
    command = command_of(rule, intent)
    params: dict[str, Any] = {"line": rule.line, "why": why, "way": in_words(steps), "command": command}
    said = Sentence("{line}: {why}. Only you can buy for it: {way}. Then: {command}", params)
    if price is not None:
        params["price"] = str(price)
        said = Sentence("{line}: {why}. Only you can buy for it, {price}: {way}. Then: {command}", params)
    key = f"{REMIND}:{rule.name}"
    reminder = Condition(key, REMIND, REMINDER, said.template, said.params, line=rule.line, rule=rule.name)
    return steps, command, reminder


def says_so(context: "Context", rule: "Rule") -> Sentence:
    """What a person hears who sets such a rule."""
    intent = intent_of(context, rule)
    steps = [] if intent is None else steps_of(context.session, intent)
    return Sentence(
        "nobody can order for {line} from here: the rule reminds you, with the way to pay ({way})",
        {"line": Raw(rule.line), "way": in_words(steps)},
    )


def intent_of(context: "Context", rule: "Rule") -> "Intent | None":
    """What the rule stands for now; None where that cannot be said, as with a target and no figure."""
    try:
        return wanted(context, rule, ())
    except (NotPossible, EsimctlError):
        return None


def steps_of(session: "Session", intent: "Intent") -> list[CounterStepRow]:
    """The way to pay: codes, pages and numbers with their sources, as a purchase shows it."""
    name = intent.line or ""
    line = line_ref(name, session.line(name))
    return way(session, Wish(intent.kind, line, "", "", plan=intent.plan, amount=intent.amount))


def command_of(rule: "Rule", intent: "Intent | None") -> str:
    """The command with which its owner says that it is bought."""
    if intent is None:
        return f"esimctl topup {rule.line} --amount MONEY --paid REFERENCE"
    if intent.amount is not None:
        return f"esimctl topup {rule.line} --amount {intent.amount.amount}{intent.amount.currency} --paid REFERENCE"
    return f"esimctl {intent.kind} {rule.line} --plan {intent.plan} --paid REFERENCE"
