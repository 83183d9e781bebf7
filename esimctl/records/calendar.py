"""What has a date: the end of a line, its renewal, activation, carried data, and deadlines for money to come back."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from esimctl.documents.exported import CalendarEvent
from esimctl.market.deadlines import TOPICS, deadline
from esimctl.records.subjects import Subject, subject_of
from esimctl.records.versions import histories
from esimctl.values.record import replace

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session


def events(session: "Session", ledger: "Ledger", line: str | None) -> Iterator[CalendarEvent]:
    """Every event of the lines in the profile, line by line; dates of the past too, as long as the books know them."""
    names = [name for name in session.lines if line in (None, name)]
    for name, history in histories(session, ledger, names).items():
        yield from history.events()
        order = history.last_order
        if order is not None:
            for event in of_order(session, subject_of(session, ledger, name), order):
                yield history.versioned_by(order, event)


def of_order(session: "Session", subject: Subject, order: "OrderState") -> Iterator[CalendarEvent]:
    """The deadlines of an order, where a policy promises that money comes back. They are counted in days.

    Another claim is another deadline: its day is a part of what the event is.
    """
    for topic in TOPICS:
        found = deadline(session, order, topic)
        if found is not None and found.promised:
            day = found.at.astimezone(subject.where).date()
            about = f"{order.id}/{day.isoformat()}"
            event = subject.event(topic, about, found.at, order.settled_at, day=True)
            yield replace(event, plan=order.plan, order=order.id, play=order.play)
