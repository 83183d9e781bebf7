"""One message: what a service gets as title, text and type, and what a program of the person's own gets on stdin."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from esimctl.alerts.titles import INFO, PROGRAM, SANDBOX, URGENCY, Title, of_several, title_of
from esimctl.documents.document import JSON
from esimctl.values.moments import instant
from esimctl.values.record import record
from esimctl.values.sentence import Raw, Sentence, from_table

if TYPE_CHECKING:
    from esimctl.ledger.facts import AlertFact
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session


@record
class Message:
    """`urgency` is one of Apprise's types; `event` is the table that a program gets."""

    title: str
    body: str
    urgency: str
    event: Mapping[str, JSON]


def message(
    session: "Session", ledger: "LedgerState", alerts: "Sequence[AlertFact]", say: Callable[[Sentence], str]
) -> Message:
    """Alerts as one message, the most urgent first; a line each, and of play money says so where not all of it is."""
    parts = [(title_of(session, ledger, alert), alert) for alert in alerts]
    parts.sort(key=lambda part: URGENCY.index(part[0].urgency))
    titles = [title for title, _ in parts]
    whole = titles[0] if len(titles) == 1 else of_several(titles, len({a.line for a in alerts if a.line is not None}))
    body = "\n".join(
        f"{SANDBOX} {told(alert, say)}" if title.play and not whole.play else told(alert, say) for title, alert in parts
    )
    events = [event(session, title, alert, say) for title, alert in parts]
    if len(events) == 1:
        return Message(whole.shown(say), body, whole.urgency, events[0])
    digest = {**_head(session, "digest", whole, say), "text": body, "alerts": events}
    return Message(whole.shown(say), body, whole.urgency, digest)


def trial(session: "Session", say: Callable[[Sentence], str]) -> Message:
    """A test, which says that nothing happened."""
    title, text = say(Sentence("{who}: a test", {"who": Raw(PROGRAM)})), say(Sentence(TEXTS["test"]))
    event: dict[str, JSON] = {
        "event": "test", "class": "figure", "title": title, "type": INFO, "profile": session.store.name, "text": text,
    }  # fmt: skip
    return Message(title, text, INFO, event)


TEXTS = {"test": "a test from esimctl: nothing happened"}


def told(alert: "AlertFact", say: Callable[[Sentence], str]) -> str:
    """What an alert says, in a person's language where the journal holds it as a sentence."""
    said = from_table(alert.said)
    return alert.text if said is None else say(said)


def event(session: "Session", title: Title, alert: "AlertFact", say: Callable[[Sentence], str]) -> dict[str, JSON]:
    """An alert as a program gets it on stdin."""
    return {
        **_head(session, alert.alert, title, say),
        "class": alert.alert_class,
        "key": alert.key,
        "at": instant(alert.last_at),
        "since": instant(alert.first_at),
        "resolved": alert.resolved,
        "line": alert.line,
        "rule": alert.rule,
        "text": told(alert, say),
    }


def _head(session: "Session", name: str, title: Title, say: Callable[[Sentence], str]) -> dict[str, JSON]:
    return {
        "event": name,
        "title": title.shown(say),
        "type": title.urgency,
        "play": title.play,
        "profile": session.store.name,
    }
