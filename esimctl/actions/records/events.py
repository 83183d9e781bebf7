"""What has a date: the end of a line, its renewal, activation, carried data, and deadlines for money to come back.

An event is a plain dict: `kind`, `line`, `uid`, `at` (RFC 3339) or `day` (only a date is known), `sequence` and `stamp`
(they change with the event and with nothing else), `plan`, `octets`, `order`, `alarms` (minutes before).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from esimctl.actions.balance.balances import balance
from esimctl.actions.balance.line_document import EXPIRING
from esimctl.actions.purchase.order_document import instant
from esimctl.actions.records.deadlines import TOPICS, deadline
from esimctl.charging.moments import zone

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.ledger.fold import Ledger

DAY = 24 * 60
#: kind → reminders, in minutes before it
ALARMS = {
    "expiry": (DAY,), "renew": (0,), "activate": (7 * DAY, DAY), "carried": (2 * DAY,), "refund": (DAY,),
    "cancellation": (DAY,),
}  # fmt: skip


def events(session: "Session", ledger: "Ledger", line: str | None) -> Iterator[dict[str, Any]]:
    """Every event of the lines in the profile, line by line; dates of the past too, as long as the books know them."""
    names = [name for name in session.lines if line in (None, name)]
    documents = balance(session, names, refresh=False).data["lines"] if names else []
    for document in documents:
        history = revisions(ledger, document["line"])
        yield from of_line(session, ledger, document, history)
        yield from of_orders(session, ledger, document["line"])


def of_line(
    session: "Session", ledger: "Ledger", document: Mapping[str, Any], history: tuple[int, datetime | None]
) -> Iterator[dict[str, Any]]:
    """The end of a line, the day to renew it (R-70), the last moment to activate it, and the ends of carried data."""
    name = document["line"]
    subject = identity(ledger, name)
    if document["status"] != "closed" and document["expires_at"]:
        ends = parsed(document["expires_at"])
        only_day = day_is_all(ledger, name, ends)
        yield event(session, "expiry", subject, document, ends, history, day=only_day)
        yield event(session, "renew", subject, document, ends - lead(document), history, day=only_day)
    if document["use_by"] and document["status"] == "pending":
        yield event(session, "activate", subject, document, parsed(document["use_by"]), history)
    for bucket in document["buckets"]:
        if bucket["category"] == "rollover" and bucket["end"] and bucket["remaining"]:
            about = f"{subject}/{bucket['id']}"
            made = event(session, "carried", about, document, parsed(bucket["end"]), history)
            yield {**made, "octets": bucket["remaining"]}


def lead(document: Mapping[str, Any]) -> timedelta:
    """Seven days (R-70), or a quarter of the term of a pack that does not live longer than four weeks."""
    terms = [
        parsed(bucket["end"]) - parsed(bucket["start"])
        for bucket in document["buckets"]
        if bucket["category"] == "base" and bucket["start"] and bucket["end"]
    ]
    return min(EXPIRING, max(terms) / 4) if terms else EXPIRING


def of_orders(session: "Session", ledger: "Ledger", name: str) -> Iterator[dict[str, Any]]:
    """The deadlines of the last order of a line, where a policy knows them. They are counted in days."""
    last = None
    for order in ledger.orders.values():
        if order.line == name and order.settled_at is not None and order.state == "settled":
            last = order
    for topic in TOPICS if last is not None else ():
        found = None if last is None else deadline(session, last, topic)
        if last is not None and found is not None:
            about = {"line": name, "plan": last.plan}
            made = event(session, topic, last.id, about, found.at, (0, last.settled_at), day=True)
            yield {**made, "order": last.id}


def event(
    session: "Session",
    kind: str,
    subject: str,
    document: Mapping[str, Any],
    at: datetime,
    history: tuple[int, datetime | None],
    *,
    day: bool = False,
) -> dict[str, Any]:
    """One event. Its id is made of what it is about, so that it stays the same when the date moves."""
    sequence, stamp = history
    return {
        "_at": at,
        "kind": kind,
        "line": document["line"],
        "plan": document["plan"],
        "uid": f"{sha256(f'{kind}/{subject}'.encode()).hexdigest()[:32]}@esimctl",
        "at": None if day else instant(at),
        "day": at.astimezone(zone(session.zone)).date().isoformat() if day else None,
        "sequence": sequence,
        "stamp": instant(stamp or at),
        "octets": None,
        "order": None,
        "alarms": list(ALARMS[kind]),
    }


def identity(ledger: "Ledger", name: str) -> str:
    """What a line is, whatever it is called: its birth in the books."""
    fact = ledger.lines.get(name)
    return name if fact is None else f"{fact.order or ''}/{fact.added_at.isoformat()}/{fact.data['line']}"


def revisions(ledger: "Ledger", name: str) -> tuple[int, datetime | None]:
    """(how often what decides a line's dates has changed, when it did so last): the same facts give the same pair.

    Readings count where they state other dates than the one before; of a line without readings of its own the orders.
    """
    count, last, before = 0, None, None
    readings = ledger.all_readings(name)
    for fact in readings:
        dates = (fact.data.get("expires_at"), fact.data.get("use_by"), carried(fact.data))
        if dates != before:
            count, last, before = count + 1, fact.at, dates
    if not any(fact.source == "provider" for fact in readings):
        settled = [o.settled_at for o in ledger.all_orders() if o.line == name and o.settled_at is not None]
        count += len(settled)
        last = max([*settled, *([last] if last else [])], default=None)
    born = ledger.lines.get(name)
    return count, last or (None if born is None else born.added_at)


def carried(data: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The carried buckets of a reading: what the events about them say."""
    buckets = [bucket for bucket in data.get("buckets", ()) if bucket.get("category") == "rollover"]
    return [(bucket.get("id"), bucket.get("end"), bucket.get("remaining")) for bucket in buckets]


def day_is_all(ledger: "Ledger", name: str, ends: datetime) -> bool:
    """Whether the end was read off a text that gave a day and no time."""
    fact = next((f for f in reversed(ledger.readings.get(name, [])) if "expires_at" in f.data), None)
    if fact is None or not fact.data.get("expires_day"):
        return False
    stated: datetime = fact.data["expires_at"]
    return abs(stated - ends) < timedelta(seconds=1)


def parsed(text: str) -> datetime:
    """An instant of a document."""
    return datetime.fromisoformat(text)


__all__ = ["events"]
