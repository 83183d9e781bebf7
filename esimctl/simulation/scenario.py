"""Scenario files (`esimctl.scenario/1`): read strictly, faults with file, line and key; junk is refused quickly."""

from collections.abc import Iterator, Mapping

from esimctl.charging.events import Grant
from esimctl.charging.policies import rollover_from_table
from esimctl.charging.rhythm import FOREVER
from esimctl.charging.setup import LineSetup, PoolSetup, Setup
from esimctl.charging.terms import BUCKET_CATEGORIES, Terms, terms_from_table, volume_base
from esimctl.simulation.scenario_events import ScenarioReader, ScenarioStep, of_lines, read_step
from esimctl.values.moments import zone
from esimctl.values.record import record
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.tables import Table, TableError, TableProblem, TomlText

SCHEMA = "esimctl.scenario/1"

#: Limits that no story needs and every accident exceeds.
MOST_OCTETS = 4 * 1024 * 1024

MOST_NAMES = 2000

MOST_EVENTS = 50_000


@record
class Scenario:
    """A what-if, ready to be played."""

    name: str
    about: str | None
    setup: Setup
    plans: Mapping[str, Terms]
    steps: tuple[ScenarioStep, ...]


def parse_scenario(text: str | bytes, name: str) -> Scenario:
    """Read a scenario; `name` is the file's, for messages. Raises TableError."""
    return _scenario(TomlText(name, _decoded(text, name)).table(), name)


def _decoded(text: str | bytes, name: str) -> str:
    if len(text) > MOST_OCTETS:
        raise TableError(TableProblem(name, (), Sentence("is larger than {most} MiB", {"most": MOST_OCTETS >> 20})))
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as wrong:
            line = wrong.object.count(b"\n", 0, wrong.start) + 1
            raise TableError(TableProblem(name, (), Sentence("is not UTF-8 text"), line)) from None
    return text


def _scenario(table: Table, file: str) -> Scenario:
    schema = table.text("schema")
    if schema != SCHEMA:
        written = Raw(f"{schema!r:.40}")
        raise table.wrong("schema", "must be {wanted}, not {found}", wanted=Raw(repr(SCHEMA)), found=written)
    title = table.text("name", file)
    about = table.text("about", None, lines=True)
    where = table.parsed("zone", zone, None) or zone("Asia/Phnom_Penh")
    table.base = volume_base(table)
    reading = ScenarioReader(where, table.instant("start", where), {}, {}, {})
    for plan, inner in _named(table, "plan"):
        reading.plans[plan] = terms_from_table(plan, inner, extended=False)
    for line, inner in _named(table, "line"):
        reading.lines[line] = _line(inner, reading)
    for pool, inner in _named(table, "pool"):
        reading.pools[pool] = _pool(inner, reading)
    steps = _steps(table, reading)
    table.finish()
    setup = Setup(where, reading.start, reading.lines, reading.pools, table.base)
    return Scenario(title, about, setup, reading.plans, steps)


def _named(table: Table, key: str) -> Iterator[tuple[str, Table]]:
    inner = table.inner(key, None)
    if inner is None:
        return
    if len(inner.table) > MOST_NAMES:
        raise table.wrong(key, "has more than {most} names", most=MOST_NAMES)
    for name in inner.table:
        if not name or len(name) > 64 or not name.isprintable():
            raise inner.wrong(name, "is not a name of 1 to 64 printable characters")
    yield from ((name, inner.inner(name)) for name in inner.table)


def _line(table: Table, reading: ScenarioReader) -> LineSetup:
    plan = table.named("plan", reading.plans, Sentence("plan")) if table.has("plan") else None
    buckets: list[Grant] = []
    for one in table.tables("bucket"):
        buckets.append(_bucket(one, reading, buckets))
    setup = LineSetup(
        terms=None if plan is None else reading.plans[plan],
        auto_renew=table.flag("auto_renew"),
        main_balance=table.money("main_balance", None),
        buckets=tuple(buckets),
    )
    table.finish()
    return setup


def _bucket(table: Table, reading: ScenarioReader, others: list[Grant]) -> Grant:
    data = table.volume("data")
    name = table.text("id", None)
    if name is not None and (not name.isprintable() or not 0 < len(name) <= 64):
        raise table.wrong("id", "is not a name of 1 to 64 printable characters")
    if name is not None and any(other.id == name for other in others):
        raise table.wrong("id", "{name} is taken by another bucket of the line", name=Raw(f"{name!r:.40}"))
    start = table.instant("start", reading.zone, reading.start)
    end = table.instant("end", reading.zone, FOREVER)
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
    data = table.volume("data")
    start = table.instant("start", reading.zone, reading.start)
    end = table.instant("end", reading.zone, FOREVER)
    if end <= start:
        raise table.wrong("end", "is not after the start")
    members = table.inner("members", None)
    pool = PoolSetup(
        data=data,
        members={} if members is None else of_lines(members, reading),
        strategy=table.choice("strategy", ("mine-first", "pool-first"), "mine-first"),
        start=start,
        end=None if end is FOREVER else end,
        term=table.duration("term", None, calendar=True),
        auto_renew=table.flag("auto_renew"),
        rollover=rollover_from_table(table.inner("rollover", None)),
    )
    if pool.term is None and (pool.auto_renew or pool.rollover is not None):
        raise table.wrong("term", "is missing: a pool that renews itself or carries has a term")
    table.finish()
    return pool


def _steps(table: Table, reading: ScenarioReader) -> tuple[ScenarioStep, ...]:
    given = table.tables("event")
    if len(given) > MOST_EVENTS:
        raise table.wrong("event", "has more than {most} entries", most=MOST_EVENTS)
    steps = [read_step(one, number, reading) for number, one in enumerate(given, 1)]
    return tuple(sorted(steps, key=lambda step: step.at))
