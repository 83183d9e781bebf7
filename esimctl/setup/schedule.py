"""`schedule`: put `autotopup run` into a scheduler of this machine, show it, and take it out again."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from esimctl.autotopup.machine import ELSEWHERE, HERE, TAKEOVER, runs_on
from esimctl.documents.autotopup import RunByPart
from esimctl.documents.document import ABSENT
from esimctl.documents.result import Result
from esimctl.documents.schedule import LastRunPart, ScheduleDocument, ScheduleRow
from esimctl.errors import ConfigurationError, UsageError
from esimctl.providers.registry import KINDS as PROVIDERS
from esimctl.setup.schedulers.carried import carried, login
from esimctl.setup.schedulers.install import KINDS, asked, scheduler, usable
from esimctl.setup.schedulers.scheduler import HeldTask, Scheduler
from esimctl.setup.schedulers.systemd import Systemd
from esimctl.setup.schedulers.texts import Task, check_every, next_of_cron
from esimctl.values.moments import Duration, instant
from esimctl.values.record import replace
from esimctl.values.sentence import Raw, Sentence, commas

if TYPE_CHECKING:
    from esimctl.documents.autotopup import RulesDocument
    from esimctl.profile.opened import Session

EVERY: Final = 15  #: minutes


def task_of(session: "Session", every: int = EVERY) -> Task:
    """The run of this profile by this installation."""
    words = (*program(), "autotopup", "run", "--profile", session.store.name)
    return Task(session.store.name, words, carried(session), every, handed(session))


def handed(session: "Session") -> tuple[str, ...]:
    """The names under which systemd can hand over the credentials of the profile's providers."""
    from esimctl.profile.credentials import handed_name

    kinds = {name: PROVIDERS.get(str(table.get("kind", name))) for name, table in session.section("provider").items()}
    return tuple(handed_name(name, field) for name, kind in kinds.items() if kind is not None for field in kind.fields)


def program() -> tuple[str, ...]:
    """This installation by its absolute path, which cron needs: its own script, or the interpreter with the module."""
    script = Path(sys.executable).with_name("esimctl")
    return (str(script),) if script.is_file() else (sys.executable, "-m", "esimctl")


def minutes(every: Duration | None) -> int:
    """An interval in minutes."""
    if every is None:
        return EVERY
    return check_every(
        (every.days * 86_400 + every.seconds) // 60 if not every.months and not every.seconds % 60 else 0
    )


def chosen(session: "Session", kind: str | None) -> Scheduler:
    """The scheduler that was named, or the best one of this machine."""
    if kind is not None and kind not in KINDS:
        raise UsageError(
            "there is no scheduler {kind!r}: {kinds}", code="bad_kind", kind=Raw(kind), kinds=commas(KINDS)
        )
    if kind is None:
        found = usable()
        if not found:
            raise ConfigurationError(
                "this machine has neither cron nor systemd nor launchd for you",
                hint="run «esimctl autotopup run» from whatever runs things here",
                code="no_scheduler",
            )
        kind = found[0]
    return scheduler(kind, session.environ)


def install(
    session: "Session", kind: str | None = None, every: Duration | None = None, *, only_print: bool = False
) -> "Result[ScheduleDocument]":
    """Install, or replace an earlier one; repeated it changes nothing. `only_print` touches nothing at all."""
    task = task_of(session, minutes(every))
    if only_print:
        where = scheduler(kind, session.environ) if kind in KINDS else chosen(session, kind)
        held = HeldTask(where.text(task), False, False)
    else:
        where = chosen(session, kind)
        session.begin()
        where.install(task)
        held = where.held(task)
    result = Result("schedule", ScheduleDocument(schedules=[schedule_row(where, task, held)]))
    if isinstance(where, Systemd) and where.lingers() is not True:
        result.note(
            "systemd runs it only while you are logged in, unless you let your manager linger: "
            "loginctl enable-linger {name}",
            name=Raw(login()),
        )
    return result


def remove(session: "Session", kind: str | None = None) -> "Result[ScheduleDocument]":
    """Take it out of the named scheduler, or of every one that has it.

    ConfigurationError (78) where one that may have it does not answer, or has it still; the others are done before.
    """
    task = task_of(session)
    if kind is not None:
        chosen(session, kind)
    rows: list[ScheduleRow] = []
    result = Result("schedule", ScheduleDocument(schedules=rows))
    failure: ConfigurationError | None = None
    for where, held in asked(session.environ, task):
        if kind not in (None, where.kind) or (kind is None and held.missing and not held.there):
            continue
        try:
            where.remove(task)
        except ConfigurationError as error:
            failure = error
            continue
        if where.held(task).installed:
            failure = ConfigurationError(
                "{kind} has it still, and goes on with it", code="no_scheduler", kind=Raw(where.kind)
            )
        elif held.there:
            rows.append(schedule_row(where, task, HeldTask(None, False, False)))
            if held.in_doubt:
                result.note(_UNASKED, kind=Raw(where.kind), why=held.why)
    if failure is not None:
        raise failure
    if not rows:
        result.note("nothing was installed")
    return result


#: of one that may have it, or may have it still
_UNASKED: Final = "{kind} cannot be asked: {why}"


def show(session: "Session", *, check: bool = False) -> "Result[ScheduleDocument]":
    """What the schedulers have; with `check` when it last ran, how that ended, and when it runs next."""
    task = task_of(session)
    rows: list[ScheduleRow] = []
    result = Result("schedule", ScheduleDocument(schedules=rows))
    for where, held in asked(session.environ, task):
        if held.installed is None:
            result.note(_UNASKED, kind=Raw(where.kind), why=held.why)
        elif not held.enabled:
            result.note("{kind} does not run it: esimctl schedule install", kind=Raw(where.kind))
        last, following = None, None
        if check:
            from esimctl.autotopup.clock import last_run

            last, following = last_run(session), next_run(session, where, task, held)
        rows.append(schedule_row(where, task, held, last, following))
    if not any(row.installed is not False for row in rows):
        result.note("nothing is installed: esimctl schedule install")
    return result


def verdict(session: "Session", nothing: Sentence) -> tuple[bool, Sentence, str | None]:
    """What `doctor` says of the schedule: whether all is well, a sentence, what mends it. `nothing`: that none is."""
    found = asked(session.environ, task_of(session))
    if runs := [where.kind for where, held in found if held.enabled]:
        return True, Sentence("installed in {kinds}", {"kinds": commas(runs)}), None
    for where, held in found:
        if held.in_doubt:
            return False, Sentence(_UNASKED, {"kind": Raw(where.kind), "why": held.why}), "esimctl schedule show"
        if held.there and held.installed is not None:
            return False, Sentence("{kind} does not run it", {"kind": Raw(where.kind)}), "esimctl schedule install"
    return False, nothing, "esimctl schedule install"


def next_run(session: "Session", where: Scheduler, task: Task, held: HeldTask) -> datetime | None:
    """When it runs next, None where nothing runs it or the scheduler does not say."""
    if not held.enabled:
        return None
    if isinstance(where, Systemd):
        return where.next_run(task)
    if where.kind != "cron" or held.text is None:
        return None
    return next_of_cron(installed_task(task, held.text), session.clock.now().astimezone())


def installed_task(task: Task, line: str) -> Task:
    """The task with the interval that its crontab line has."""
    first, second = line.split()[:2]
    if first == "*":
        every = 1
    elif "/" in first:
        every = int(first.rsplit("/", 1)[1])
    else:
        every = 60 if second == "*" else 60 * (int(second[2:]) if "/" in second else 24)
    return Task(task.profile, task.words, task.environment, every, task.credentials)


def schedule_row(
    where: Scheduler,
    task: Task,
    held: HeldTask,
    last_run: LastRunPart | None = None,
    next_run: datetime | None = None,
) -> ScheduleRow:
    """One scheduler's row."""
    return ScheduleRow(
        kind=where.kind,
        installed=held.installed,
        enabled=held.enabled,
        command=task.words,
        text=held.text,
        last_run=last_run,
        next_run=next_run,
    )


def with_runner(session: "Session", result: "Result[RulesDocument]", *, noted: bool = True) -> "Result[RulesDocument]":
    """Say what goes through the rules, or that nothing does: a rule that nobody runs buys nothing, and says nothing.

    Not `noted` where the answer itself says so: to a person.
    """
    if not result.data.rules:
        return result
    machine = runs_on(session)
    found = runner(session, machine)
    result.data = replace(result.data, run_by=found)
    if not noted:
        return result
    kinds, at, command = ", ".join(found.kinds), instant(found.last_run), found.command
    if machine == ELSEWHERE:
        result.note("the rules run on another machine; to have them run on this one: {command}", command=Raw(TAKEOVER))
        return result
    if machine == HERE:
        result.note("the rules run on this machine and on no other")
    if kinds and at is None:
        result.note("{kind} goes through the rules; it has not done so yet", kind=Raw(kinds))
    elif kinds:
        result.note("{kind} goes through the rules, the last time at {at}", kind=Raw(kinds), at=Raw(at))
    elif found.unknown:
        unknown = ", ".join(found.unknown)
        result.note("whether {kind} goes through the rules cannot be asked: esimctl schedule show", kind=Raw(unknown))
    elif at is None:
        result.note("nothing goes through the rules on this machine: {command}", command=Raw(command))
    else:
        result.note(
            "no scheduler of this machine goes through the rules, the last run was at {at}: {command}",
            at=Raw(at), command=Raw(command),
        )  # fmt: skip
    return result


def runner(session: "Session", machine: str | None) -> RunByPart:
    """What goes through the rules of this profile: the schedulers that do, and when they were last gone through.

    `kinds` is empty where nothing here does, `unknown` names those that may, but cannot be asked. A scheduler of one's
    own is only seen by the runs that it made.
    """
    from esimctl.autotopup.clock import last_run

    task = task_of(session)
    found = asked(session.environ, task)
    kinds = [where.kind for where, held in found if held.enabled]
    lines = [held.text for where, held in found if held.enabled and held.text and where.kind == "cron"]
    unknown = [where.kind for where, held in found if held.in_doubt]
    return RunByPart(
        kinds=kinds,
        last_run=last_run(session).began_at,
        command="esimctl schedule install",
        unknown=unknown or ABSENT,
        machine=machine,
        every_minutes=installed_task(task, lines[0]).every if lines else ABSENT,
    )
