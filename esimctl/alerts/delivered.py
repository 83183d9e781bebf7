"""What was handed to which way out, and which of them takes nothing: a file of its own, beside the journal.

A message that fails is tried again by the next two runs, then hourly while it is of the last day. Losing the file means
one message more, never one less.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from esimctl.alerts.channels import WHY
from esimctl.errors import Damaged, EsimctlError
from esimctl.ledger import said
from esimctl.profile.alert_targets import targets
from esimctl.store.private_files import PrivateTable, only_one
from esimctl.values.moments import instant
from esimctl.values.record import record, replace
from esimctl.values.toml import Toml, tables_at

if TYPE_CHECKING:
    from esimctl.ledger.facts import AlertFact
    from esimctl.profile.opened import Session

STDERR: Final = "stderr"
TRIES: Final = 3  #: by as many runs
PAUSE: Final = timedelta(hours=1)  #: between the tries after them
KEPT: Final = timedelta(days=8)  #: how long it is remembered what was delivered
YOUNG: Final = timedelta(days=1)  #: what is older is not tried for ever, and without that memory is taken as told
AGAIN: Final = timedelta(days=1)  #: how often a way out that takes nothing is told

_FAILING: Final = "failing"  #: among the rows of a way out, none of which is called so: they hold an @


@record
class Handed:
    """That a way out was given an alert: when last, how often, and whether it took it."""

    at: datetime
    tries: int
    done: bool

    def as_table(self) -> dict[str, Toml]:
        """As the file keeps it."""
        return {"at": self.at, "tries": self.tries, "done": self.done}


@record
class Failing:
    """A way out that took nothing when it was last asked: since when, and why by the names of `ways_out.WHY`."""

    name: str
    since: datetime
    at: datetime  #: when it was last asked
    why: str
    told_at: datetime | None = None

    def as_table(self) -> dict[str, Toml]:
        """As the file keeps it among the rows of the way out."""
        told: dict[str, Toml] = {"since": self.since, "at": self.at, "why": self.why}
        return told if self.told_at is None else {**told, "told_at": self.told_at}


Rows = dict[str, Handed | Failing]  #: identity of an alert → what a way out did with it


class Delivered:
    """The file's content. `write` keeps what was marked."""

    def __init__(self, session: "Session") -> None:
        self._table = PrivateTable(session.store.folder / "deliveries.toml")
        self.rows = _read(self._table)
        self._before = _written(self.rows)

    def untold(self, way: str, alerts: "Sequence[AlertFact]", now: datetime) -> "list[AlertFact]":
        """Those that a way out has not taken and may be given (again)."""
        rows = self.rows.get(way, {})
        found = []
        for alert in alerts:
            row = rows.get(identity(alert))
            if row is None and not self._before and now - alert.last_at >= YOUNG:
                continue
            if not isinstance(row, Handed) or (not row.done and _may_try(row, alert, now)):
                found.append(alert)
        return found

    def mark(self, way: str, alert: "AlertFact", now: datetime, *, done: bool) -> None:
        """It was handed over, or tried."""
        rows = self.rows.setdefault(way, {})
        before = rows.get(identity(alert))
        rows[identity(alert)] = Handed(now, before.tries + 1 if isinstance(before, Handed) else 1, done)

    def answered(self, way: str, why: str | None, now: datetime) -> None:
        """A way out took something, which ends that it fails, or did not: `why`."""
        if why is None:
            self.rows.get(way, {}).pop(_FAILING, None)
            return
        rows = self.rows.setdefault(way, {})
        before = rows.get(_FAILING)
        known = before if isinstance(before, Failing) else Failing(way, now, now, why)
        rows[_FAILING] = replace(known, at=now, why=why)

    def failing(self) -> Iterator[Failing]:
        """Every way out that takes nothing."""
        for rows in self.rows.values():
            row = rows.get(_FAILING)
            if isinstance(row, Failing):
                yield row

    def told(self, name: str, now: datetime) -> None:
        """It was told of a way out that it takes nothing."""
        row = self.rows[name][_FAILING]
        if isinstance(row, Failing):
            self.rows[name][_FAILING] = replace(row, told_at=now)

    def write(self, now: datetime) -> None:
        """Keep it, without what is old; nothing is written where nothing changed."""
        young = {
            way: {key: row for key, row in rows.items() if isinstance(row, Failing) or now - row.at < KEPT}
            for way, rows in self.rows.items()
        }
        after = _written(young)
        if after != self._before:
            self._table.write(after, durable=False)
            self._before = after


def _may_try(row: Handed, alert: "AlertFact", now: datetime) -> bool:
    """An hour without a network costs nobody a message; one that is a day old is not worth a wait any more."""
    return row.tries < TRIES or (now - row.at >= PAUSE and now - alert.last_at < YOUNG)


def _written(rows: Mapping[str, Rows]) -> dict[str, Mapping[str, Toml]]:
    """The file's content: the ways out of which there is anything to keep."""
    return {way: {key: row.as_table() for key, row in kept.items()} for way, kept in rows.items() if kept}


def _read(table: PrivateTable) -> dict[str, Rows]:
    """What the file holds; nothing where it is damaged, and no row that is none."""
    try:
        content = table.read()
    except Damaged:
        return {}
    read = {way: {key: _row(way, key, row) for key, row in rows.items()} for way, rows in _tables(content)}
    return {way: {key: row for key, row in rows.items() if row is not None} for way, rows in read.items()}


def _tables(content: Mapping[str, Toml]) -> list[tuple[str, Mapping[str, Mapping[str, Toml]]]]:
    return [(way, tables_at(content, way)) for way, rows in content.items() if isinstance(rows, Mapping)]


def _row(way: str, key: str, row: Mapping[str, Toml]) -> Handed | Failing | None:
    try:
        if key != _FAILING:
            return Handed(said.instant(row, "at"), said.number(row, "tries"), said.flag(row, "done"))
        why = said.text(row, "why")
        told = Failing(
            way, said.instant(row, "since"), said.instant(row, "at"), why, said.instant_or_none(row, "told_at")
        )
        return told if why in WHY else None
    except (KeyError, TypeError):
        return None


@contextmanager
def deliveries(session: "Session") -> Iterator[Delivered]:
    """The file, held: Busy (75) while another run tells."""
    with only_one(session.store.folder / "deliveries.lock"):
        yield Delivered(session)


def failing(session: "Session") -> dict[str, Failing]:
    """The ways out that take nothing, by their names; those alone that are there."""
    if not session.store.exists():
        return {}
    since = {target.name: target.since for target in targets(session) if target.valid}
    if not since:
        return {}
    return {
        found.name: found
        for found in Delivered(session).failing()
        if found.name in since and found.since >= since[found.name]
    }


def failing_names(session: "Session") -> list[str]:
    """The names alone; none where that cannot be read."""
    try:
        return list(failing(session))
    except (EsimctlError, OSError):
        return []


def note_answers(session: "Session", answers: Mapping[str, str | None]) -> None:
    """Keep how ways out answered to what is no alert: a heartbeat, a test. That it cannot be kept changes nothing."""
    known = failing_names(session)
    if not any(why is not None or name in known for name, why in answers.items()):
        return
    now = session.clock.now()
    try:
        with deliveries(session) as memory:
            for name, why in answers.items():
                memory.answered(name, why, now)
            memory.write(now)
    except (EsimctlError, OSError):
        return


def identity(alert: "AlertFact") -> str:
    """One telling of one alert: its beginning, that it goes on, or its end."""
    telling = "" if alert.count == 1 else f"#{alert.count}"
    return f"{alert.key}@{instant(alert.first_at)}{telling}"
