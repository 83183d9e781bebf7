"""Simulations: what was expected and found, the story of the data, and plans side by side month by month."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from json import dumps
from typing import NamedTuple

from esimctl.documents.balance import BucketRow
from esimctl.documents.simulation import (
    ExpectationRow,
    PlayedMonthRow,
    PlayedPlanRow,
    SimulationDocument,
    ToldRow,
    WhatIfDocument,
)
from esimctl.show.amounts import money, month, octets
from esimctl.show.reader import Reader, read_by, reader
from esimctl.show.styles import ACT, ASKED, GOOD, PLAY, styled
from esimctl.show.table import draw, facts
from esimctl.show.terminal import Terminal
from esimctl.show.times import counted, day, moment, only_day
from esimctl.show.view import Column, Columns, View, columns
from esimctl.show.words import say
from esimctl.values.moments import instant, zone

#: What-ifs of the catalogue are counted on this wall clock; a scenario brings its own.
HOME = "Asia/Phnom_Penh"


def when(moment: datetime | None, where: str = HOME) -> str:
    """An instant on the wall clock of the scenario, to the second only where there are any."""
    if moment is None:
        return "-"
    local = moment.astimezone(zone(where))
    return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")


def compact(value: object) -> str:
    """Expectations in one cell."""
    return dumps(value, ensure_ascii=False, separators=(",", ":"))


class Checked(NamedTuple):
    """An expectation, and the zone of its scenario."""

    check: ExpectationRow
    zone: str


def checked(data: SimulationDocument) -> list[Checked]:
    """Every expectation as a row."""
    return [Checked(check, data.zone) for check in data.checks]


CHECKS: Columns[Checked] = (
    Column("event", lambda row: row.check.event, right=True),
    Column("at", lambda row: instant(row.check.at), lambda row: when(row.check.at, row.zone)),
    Column("line", lambda row: row.check.line),
    Column("ok", lambda row: row.check.ok, lambda row: say("holds") if row.check.ok else say("does not hold")),
    Column("expected", lambda row: compact(row.check.expected), lambda row: differing(row.check, "expected")),
    Column("actual", lambda row: compact(row.check.actual), lambda row: differing(row.check, "actual")),
)


class OwnedBucket(NamedTuple):
    """A bucket of a line or pool."""

    owner: str
    bucket: BucketRow


class PlanMonth(NamedTuple):
    """A month of a plan."""

    plan: str
    of: PlayedMonthRow


def plan_months(data: WhatIfDocument) -> Iterator[PlanMonth]:
    """Every month of every plan as a row."""
    return (PlanMonth(plan.plan, month) for plan in data.plans for month in plan.months)


MONTHS: Columns[PlanMonth] = (
    Column("plan", lambda row: row.plan),
    Column("month", lambda row: row.of.month, right=True),
    Column("start", lambda row: instant(row.of.start), lambda row: when(row.of.start)[:10]),
    Column(
        "granted_bytes",
        lambda row: row.of.granted_bytes,
        lambda row: octets(row.of.granted_bytes, unlimited=row.of.granted_bytes is None),
        True,
    ),
    Column("used_bytes", lambda row: row.of.used_bytes, lambda row: octets(row.of.used_bytes), True),
    Column("carried_bytes", lambda row: row.of.carried_bytes, lambda row: octets(row.of.carried_bytes), True),
    Column("lost_bytes", lambda row: row.of.lost_bytes, lambda row: octets(row.of.lost_bytes), True),
    Column(
        "out_of_bucket_bytes",
        lambda row: row.of.out_of_bucket_bytes,
        lambda row: octets(row.of.out_of_bucket_bytes),
        True,
    ),
    Column("paid", lambda row: row.of.paid, lambda row: money(row.of.paid), True),
)


def differing(check: ExpectationRow, side: str) -> str:
    """What does not hold of an expectation, as `available 5 GB, count 2`."""
    shown, other = (check.expected, check.actual) if side == "expected" else (check.actual, check.expected)
    return ", ".join(
        f"{key.removesuffix('_bytes').replace('_', ' ')} {found(key, value)}"
        for key, value in shown.items()
        if other.get(key) != value
    )


def found(key: str, value: object) -> str:
    """A value of an expectation: volumes and times as people read them, tables in their order."""
    if key.endswith("_bytes") and isinstance(value, int):
        return amount(value)
    if isinstance(value, Mapping):
        return " ".join(
            f"{name.removesuffix('_bytes').replace('_', ' ')} {found(name, one)}" for name, one in value.items()
        )
    if isinstance(value, list | tuple):
        return "; ".join(found(key, one) for one in value) or "-"
    if isinstance(value, str) and key in ("end", "start", "expires_at"):
        try:
            return moment(datetime.fromisoformat(value))
        except ValueError:
            return value
    if isinstance(value, bool):
        return say("yes" if value else "no")
    return "-" if value is None else str(value)


def amount(value: int | None) -> str:
    """A volume; without a limit where there is none, and plain 0."""
    return "0" if value == 0 else octets(value, unlimited=value is None)


FAILED: Columns[Checked] = (
    Column("event", lambda row: row.check.event, right=True, priority=2),
    Column("when", lambda row: row.check.at, lambda row: moment(row.check.at), priority=3),
    Column("line", lambda row: row.check.line, priority=0),
    Column("expected", lambda row: row.check.expected, lambda row: differing(row.check, "expected"), priority=1),
    Column("found", lambda row: row.check.actual, lambda row: styled(differing(row.check, "actual"), ACT), priority=1),
)

LEFT: Columns[OwnedBucket] = (
    Column("line", lambda row: row.owner, priority=0),
    Column("bucket", lambda row: row.bucket.id, priority=1),
    Column("left", lambda row: row.bucket.remaining, lambda row: amount(row.bucket.remaining), right=True, priority=1),
    Column("of", lambda row: row.bucket.granted, lambda row: amount(row.bucket.granted), right=True, priority=3),
    Column("ends", lambda row: row.bucket.end, lambda row: moment(row.bucket.end), priority=2,
           short=[lambda row: only_day(row.bucket.end)]),
    Column("state", lambda row: row.bucket.status, lambda row: say(row.bucket.status), priority=4),
)  # fmt: skip


@contextmanager
def by_its_clock(where: str, now: datetime | None = None) -> Iterator[None]:
    """Times within are told in the zone of the scenario, and years as they are told at its end."""
    before = reader()
    read_by(Reader(now or before.now, zone(where), before.blocks))
    try:
        yield
    finally:
        read_by(before)


def story(data: SimulationDocument, terminal: Terminal) -> None:
    """What happened to the data of each line, in order."""
    told: dict[str, list[tuple[str, str]]] = {}
    for step in data.explanation or ():
        told.setdefault(step.line, []).append((moment(step.at), say(step.template, **step.params)))
    for name, steps in told.items():
        terminal.tell("\n" + styled(name, ASKED) + "\n")
        facts(steps, terminal)


def person(data: SimulationDocument, terminal: Terminal) -> None:
    """The verdict, what does not hold, the story where it was asked for, and what is left at the end."""
    terminal.tell(f"{styled(data.name, ASKED)}: {verdict(data)}\n")
    if data.about:
        terminal.tell(say("{about}", about=data.about) + "\n")
    owners = [(line.line, line.buckets) for line in data.final.lines]
    owners += [(pool.pool, pool.buckets) for pool in data.final.pools]
    left = [OwnedBucket(name, bucket) for name, buckets in owners for bucket in buckets]
    with by_its_clock(data.zone, data.final.as_of):
        failed = [row for row in checked(data) if not row.check.ok]
        if failed:
            draw(FAILED, failed, terminal)
        story(data, terminal)
        if left:
            terminal.tell("\n" + say("At the end, {time}:", time=moment(data.final.as_of, week=True)) + "\n")
            draw(LEFT, left, terminal)


def verdict(data: SimulationDocument) -> str:
    """Whether all that was expected holds."""
    held, count = sum(1 for check in data.checks if check.ok), len(data.checks)
    if data.passed:
        said = say("every expectation holds") if count else say("nothing was expected")
        return styled(said, GOOD) + (f" ({held}/{count})" if count else "")
    return styled(say("not every expectation holds"), ACT) + f" ({held}/{count})"


TOTALS: Columns[PlayedPlanRow] = (
    Column("plan", lambda row: row.plan, priority=0),
    Column("paid", lambda row: row.total.paid, lambda row: money(row.total.paid), right=True, priority=1),
    Column("", lambda row: row.plan, lambda row: styled("SANDBOX", PLAY) if played(row) else "", priority=4),
    Column("used", lambda row: row.total.used_bytes, lambda row: amount(row.total.used_bytes), right=True, priority=3),
    Column("lost", lambda row: row.total.lost_bytes, lambda row: amount(row.total.lost_bytes), right=True, priority=2),
    Column("not covered", lambda row: row.total.out_of_bucket_bytes,
           lambda row: styled(amount(row.total.out_of_bucket_bytes), ACT if row.total.out_of_bucket_bytes else None),
           right=True, priority=1),
)  # fmt: skip

BY_MONTH: Columns[PlanMonth] = (
    Column("plan", lambda row: row.plan, priority=0),
    Column("month", lambda row: row.of.month, lambda row: begins(row.of.start.astimezone(zone(HOME))), priority=1),
    Column("data", lambda row: row.of.granted_bytes, lambda row: amount(row.of.granted_bytes), right=True, priority=3),
    Column("used", lambda row: row.of.used_bytes, lambda row: amount(row.of.used_bytes), right=True, priority=3),
    Column("carried", lambda row: row.of.carried_bytes, lambda row: amount(row.of.carried_bytes), right=True,
           priority=2),
    Column("lost", lambda row: row.of.lost_bytes, lambda row: amount(row.of.lost_bytes), right=True, priority=2),
    Column("not covered", lambda row: row.of.out_of_bucket_bytes, lambda row: amount(row.of.out_of_bucket_bytes),
           right=True, priority=4),
    Column("paid", lambda row: row.of.paid, lambda row: money(row.of.paid), right=True, priority=4),
)  # fmt: skip


def begins(start: date) -> str:
    """The month; where it does not begin on the first, its first day."""
    return month(start) if start.day == 1 else day(start)


def played(plan: PlayedPlanRow) -> bool:
    """Whether nobody sells it: the ids of invented plans, and of no others, begin so."""
    return plan.plan.startswith("demo-")


def answer(data: WhatIfDocument) -> str:
    """The cheapest of the plans that cover it; how much the others do not."""
    a_day, months = octets(data.per_day_bytes), counted(len(data.plans[0].months), "month")
    enough = [plan for plan in data.plans if not plan.total.out_of_bucket_bytes and plan.total.paid is not None]
    priced = [(plan.total.paid, plan.plan) for plan in enough if plan.total.paid is not None]
    if not priced:
        return say("No plan here covers {volume} a day for {span}.", volume=a_day, span=months)
    if len({price.currency for price, _ in priced}) > 1:
        return say("{count} of {all} plans cover {volume} a day for {span}.", count=len(priced), all=len(data.plans),
                   volume=a_day, span=months)  # fmt: skip
    price, plan = min(priced, key=lambda pair: pair[0])
    if len(data.plans) == 1:
        return say("{plan} covers {volume} a day for {span}: {price}", plan=styled(plan, ASKED), volume=a_day,
                   span=months, price=styled(money(price), ASKED))  # fmt: skip
    return say("Cheapest that covers {volume} a day for {span}: {plan}, {price}", volume=a_day, span=months,
               plan=styled(plan, ASKED), price=styled(money(price), ASKED))  # fmt: skip


def side_by_side(data: WhatIfDocument, terminal: Terminal) -> None:
    """What covers it for the least, what all of it comes to, then month by month."""
    terminal.tell(answer(data) + "\n")
    draw(TOTALS, sorted(data.plans, key=lambda plan: bool(plan.total.out_of_bucket_bytes)), terminal)
    terminal.tell("\n")
    several = len(data.plans) > 1
    draw([column for column in BY_MONTH if several or column.name != "plan"], list(plan_months(data)), terminal)


STORY: Columns[ToldRow] = (
    Column("at", lambda step: instant(step.at)),
    *columns(ToldRow, "line reason"),
    Column("text", lambda step: step.text, lambda step: say(step.template, **step.params)),
)

VIEWS = {
    "simulation": View(CHECKS, checked, person, "nothing was expected"),
    "story": View(STORY, lambda data: data.explanation),
    "what-if": View(MONTHS, plan_months, side_by_side),
}
