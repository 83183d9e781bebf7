"""What goes through the rules of a profile, and when it last did."""

from typing import TYPE_CHECKING, Any

from esimctl.documents.result import Result
from esimctl.setup.schedule import task_of
from esimctl.setup.schedulers.install import asked

if TYPE_CHECKING:
    from esimctl.profile.opened import Session


def with_runner(session: "Session", result: Result) -> Result:
    """Say what goes through the rules, or that nothing does: a rule that nobody runs buys nothing, and says nothing."""
    from esimctl.autotopup.machine import ELSEWHERE, HERE, TAKEOVER, runs_on

    if not result.data["rules"]:
        return result
    machine = runs_on(session)
    result.data["run_by"] = found = {**runner(session), "machine": machine}
    kinds, at, command = ", ".join(found["kinds"]), found["last_run"], found["command"]
    if machine == ELSEWHERE:
        result.note("the rules run on another machine; to have them run on this one: {command}", command=TAKEOVER)
        return result
    if machine == HERE:
        result.note("the rules run on this machine and on no other")
    if kinds and at is None:
        result.note("{kind} goes through the rules; it has not done so yet", kind=kinds)
    elif kinds:
        result.note("{kind} goes through the rules, the last time at {at}", kind=kinds, at=at)
    elif found.get("unknown"):
        unknown = ", ".join(found["unknown"])
        result.note("whether {kind} goes through the rules cannot be asked: esimctl schedule show", kind=unknown)
    elif at is None:
        result.note("nothing goes through the rules on this machine: {command}", command=command)
    else:
        result.note(
            "no scheduler of this machine goes through the rules, the last run was at {at}: {command}",
            at=at, command=command,
        )  # fmt: skip
    return result


def runner(session: "Session") -> dict[str, Any]:
    """What goes through the rules of this profile: the schedulers that do, and when they were last gone through.

    `kinds` is empty where nothing here does, `unknown` names those that may, but cannot be asked. A scheduler of one's
    own is only seen by the runs that it made.
    """
    from esimctl.autotopup.clock import last_run

    found = asked(session.environ, task_of(session))
    kinds = [where.kind for where, held in found if held.enabled]
    unknown = [where.kind for where, held in found if held.in_doubt]
    row = {"kinds": kinds, "last_run": last_run(session)["began_at"], "command": "esimctl schedule install"}
    return {**row, "unknown": unknown} if unknown else row
