"""A plan in words: its data and terms, what it carries over, where its price comes from and how reliable that is."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from esimctl.show.amounts import MONTHS_ALONE, money, month, octets, term
from esimctl.show.reader import reader
from esimctl.show.styles import GOOD, LOOK, Styled, styled
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

#: when a term ends
CLOCKS: Final = {
    "anchor": "counted from the moment it starts",
    "hours24": "counted in periods of 24 hours",
    "calendar-day": "ends at midnight",
    "calendar-month": "ends with the calendar month",
}

#: what happens when the data is used up, in a table and in a sentence
USED_UP: Final = {"block": "stops", "throttle": "slower", "charge": "costs extra"}
WHEN_USED_UP: Final = {
    "block": "data stops until you buy more",
    "throttle": "data goes on, but slower",
    "charge": "data goes on and is charged",
}


def data_of(row: "PlanRow") -> str:
    """The allowance, `-` for a plan that has none."""
    if row.data_bytes is None and not row.unlimited:
        return say("unknown") if row.allowance == "unknown" else "-"
    return octets(row.data_bytes, unlimited=row.unlimited)


def rolls_over(plan: "PlanRow") -> str:
    """`yes`, `no`, `disputed`, and whether that is a person's own word."""
    word = say(ROLLS_OVER[plan.rollover]) if plan.rollover != "not-applicable" else "-"
    style = {"carry": GOOD, "disputed": LOOK}.get(plan.rollover)
    return styled(word, style) + (" " + say("(your word)") if plan.rollover_by == "person" else "")


def last_seen(row: "PlanRow | PurchaseRow") -> str:
    """The month in which its price was seen last, or read where it has no date; what is made up has none."""
    at = seen_on(row)
    return "-" if at is None else styled(month(at), LOOK if row.stale else None)


def last_seen_briefly(row: "PlanRow | PurchaseRow") -> str:
    """The month of this year, else the year alone."""
    at, now = seen_on(row), reader().now
    if at is None or now is None:
        return last_seen(row)
    said = f"{at.year:04}" if at.year != reader().here(now).year else say(MONTHS_ALONE[at.month - 1])
    return styled(said, LOOK if row.stale else None)


def seen_on(row: "PlanRow | PurchaseRow") -> date | None:
    """The day on which a price was seen last, as far as anybody knows."""
    return None if row.example else row.seen or row.retrieved


def months_seen(rows: "Sequence[PlanRow | PurchaseRow]") -> str | None:
    """`Nov 2026`, `Dec 2023 to Nov 2026`; None where nothing has a date."""
    days = sorted(day for row in rows if (day := seen_on(row)) is not None)
    if not days:
        return None
    first, last = month(days[0]), month(days[-1])
    return last if first == last else say("{first} to {last}", first=first, last=last)


def price_alone(amount: object) -> str:
    """An amount without its currency, which stands beside it."""
    return "-" if amount is None else money(amount).rpartition(" ")[0]  # type: ignore[arg-type]


def together(parts: Sequence[str]) -> str:
    """Parts of a sentence with the language's commas between them."""
    said = parts[0]
    for part in parts[1:]:
        said = say("{before}, {more}", before=Styled(said), more=Styled(part))
    return said


def for_data(row: "PlanRow") -> str:
    """`60 GB for 30 days`, `1 GB each day for 7 days`."""
    volume = data_of(row)
    if row.period is not None and row.period_bytes is not None:
        each = say("{volume} every {term}", volume=octets(row.period_bytes), term=term(row.period))
        volume = each if row.unlimited else f"{volume} ({each})"
    return volume if row.validity is None else say("{volume} for {term}", volume=volume, term=term(row.validity))


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
    """Where a row's figures come from, how reliable that is, and how fresh."""
    if row.example:
        return say("made up for the built-in provider: nobody sells it")
    return say("{source}: {grade}, {dated}", source=row.source, grade=say(GRADES[row.grade]), dated=dated(row))


def rollover_text(word: str, by: str | None) -> str:
    """`carry (your word)`, `disputed`, `none` …"""
    return say(word) + (" " + say("(your word)") if by == "person" else "")


def of_plan(row: "PlanRow") -> str:
    """The rollover of a plan."""
    return rollover_text(row.rollover, row.rollover_by)
