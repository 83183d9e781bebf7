"""Scenario files (`esimctl.scenario/1`): read strictly, faults with file, line and key; junk is refused quickly."""

import re
from collections.abc import Mapping
from typing import Any

from esimctl.charging.events import Grant
from esimctl.charging.policies import rollover_from_table
from esimctl.charging.rhythm import FOREVER
from esimctl.charging.setup import LineSetup, PoolSetup, Setup
from esimctl.charging.terms import BUCKET_CATEGORIES, Terms, terms_from_table
from esimctl.simulation.scenario_events import ScenarioReader, ScenarioStep, read_instant, unknown
from esimctl.values.moments import MomentError, zone
from esimctl.values.record import record
from esimctl.values.tables import Table, TermsError, kind_of, spell
from esimctl.values.toml import parse_toml
from esimctl.values.volume import VolumeError, parse_volume

SCHEMA = "esimctl.scenario/1"

#: Limits that no story needs and every accident exceeds.
MOST_OCTETS = 4 * 1024 * 1024

MOST_NAMES = 2000

MOST_EVENTS = 50_000


class ScenarioError(ValueError):
    """A file that is not a scenario: `file`, `line` (None where the fault has none) and `key` say where."""

    def __init__(self, file: str, line: int | None, key: str | None, reason: str) -> None:
        self.file, self.line, self.key, self.reason = file, line, key, reason
        where = file if line is None else f"{file}:{line}"
        super().__init__(f"{where}: {key}: {reason}" if key else f"{where}: {reason}")


@record
class Scenario:
    """A what-if, ready to be played."""

    name: str
    about: str | None
    setup: Setup
    plans: Mapping[str, Terms]
    steps: tuple[ScenarioStep, ...]


def parse_scenario(text: str | bytes, name: str) -> Scenario:
    """Read a scenario; `name` is the file's, for messages. Raises ScenarioError."""
    written = _decoded(text, name)
    try:
        return _scenario(_toml(written, name), name)
    except TermsError as wrong:
        from esimctl.values.tables import line_of

        raise ScenarioError(name, line_of(written, wrong.path), spell(wrong.path) or None, wrong.reason) from None


def _decoded(text: str | bytes, name: str) -> str:
    if len(text) > MOST_OCTETS:
        raise ScenarioError(name, None, None, f"is larger than {MOST_OCTETS // 1024 // 1024} MiB")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as wrong:
            place = wrong.object.count(b"\n", 0, wrong.start) + 1
            raise ScenarioError(name, place, None, "is not UTF-8 text") from None
    return text


def _toml(text: str, name: str) -> dict[str, Any]:
    try:
        return parse_toml(text)
    except ValueError as wrong:
        reason = str(wrong)
        found = re.search(r" \(at line (\d+), column (\d+)\)", reason)
        if found is None:
            at_end = reason.endswith("(at end of document)")
            raise ScenarioError(
                name, text.count("\n") + 1 if at_end else None, None, f"is not TOML: {reason:.200}"
            ) from None
        reason = f"is not TOML: {reason[: found.start()]:.200} in column {found[2]}"
        raise ScenarioError(name, int(found[1]), None, reason) from None


def _scenario(document: dict[str, Any], file: str) -> Scenario:
    table = Table(document)
    schema = table.text("schema", None)
    if schema != SCHEMA:
        raise table.wrong("schema", "is missing" if schema is None else f"must be {SCHEMA!r}, not {schema!r:.40}")
    title = table.text("name", file)
    about = table.text("about", None)
    try:
        where = zone(table.text("zone", "Asia/Phnom_Penh"))
    except MomentError as wrong:
        raise table.wrong("zone", str(wrong)) from None
    base = table.integer("volume_base", 1000, 1000, 1024)
    if base not in (1000, 1024):
        raise table.wrong("volume_base", "must be 1000 or 1024")
    table.base = base
    reading = ScenarioReader(where, read_instant(table, "start", where), base, {}, {}, {})
    for plan, given in _named(table, "plan"):
        reading.plans[plan] = terms_from_table(plan, given, base, ("plan", plan), extended=False)
    for line, given in _named(table, "line"):
        reading.lines[line] = _line(Table(given, ("line", line), base), reading)
    for pool, given in _named(table, "pool"):
        reading.pools[pool] = _pool(Table(given, ("pool", pool), base), reading)
    steps = _steps(table, reading)
    table.finish()
    setup = Setup(where, reading.start, reading.lines, reading.pools, base)
    return Scenario(title, about, setup, reading.plans, steps)


def _named(table: Table, key: str) -> list[tuple[str, Any]]:
    inner = table.inner(key)
    if inner is None:
        return []
    if len(inner.table) > MOST_NAMES:
        raise table.wrong(key, f"has more than {MOST_NAMES} names")
    for name in inner.table:
        if not name or len(name) > 64 or not name.isprintable():
            raise inner.wrong(name, "is not a name of 1 to 64 printable characters")
    return list(inner.table.items())


def _line(table: Table, reading: ScenarioReader) -> LineSetup:
    plan = table.text("plan", None)
    if plan is not None and plan not in reading.plans:
        raise table.wrong("plan", unknown("plan", plan, reading.plans))
    buckets: list[Grant] = []
    if table.has("bucket"):
        given = table.raw("bucket")
        if not isinstance(given, list):
            raise table.wrong("bucket", f"must be a list of tables, not {kind_of(given)}")
        for index, one in enumerate(given):
            buckets.append(_bucket(Table(one, (*table.path, "bucket", index), table.base), reading, buckets))
    setup = LineSetup(
        terms=None if plan is None else reading.plans[plan],
        auto_renew=table.flag("auto_renew"),
        main_balance=table.money("main_balance", None),
        buckets=tuple(buckets),
    )
    table.finish()
    return setup


def _bucket(table: Table, reading: ScenarioReader, others: list[Grant]) -> Grant:
    data = table.volume("data", None)
    if data is None:
        raise table.wrong("data", "is missing")
    name = table.text("id", None)
    if name is not None and (not name.isprintable() or not 0 < len(name) <= 64):
        raise table.wrong("id", "is not a name of 1 to 64 printable characters")
    if name is not None and any(other.id == name for other in others):
        raise table.wrong("id", f"{name!r:.40} is taken by another bucket of the line")
    start = reading.instant(table, "start", reading.start)
    end = reading.instant(table, "end", FOREVER)
    if end <= start:
        raise table.wrong("end", "is not after the start")
    grant = Grant(
        reading.start,
        "",
        data,
        category=table.choice("category", BUCKET_CATEGORIES, "base"),
        id=name,
        start=start,
        end=None if end is FOREVER else end,
        priority=table.integer("priority", None, -1000, 1_000_000),
        promotional=table.flag("promotional"),
        transferable=table.flag("transferable"),
    )
    table.finish()
    return grant


def _pool(table: Table, reading: ScenarioReader) -> PoolSetup:
    data = table.volume("data", None)
    if data is None:
        raise table.wrong("data", "is missing")
    start = reading.instant(table, "start", reading.start)
    end = reading.instant(table, "end", FOREVER)
    if end <= start:
        raise table.wrong("end", "is not after the start")
    pool = PoolSetup(
        data=data,
        members=_members(table.inner("members"), reading),
        strategy=table.choice("strategy", ("mine-first", "pool-first"), "mine-first"),
        start=start,
        end=None if end is FOREVER else end,
        term=table.duration("term", None, calendar=True),
        auto_renew=table.flag("auto_renew"),
        rollover=rollover_from_table(table.inner("rollover")),
    )
    if pool.term is None and (pool.auto_renew or pool.rollover is not None):
        raise table.wrong("term", "is missing: a pool that renews itself or carries has a term")
    table.finish()
    return pool


def _members(table: Table | None, reading: ScenarioReader) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if table is None:
        return members
    for line, cap in table.table.items():
        if line not in reading.lines:
            raise table.wrong(line, unknown("line", line, reading.lines))
        if not isinstance(cap, str):
            raise table.wrong(line, f"must be a volume or 'unlimited', not {kind_of(cap)}")
        try:
            members[line] = parse_volume(cap, table.base, strict=True)
        except VolumeError as wrong:
            raise table.wrong(line, str(wrong)) from None
    return members


def _steps(table: Table, reading: ScenarioReader) -> tuple[ScenarioStep, ...]:
    from esimctl.simulation.scenario_events import read_step

    given = table.raw("event") if table.has("event") else []
    if not isinstance(given, list):
        raise table.wrong("event", f"must be a list of tables, not {kind_of(given)}")
    if len(given) > MOST_EVENTS:
        raise table.wrong("event", f"has more than {MOST_EVENTS} entries")
    steps = [read_step(Table(one, ("event", index), table.base), index + 1, reading) for index, one in enumerate(given)]
    return tuple(sorted(steps, key=lambda step: step.at))
