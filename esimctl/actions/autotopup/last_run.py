"""When the rules were last gone through and how that ended: for `schedule show --check`, beside the journal."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from esimctl.actions.purchase.order_document import instant
from esimctl.errors import EsimctlError, ExitCode
from esimctl.store.private import PrivateTable

if TYPE_CHECKING:
    from esimctl.actions.session import Session


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


def told_lately(session: "Session", code: int) -> bool:
    """Whether the last run ended with that code within a day: then nothing new is to be told of it."""
    row = _table(session).read()
    began = row.get("began_at")
    if row.get("exit_code") != code or not isinstance(began, datetime):
        return False
    return abs(session.clock.now() - began) < timedelta(days=1)


__all__ = ["last_run", "remember", "told_lately"]
