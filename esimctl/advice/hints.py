"""A cheaper plan for a line, worked out by `plans recommend` itself and said with its arithmetic; only if it saves.

No reseller is asked for it: looking at a balance or a report asks nobody what he sells.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from esimctl.advice.asking import of_line
from esimctl.advice.held import HeldLine, of_document
from esimctl.advice.question import Question
from esimctl.advice.ways import Way, WayPart, ways
from esimctl.advice.wish import Need
from esimctl.catalogue.plan import validity_days
from esimctl.catalogue.search import total_bytes
from esimctl.documents.advice import BoughtWay
from esimctl.documents.balance import BalanceLine, HintRow
from esimctl.errors import UsageError
from esimctl.market.plans import today
from esimctl.values.money import Money
from esimctl.values.record import record, replace

if TYPE_CHECKING:
    from esimctl.catalogue.plan import Plan
    from esimctl.profile.opened import Session

MONTH = 30  #: days that a hint looks ahead, as near as whole terms of the line's own plan come to it
LONGEST = 92  #: days of a term for which a hint is worked out
MOST_LINES = 3  #: for which plans are worked out at one look

SENTENCES = {
    "fast": "{line}: at this pace it runs out before its end. For {days} days {plans} would do, "
    "{total} instead of {now} ({own}): {command}",
    "cheaper": "{line}: for {days} days {plans} would do, {total} instead of {now} ({own}): {command}",
}


@record
class LineAdvice:
    """What would be better for a line than its own plan, over so many days.

    `verdict` is upgrade, downgrade, switch or keep; unknown where the use is not known or nothing on offer covers it.
    `now` is the way with its own plan alone, `instead` the best one, for which `command` asks.
    """

    verdict: str
    days: int
    now: BoughtWay | None
    instead: BoughtWay | None
    saves: Money | None
    command: str


UNKNOWN = LineAdvice("unknown", 0, None, None, None, "")


def hints(session: "Session", lines: Sequence[BalanceLine]) -> list[HintRow]:
    """What would be cheaper for lines whose use is known.

    Lines that run out before their end come first, then those that end soon; plans are worked out for a few only.
    """
    asked = sorted(lines, key=lambda line: (not _too_fast(line), "expiring" not in line.attention))
    found = [hint for line in asked[:MOST_LINES] if (hint := _hint(session, line)) is not None]
    return sorted(found, key=lambda row: [line.line for line in lines].index(row.line))


def _hint(session: "Session", line: BalanceLine) -> HintRow | None:
    advice = hints_for(session, line)
    now, instead = advice.now, advice.instead
    if advice.saves is None or now is None or instead is None:
        return None
    template = SENTENCES["fast" if _too_fast(line) else "cheaper"]
    params: dict[str, str | int] = {
        "line": line.line,
        "days": advice.days,
        "plans": counted(instead),
        "own": counted(now),
        "total": instead.total.amount,
        "now": str(now.total),
        "command": advice.command,
    }
    return HintRow(line=line.line, text=template.format(**params), template=template, params=params)


def hints_for(
    session: "Session", line: BalanceLine, *, days: int | None = None, per_day: int | None = None
) -> LineAdvice:
    """What would cover a line's measured use from the end of its term on, and what its own plan would."""
    name = line.line
    table, now = session.line(name), today(session)
    try:
        if per_day is None:
            per_day, _ = of_line(session, name)
    except UsageError:
        return UNKNOWN
    held = of_document(session, table, line, now)
    first = now if held.ends is None else max(held.ends, now)
    length = days or _days(session, held, first, per_day)
    if length is None:
        return UNKNOWN
    wish = Need(length, per_day=per_day, first=first, line=name, alone=True)
    question = Question(session, wish, line=held)
    own = _own(question, held)
    if own is None or own.price is None:
        return UNKNOWN
    if own.price.currency != question.wish.currency:
        question = Question(session, replace(wish, currency=own.price.currency), line=held)
    best = ways(question, mine=True)
    if not best.first.complete:
        return UNKNOWN
    instead, command = best.first.bought(), _command(question, now)
    found, choices = question.answer(only=own.id)
    if not found.complete:
        return LineAdvice("upgrade", length, None, instead, None, command)
    kept = Way((WayPart(question, found, choices),))
    if kept.price <= best.first.price:
        return LineAdvice("keep", length, kept.bought(), instead, None, command)
    saves = question.money(kept.price - best.first.price)
    verdict = _verdict(own, per_day, kept.bought(), instead)
    return LineAdvice(verdict, length, kept.bought(), instead, saves, command)


def _own(question: Question, held: HeldLine) -> "Plan | None":
    """The line's own plan among those on offer, also by an id that was given up."""
    named = question.rows.plan(held.plan)
    ids = {held.plan, None if named is None else named.id}
    return next((plan for plan in question.offers.plans if plan.id in ids), None)


def _days(session: "Session", held: HeldLine, first: date, per_day: int) -> int | None:
    """As many whole terms of the line's own plan as come nearest to a month; None for a long one or none."""
    own = _own(Question(session, Need(1, per_day=per_day, first=first, line=held.line, alone=True), line=held), held)
    term = None if own is None else validity_days(own)
    if not term or term > LONGEST:
        return None
    return term * max(round(MONTH / term), 1)


def _command(question: Question, now: date) -> str:
    """The command that gives the same answer."""
    words = ["esimctl plans recommend", f"--days {question.stay.days}", f"--for {question.wish.line}"]
    if question.stay.first != now:
        words.append(f"--from {question.stay.first.isoformat()}")
    if question.wish.currency != "USD":
        words.append(f"--currency {question.wish.currency}")
    return " ".join(words)


def counted(way: BoughtWay) -> str:
    """The plans of a way with how many of each: `2 × smart-laor-7d + smart-laor-30d`."""
    plans = [row.plan for row in way.purchases]
    return " + ".join(f"{plans.count(plan)} × {plan}" for plan in dict.fromkeys(plans))


def _verdict(own: "Plan", per_day: int, now: BoughtWay, instead: BoughtWay) -> str:
    """upgrade where one pack of the own plan does not last for its term; downgrade where less data costs less."""
    total = total_bytes(own)
    if isinstance(total, int) and total < per_day * (validity_days(own) or 0):
        return "upgrade"
    before, after = now.wasted_bytes, instead.wasted_bytes
    return "downgrade" if before is None or (after is not None and after < before) else "switch"


def _too_fast(line: BalanceLine) -> bool:
    """Whether the data is foretold to run out before the end of the line's term."""
    out, end = line.forecast.runs_out_at, line.expires_at
    return out is not None and end is not None and out < end
