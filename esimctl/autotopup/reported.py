"""A run as a scheduler sees it: heartbeat, the run, its alerts carried out, and a note of when it was."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from esimctl.alerts.deliver import Round, deliver, end_telling
from esimctl.alerts.delivered import failing_names, note_answers
from esimctl.alerts.heartbeat import Heartbeat
from esimctl.alerts.settings import read_reminders
from esimctl.autotopup import notices
from esimctl.autotopup.clock import busy_so_far, remember
from esimctl.autotopup.machine import ELSEWHERE, runs_on
from esimctl.autotopup.run import clock_unset, elsewhere, run_and_look
from esimctl.errors import EsimctlError, ExitCode, OwnRules
from esimctl.values.sentence import Sentence, said_of

if TYPE_CHECKING:
    from esimctl.documents.autotopup import RunDocument
    from esimctl.documents.result import Result
    from esimctl.ledger.facts import AlertFact
    from esimctl.profile.opened import Session
    from esimctl.values.money import Money


def run_and_report(
    session: "Session",
    line: str | None = None,
    *,
    wait: float = 0.0,
    max_price: "Money | None" = None,
    say: Callable[[Sentence], str] = str,
) -> "Result[RunDocument]":
    """`run`, with everything around it that may fail without changing what the run came to.

    `say` puts what is told into the language of the person who is told.
    """
    began = session.clock.now()
    try:
        session.store.check_open()
    except OwnRules as error:
        if error.code != "clock":
            raise
        result = clock_unset(session, error)
        remember(session, began, int(result.exit_code), believed=False, busy=busy_so_far(session))
        return result
    if session.store.exists() and runs_on(session) == ELSEWHERE:
        return elsewhere()
    heart = Heartbeat(session)
    heart.start()
    code, summary, believed = int(ExitCode.INTERNAL), "not finished", False
    turn, before = Round(), failing_names(session)
    noted: list[AlertFact] = []
    try:
        result, ledger, believed = run_and_look(session, line, wait=wait, max_price=max_price)
        code = int(result.exit_code)
        summary = f"{len(result.data.decisions)} rules, {len(result.data.orders)} orders"
        try:
            settings = read_reminders(session.settings)
            noted = deliver(session, settings, result, turn, ledger, say)
        except (EsimctlError, OSError) as error:  # what is to be told stands in the journal; the next run tells it
            result.note("the alerts could not be sent now: {why}", why=said_of(error))
    except EsimctlError as error:
        code, summary = int(error.exit_code), error.code
        if summary != "clock":
            raise
        result = clock_unset(session, error)
    finally:
        kept_out = notices.after(session, code, turn, say)
        remember(session, began, code, believed=believed, busy=kept_out)
        heart.end(code, summary)
        note_answers(session, heart.answers)
    end_telling(session, result, noted, before)
    return result
