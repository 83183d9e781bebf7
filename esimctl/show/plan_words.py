"""A plan in a few words: its data, how fresh its figures are and who says so, what it carries over."""

from typing import TYPE_CHECKING, Final

from esimctl.show.amounts import month, octets
from esimctl.show.words import say

if TYPE_CHECKING:
    from esimctl.documents.advice import PurchaseRow
    from esimctl.documents.plans import PlanRow

#: rollover → what a person calls it
ROLLS_OVER: Final = {
    "carry": "yes", "none": "no", "disputed": "disputed", "promo-only": "with a promotion", "not-applicable": "-",
    "unknown": "unknown",
}  # fmt: skip

#: how reliable a source is
GRADES: Final = {
    "V": "the seller's own words",
    "S": "second hand",
    "U": "a single weak source",
    "article": "from an article",
    "own": "your own entry",
    "example": "made up",
}


def data_of(row: "PlanRow") -> str:
    """The allowance, `-` for a plan that has none."""
    if row.data_bytes is None and not row.unlimited:
        return say("unknown") if row.allowance == "unknown" else "-"
    return octets(row.data_bytes, unlimited=row.unlimited)


def dated(row: "PlanRow | PurchaseRow") -> str:
    """How fresh a row is: the day on which its source said so, or that it is undated and when it was read.

    What is undated is never called fresh; what is made up has no age.
    """
    if row.example:
        return say("made up")
    if row.seen is not None:
        return row.seen.isoformat() + (" " + say("(old)") if row.stale else "")
    return say("undated, read in {month}", month=month(row.retrieved)) if row.retrieved else say("undated")


def sourced(row: "PlanRow") -> str:
    """Where a row's figures come from, how good that is, and how fresh."""
    if row.example:
        return say("made up for the embedded operator: nobody sells it")
    return say("source: {source} [{grade}] ({dated})", source=row.source, grade=row.grade, dated=dated(row))


def rollover_text(word: str, by: str | None) -> str:
    """`carry (your word)`, `disputed`, `none` …"""
    return say(word) + (" " + say("(your word)") if by == "person" else "")


def of_plan(row: "PlanRow") -> str:
    """The rollover of a plan."""
    return rollover_text(row.rollover, row.rollover_by)
