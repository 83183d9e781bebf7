"""Hints beside a balance, only when the pace warns: a bigger or a smaller plan, and how to save data."""

from collections.abc import Mapping, Sequence
from typing import Any

ENOUGH_DAYS = 3  #: of history; under it nothing is said

TOO_FAST = "at this pace {line} runs out before its end; what would do: esimctl plans recommend --days 30 --for {line}"
TOO_MUCH = "more than half of {line} would be unused; a smaller plan: esimctl plans recommend --days 30 --for {line}"

Note = tuple[str, dict[str, object]]


def hints(lines: Sequence[Mapping[str, Any]]) -> list[Note]:
    """Sentences for the lines of a balance document; none where nothing warns."""
    notes: list[Note] = []
    for line in lines:
        if line["forecast"]["days_of_history"] < ENOUGH_DAYS or line["status"] != "active":
            continue
        if _too_fast(line):
            notes.append((TOO_FAST, {"line": line["line"]}))
            notes += [(tip, {}) for tip in _tips()]
        elif _too_much(line):
            notes.append((TOO_MUCH, {"line": line["line"]}))
    return notes


def _too_fast(line: Mapping[str, Any]) -> bool:
    """Whether the data is foretold to run out before the end of the line's term."""
    out, end = line["forecast"]["runs_out_at"], line["expires_at"]
    return out is not None and end is not None and out < end


def _too_much(line: Mapping[str, Any]) -> bool:
    """Whether the end is near, and more than half of what was granted is still there and would be lost."""
    data, lost = line["data"], line["rollover"]["lost_if_not_bytes"]
    granted = data["granted_bytes"]
    return "expiring" in line["attention"] and bool(granted) and bool(lost) and lost * 2 > granted


def _tips() -> list[str]:
    from esimctl.catalogue.uses import tips

    return [tip.text for tip in tips()]


__all__ = ["hints"]
