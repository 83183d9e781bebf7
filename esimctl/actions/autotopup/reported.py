"""A run as a scheduler sees it: heartbeat, the run, its alerts carried out, and a note of when it was."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from esimctl.actions.autotopup.deliver import deliver
from esimctl.actions.autotopup.heartbeat import Heartbeat
from esimctl.actions.autotopup.run import run
from esimctl.actions.autotopup.settings import read_reminders
from esimctl.actions.order_document import instant
from esimctl.errors import EsimctlError, ExitCode
from esimctl.store.private import PrivateTable

if TYPE_CHECKING:
    from esimctl.actions.result import Result
    from esimctl.actions.session import Session
    from esimctl.charging.money import Money


def run_and_report(
    session: "Session", line: str | None = None, *, wait: float = 0.0, max_price: "Money | None" = None
) -> "Result":
    """`run`, with everything around it that may fail without changing what the run came to."""
    heart = Heartbeat(session)
    heart.start()
    began = session.clock.now()
    code, summary = int(ExitCode.INTERNAL), "not finished"
    try:
        result = run(session, line, wait=wait, max_price=max_price)
        session.forget()
        code = int(result.exit_code)
        summary = f"{len(result.data['decisions'])} rules, {len(result.data['orders'])} orders"
        deliver(session, read_reminders(session.profile.get("settings", {})), result)
        return result
    except EsimctlError as error:
        code, summary = int(error.exit_code), error.code
        raise
    finally:
        remember(session, began, code)
        heart.end(code, summary)


def _table(session: "Session") -> PrivateTable:
    return PrivateTable(session.store.folder / "last-run.toml")


def remember(session: "Session", began: datetime, code: int) -> None:
    """Note when a run began and how it ended, for `schedule show --check`. That it cannot be noted changes nothing."""
    try:
        if not session.store.exists():
            return
        before = _table(session).read()
        row: dict[str, Any] = {"began_at": began, "ended_at": session.clock.now(), "exit_code": code}
        row["ok_at"] = began if code == 0 else before.get("ok_at")
        row["busy_in_a_row"] = int(before.get("busy_in_a_row", 0)) + 1 if code == int(ExitCode.BUSY) else 0
        _table(session).write(row, durable=False)
    except (EsimctlError, OSError):
        return


def last_run(session: "Session") -> dict[str, Any]:
    """When the last run was, how it ended, when one last succeeded; nulls where there was none."""
    row = _table(session).read() if session.store.exists() else {}
    return {
        "began_at": instant(row.get("began_at")),
        "ended_at": instant(row.get("ended_at")),
        "exit_code": row.get("exit_code"),
        "ok_at": instant(row.get("ok_at")),
    }


__all__ = ["last_run", "remember", "run_and_report"]
