"""Alerts as crossings: a condition that begins to hold is journalled once, and again only after it was clear."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from esimctl.text import clean

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger

#: classes of alerts: `money` and `problem` are told at once, `reminder` and `figure` wait for the end of quiet hours
#: and for the digest; `silent` is a threshold that a more urgent one has overtaken
MONEY, PROBLEM, REMINDER, FIGURE, SILENT = "money", "problem", "reminder", "figure", "silent"

#: the shortest time between two alerts of one key, for what may come and go with the network
WINDOW: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that a person should hear of when it begins. `cleared` re-arms it; neither leaves it as it is."""

    key: str
    alert: str  #: low_data, topped_up, declined, suspended, …
    alert_class: str
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)
    line: str | None = None
    rule: str | None = None
    order: str | None = None
    holds: bool = True
    cleared: bool = False
    window: timedelta = timedelta(0)

    @property
    def text(self) -> str:
        """The sentence, harmless to show."""
        safe = {key: clean(value) if isinstance(value, str) else value for key, value in self.params.items()}
        return self.template.format(**safe)


def crossings(ledger: "Ledger", conditions: Iterable[Condition], now: datetime) -> list[dict[str, Any]]:
    """The journal entries of what began or ended to hold since the last run."""
    entries = []
    for condition in conditions:
        known = ledger.alerts.get(condition.key)
        live = known is not None and not known.resolved
        if condition.holds and not live and (known is None or now - known.first_at >= condition.window):
            entries.append(_entry(condition))
        elif live and condition.cleared and not condition.holds:
            entries.append({**_entry(condition), "resolved": True})
    return entries


def ladder(ledger: "Ledger", steps: Iterable[Condition]) -> list[Condition]:
    """Thresholds of one thing, the most urgent first: where several are crossed at once, only that one is told."""
    told = False
    found = []
    for step in steps:
        known = ledger.alerts.get(step.key)
        if step.holds and told:
            step = _silenced(step)
        told = told or step.holds
        if step.holds or (known is not None and not known.resolved):
            found.append(step)
    return found


def _silenced(step: Condition) -> Condition:
    from dataclasses import replace

    return replace(step, alert_class=SILENT)


def _entry(condition: Condition) -> dict[str, Any]:
    return {
        "kind": "alert",
        "alert": condition.alert,
        "class": condition.alert_class,
        "key": condition.key,
        "text": condition.text,
        "line": condition.line,
        "rule": condition.rule,
        "order": condition.order,
    }


__all__ = ["FIGURE", "MONEY", "PROBLEM", "REMINDER", "SILENT", "WINDOW", "Condition", "crossings", "ladder"]
