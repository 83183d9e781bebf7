"""Carry alerts to where a person hears of them, after everything is on disk. Nothing here changes what happened.

What was handed over stands in a file of its own; a way out that fails is tried again by the next two runs. Losing the
file means one message more, never one less.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from esimctl.actions.purchase.order_document import instant
from esimctl.actions.reminders.notices import FIGURE, REMINDER, SILENT
from esimctl.actions.reminders.settings import Reminders, is_quiet, last_clock
from esimctl.actions.reminders.targets import Target, targets
from esimctl.charging.moments import zone
from esimctl.errors import Busy, EsimctlError
from esimctl.sentence import Sentence, from_table
from esimctl.store.private import PrivateTable, only_one

if TYPE_CHECKING:
    from esimctl.actions.result import Result
    from esimctl.actions.session import Session
    from esimctl.ledger.facts import AlertFact
    from esimctl.ledger.fold import Ledger

STDERR: Final = "stderr"
TRIES: Final = 3
KEPT: Final = timedelta(days=8)  #: how long it is remembered what was delivered
YOUNG: Final = timedelta(days=1)  #: without that memory, what is older than this is taken as told


def deliver(
    session: "Session",
    settings: Reminders,
    result: "Result",
    ledger: "Ledger | None" = None,
    say: Callable[[Sentence], str] = str,
) -> None:
    """Tell what is due to be told, on every way; what goes to stderr becomes notes of the result.

    `ledger` is the journal's state where the caller has it still, `say` puts a sentence into a person's language.
    """
    if not session.store.exists():
        return
    ledger = ledger or session.store.ledger_for_reading()
    now = session.clock.now()
    if not any(now - alert.last_at < KEPT for alert in ledger.alerts.values()):
        return
    try:
        with only_one(session.store.folder / "deliveries.lock"):
            _deliver(session, ledger, settings, now, result, say)
    except Busy:
        return  # another run is telling the same
    except (EsimctlError, OSError) as error:
        result.note("alerts could not be delivered: {why}", why=str(error))


def _deliver(
    session: "Session",
    ledger: "Ledger",
    settings: Reminders,
    now: datetime,
    result: "Result",
    say: Callable[[Sentence], str],
) -> None:
    memory = PrivateTable(session.store.folder / "deliveries.toml")
    before = memory.read()
    known: dict[str, dict[str, Any]] = {way: dict(rows) for way, rows in before.items()}
    pending = [alert for alert in ledger.alerts.values() if is_ripe(session, alert, settings, now)]
    for alert in _untold(known, STDERR, pending, now, first=not before):
        said = from_table(alert.said) or Sentence("{text}", {"text": alert.text})
        result.note(said.template, **said.params)
        _mark(known, STDERR, alert, now, done=True)
    for target in targets(session):
        if target.kind == "heartbeat" or not target.valid:
            continue
        young = [alert for alert in pending if alert.last_at >= target.since]
        for batch in batches(_untold(known, target.name, young, now, first=not before), settings):
            done = hand_over(target, batch, say)
            for alert in batch:
                _mark(known, target.name, alert, now, done=done)
    after = {
        way: {key: row for key, row in rows.items() if now - row["at"] < KEPT} for way, rows in known.items()
    }  # fmt: skip
    if after != before:
        memory.write({way: rows for way, rows in after.items() if rows}, durable=False)


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


def _untold(
    known: dict[str, dict[str, Any]], way: str, alerts: "Sequence[AlertFact]", now: datetime, *, first: bool
) -> "list[AlertFact]":
    rows = known.get(way, {})
    found = []
    for alert in alerts:
        row = rows.get(identity(alert))
        if row is None and first and now - alert.last_at >= YOUNG:
            continue
        if row is None or (not row["done"] and row["tries"] < TRIES):
            found.append(alert)
    return found


def _mark(known: dict[str, dict[str, Any]], way: str, alert: "AlertFact", now: datetime, *, done: bool) -> None:
    row = known.setdefault(way, {}).get(identity(alert), {"tries": 0})
    known[way][identity(alert)] = {"at": now, "tries": row["tries"] + 1, "done": done}


def identity(alert: "AlertFact") -> str:
    """One telling of one alert: its beginning, that it goes on, or its end."""
    telling = "" if alert.count == 1 else f"#{alert.count}"
    return f"{alert.key}@{instant(alert.first_at)}{telling}"


def batches(alerts: "Sequence[AlertFact]", settings: Reminders) -> "list[list[AlertFact]]":
    """One message an alert; with a digest, the reminders together."""
    if settings.digest is None:
        return [[alert] for alert in alerts]
    together = [alert for alert in alerts if alert.alert_class == REMINDER]
    single = [[alert] for alert in alerts if alert.alert_class != REMINDER]
    return single + ([together] if together else [])


def hand_over(target: Target, alerts: "Sequence[AlertFact]", say: Callable[[Sentence], str] = str) -> bool:
    """Give alerts to a target; whether it took them. Never raises, never longer than its time limit."""
    from esimctl.actions.reminders.ways_out import notify, run_command

    events = [event(alert, say) for alert in alerts]
    if target.kind == "command":
        return run_command(target.value, events[0] if len(events) == 1 else {"event": "digest", "alerts": events})
    text = "\n".join(told(alert, say) for alert in alerts)
    return notify(target.value, "esimctl", text)


def told(alert: "AlertFact", say: Callable[[Sentence], str]) -> str:
    """What an alert says, in a person's language where the journal holds it as a sentence."""
    said = from_table(alert.said)
    return alert.text if said is None else say(said)


def event(alert: "AlertFact", say: Callable[[Sentence], str] = str) -> dict[str, Any]:
    """An alert as a program gets it on stdin."""
    return {
        "event": alert.alert,
        "class": alert.alert_class,
        "key": alert.key,
        "at": instant(alert.last_at),
        "since": instant(alert.first_at),
        "resolved": alert.resolved,
        "line": alert.line,
        "rule": alert.rule,
        "text": told(alert, say),
    }


__all__ = ["batches", "deliver", "hand_over", "identity", "is_ripe", "told"]
