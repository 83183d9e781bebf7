"""When a rule is due, from the present state alone: what is left, the last boundary of its schedule, the line's end."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from esimctl.autotopup.rule import STEPS, Rule
from esimctl.providers.protocol import Reading
from esimctl.usage.left import left_at_any_hour
from esimctl.values.moments import Duration, boundary, midnight_before
from esimctl.values.money import Money
from esimctl.values.record import field, record
from esimctl.values.volume import format_volume

#: states of a line in which nothing can be added to it
CLOSED: Final = frozenset({"closed"})


@record
class Due:
    """Whether a rule is due and why, in a template with its parameters. `known` is False without a usable figure."""

    due: bool
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)
    known: bool = True
    at: datetime | None = None  #: of a schedule or an end: the instant that made it due, or that will


def by_threshold(rule: Rule, reading: Reading, now: datetime) -> Due:
    """Due at or below the threshold. A line that is not in use yet is never due, whatever its figures say."""
    if reading.status == "pending":
        return Due(False, "the line is not in use yet")
    if isinstance(rule.below, Money):
        balance = reading.main_balance
        if balance is None or balance.currency != rule.below.currency:
            return Due(False, "the main balance is not known", known=False)
        params = {"left": str(balance), "threshold": str(rule.below)}
        return Due(balance <= rule.below, TEMPLATES[balance <= rule.below], params)
    assert rule.below is not None
    told = left_at_any_hour(reading, now)
    if told.endless:
        return Due(False, "the line's data is unlimited")
    left = told.judged
    if left is None:
        return Due(False, "the provider does not say how much data is left", known=False)
    params = {"left": format_volume(left), "threshold": format_volume(rule.below)}
    return Due(left <= rule.below, TEMPLATES[left <= rule.below], params)


TEMPLATES: Final = {
    True: "{left} is left, at or below {threshold}",
    False: "{left} is left, above {threshold}",
}


def by_schedule(rule: Rule, now: datetime, where: tzinfo, since: datetime, last: datetime | None) -> Due:
    """Due when a boundary has passed without an order. Missed boundaries are one; those before `since` are none.

    `last` is when the rule's newest successful order was made, `since` when a person enabled the schedule.
    """
    assert rule.every is not None
    assert rule.start is not None
    number = last_boundary(rule.start, STEPS[rule.every], now, where)
    following = boundary(rule.start, STEPS[rule.every], number + 1, where)
    if number < 0:
        return Due(False, "the first is on {at}", {"at": _day(rule.start, where)}, at=rule.start)
    passed = boundary(rule.start, STEPS[rule.every], number, where)
    if passed < since or (last is not None and last >= passed):
        return Due(False, "the next is on {at}", {"at": _day(following, where)}, at=following)
    return Due(True, "{every}, due on {at}", {"every": rule.every, "at": _day(passed, where)}, at=passed)


def last_boundary(anchor: datetime, step: Duration, now: datetime, where: tzinfo) -> int:
    """The number of the newest boundary that is not after `now`; -1 before the anchor. Counted from the anchor."""
    if now < anchor:
        return -1
    days = (now - anchor).days
    number = days // (step.days or 31) if step.days else max(0, days // 31 - 1)
    while boundary(anchor, step, number + 1, where) <= now:
        number += 1
    while number > 0 and boundary(anchor, step, number, where) > now:
        number -= 1
    return number


def by_expiry(rule: Rule, reading: Reading, now: datetime, where: tzinfo, renewed: datetime | None) -> Due:
    """Due within the lead time before the plan's own end, and after it, unless a renewal was made in that time already.

    A renewal that waits behind the present term is one: there is never a second behind it.
    """
    assert rule.lead is not None
    end = end_of_plan(reading)
    if reading.status == "pending":
        return Due(False, "the line is not in use yet")
    if end is None:
        over = reading.status == "expired"
        return Due(over, "the plan has ended" if over else "the provider does not say when the plan ends", known=over)
    back = Duration(-rule.lead.months, -rule.lead.days, -rule.lead.seconds)
    first = max([boundary(end, back, 1, where), *waiting_terms(reading, now)])
    params = {"at": _day(end, where)}
    if now < first:
        return Due(False, "the plan ends on {at}", params, at=first)
    if now >= end:
        return Due(True, "the plan ended on {at}", params, at=end)
    if renewed is not None and first <= renewed:
        return Due(False, "the plan ends on {at} and is renewed already", params, at=end)
    return Due(True, "the plan ends on {at}", params, at=end)


def end_of_plan(reading: Reading) -> datetime | None:
    """When the plan of a line ends, or has ended; a pack beside it may live longer. None where nobody says."""
    return reading.plan_ends_at or reading.expires_at


def waiting_terms(reading: Reading, now: datetime) -> list[datetime]:
    """When the terms begin that are paid for and wait behind the present one."""
    return [one.start for one in reading.ahead if one.category == "base" and one.start is not None and one.start > now]


def next_boundary(rule: Rule, at: datetime, where: tzinfo) -> datetime:
    """The first instant of a schedule that is after `at`."""
    assert rule.every is not None
    assert rule.start is not None
    return boundary(rule.start, STEPS[rule.every], last_boundary(rule.start, STEPS[rule.every], at, where) + 1, where)


def first_turn(rule: Rule, now: datetime, where: tzinfo) -> datetime:
    """When a rule that is set now may buy first: at once, or on its schedule's next day, today included."""
    if rule.every is None:
        return now
    return max(now, next_boundary(rule, midnight_before(now, where) - timedelta(microseconds=1), where))


def _day(moment: datetime, where: tzinfo) -> str:
    return moment.astimezone(where).strftime("%Y-%m-%d %H:%M")
