"""Alerts as crossings: a condition that begins to hold is journalled once, and again only after it was clear.

A problem that goes on is told again after 1 h, 6 h and 24 h and then daily, where it says so; its end is told once.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from esimctl.values.record import field, record, replace
from esimctl.values.sentence import Raw, Sentence, from_table
from esimctl.values.toml import Toml

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger

#: classes of alerts: `money` and `problem` are told at once, `reminder` and `figure` wait for the end of quiet hours
#: and for the digest; `silent` is a threshold that a more urgent one has overtaken
MONEY, PROBLEM, REMINDER, FIGURE, SILENT = "money", "problem", "reminder", "figure", "silent"

#: the shortest time between two alerts of one key, for what may come and go with the network
WINDOW: Final = timedelta(hours=24)
OVER: Final = Sentence("over: {what}").template  #: how the end of a problem is told
#: after how long since it began what goes on is told again; then daily
AGAIN: Final = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))


@record
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
    repeats: bool = False  #: it goes on stopping something: told again while it holds

    @property
    def said(self) -> Sentence:
        """What is told."""
        return Sentence(self.template, self.params)


def crossings(ledger: "Ledger", conditions: Iterable[Condition], now: datetime) -> list[dict[str, Toml]]:
    """The journal entries of what began, goes on or ended to hold since the last run; one for each key."""
    entries = []
    for condition in merged(conditions):
        known = ledger.alerts.get(condition.key)
        live = known is not None and not known.resolved
        if known is not None and live:
            if condition.holds and condition.repeats and is_time_again(known.first_at, known.last_at, known.count, now):
                entries.append(_entry(condition))
            elif condition.cleared and not condition.holds:
                was = from_table(known.said) or Raw(known.text)
                said = Sentence(OVER, {"what": was}) if condition.alert_class == PROBLEM else condition.said
                entries.append({**_entry(condition), "resolved": True, "text": str(said), "said": said.as_table()})
        elif condition.holds and (known is None or now - known.first_at >= condition.window):
            entries.append(_entry(condition))
    return entries


def merged(conditions: Iterable[Condition]) -> list[Condition]:
    """One condition a key: what holds for one rule holds, whatever another rule of the same provider says."""
    found: dict[str, Condition] = {}
    for condition in conditions:
        known = found.get(condition.key)
        weight = 2 * condition.holds + condition.cleared
        if known is None or (not known.holds and weight > 2 * known.holds + known.cleared):
            found[condition.key] = condition
    return list(found.values())


def is_time_again(first: datetime, last: datetime, count: int, now: datetime) -> bool:
    """Whether what began at `first` and was told `count` times, lastly at `last`, is to be told again."""
    return now >= (first + AGAIN[count - 1] if count <= len(AGAIN) else last + AGAIN[-1])


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
    return replace(step, alert_class=SILENT)


def _entry(condition: Condition) -> dict[str, Toml]:
    return {
        "kind": "alert",
        "alert": condition.alert,
        "class": condition.alert_class,
        "key": condition.key,
        "text": str(condition.said),
        "said": condition.said.as_table(),
        "line": condition.line,
        "rule": condition.rule,
        "order": condition.order,
    }
