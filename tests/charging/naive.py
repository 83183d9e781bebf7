"""A slow model of one line that keeps nothing: every question is answered by playing the past again.

It shares no code with the engine. Times are naive local ones (the zone has no clock changes).
"""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass
class Plan:
    """The few terms that the model knows; `months` or `days` is the length of the term."""

    data: int
    months: int = 0
    days: int = 0
    carries: bool = False
    validity_months: int = 0
    validity_days: int = 0
    cap: int | None = None
    scope: str = "rollover-only"
    percent: int | None = None
    consumption: str = "first"
    bonus: tuple[int, int] | None = None


@dataclass
class Pot:
    """A bucket."""

    kind: str
    left: int
    size: int
    start: datetime
    end: datetime
    priority: int
    weekend: bool = False
    promotional: bool = False
    tie: int = 1
    number: int = 0


@dataclass
class Story:
    """What happened: usage as (instant, octets) in the order of arrival, packs as (instant, size, days, weekend)."""

    plan: Plan
    start: datetime
    uses: list[tuple[datetime, int]] = field(default_factory=list)
    packs: list[tuple[datetime, int, int, bool]] = field(default_factory=list)


@dataclass
class Answer:
    """What the line has at one instant."""

    available: int
    remaining: int
    forfeited: int
    out_of_bucket: int
    pots: list[tuple[str, int, datetime]]


def add_months(anchor: datetime, months: int) -> datetime:
    """The same wall-clock time months later, clamped to the month."""
    month = anchor.month - 1 + months
    year, month = anchor.year + month // 12, month % 12 + 1
    return anchor.replace(year=year, month=month, day=min(anchor.day, monthrange(year, month)[1]))


def boundary(story: Story, n: int) -> datetime:
    """The n-th boundary of the plan."""
    if story.plan.months:
        return add_months(story.start, story.plan.months * n)
    return story.start + timedelta(days=story.plan.days * n)


def order(pot: Pot) -> tuple[int, datetime, bool, int, datetime, int]:
    """The burn order."""
    return (pot.priority, pot.end, not pot.promotional, pot.tie, pot.start, pot.number)


def is_open(pot: Pot, at: datetime) -> bool:
    """Whether the pot gives something at that instant."""
    return not pot.weekend or at.weekday() >= 5


def ask(story: Story, now: datetime) -> Answer:
    """Play everything up to and including that instant."""
    happenings: list[tuple[datetime, int, int, object]] = []
    n = 1
    while boundary(story, n) <= now:
        happenings.append((boundary(story, n), 0, n, None))
        n += 1
    happenings += [(at, 1, i, ("pack", size, days, weekend)) for i, (at, size, days, weekend) in enumerate(story.packs)]
    happenings += [(at, 2, i, ("use", octets)) for i, (at, octets) in enumerate(story.uses)]
    pots: list[Pot] = []
    answer = Answer(0, 0, 0, 0, [])
    grant(story, pots, story.start, 0)
    for at, _, n, what in sorted(happenings, key=lambda one: one[:3]):
        if at > now:
            break
        expire(pots, at, answer, spare=boundary(story, n) if what is None else None)
        if what is None:
            turn(story, pots, n, answer)
        elif what[0] == "pack":
            _, size, days, weekend = what
            pots.append(
                Pot("topup", size, size, at, at + timedelta(days=days), 10 if weekend else 50, weekend, number=n)
            )
        else:
            use(pots, at, what[1], answer)
    expire(pots, now, answer, spare=None)
    live = sorted((pot for pot in pots if pot.start <= now < pot.end), key=order)
    answer.available = sum(pot.left for pot in live if is_open(pot, now))
    answer.remaining = sum(pot.left for pot in live)
    answer.pots = [(pot.kind, pot.left, pot.end) for pot in live]
    return answer


def grant(story: Story, pots: list[Pot], at: datetime, n: int) -> None:
    """The allowance of a period and its bonus."""
    plan = story.plan
    pots.append(Pot("base", plan.data, plan.data, at, boundary(story, n + 1), 40, number=n))
    if plan.bonus:
        size, days = plan.bonus
        pots.append(Pot("promo", size, size, at, at + timedelta(days=days), 20, promotional=True, number=n))


def expire(pots: list[Pot], at: datetime, answer: Answer, spare: datetime | None) -> None:
    """Forfeit what has ended; the base pot that a boundary is about to settle is spared."""
    for pot in [pot for pot in pots if pot.end <= at and not (pot.kind == "base" and pot.end == spare)]:
        answer.forfeited += pot.left
        pots.remove(pot)


def turn(story: Story, pots: list[Pot], n: int, answer: Answer) -> None:
    """One boundary: carry, cut, grant."""
    plan, at = story.plan, boundary(story, n)
    base = next(pot for pot in pots if pot.kind == "base")
    pots.remove(base)
    carried = base.left if plan.carries else 0
    if plan.percent is not None:
        carried = min(carried, base.size * plan.percent // 100)
    if plan.cap is not None and plan.scope == "per-step":
        carried = min(carried, plan.cap)
    answer.forfeited += base.left - carried
    if carried:
        if plan.validity_days:
            end = at + timedelta(days=plan.validity_days)
        elif plan.months:
            end = add_months(story.start, plan.months * n + plan.validity_months)
        else:
            end = add_months(at, plan.validity_months)
        priority = {"first": 30, "last": 45, "by-expiry": 40}[plan.consumption]
        tie = 0 if plan.consumption == "by-expiry" else 1
        pots.append(Pot("rollover", carried, carried, at, end, priority, tie=tie, number=n))
    if plan.carries and plan.cap is not None and plan.scope != "per-step":
        limit = plan.cap if plan.scope == "rollover-only" else max(0, plan.cap - plan.data)
        for pot in sorted((pot for pot in pots if pot.kind == "rollover"), key=lambda pot: (pot.end, pot.start)):
            over = sum(one.left for one in pots if one.kind == "rollover") - limit
            cut = max(0, min(over, pot.left))
            pot.left -= cut
            answer.forfeited += cut
            if cut and not pot.left:
                pots.remove(pot)
    grant(story, pots, at, n)


def use(pots: list[Pot], at: datetime, octets: int, answer: Answer) -> None:
    """Take from the pots in burn order."""
    for pot in sorted(pots, key=order):
        if is_open(pot, at):
            part = min(pot.left, octets)
            pot.left -= part
            octets -= part
    answer.out_of_bucket += octets
