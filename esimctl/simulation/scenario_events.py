"""The events of a scenario file: one verb each, every key, name and instant checked before anything is played."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from esimctl.charging.events import Commit, Event, Gift, Leave, Observe, Release, Renew, Reserve, Topup, Use
from esimctl.charging.setup import LineSetup, PoolSetup
from esimctl.charging.terms import BUCKET_CATEGORIES, Terms
from esimctl.values.moments import LATEST, MomentError, to_utc
from esimctl.values.record import record
from esimctl.values.tables import Table, kind_of
from esimctl.values.volume import VolumeError, parse_volume

MOST_YEARS = 30


@record
class ScenarioStep:
    """One event of the file: its number there (from 1), what happens or is expected, and whether it must be refused."""

    number: int
    at: datetime
    line: str | None
    pool: str | None
    event: Any = None
    expect: Mapping[str, Any] | None = None
    refused: bool = False


@record(frozen=False)
class ScenarioReader:
    """What is known of a file while it is being read."""

    zone: tzinfo
    start: datetime
    base: int
    plans: dict[str, Terms]
    lines: dict[str, LineSetup]
    pools: dict[str, PoolSetup]

    def instant(self, table: Table, key: str, default: datetime | None = None) -> datetime:
        """A date or time of the table, local to the scenario's zone where it has no offset, in UTC."""
        if default is not None and not table.has(key):
            return default
        return read_instant(table, key, self.zone)


def read_instant(table: Table, key: str, where: tzinfo) -> datetime:
    """The instant under a key; a date alone is its local midnight."""
    value = table.raw(key)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - local to the zone below
    if not isinstance(value, datetime):
        raise table.wrong(key, f"must be a date or time, not {kind_of(value)}")
    try:
        return to_utc(value, where)
    except MomentError as wrong:
        raise table.wrong(key, str(wrong)) from None


def unknown(kind: str, name: str, known: Mapping[str, Any]) -> str:
    """The reason for a name that nobody has, with the nearest one."""
    from difflib import get_close_matches

    near = get_close_matches(name[:64], list(known)[:200], n=1)
    return f"unknown {kind} {name!r:.42}" + (f", did you mean {near[0]!r}?" if near else "")


VERBS = ("use", "renew", "topup", "gift", "reserve", "release", "commit", "observe", "leave", "expect")

_VOLUMES = ("available", "remaining", "forfeited", "out_of_bucket")

_OF_LINES = ("out_of_bucket", "charged", "main_balance", "throttled")


def read_step(table: Table, number: int, reading: ScenarioReader) -> ScenarioStep:
    """Read one `[[event]]`."""
    at = _instant(table, "at", reading, reading.start, "is before the start of the scenario")
    if at > reading.start + timedelta(days=366 * MOST_YEARS):
        raise table.wrong("at", f"is more than {MOST_YEARS} years after the start")
    verbs = [verb for verb in VERBS if table.has(verb)]
    if len(verbs) != 1:
        found = " and ".join(verbs) if verbs else "none"
        raise table.wrong(
            verbs[1] if verbs else None, f"an event has exactly one verb of {', '.join(VERBS)}; found {found}"
        )
    verb = verbs[0]
    refused = table.flag("refused")
    pool = _name(table, "pool", reading.pools) if verb in ("leave", "expect") and "pool" in table.table else None
    if pool is None and verb == "leave":
        raise table.wrong("pool", "is missing")
    line = None
    if verb == "leave":
        line = _name(table, "leave", reading.lines, "line")
    elif pool is None:
        line = _name(table, "line", reading.lines)
    event: Event | None = None
    expect: dict[str, Any] | None = None
    if verb == "expect":
        if refused:
            raise table.wrong("refused", "an expectation is not refused")
        expect = _expect(Table(table.raw("expect"), (*table.path, "expect"), table.base), reading, pool is not None)
    elif verb == "leave":
        event = Leave(at, str(pool), str(line))
    else:
        event = _READERS[verb](table, at, str(line), reading)
    table.finish()
    return ScenarioStep(number, at, line, pool, event, expect, refused)


def _name(table: Table, key: str, known: dict[str, Any], kind: str | None = None) -> str:
    name = table.text(key, None)
    if name is None:
        raise table.wrong(key, "is missing")
    if name not in known:
        raise table.wrong(key, unknown(kind or key, name, known))
    return name


def _instant(
    table: Table, key: str, reading: ScenarioReader, least: datetime, reason: str, most: datetime = LATEST
) -> datetime:
    at = read_instant(table, key, reading.zone)
    if not least <= at <= most:
        raise table.wrong(key, reason)
    return at


def _octets(table: Table, key: str) -> int:
    octets = table.octets(key, None)
    if octets is None:
        raise table.wrong(key, "is missing")
    return octets


def _plan(table: Table, key: str, reading: ScenarioReader) -> Terms:
    return reading.plans[_name(table, key, reading.plans, "plan")]


def _use(table: Table, at: datetime, line: str, reading: ScenarioReader) -> Event:
    dated = None
    if table.has("dated"):
        dated = _instant(table, "dated", reading, reading.start, "is not between the start and the event", at)
    return Use(at, line, _octets(table, "use"), dated)


def _renew(table: Table, at: datetime, line: str, reading: ScenarioReader) -> Event:
    completes = None
    if table.has("completes"):
        completes = _instant(table, "completes", reading, at, "is before the order itself")
    return Renew(at, line, _plan(table, "renew", reading), completes, table.flag("fails"))


def _topup(table: Table, at: datetime, line: str, reading: ScenarioReader) -> Event:
    return Topup(at, line, _plan(table, "topup", reading))


def _gift(table: Table, at: datetime, line: str, reading: ScenarioReader) -> Event:
    fee = table.octets("fee", 0)
    owner = table.choice("cost_owner", ("originator", "receiver"), "originator")
    to = _name(table, "to", reading.lines, "line")
    return Gift(at, line, to, _octets(table, "gift"), fee, owner, table.duration("validity", None))


def _simple(kind: type[Reserve] | type[Release] | type[Commit] | type[Observe], verb: str) -> Callable[..., Event]:
    def read(table: Table, at: datetime, line: str, reading: ScenarioReader) -> Event:  # noqa: ARG001 - one signature for all verbs
        return kind(at, line, _octets(table, verb))

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


def _expect(table: Table, reading: ScenarioReader, of_pool: bool) -> dict[str, Any]:
    for key in _OF_LINES if of_pool else ("used",):
        if key in table.table:
            raise table.wrong(
                key, "is asked of a line, not of a pool" if of_pool else "is asked of a pool, not of a line"
            )
    wanted = _numbers(table)
    if table.has("used"):
        wanted["used"] = _used(Table(table.raw("used"), (*table.path, "used"), table.base), reading)
    if table.has("buckets"):
        given = table.raw("buckets")
        if not isinstance(given, list):
            raise table.wrong("buckets", f"must be a list of tables, not {kind_of(given)}")
        wanted["buckets"] = [
            _bucket(Table(one, (*table.path, "buckets", index), table.base), reading) for index, one in enumerate(given)
        ]
    table.finish()
    return wanted


def _numbers(table: Table) -> dict[str, Any]:
    """What is expected apart from buckets and members."""
    wanted: dict[str, Any] = {}
    for key in _VOLUMES:
        if table.has(key):
            wanted[key] = table.volume(key, None)
    for key in ("charged", "main_balance"):
        if table.has(key):
            wanted[key] = table.money(key, None)
    if table.has("throttled"):
        wanted["throttled"] = table.flag("throttled")
    if table.has("count"):
        wanted["count"] = table.integer("count", 0, 0, 1_000_000)
    return wanted


def _used(table: Table, reading: ScenarioReader) -> dict[str, Any]:
    used: dict[str, Any] = {}
    for line, volume in table.table.items():
        if line not in reading.lines:
            raise table.wrong(line, unknown("line", line, reading.lines))
        try:
            used[line] = parse_volume(volume, table.base, strict=True)
        except VolumeError as wrong:
            raise table.wrong(line, str(wrong)) from None
    return used


def _bucket(table: Table, reading: ScenarioReader) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if table.has("category"):
        wanted["category"] = table.choice("category", (*BUCKET_CATEGORIES, "shared", "monetary"), "base")
    if table.has("remaining"):
        wanted["remaining"] = table.volume("remaining", None)
    if table.has("end"):
        wanted["end"] = read_instant(table, "end", reading.zone)
    if table.has("id"):
        wanted["id"] = table.text("id", "")
    if table.has("status"):
        wanted["status"] = table.choice("status", ("active", "suspended", "expired"), "active")
    if table.has("provisional"):
        wanted["provisional"] = table.flag("provisional")
    table.finish()
    return wanted
