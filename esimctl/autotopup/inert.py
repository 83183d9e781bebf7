"""Rules of lines that were removed: they buy nothing, also once another line has the name, and say why."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from esimctl.ledger.lives import rule_of_life

if TYPE_CHECKING:
    from esimctl.autotopup.rule import Rule
    from esimctl.ledger.state import LedgerState


def inert(ledger: "LedgerState", lines: Collection[str], rule: "Rule") -> str | None:
    """Why a rule does nothing that belongs to a line of the past: the name of its sentence; None for any other rule."""
    if rule.line not in lines:
        fact = ledger.lines.get(rule.line)
        return None if fact is None or fact.removed_at is None else "line_removed"
    if not ledger.gone or ledger.rule(rule.name).confirmed is not None:
        return None
    earlier = (ledger.lines[key] for key in ledger.gone)
    mine = any(fact.once == rule.line and rule_of_life(rule.name, fact.id) in ledger.rules for fact in earlier)
    return "earlier_line" if mine else None
