"""The rollover of a plan or a line in words: what counts, or that it is disputed, and whether it is your own word."""

from collections.abc import Mapping
from typing import Any

from esimctl.show.words import say


def rollover_text(word: str, by: str | None) -> str:
    """`carry (your word)`, `disputed`, `none` …"""
    return say(word) + (" " + say("(your word)") if by == "person" else "")


def of_plan(row: Mapping[str, Any]) -> str:
    """Of a row of `plans`."""
    return rollover_text(row["rollover"], row["rollover_by"])


def of_line(part: Mapping[str, Any]) -> str:
    """Of a line: a dispute is said, and what it is counted as."""
    if part["disputed"]:
        return say("disputed, counted as {mode}", mode=say(part["effective"]))
    return rollover_text(part["effective"], part["by"])
