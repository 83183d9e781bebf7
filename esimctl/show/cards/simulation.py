"""Simulations: what was expected and found, the story of the data, and plans side by side month by month."""

from collections.abc import Iterator
from datetime import datetime
from json import dumps
from typing import NamedTuple

from esimctl.documents.balance import BucketRow
from esimctl.documents.simulation import ExpectationRow, PlayedMonthRow, SimulationDocument, ToldRow, WhatIfDocument
from esimctl.show.amounts import money, octets
from esimctl.show.table import draw
from esimctl.show.terminal import Terminal
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
    """A bucket of a line or pool, with the zone in which it is told."""

    owner: str
    bucket: BucketRow
    zone: str


BUCKETS: Columns[OwnedBucket] = (
    Column("line", lambda row: row.owner),
    Column("bucket", lambda row: row.bucket.id),
    Column("left", lambda row: row.bucket.remaining, lambda row: volume(row.bucket.remaining), True),
    Column("of", lambda row: row.bucket.granted, lambda row: volume(row.bucket.granted), True),
    Column("until", lambda row: instant(row.bucket.end), lambda row: when(row.bucket.end, row.zone)),
    Column("state", lambda row: row.bucket.status, lambda row: say(row.bucket.status)),
)


def volume(value: int | None) -> str:
    """Octets of a bucket that the engine knows: None is without an end."""
    return octets(value, unlimited=value is None)


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
    """For people only what does not hold is spelled out."""
    if check.ok:
        return ""
    shown, other = (check.expected, check.actual) if side == "expected" else (check.actual, check.expected)
    return compact({key: value for key, value in shown.items() if other.get(key) != value})


def story(data: SimulationDocument, terminal: Terminal) -> None:
    """The explanation, line by line, in the order in which it happened."""
    name = None
    for step in data.explanation or ():
        if step.line != name:
            name = step.line
            terminal.write(f"\n{name}\n")
        terminal.write(f"  {when(step.at, data.zone)}  {say(step.template, **step.params)}\n")


def person(data: SimulationDocument, terminal: Terminal) -> None:
    """The verdict, what does not hold, the story where it was asked for, and what is left at the end."""
    held = sum(1 for check in data.checks if check.ok)
    verdict = say("every expectation holds") if data.passed else say("not every expectation holds")
    terminal.write(f"{say('{name}', name=data.name)}: {verdict} ({held}/{len(data.checks)})\n")
    if data.about:
        terminal.write(say("{about}", about=data.about) + "\n")
    failed = [row for row in checked(data) if not row.check.ok]
    if failed:
        terminal.write("\n")
        draw(CHECKS, failed, terminal)
    story(data, terminal)
    owners = [(line.line, line.buckets) for line in data.final.lines]
    owners += [(pool.pool, pool.buckets) for pool in data.final.pools]
    rows = [OwnedBucket(name, bucket, data.zone) for name, buckets in owners for bucket in buckets]
    if rows:
        terminal.write("\n" + say("at the end, {at}:", at=when(data.final.as_of, data.zone)) + "\n")
        draw(BUCKETS, rows, terminal)


def side_by_side(data: WhatIfDocument, terminal: Terminal) -> None:
    """Each plan month by month, then what all of it comes to."""
    draw(MONTHS, list(plan_months(data)), terminal)
    terminal.write("\n")
    for plan in data.plans:
        terminal.write(
            say(
                "{plan}: {used} used, {lost} lost, {missing} not covered, {paid} paid",
                plan=plan.plan,
                used=octets(plan.total.used_bytes),
                lost=octets(plan.total.lost_bytes),
                missing=octets(plan.total.out_of_bucket_bytes),
                paid=money(plan.total.paid),
            )
            + "\n"
        )


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
