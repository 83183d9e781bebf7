"""The events of a scenario file: one verb each, every key, name and instant checked before anything is played."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo

from esimctl.charging.events import Commit, Event, Gift, Leave, Observe, Release, Renew, Reserve, Topup, Use
from esimctl.charging.setup import LineSetup, PoolSetup
from esimctl.charging.terms import BUCKET_CATEGORIES, Terms
from esimctl.values.moments import LATEST
from esimctl.values.money import Money
from esimctl.values.record import record
from esimctl.values.sentence import Sentence, both, commas
from esimctl.values.tables import Table, unknown_name
from esimctl.values.volume import Unlimited

MOST_YEARS = 30


@record
class ExpectedBucket:
    """What a bucket must be; None is what the file does not ask for."""

    category: str | None = None
    remaining: int | Unlimited | None = None
    end: datetime | None = None
    id: str | None = None
    status: str | None = None
    provisional: bool | None = None


@record
class Expected:
    """What must be true of a line or pool at an instant; None is what the file does not ask for."""

    available: int | Unlimited | None = None
    remaining: int | Unlimited | None = None
    forfeited: int | Unlimited | None = None
    out_of_bucket: int | Unlimited | None = None
    charged: Money | None = None
    main_balance: Money | None = None
    throttled: bool | None = None
    count: int | None = None
    used: Mapping[str, int | Unlimited] | None = None
    buckets: tuple[ExpectedBucket, ...] | None = None


@record
class ScenarioStep:
    """One event of the file: its number there (from 1), what happens or is expected, and whether it must be refused."""

    number: int
    at: datetime
    line: str | None
    pool: str | None
    what: Event | Expected
    refused: bool = False


@record(frozen=False)
class ScenarioReader:
    """What is known of a file while it is being read."""

    zone: tzinfo
    start: datetime
    plans: dict[str, Terms]
    lines: dict[str, LineSetup]
    pools: dict[str, PoolSetup]


VERBS = ("use", "renew", "topup", "gift", "reserve", "release", "commit", "observe", "leave", "expect")

_OF_LINES = ("out_of_bucket", "charged", "main_balance", "throttled")


def read_step(table: Table, number: int, reading: ScenarioReader) -> ScenarioStep:
    """Read one `[[event]]`."""
    at = _instant(table, "at", reading, reading.start, Sentence("is before the start of the scenario"))
    if at > reading.start + timedelta(days=366 * MOST_YEARS):
        raise table.wrong("at", "is more than {most} years after the start", most=MOST_YEARS)
    verbs = [verb for verb in VERBS if table.has(verb)]
    if len(verbs) != 1:
        raise table.wrong(
            verbs[1] if verbs else None,
            "an event has exactly one verb of {verbs}; found {found}",
            verbs=commas(VERBS),
            found=both(verbs) if verbs else Sentence("none"),
        )
    verb = verbs[0]
    refused = table.flag("refused")
    of_pool = verb == "leave" or (verb == "expect" and "pool" in table.table)
    pool = table.named("pool", reading.pools, Sentence("pool")) if of_pool else None
    line = None
    if verb == "leave" or pool is None:
        line = table.named("leave" if verb == "leave" else "line", reading.lines, Sentence("line"))
    what: Event | Expected
    if verb == "expect":
        if refused:
            raise table.wrong("refused", "an expectation is not refused")
        what = _expect(table.inner("expect"), reading, of_pool)
    elif verb == "leave":
        what = Leave(at, str(pool), str(line))
    else:
        what = _READERS[verb](table, at, str(line), reading)
    table.finish()
    return ScenarioStep(number, at, line, pool, what, refused)


def _instant(
    table: Table, key: str, reading: ScenarioReader, least: datetime, reason: Sentence, most: datetime = LATEST
) -> datetime:
    at = table.instant(key, reading.zone)
    if not least <= at <= most:
        raise table.wrong(key, reason)
    return at


def _plan(table: Table, key: str, reading: ScenarioReader) -> Terms:
    return reading.plans[table.named(key, reading.plans, Sentence("plan"))]


def _use(table: Table, at: datetime, line: str, reading: ScenarioReader) -> Event:
    dated = None
    if table.has("dated"):
        dated = _instant(table, "dated", reading, reading.start, Sentence("is not between the start and the event"), at)
    return Use(at, line, table.octets("use"), dated)


def _renew(table: Table, at: datetime, line: str, reading: ScenarioReader) -> Event:
    completes = None
    if table.has("completes"):
        completes = _instant(table, "completes", reading, at, Sentence("is before the order itself"))
    return Renew(at, line, _plan(table, "renew", reading), completes, table.flag("fails"))


def _topup(table: Table, at: datetime, line: str, reading: ScenarioReader) -> Event:
    return Topup(at, line, _plan(table, "topup", reading))


def _gift(table: Table, at: datetime, line: str, reading: ScenarioReader) -> Event:
    fee = table.octets("fee", 0)
    owner = table.choice("cost_owner", ("originator", "receiver"), "originator")
    to = table.named("to", reading.lines, Sentence("line"))
    return Gift(at, line, to, table.octets("gift"), fee, owner, table.duration("validity", None))


def _simple(kind: type[Reserve] | type[Release] | type[Commit] | type[Observe], verb: str) -> Callable[..., Event]:
    def read(table: Table, at: datetime, line: str, reading: ScenarioReader) -> Event:  # noqa: ARG001 - one signature for all verbs
        return kind(at, line, table.octets(verb))

    return read


_READERS: dict[str, Callable[[Table, datetime, str, ScenarioReader], Event]] = {
    "use": _use,
    "renew": _renew,
    "topup": _topup,
    "gift": _gift,
    "reserve": _simple(Reserve, "reserve"),
    "release": _simple(Release, "release"),
    "commit": _simple(Commit, "commit"),
    "observe": _simple(Observe, "observe"),
}


def _expect(table: Table, reading: ScenarioReader, of_pool: bool) -> Expected:
    for key in _OF_LINES if of_pool else ("used",):
        if key in table.table:
            raise table.wrong(
                key, "is asked of a line, not of a pool" if of_pool else "is asked of a pool, not of a line"
            )
    used = table.inner("used", None)
    wanted = Expected(
        available=table.volume("available", None),
        remaining=table.volume("remaining", None),
        forfeited=table.volume("forfeited", None),
        out_of_bucket=table.volume("out_of_bucket", None),
        charged=table.money("charged", None),
        main_balance=table.money("main_balance", None),
        throttled=table.flag("throttled") if table.has("throttled") else None,
        count=table.integer("count", None, 0, 1_000_000),
        used=None if used is None else of_lines(used, reading),
        buckets=tuple(_bucket(one, reading) for one in table.tables("buckets")) if table.has("buckets") else None,
    )
    table.finish()
    return wanted


def of_lines(table: Table, reading: ScenarioReader) -> dict[str, int | Unlimited]:
    """Volumes by the names of lines: caps of members, or what they have used."""
    for line in table.table:
        if line not in reading.lines:
            raise table.wrong(line, unknown_name(Sentence("line"), line, reading.lines))
    return {line: table.volume(line) for line in table.table}


def _bucket(table: Table, reading: ScenarioReader) -> ExpectedBucket:
    wanted = ExpectedBucket(
        category=table.choice("category", (*BUCKET_CATEGORIES, "shared", "monetary"), None),
        remaining=table.volume("remaining", None),
        end=table.instant("end", reading.zone, None),
        id=table.text("id", None),
        status=table.choice("status", ("active", "suspended", "expired"), None),
        provisional=table.flag("provisional") if table.has("provisional") else None,
    )
    table.finish()
    return wanted
