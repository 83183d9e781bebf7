"""Runs that another one keeps out: one is no news, three in a row are, for then somebody holds the lock and stays.

The journal cannot be written meanwhile: what was told stands beside the note of the last run.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from esimctl.actions.autotopup.last_run import busy_so_far
from esimctl.actions.reminders.notices import OVER, PROBLEM, is_time_again
from esimctl.errors import EsimctlError, ExitCode
from esimctl.ledger.facts import AlertFact
from esimctl.sentence import Sentence

if TYPE_CHECKING:
    from datetime import datetime

    from esimctl.actions.reminders.round import Round
    from esimctl.actions.session import Session

IN_A_ROW: Final = 3


def after(session: "Session", code: int, turn: "Round", say: Callable[[Sentence], str] = str) -> dict[str, Any]:
    """What is to be noted of it; tells the targets when it is time, and that it is over. Never raises.

    `turn` hands over whatever this run has to say.
    """
    before, now = busy_so_far(session), session.clock.now()
    told = int(before.get("busy_told", 0))
    if code != int(ExitCode.BUSY):
        if told:
            tell(session, before["busy_told_since"], now, told, turn, say, resolved=True)
        return {}
    row = {**before, "busy_in_a_row": int(before.get("busy_in_a_row", 0)) + 1}
    first = before.get("busy_told_since", now)
    due = is_time_again(first, before.get("busy_told_at", now), told, now) if told else row["busy_in_a_row"] >= IN_A_ROW
    if due:
        tell(session, first, now, told + 1, turn, say, resolved=False)
        row |= {"busy_told": told + 1, "busy_told_since": first, "busy_told_at": now}
    return row


def tell(
    session: "Session",
    first: "datetime",
    now: "datetime",
    count: int,
    turn: "Round",
    say: Callable[[Sentence], str],
    *,
    resolved: bool,
) -> None:
    """Hand it to every target."""
    from esimctl.actions.reminders.deliver import send
    from esimctl.actions.reminders.delivered import note_answers
    from esimctl.actions.reminders.given_targets import targets
    from esimctl.actions.reminders.message import message
    from esimctl.ledger.state import LedgerState

    said = Sentence("runs are kept out by another one again and again: nothing is topped up meanwhile; esimctl doctor")
    if resolved:
        said = Sentence(OVER, {"what": said})
    alert = AlertFact(
        "busy", "busy", PROBLEM, first, now, count, str(said), resolved=resolved, said=said.as_table()
    )  # fmt: skip
    try:
        what = message(session, LedgerState(), [alert], say)
        ways = [target for target in targets(session) if target.valid and target.kind != "heartbeat"]
        answers = turn.hand_over({target.name: [send(target, what)] for target in ways})
        note_answers(session, {name: why for name, _, why in answers})
    except (EsimctlError, OSError):
        return
