"""Rules that nobody goes through any more: where they run on one machine, the others have to notice that it is gone."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from esimctl.autotopup.clock import began_at
from esimctl.autotopup.documents import rule_status
from esimctl.autotopup.machine import chosen
from esimctl.autotopup.rules import context_of
from esimctl.documents.balance import OverdueRule
from esimctl.ledger.said import instant
from esimctl.values.sentence import Raw, Sentence

if TYPE_CHECKING:
    from esimctl.ledger.facts import RuleFact
    from esimctl.profile.opened import Session

#: how often a rule has to be gone through; one that watches data or an end, once a day
INTERVALS: Final = {"weekly": timedelta(days=7), "fortnightly": timedelta(days=14), "monthly": timedelta(days=31)}
DAILY: Final = timedelta(days=1)


def overdue(session: "Session") -> list[OverdueRule]:
    """The active rules that no run has gone through for more than two of their intervals, on whichever machine.

    The last run is known by its note beside the journal, and by what it decided or ordered.
    """
    if not session.section("rule") or chosen(session) is None:
        return []
    context, found = context_of(session), []
    ran = began_at(session)
    for rule in context.rules():
        fact = context.ledger.rule(rule.name)
        last, patience = _last(fact, ran), 2 * INTERVALS.get(rule.every or "", DAILY)
        if last is None or rule_status(context, rule, fact) != "active" or context.now - last <= patience:
            continue
        said = Sentence(
            "rule {rule} of {line} is overdue: no machine has gone through it since {at}",
            {"rule": Raw(rule.name), "line": Raw(rule.line), "at": Raw(f"{last:%Y-%m-%d %H:%M} UTC")},
        )
        found.append(OverdueRule(rule=rule.name, line=rule.line, last_run=last, text=str(said), said=said))
    return found


def _last(fact: "RuleFact", ran: datetime | None) -> datetime | None:
    decided = None if fact.last_decision is None else instant(fact.last_decision, "at")
    times = [each for each in (ran, decided, fact.last_attempt_at, fact.confirmed_at) if each is not None]
    return max(times, default=None)
