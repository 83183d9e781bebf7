"""What has a date: the end of a line, its renewal, activation, carried data, and deadlines for money to come back.

An event is a plain dict: `kind`, `line`, `uid`, `at` (RFC 3339) or `day` (only a date is known), `sequence` and `stamp`
(they change with the event and with nothing else), `plan`, `octets`, `keeps` (a renewal by then
saves what would carry over), `order`, `alarms` (minutes before), `worked_out`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from esimctl.actions.balance.balances import balance
from esimctl.actions.balance.line_document import EXPIRING
from esimctl.actions.purchase.order_document import instant
from esimctl.actions.records.deadlines import TOPICS, deadline
from esimctl.actions.records.versions import History, Version, histories
from esimctl.charging.moments import zone

if TYPE_CHECKING:
    from esimctl.actions.session import Session
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState

DAY = 24 * 60
#: kind → reminders, in minutes before it
ALARMS = {
    "expiry": (DAY,), "renew": (0,), "activate": (7 * DAY, DAY), "carried": (2 * DAY,), "refund": (DAY,),
    "cancellation": (DAY,), "keep": (DAY,),
}  # fmt: skip


def events(session: "Session", ledger: "Ledger", line: str | None) -> Iterator[dict[str, Any]]:
    """Every event of the lines in the profile, line by line; dates of the past too, as long as the books know them."""
    names = [name for name in session.lines if line in (None, name)]
    documents = balance(session, names, refresh=False).data["lines"] if names else []
    known = histories(ledger) if documents else {}
    for document in documents:
        history = known.get(document["line"], History())
        yield from of_line(session, ledger, document, history)
        yield from of_order(session, document["line"], history.last_order)


def of_line(
    session: "Session", ledger: "Ledger", document: Mapping[str, Any], history: History
) -> Iterator[dict[str, Any]]:
    """Its end, when to renew it (R-70) and the last moment that keeps data, until when to activate it, carried data."""
    name = document["line"]
    subject, fact = identity(ledger, name), ledger.lines.get(name)
    born = None if fact is None else fact.added_at
    if document["status"] != "closed" and document["expires_at"]:
        ends, version = parsed(document["expires_at"]), history.version("expires_at", born)
        only_day = day_is_all(ledger, name, ends)
        made = event(session, "expiry", subject, document, ends, version, day=only_day)
        yield {**made, "keeps": document["rollover"]["renew_by"] == document["expires_at"]}
        yield event(session, "renew", subject, document, ends - lead(document), version, day=only_day)
    rollover = document["rollover"]
    grace = rollover["renew_by"] and rollover["renew_by"] != document["expires_at"]
    if document["status"] != "closed" and grace and rollover["lost_if_not_bytes"]:
        last, version = parsed(rollover["renew_by"]), history.version("renew_by", born)
        made = event(session, "keep", subject, document, last, version)
        yield {**made, "octets": rollover["lost_if_not_bytes"]}
    if document["use_by"] and document["status"] == "pending":
        version = history.version("use_by", born)
        yield event(session, "activate", subject, document, parsed(document["use_by"]), version)
    for bucket in document["buckets"]:
        if bucket["category"] == "rollover" and bucket["end"] and bucket["remaining"]:
            about, version = f"{subject}/{bucket['id']}", history.version("carried", born)
            made = event(session, "carried", about, document, parsed(bucket["end"]), version)
            yield {**made, "octets": bucket["remaining"]}


def lead(document: Mapping[str, Any]) -> timedelta:
    """Seven days (R-70), or a quarter of the term of a pack that does not live longer than four weeks."""
    terms = [
        parsed(bucket["end"]) - parsed(bucket["start"])
        for bucket in document["buckets"]
        if bucket["category"] == "base" and bucket["start"] and bucket["end"]
    ]
    return min(EXPIRING, max(terms) / 4) if terms else EXPIRING


def of_order(session: "Session", name: str, order: "OrderState | None") -> Iterator[dict[str, Any]]:
    """The deadlines of the last order of a line, where a policy knows them. They are counted in days."""
    if order is None:
        return
    for topic in TOPICS:
        found = deadline(session, order, topic)
        if found is not None:
            about, version = {"line": name, "plan": order.plan}, Version(0, order.settled_at)
            made = event(session, topic, order.id, about, found.at, version, day=True)
            yield {**made, "order": order.id}


def event(
    session: "Session",
    kind: str,
    subject: str,
    document: Mapping[str, Any],
    at: datetime,
    version: Version,
    *,
    day: bool = False,
) -> dict[str, Any]:
    """One event. Its id is made of what it is about, so that it stays the same when the date moves."""
    return {
        "_at": at,
        "kind": kind,
        "line": document["line"],
        "plan": document["plan"],
        "uid": f"{sha256(f'{kind}/{subject}'.encode()).hexdigest()[:32]}@esimctl",
        "at": None if day else instant(at),
        "day": at.astimezone(zone(session.zone)).date().isoformat() if day else None,
        "sequence": version.sequence,
        "stamp": instant(version.stamp or at),
        "octets": None,
        "keeps": False,
        "order": None,
        "worked_out": is_worked_out(document),
        "alarms": list(ALARMS[kind]),
    }


def is_worked_out(document: Mapping[str, Any]) -> bool:
    """Whether the line's end follows from what was bought and was not read anywhere."""
    figures = document.get("figures")
    return figures is not None and figures["expires_at"]["kind"] == "modelled"


def identity(ledger: "Ledger", name: str) -> str:
    """What a line is, whatever it is called: its birth in the books."""
    fact = ledger.lines.get(name)
    if fact is None:
        return name
    born = fact.births[0]
    order = born.get("order", "") if fact.earlier else fact.order or ""
    return f"{order}/{fact.added_at.isoformat()}/{born['line']}"


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
