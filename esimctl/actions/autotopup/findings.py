"""What a run comes to: its decisions, orders and alerts, and the one exit code for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from esimctl.actions.reminders.notices import PROBLEM, SILENT, Condition
from esimctl.actions.result import Result
from esimctl.errors import ExitCode

#: the exit codes of a run, the one that matters most first
GRAVITY: Final = (4, 6, 74, 77, 78, 76, 3, 69, 75, 5)


@dataclass(slots=True)
class Findings:
    """What a run comes to."""

    decisions: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    codes: set[int] = field(default_factory=set)
    entries: list[dict[str, Any]] = field(default_factory=list)  #: decisions and what follows from them
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    spends: bool = False  #: a rule is due and nothing but its price is to be asked for

    def result(self) -> Result:
        """The document and the exit code."""
        told = [
            alert_document(entry) for entry in self.alerts if not entry.get("resolved") and entry["class"] != SILENT
        ]
        over = [alert_document(entry) for entry in self.alerts if entry.get("resolved") and entry["class"] == PROBLEM]
        data = {"decisions": self.decisions, "orders": self.orders, "alerts": told, "resolved": over}
        code = next((code for code in GRAVITY if code in self.codes), max(self.codes, default=0))
        result = Result("autotopup-run", data, ExitCode(code))
        result.notes.extend(self.notes)
        return result


def alert_document(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An alert as the run's document has it."""
    return {key: entry.get(key) for key in ("alert", "class", "key", "line", "rule", "order", "text")}
