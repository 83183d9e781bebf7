"""What has a date: the end of a line, its renewal, activation, carried data, and deadlines for money to come back.

An event is a plain dict: `kind`, `line`, `uid`, `at` (RFC 3339) or `day` (only a date is known), `plan`, `octets`,
`keeps` (a renewal by then saves what would carry over), `order`, `alarms` (minutes before), `worked_out`, `play`; and
`sequence` and `stamp`, which change with these and with nothing else (`records.versions`).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from esimctl.market.deadlines import TOPICS, deadline
from esimctl.records.subjects import Subject, subject_of

if TYPE_CHECKING:
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.orders import OrderState
    from esimctl.profile.opened import Session


def events(session: "Session", ledger: "Ledger", line: str | None) -> Iterator[dict[str, Any]]:
    """Every event of the lines in the profile, line by line; dates of the past too, as long as the books know them."""
    from esimctl.records.versions import histories

    names = [name for name in session.lines if line in (None, name)]
    for name, history in histories(session, ledger, names).items():
        yield from history.events()
        order = history.last_order
        if order is not None:
            for event in of_order(session, subject_of(session, ledger, name), order):
                yield {**event, **history.version_of_order(order)}


def of_order(session: "Session", subject: Subject, order: "OrderState") -> Iterator[dict[str, Any]]:
    """The deadlines of an order, where a policy promises that money comes back. They are counted in days.

    Another claim is another deadline: its day is a part of what the event is.
    """
    for topic in TOPICS:
        found = deadline(session, order, topic)
        if found is not None and found.promised:
            day = found.at.astimezone(subject.where).date()
            about = f"{order.id}/{day.isoformat()}"
            known: dict[str, Any] = {"plan": order.plan, "order": order.id, "play": order.play}
            yield subject.event(topic, about, found.at, order.settled_at, day=True, **known)
