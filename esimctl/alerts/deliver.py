"""Carry alerts to where a person hears of them, all targets side by side. Nothing here changes what happened.

All ways out are served side by side within one deadline (`round`); several alerts of a run are one message, unless the
person wants one each. What was handed over stands in a file of its own (`delivered`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final

from esimctl.alerts.channels import LATE, Children, notify, run_command
from esimctl.alerts.delivered import AGAIN, KEPT, STDERR, Delivered, deliveries, failing
from esimctl.alerts.message import Message, message
from esimctl.alerts.notices import FIGURE, REMINDER, SILENT
from esimctl.alerts.settings import Reminders, is_quiet, last_clock
from esimctl.alerts.targets import note_failing
from esimctl.errors import Busy, EsimctlError
from esimctl.profile.alert_targets import Target, targets
from esimctl.profile.deadline import Deadline
from esimctl.values.moments import zone
from esimctl.values.sentence import Sentence, as_kept, from_table, said_of

if TYPE_CHECKING:
    from esimctl.documents.document import Document
    from esimctl.documents.result import Result
    from esimctl.ledger.facts import AlertFact
    from esimctl.ledger.fold import Ledger
    from esimctl.ledger.state import LedgerState
    from esimctl.profile.opened import Session

DEADLINE: Final = 20.0  #: seconds for all messages of a run

LEAST: Final = 5.0  #: seconds for what is to be said after a way out has used them up

GRACE: Final = 2.0  #: seconds in which a program that was ended is gone

#: hands one message to a way out within so many seconds: None where it was taken, else why not
Send = Callable[[float, Children], str | None]

_Done = SimpleQueue[tuple[str, int, str | None] | None]


class Round:
    """One run's messages. `hung` are the ways out that did not answer in time: they are not asked again in it."""

    def __init__(self) -> None:
        self._deadline: Deadline | None = None
        self.hung: set[str] = set()

    def hand_over(self, queues: Mapping[str, Sequence[Send]]) -> Iterator[tuple[str, int, str | None]]:
        """(way out, number of its message, why it was not taken) in the order in which they come to an end.

        A message that is never named was not begun. Whatever stops the caller ends every program that runs still.
        """
        if self._deadline is None:
            self._deadline = Deadline(DEADLINE)
        deadline = Deadline(max(self._deadline.left, LEAST))
        children, done = Children(), _Done()
        asked = {name: queue for name, queue in queues.items() if name not in self.hung}
        for name, queue in asked.items():
            Thread(target=_work, args=(name, queue, deadline, children, done), daemon=True).start()
        open_ways = len(asked)
        try:
            while open_ways:
                found = done.get(timeout=deadline.left + GRACE)
                if found is None:
                    open_ways -= 1
                    continue
                if found[2] == LATE:
                    self.hung.add(found[0])
                yield found
        except Empty:  # a program that not even its end makes an end of
            return
        finally:
            children.end()


def _work(name: str, queue: Sequence[Send], deadline: Deadline, children: Children, done: _Done) -> None:
    """A way out's messages, one after another until one is not answered; None says that this is the end of them."""
    for number, send in enumerate(queue):
        if children.over or not deadline.left:
            break
        why = send(deadline.left, children)
        done.put((name, number, why))
        if why == LATE:
            break
    done.put(None)


Say = Callable[[Sentence], str]


def deliver(
    session: "Session",
    settings: Reminders,
    result: "Result[Document]",
    turn: Round,
    ledger: "Ledger | None" = None,
    say: Say = str,
) -> "list[AlertFact]":
    """Tell what is due to be told, on every way; what goes to stderr becomes notes of the result, and is given back.

    `ledger` is the journal's state where the caller has it still, `say` puts a sentence into a person's language.
    """
    if not session.store.exists():
        return []
    ledger = ledger or session.store.ledger_for_reading()
    now = session.clock.now()
    if not any(now - alert.last_at < KEPT for alert in ledger.alerts.values()):
        return []
    try:
        with deliveries(session) as memory:
            pending = [alert for alert in ledger.alerts.values() if is_ripe(session, alert, settings, now)]
            noted = memory.untold(STDERR, pending, now)
            for alert in noted:
                said = from_table(alert.said) or as_kept(alert.text)
                result.note(said)
            _deliver(session, ledger, settings, memory, turn, pending, say)
            return noted
    except Busy:
        return []  # another run is telling the same
    except (EsimctlError, OSError) as error:
        result.note("alerts could not be delivered: {why}", why=said_of(error))
        return []


def _deliver(
    session: "Session",
    ledger: "LedgerState",
    settings: Reminders,
    memory: Delivered,
    turn: Round,
    pending: "Sequence[AlertFact]",
    say: Say,
) -> None:
    """Hand them to every target; each answer is kept as it comes, so that a run that is stopped repeats little."""
    now = session.clock.now()
    queues: dict[str, list[list[AlertFact]]] = {}
    sends: dict[str, list[Send]] = {}
    for target in targets(session):
        if target.kind == "heartbeat" or not target.valid:
            continue
        young = [alert for alert in pending if alert.last_at >= target.since]
        queues[target.name] = batches(memory.untold(target.name, young, now), settings)
        sends[target.name] = [
            send(target, message(session, ledger, batch, say)) for batch in queues[target.name]
        ]  # fmt: skip
    for name, number, why in turn.hand_over(sends):
        for alert in queues[name][number]:
            memory.mark(name, alert, now, done=why is None)
        memory.answered(name, why, now)
        memory.write(now)
    memory.write(now)


def end_telling(
    session: "Session", result: "Result[Document]", noted: "Sequence[AlertFact]", before: Sequence[str]
) -> None:
    """The last act of a run: ways out that took nothing in the run `before` and in this one are noted, once a day; and
    what stands among the notes is kept as told, now that nothing is waited for any more."""
    now = session.clock.now()
    try:
        due = [
            each
            for name, each in failing(session).items()
            if name in before and (each.told_at is None or now - each.told_at >= AGAIN)
        ]
        if not due and not noted:
            return
        with deliveries(session) as memory:
            for each in due:
                note_failing(session, result, each)
                memory.told(each.name, now)
            for alert in noted:
                memory.mark(STDERR, alert, now, done=True)
            memory.write(now)
    except (EsimctlError, OSError):
        return  # it is noted once more with the next run


def is_ripe(session: "Session", alert: "AlertFact", settings: Reminders, now: datetime) -> bool:
    """Whether it is time to tell: reminders wait for the end of the quiet hours and for the digest, money does not."""
    if alert.alert_class == SILENT or now - alert.last_at >= KEPT:
        return False
    if alert.alert_class not in {REMINDER, FIGURE}:
        return True
    where = zone(session.zone)
    if alert.resolved or is_quiet(settings.quiet, now, where):
        return False
    if alert.alert_class == REMINDER and settings.digest is not None:
        return last_clock(settings.digest, now, where) >= alert.first_at
    return True


def batches(alerts: "Sequence[AlertFact]", settings: Reminders) -> "list[list[AlertFact]]":
    """All in one message; or one message an alert, where a person wants that, with a digest the reminders together."""
    if not settings.each:
        return [list(alerts)] if alerts else []
    together = [alert for alert in alerts if alert.alert_class == REMINDER and settings.digest is not None]
    single = [[alert] for alert in alerts if alert not in together]
    return single + ([together] if together else [])


def send(target: Target, what: Message) -> Send:
    """What hands a message to a target when it is called: it reads nothing of the profile, for it runs in a thread."""
    if target.kind == "command":
        return lambda limit, children: run_command(target.value, what.event, limit=limit, children=children)
    return lambda limit, children: notify(
        target.value, what.title, what.body, what.urgency, limit=limit, children=children
    )
