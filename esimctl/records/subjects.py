"""What a calendar's events are about, and what a person was told of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from hashlib import sha256
from typing import TYPE_CHECKING

from esimctl.documents.exported import CalendarEvent
from esimctl.market.on_offer import PLAY, kind_of
from esimctl.usage.line import EXPIRING, status_of
from esimctl.usage.playing import SAME
from esimctl.values.moments import zone
from esimctl.values.record import record, replace
from esimctl.values.toml import text_at

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.profile.opened import Session
    from esimctl.providers.protocol import Reading

DAY = 24 * 60

#: kind → reminders, in minutes before it
ALARMS = {
    "expiry": (DAY,), "renew": (0,), "activate": (7 * DAY, DAY), "carried": (2 * DAY,), "refund": (DAY,),
    "cancellation": (DAY,), "keep": (DAY,),
}  # fmt: skip


def lead(reading: "Reading", since: datetime | None) -> timedelta:
    """Seven days (R-70), or a quarter of the term of a pack that does not live longer than four weeks."""
    terms = [
        bucket.end - bucket.start
        for bucket in (*reading.buckets, *reading.ahead)
        if bucket.category == "base" and bucket.start is not None and bucket.end is not None
    ]
    if not terms and since is not None and reading.expires_at is not None:
        terms = [max(timedelta(), reading.expires_at - since)]
    return min(EXPIRING, max(terms) / 4) if terms else EXPIRING


@record
class KnownLine:
    """What is known of a line at an instant: its figures, whether its end was read nowhere, or as a day alone.

    `since` is when the term that runs was bought: nothing about it happens before; None where nobody knows.
    """

    reading: "Reading | None"
    worked_out: bool = False
    by_day: bool = False
    since: datetime | None = None


@record
class Subject:
    """Whom events are about: the line as it is called, what it is whatever it is called, and its plan and money."""

    line: str
    identity: str
    plan: str | None
    play: bool
    where: tzinfo

    def event(self, kind: str, about: str, at: datetime, since: datetime | None, *, day: bool = False) -> CalendarEvent:
        """One event. Its id is made of what it is about, so that it stays the same when the date moves."""
        local = at.astimezone(self.where)
        begins = local.replace(hour=0, minute=0, second=0, microsecond=0) if day else at
        return CalendarEvent(
            kind=kind,
            line=self.line,
            uid=f"{sha256(f'{kind}/{about}'.encode()).hexdigest()[:32]}@esimctl",
            at=at,
            day=local.date() if day else None,
            plan=self.plan,
            play=self.play,
            alarms=tuple(n for n in ALARMS[kind] if since is None or begins - timedelta(minutes=n) >= since),
        )


def subject_of(session: "Session", ledger: "Ledger", name: str) -> Subject:
    """A line of the profile; one that the journal does not know is what its profile calls it."""
    table, fact = session.line(name), ledger.lines.get(name)
    identity = f"{session.store.name}/{name}" if fact is None else fact.id
    play = kind_of(session, str(table.get("provider"))) == PLAY
    return Subject(name, identity, text_at(table, "plan"), play, zone(session.zone))


def of_line(subject: Subject, told: KnownLine, now: datetime) -> Iterator[CalendarEvent]:
    """Its end, when to renew it (R-70) and the last moment that keeps data, until when to activate it, carried data."""
    reading, since = told.reading, told.since
    if reading is None:
        return
    status, ends, by = status_of(reading, now), reading.expires_at, reading.renew_by
    about = subject.identity
    line = replace(subject, plan=reading.plan or subject.plan)

    def event(kind: str, of: str, at: datetime, *, day: bool = False) -> CalendarEvent:
        return replace(line.event(kind, of, at, since, day=day), worked_out=told.worked_out)

    waits = status == "pending" and ends == reading.use_by  # its only date is the one by which it has to be started
    if status != "closed" and ends is not None and not waits:
        keeps = by is not None and abs(by - ends) < SAME
        yield replace(event("expiry", about, ends, day=told.by_day), keeps=keeps)
        renew = ends - lead(reading, since)
        if since is None or renew >= since:
            yield event("renew", about, renew, day=told.by_day)
    saved = reading.lost_if_not_bytes
    if status != "closed" and by is not None and saved and (ends is None or abs(by - ends) >= SAME):
        yield replace(event("keep", about, by), octets=saved)
    if reading.use_by is not None and status == "pending":
        yield event("activate", about, reading.use_by)
    for bucket in (*reading.buckets, *reading.ahead):
        if bucket.category == "rollover" and bucket.end is not None and bucket.remaining:
            yield replace(event("carried", f"{about}/{bucket.id}", bucket.end), octets=bucket.remaining)
