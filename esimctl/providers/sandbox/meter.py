"""What is left on a line, what an order would do to it: everything asked of the charging engine, nothing kept here."""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

from esimctl.charging.balances import LineBalance
from esimctl.charging.engine import Engine
from esimctl.charging.events import Credit, Renew, Use
from esimctl.charging.explain import StoryStep, explain
from esimctl.charging.outlook import Renewal, renewal
from esimctl.charging.plan_change import PlanChange, plan_change
from esimctl.charging.setup import LineSetup, Setup
from esimctl.charging.terms import terms_from_table
from esimctl.errors import UsageError
from esimctl.providers.modelled_reading import modelled_reading
from esimctl.providers.pools import with_pools
from esimctl.providers.protocol import LineRef, Reading
from esimctl.providers.sandbox import stock as story
from esimctl.providers.sandbox.books import moment
from esimctl.providers.sandbox.stock import OperatorStock, PricedPlan
from esimctl.values.money import Money
from esimctl.values.record import record, replace
from esimctl.values.sentence import Raw


@record
class OperatorLine:
    """A line in the operator's books."""

    iccid: str
    msisdn: str
    carrier: str
    plan: str
    created_at: datetime
    ready_at: datetime


@record
class OrderEffect:
    """What an order would do to what is there: its word, what would be lost at once (octets), why it cannot be."""

    effect: str | None = None
    lost_bytes: int | None = None
    impossible: str | None = None
    change: PlanChange | None = None
    renewal: Renewal | None = None


def facts(database: sqlite3.Connection, line: LineRef) -> OperatorLine:
    """The line in the books; a UsageError where the operator has no such line."""
    row = database.execute(
        "SELECT iccid, msisdn, carrier, plan, created_at, ready_at FROM line WHERE iccid = ? OR iccid = ?",
        (line.iccid, line.reference),
    ).fetchone()
    if row is None:
        raise UsageError(
            "the sandbox has no line {name}",
            hint="its books may have been reset: esimctl lines remove {name}",
            code="unknown_line",
            name=Raw(line.name),
        )
    iccid, msisdn, carrier, plan, created_at, ready_at = row
    return OperatorLine(iccid, msisdn, carrier, plan, moment(created_at), moment(ready_at))


def engine(
    database: sqlite3.Connection,
    zone: tzinfo,
    lines: Iterable[str],
    until: datetime,
    newest: int | None = None,
    *,
    journal: bool = False,
) -> Engine:
    """The engine with everything that happened to some lines, and to those tied to them, up to an instant."""
    names = story.company(database, lines)
    events = story.read(database, names, until, newest)
    start = events[0].at if events else until
    made = Engine(Setup(zone, start, dict.fromkeys(names, LineSetup())), journal=journal)
    for event in events:
        made.apply(event)
    made.advance(until)
    return made


def explanation(database: sqlite3.Connection, zone: tzinfo, line: OperatorLine, now: datetime) -> tuple[StoryStep, ...]:
    """The story of a line's data in order, every figure exact."""
    books = engine(database, zone, (line.iccid,), now, journal=True)
    return explain(books.state().line(line.iccid).movements)


def uses(database: sqlite3.Connection, line: OperatorLine, until: datetime) -> tuple[tuple[datetime, int], ...]:
    """Each use of a line up to an instant, as (when, octets)."""
    events = story.read(database, (line.iccid,), until)
    return tuple((one.dated or one.at, one.octets) for one in events if isinstance(one, Use) and one.line == line.iccid)


def stories(
    database: sqlite3.Connection, zone: tzinfo, lines: Iterable[LineRef], now: datetime, newest: int | None = None
) -> tuple[datetime, dict[str, tuple[str, Mapping[str, LineBalance]]]]:
    """(Until when, name → (ICCID, ICCID → books of it and its company)) of the lines that are in these books.

    `newest` is the last event that the operator has heard of.
    """
    if newest is not None:
        told = "SELECT max(recorded_at) FROM event WHERE number <= ?"
        (heard,) = database.execute(told, (newest,)).fetchone()
        now = now if heard is None else min(now, moment(heard))
    found: dict[str, tuple[str, Mapping[str, LineBalance]]] = {}
    companies: dict[str, Mapping[str, LineBalance]] = {}
    for line in lines:
        asked = (line.iccid, line.reference)
        row = database.execute("SELECT iccid FROM line WHERE iccid = ? OR iccid = ?", asked).fetchone()
        if row is None:
            continue
        (iccid,) = row
        if iccid not in companies:
            state = engine(database, zone, (iccid,), now, newest, journal=True).state()
            whole = {balance.name: balance for balance in state.lines()}
            companies.update(dict.fromkeys(whole, whole))
        found[line.name] = iccid, companies[iccid]
    return now, found


def refused(database: sqlite3.Connection, zone: tzinfo, iccid: str, until: datetime) -> str | None:
    """Why the engine refuses the newest event in the books, or None."""
    reasons = _refusals(database, zone, iccid, until, None)
    if not reasons:
        return None
    (newest,) = database.execute("SELECT max(number) FROM event").fetchone()
    before = _refusals(database, zone, iccid, until, newest - 1)
    return reasons[-1] if len(reasons) > len(before) else None


def _refusals(database: sqlite3.Connection, zone: tzinfo, iccid: str, until: datetime, newest: int | None) -> list[str]:
    names = story.company(database, (iccid,))
    events = story.read(database, names, until, newest)
    start = events[0].at if events else until
    made = Engine(Setup(zone, start, dict.fromkeys(names, LineSetup())), journal=False)
    return [reason for event in events if (reason := made.apply(event)) is not None]


def dates(
    database: sqlite3.Connection, zone: tzinfo, iccid: str, at: datetime
) -> tuple[datetime | None, datetime | None]:
    """Until when a line must be started, and when its term ends."""
    balance = engine(database, zone, (iccid,), at).state().line(iccid)
    return balance.use_by, balance.expires_at


def reading(
    database: sqlite3.Connection, stock: OperatorStock, line: OperatorLine, now: datetime, newest: int | None = None
) -> Reading:
    """What the operator says of a line. `newest` is the last event that it has heard of (the fault stale-usage)."""
    if newest is not None:
        newest, now = _last_heard(database, line, newest, now)
    books = engine(database, stock.zone, (line.iccid,), now, newest)
    balance = books.state().line(line.iccid)
    own = replace(
        modelled_reading(books, balance, now),
        status=_status(balance, line, now),
        voice_seconds=_voice(stock, balance, line),
        out_of_bucket_bytes=balance.out_of_bucket,
        forfeited_bytes=balance.forfeited,
        plan=balance.plan or line.plan,
        raw_status=balance.status,
    )
    return with_pools(own, books, line.iccid)


def _status(balance: LineBalance, line: OperatorLine, now: datetime) -> str:
    """The engine's word; a plan that was not started in time leaves a line with nothing, which has expired."""
    if now < line.ready_at:
        return "pending"
    return "expired" if balance.status == "pending" and balance.plan is None else balance.status


def _last_heard(database: sqlite3.Connection, line: OperatorLine, newest: int, now: datetime) -> tuple[int, datetime]:
    """The newest event that an operator which lags behind knows of a line, at least its first, and when that was."""
    first, newest_known, heard = database.execute(
        "SELECT min(number), max(number) FILTER (WHERE number <= ?2), max(recorded_at) FILTER (WHERE number <= ?2)"
        " FROM event WHERE iccid = ?1",
        (line.iccid, newest),
    ).fetchone()
    if newest_known is None:
        return first, min(now, line.ready_at)
    return newest, min(now, moment(heard))


def changes(
    database: sqlite3.Connection,
    zone: tzinfo,
    line: OperatorLine | None,
    order: PricedPlan | Money,
    now: datetime,
    *,
    renews: bool,
) -> OrderEffect:
    """What an order would do: a renewal before the end does as the running plan says, everything else adds."""
    if line is None:
        return OrderEffect()
    books = engine(database, zone, (line.iccid,), now)
    if isinstance(order, Money):
        return OrderEffect("add", impossible=books.apply(Credit(now, line.iccid, order)))
    if not renews:
        return OrderEffect("add")
    terms = terms_from_table(order.plan.id, order.terms)
    told = renewal(books, line.iccid, terms)
    before = books.state().line(line.iccid)
    change = plan_change(books, line.iccid, terms)
    books.apply(Renew(now, line.iccid, terms))
    after = books.state().line(line.iccid)
    lost = max(after.forfeited - before.forfeited, 0 if change is None else change.lost_bytes)
    return OrderEffect(told.effect, lost if lost > 0 else None, renewal=told, change=change)


def _voice(stock: OperatorStock, balance: LineBalance, line: OperatorLine) -> int | None:
    """Call time of the running periods, in seconds: this operator grants it and never sees it used (R-29)."""
    plan = stock.plan(balance.plan or line.plan)
    if plan is None or plan.voice_seconds is None:
        return None
    running = [view for view in balance.buckets if view.category == "base" and view.status == "active"]
    return plan.voice_seconds * len(running)
