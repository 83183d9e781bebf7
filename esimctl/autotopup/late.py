"""A renewal that has to wait though the plan ends before the next usual run: what it would save is lost by then."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from esimctl.alerts.notices import PROBLEM, Condition
from esimctl.autotopup.clock import usual_gap
from esimctl.autotopup.notices import is_live, sentence
from esimctl.autotopup.trigger import end_of_plan

if TYPE_CHECKING:
    from esimctl.autotopup.rule import Rule
    from esimctl.autotopup.situation import Context
    from esimctl.autotopup.table import Decision

#: reasons that pass by themselves, and are therefore not told as what holds a rule back, or not at once
PASSING: Final = frozenset({"pending", "effect_unseen", "backoff", "cooldown", "balance_unknown", "unreachable"})
USUAL: Final = timedelta(days=1)  #: between two runs, where nobody knows better


def of_wait(context: "Context", rule: "Rule", decision: "Decision") -> Iterator[Condition]:
    """The alert on a renewal that waits too long, at once; its end with the first decision that is another one."""
    if rule.trigger != "before_expiry":
        return
    key = f"renewal_waits:{rule.name}"
    end = ends_too_soon(context, rule) if decision.decision == "skip" and decision.reason in PASSING else None
    if end is not None:
        yield Condition(
            key, "renewal_waits", PROBLEM,
            "rule {rule} has not renewed {line}, and the plan ends on {end}, before the next usual run: {why}; "
            "esimctl reconcile, then esimctl autotopup run",
            {"rule": rule.name, "line": rule.line, "end": f"{end:%Y-%m-%d %H:%M} UTC", "why": sentence(decision)},
            line=rule.line, rule=rule.name,
        )  # fmt: skip
    elif is_live(context, key):
        yield Condition(key, "renewal_waits", PROBLEM, "", line=rule.line, rule=rule.name, holds=False, cleared=True)


def ends_too_soon(context: "Context", rule: "Rule") -> datetime | None:
    """When the plan of a rule's line ends, where that is before the next usual run and still to come."""
    reading = context.reading(rule.line)
    end = None if reading is None else end_of_plan(reading)
    if end is None or reading is None or reading.status == "pending":
        return None
    gap = usual_gap(context.session, context.now) or USUAL
    return end if context.now < end <= context.now + gap else None
